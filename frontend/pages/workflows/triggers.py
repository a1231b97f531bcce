"""`/workflows/{workflow_id}/triggers`: everything by which tickets of a workflow begin."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.triggers import Fired, Firing, Trigger, TriggerKind
from frontend.api.transport import quoted
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.workflows.doors import doors
from frontend.pages.workflows.place import in_workflow
from frontend.pages.workflows.trigger_form import trigger_form
from frontend.pages.workflows.trigger_trial import trigger_trial
from frontend.pages.workflows.variants import variants
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import moment, relative
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card, page_head

OUTCOMES = {
    "started": ("soft badge-success", "circle-check"),
    "skipped": ("ghost", "circle-minus"),
    "failed": ("soft badge-error", "circle-alert"),
}


@component
def triggers(workflow_id: str) -> VdomDict:
    """Triggers, then the rules that choose a variant, then the links for customers."""
    shell = use_shell()
    return in_workflow(
        html.div(
            {"className": "min-h-0 flex-1 overflow-y-auto p-4 md:p-6 pb-24 md:pb-6"},
            html.div(
                {"className": "mx-auto flex max-w-5xl flex-col gap-5"},
                page_head(shell.t("triggers.title"), shell.t("triggers.text")),
                trigger_list(workflow_id, key="list"),
                variants(workflow_id, key="variants"),
                doors(workflow_id, key="doors"),
            ),
        ),
    )


@component
def trigger_list(workflow_id: str) -> VdomDict:
    """Reloads when one fires."""
    shell = use_shell()
    t = shell.t
    changed = use_changes("triggers")
    kinds = use_resource(lambda: shell.api.transport.read(Page[TriggerKind], "/trigger-kinds"))
    path = f"/workflows/{quoted(workflow_id)}/triggers"
    loaded = use_resource(lambda: shell.api.transport.read(Page[Trigger], path), workflow_id, changed)
    made, set_made = use_state(_nothing)
    known = {kind.kind: kind for kind in kinds.value.items} if kinds.value else {}

    def keep(trigger: Trigger | None) -> None:
        if trigger is not None and trigger.secret:
            set_made(lambda _old: trigger)
        loaded.reload()

    def draw(page: Page[Trigger]) -> VdomDict:
        if not page.items:
            return empty(t("triggers.empty"), t("triggers.empty.text"), name="zap")
        return html.ul(
            {"className": "flex flex-col divide-y divide-base-300"},
            [
                html.li({"key": item.id}, trigger_row(item, known.get(item.kind), keep, key=item.id))
                for item in page.items
            ],
        )

    adds = [new_trigger(workflow_id, list(known.values()), keep, key="new")] if shell.may("publish") else []
    return card(
        secret_note(made, lambda: set_made(lambda _old: None), key="made") if made else None,
        html.div({"key": "list"}, show(loaded, t, draw)),
        title=t("triggers.list"),
        actions=adds if known else [],
    )


def _nothing() -> Trigger | None:
    return None


@component
def new_trigger(workflow_id: str, kinds: list[TriggerKind], keep: Any) -> VdomDict:
    """First the kind, with a sentence about each, then its form."""
    shell = use_shell()
    chosen, set_chosen = use_state("")
    kind = next((kind for kind in kinds if kind.kind == chosen), None)

    def entry(each: TriggerKind) -> VdomDict:
        return html.li(
            {"key": each.kind},
            html.button(
                {"type": "button", "onClick": lambda _event: set_chosen(each.kind)},
                icon(each.icon, 16),
                html.span(
                    {"className": "min-w-0"},
                    html.span({"className": "block font-medium"}, pick(each.label, shell.locale)),
                    html.span(
                        {"className": "block whitespace-normal text-xs text-muted"},
                        pick(each.summary, shell.locale),
                    ),
                ),
            ),
        )

    def close(trigger: Trigger | None) -> None:
        set_chosen("")
        if trigger is not None:
            keep(trigger)

    return html.div(
        html.details(
            {"className": "dropdown dropdown-end", "key": f"menu-{chosen}"},
            html.summary({"className": "btn btn-sm btn-primary"}, icon("plus", 16), shell.t("triggers.new")),
            html.ul(
                {
                    "className": "menu dropdown-content z-20 mt-1 w-72 rounded-box border border-base-300 "
                    "bg-base-100 p-1 shadow-sm"
                },
                [entry(each) for each in kinds],
            ),
        ),
        trigger_form(workflow_id, kind, None, close, key=f"form-{chosen}") if kind else None,
    )


@component
def secret_note(trigger: Trigger, close: Any) -> VdomDict:
    """The one time that a secret is shown, with a delivery to try it by."""
    shell = use_shell()
    t = shell.t
    script = "\n".join(
        (
            "id=test-1; ts=$(date +%s); body='{}'",
            f"secret='{trigger.secret}'",
            'key=$(printf %s "${secret#whsec_}" | base64 -d | od -An -vtx1 | tr -d " \\n")',
            'sig=$(printf %s "$id.$ts.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | '
            "base64)",
            f'curl -X POST "{trigger.url}" -H "webhook-id: $id" -H "webhook-timestamp: $ts" \\',
            '  -H "webhook-signature: v1,$sig" -H "content-type: application/json" -d "$body"',
        )
    )
    return html.div(
        {"className": "mb-4 flex flex-col gap-2 rounded-field border border-base-300 p-4", "role": "status"},
        html.p({"className": "font-medium"}, t("triggers.secret", name=trigger.name)),
        html.p({"className": "text-sm text-muted"}, t("triggers.secret.text")),
        html.dl(
            {"className": "grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm"},
            html.dt({"className": "text-muted"}, t("triggers.url")),
            html.dd({"className": "min-w-0 break-all font-mono"}, trigger.url or ""),
            html.dt({"className": "text-muted"}, t("triggers.secret.label")),
            html.dd({"className": "min-w-0 break-all font-mono", "data-secret": ""}, trigger.secret or ""),
        ),
        html.pre(
            {"className": "overflow-x-auto rounded-field bg-base-200 p-3 text-xs", "tabIndex": 0}, script
        ),
        html.div(
            html.button(
                {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: close()},
                t("triggers.secret.kept"),
            )
        ),
    )


@component
def trigger_row(trigger: Trigger, kind: TriggerKind | None, keep: Any) -> VdomDict:
    """What it is, when it fires, how it went; below, on demand, its form, a dry run or its log."""
    shell = use_shell()
    t = shell.t
    part, set_part = use_state("")
    path = f"/triggers/{quoted(trigger.id)}"

    async def switch(_event: object) -> None:
        work = shell.api.transport.write(Trigger, "PATCH", path, {"active": not trigger.active})
        if await attempt(
            shell, work, t("triggers.switched_off" if trigger.active else "triggers.switched_on")
        ):
            keep(None)

    async def rotate(_event: object) -> None:
        async def turn() -> None:
            keep(await shell.api.transport.write(Trigger, "POST", f"{path}/rotate"))

        await attempt(shell, turn())

    async def remove(_event: object) -> None:
        if await attempt(shell, shell.api.transport.send("DELETE", path), t("triggers.removed")):
            keep(None)

    def toggle(name: str, symbol: str, text: str) -> VdomDict:
        return html.button(
            {
                "key": name,
                "type": "button",
                "className": f"btn btn-sm {'btn-active' if part == name else 'btn-ghost'}",
                "aria-expanded": "true" if part == name else "false",
                "onClick": lambda _event: set_part("" if part == name else name),
            },
            icon(symbol, 14),
            text,
        )

    def close(changed: Trigger | None) -> None:
        set_part("")
        if changed is not None:
            keep(changed)

    def command(text: str, press: Any, symbol: str) -> VdomDict:
        attributes = {"key": symbol, "type": "button", "className": "btn btn-sm btn-ghost", "onClick": press}
        return html.button(attributes, icon(symbol, 14), text)

    edits = shell.may("publish")
    return html.div(
        {"className": "flex flex-col gap-3 py-3"},
        html.div(
            {"className": "flex flex-wrap items-start gap-x-3 gap-y-2"},
            html.span({"className": "mt-0.5 text-muted"}, icon(kind.icon if kind else "zap", 18)),
            _summary(trigger, kind, shell),
            html.input(
                {
                    "type": "checkbox",
                    "className": "toggle toggle-sm toggle-success",
                    "checked": trigger.active,
                    "aria-label": t("triggers.active", name=trigger.name),
                    "onChange": switch,
                }
            )
            if edits
            else None,
        ),
        html.div(
            {"className": "flex flex-wrap gap-1"},
            toggle("try", "play", t("triggers.try")) if shell.may("edit", "publish") else None,
            toggle("log", "list-checks", t("triggers.log")),
            toggle("edit", "pencil", t("triggers.edit")) if edits else None,
            command(t("triggers.rotate"), rotate, "refresh-cw")
            if edits and trigger.kind == "webhook"
            else None,
            command(t("triggers.remove"), remove, "trash-2") if edits and not trigger.active else None,
        ),
        html.p({"className": "break-all font-mono text-xs text-muted"}, f"POST {trigger.url}")
        if trigger.url
        else None,
        trigger_form(trigger.workflow_id, kind, trigger, close, key="form")
        if part == "edit" and kind
        else None,
        trigger_trial(trigger, key="try") if part == "try" else None,
        firing_log(trigger.id, edits and trigger.active, key="log") if part == "log" else None,
    )


def _summary(trigger: Trigger, kind: TriggerKind | None, shell: Shell) -> VdomDict:
    t = shell.t
    last = trigger.last
    return html.div(
        {"className": "min-w-0 flex-1 basis-48"},
        html.div(
            {"className": "flex flex-wrap items-center gap-2"},
            html.span({"className": "font-medium break-words"}, trigger.name),
            badge(pick(kind.label, shell.locale) if kind else trigger.kind),
            badge(t("triggers.off"), "soft badge-warning") if not trigger.active else None,
        ),
        html.div(
            {"className": "mt-0.5 flex flex-wrap gap-x-4 text-sm text-muted"},
            html.span(t("triggers.next"), " ", moment(trigger.next_at, shell.locale, shell.zone))
            if trigger.next_at
            else None,
            html.span(
                t("triggers.last"), " ", relative(last.at, shell.locale, shell.zone), " · ", last.reason
            )
            if last
            else html.span(t("triggers.never")),
        ),
    )


@component
def firing_log(trigger_id: str, mends: bool) -> VdomDict:
    """Newest first: the cause, what came of it, and why. `mends`: failed ones can be tried again."""
    shell = use_shell()
    changed = use_changes("triggers")

    async def load(cursor: str | None) -> Page[Firing]:
        path = f"/triggers/{quoted(trigger_id)}/firings"
        return await shell.api.transport.read(Page[Firing], path, cursor=cursor, limit=20)

    loaded, growing = use_pages(load, trigger_id, changed)

    async def again(firing: Firing) -> None:
        path = f"/triggers/{quoted(trigger_id)}/firings/{quoted(firing.id)}/retry"
        found: list[Fired] = []

        async def send() -> None:
            found.append(await shell.api.transport.write(Fired, "POST", path))

        if await attempt(shell, send()):
            shell.toast(found[0].reason, "error" if found[0].outcome == "failed" else "success")

    def draw(page: Page[Firing]) -> VdomDict:
        if not page.items:
            return html.p({"className": "text-sm text-muted"}, shell.t("triggers.log.empty"))
        return html.div(
            html.ol(
                {"className": "flex flex-col divide-y divide-base-300 text-sm"},
                [_firing(each, shell, again if mends else None) for each in page.items],
            ),
            more_button(page, growing, shell),
        )

    return html.div(
        {"className": "rounded-field border border-base-300 px-4 py-2"}, show(loaded, shell.t, draw)
    )


def _firing(firing: Firing, shell: Shell, again: Any) -> VdomDict:
    tone, symbol = OUTCOMES.get(firing.outcome, OUTCOMES["skipped"])

    async def press(_event: object) -> None:
        await again(firing)

    return html.li(
        {"key": firing.id, "className": "flex flex-wrap items-start gap-x-3 gap-y-1 py-2"},
        badge(shell.t(f"triggers.outcome.{firing.outcome}"), tone, symbol),
        moment(firing.at, shell.locale, shell.zone),
        html.div(
            {"className": "min-w-0 flex-1 basis-60"},
            html.a({"className": "tf-link", "href": f"/tickets/{firing.ticket.id}"}, firing.reason)
            if firing.ticket
            else html.span({"className": "break-words"}, firing.reason),
            html.ul(
                {"className": "text-error"},
                [
                    html.li({"key": at}, f"{pick(fault.label, shell.locale)}: {fault.message}")
                    for at, fault in enumerate(firing.faults)
                ],
            )
            if firing.faults
            else None,
            html.p({"className": "break-all font-mono text-xs text-muted"}, firing.cause),
        ),
        html.button(
            {
                "type": "button",
                "className": "btn btn-sm",
                "aria-label": f"{shell.t('triggers.again')}: {firing.cause}",
                "onClick": press,
            },
            icon("refresh-cw", 14),
            shell.t("triggers.again"),
        )
        if again and firing.outcome == "failed"
        else None,
    )
