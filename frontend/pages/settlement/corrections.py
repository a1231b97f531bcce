"""`/settlement/corrections`: what was set right; below it `{correction_id}`: one, with its differences."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.corrections import CorrectionDetail, CorrectionItem, Difference
from frontend.attempts import attempt
from frontend.i18n import format_moment, pick
from frontend.pages.settlement.proposing import PATH, propose
from frontend.pages.settlement.reversing import reason_box
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import money, relative
from frontend.widgets.parts import badge, breadcrumbs, card, dialog, table

TONES = {
    "previewing": "soft badge-info",
    "running": "soft badge-info",
    "ready": "soft badge-warning",
    "stopped": "soft badge-warning",
    "failed": "soft badge-error",
    "done": "soft badge-success",
}
SHOWN = 200


@component
def corrections() -> VdomDict:
    """The newest first."""
    shell = use_shell()
    changed = use_changes("settlement")
    loaded, growing = use_pages(shell.api.list_corrections, changed)
    return html.div(
        {"className": "mx-auto flex max-w-4xl flex-col gap-5"},
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            html.h1({"className": "text-xl font-semibold"}, shell.t("corrections.title")),
            propose(key="propose"),
        ),
        show(
            loaded,
            shell.t,
            lambda page: html.div(_list(page.items, shell), more_button(page, growing, shell)),
            card(skeleton(5, "h-12", shell.t("shell.loading"))),
        ),
    )


def _list(items: list[CorrectionItem], shell: Shell) -> VdomDict:
    if not items:
        return card(empty(shell.t("corrections.empty"), shell.t("corrections.empty.text"), name="rotate-ccw"))
    return html.section(
        {"className": "tf-card p-0 overflow-hidden"}, html.ul([_row(item, shell) for item in items])
    )


def _row(item: CorrectionItem, shell: Shell) -> VdomDict:
    about = item.number or (pick(item.tariff_name, shell.locale) if item.tariff_name else "")
    name = pick(item.created_by, shell.locale) if item.created_by else ""
    below = " · ".join(part for part in (about, item.reason, name) if part)
    return html.li(
        {"key": item.id, "className": "border-b border-base-300 last:border-0"},
        html.a(
            {"href": f"{PATH}/{item.id}", "className": "flex items-center gap-4 px-5 py-3 hover:bg-base-200"},
            html.span(
                {"className": "min-w-0 flex-1"},
                html.span({"className": "block"}, shell.t(f"corrections.kind.{item.kind}")),
                html.span({"className": "block break-words text-sm text-muted"}, below),
            ),
            _state(item, shell),
            html.span(
                {"className": "hidden w-24 text-right text-sm text-muted sm:block"},
                relative(item.created_at, shell.locale, shell.zone),
            ),
        ),
    )


def _state(item: CorrectionItem, shell: Shell) -> VdomDict:
    return badge(shell.t(f"corrections.state.{item.state}"), TONES.get(item.state, "ghost"))


@component
def correction(correction_id: str) -> VdomDict:
    """How far it is, what may be done next, and the statement of the differences."""
    shell = use_shell()
    changed = use_changes(f"correction:{correction_id}")
    loaded = use_resource(lambda: shell.api.find_correction(correction_id), correction_id, changed)
    return html.div(
        {"className": "mx-auto max-w-4xl"},
        show(loaded, shell.t, lambda found: _draw(found, shell), card(skeleton(4, "h-8"))),
    )


def _draw(found: CorrectionDetail, shell: Shell) -> VdomDict:
    t, item = shell.t, found.item
    title = pick(item.tariff_name, shell.locale) if item.tariff_name else item.number
    facts = [item.reason, pick(item.created_by, shell.locale) if item.created_by else ""]
    if item.effective_from is not None:
        moment = format_moment(item.effective_from, shell.locale, shell.zone)
        facts.insert(0, t("corrections.since", moment=moment))
    if item.revision is not None:
        facts.insert(0, t("corrections.revision", number=item.revision))
    counted = "tickets" if item.state in {"previewing", "ready", "discarded"} else "tickets.done"
    return html.div(
        {"className": "flex flex-col gap-5"},
        breadcrumbs((t("corrections.title"), PATH), (t(f"corrections.kind.{item.kind}"), None)),
        card(
            html.div(
                {"className": "flex flex-wrap items-start justify-between gap-3"},
                html.div(
                    {"className": "min-w-0"},
                    html.h1({"className": "text-lg font-semibold"}, title),
                    html.p(
                        {"className": "text-muted break-words"}, " · ".join(part for part in facts if part)
                    ),
                ),
                _state(item, shell),
            ),
            _progress(item, shell),
            html.p({"className": "mt-3"}, t(f"corrections.{counted}", count=found.tickets)),
            html.p({"className": "mt-2 text-error", "role": "alert"}, item.error) if item.error else None,
            steps(item.id, item.state, item.kind, key=f"steps {item.state}"),
        ),
        _figures(found, shell),
        _statement(found, shell),
        _problems(found, shell),
    )


def _figures(found: CorrectionDetail, shell: Shell) -> VdomDict | None:
    if not found.figures:
        return None
    rows = [
        html.li(
            {"key": each.label, "className": "flex flex-wrap gap-x-3 py-1"},
            html.span({"className": "text-muted"}, each.label),
            html.span({"className": "tf-tabular"}, f"{each.before or '—'} → {each.after or '—'}"),
        )
        for each in found.figures
    ]
    return card(html.ul(rows), title=shell.t("corrections.figures.changed"))


def _progress(item: CorrectionItem, shell: Shell) -> VdomDict | None:
    if item.state not in {"previewing", "running", "stopped"} or not item.total:
        return None
    words = shell.t("corrections.progress", done=item.done, total=item.total)
    return html.div(
        {"className": "mt-4"},
        html.progress(
            {
                "className": "progress progress-primary w-full",
                "value": item.done,
                "max": item.total,
                "aria-label": words,
            }
        ),
        html.p({"className": "text-sm text-muted tf-tabular"}, words),
    )


@component
def steps(correction_id: str, state: str, kind: str) -> VdomDict | None:
    """What may be done with it now."""
    shell = use_shell()
    open_, set_open = use_state(False)
    if kind != "retroactive":
        return None
    possible = {
        "previewing": ("discard",),
        "ready": ("discard",),
        "running": ("stop",),
        "stopped": ("resume",),
        "failed": ("discard",),
    }.get(state, ())

    def act(step: str) -> Any:
        async def press(_event: object) -> None:
            await attempt(shell, shell.api.step_correction(correction_id, step))

        return press

    start = html.button(
        {
            "key": "start",
            "type": "button",
            "className": "btn btn-primary btn-sm",
            "onClick": lambda _event: set_open(True),
        },
        shell.t("corrections.start"),
    )
    return html.div(
        {"className": "mt-4 flex flex-wrap gap-2"},
        start if state == "ready" else None,
        [
            html.button(
                {"key": step, "type": "button", "className": "btn btn-sm", "onClick": act(step)},
                shell.t(f"corrections.{step}"),
            )
            for step in possible
        ],
        start_dialog(correction_id, lambda: set_open(False), key="dialog") if open_ else None,
    )


@component
def start_dialog(correction_id: str, close: Any) -> VdomDict:
    """Asks for the reason, which stands at every booking of the run."""
    shell = use_shell()
    reason: Any = use_ref("")

    async def go(_event: object) -> None:
        if not reason.current.strip():
            shell.toast(shell.t("corrections.needs_reason"), "error")
            return
        work = shell.api.start_correction(correction_id, reason.current.strip())
        if await attempt(shell, work, shell.t("corrections.start.done")):
            close()

    return dialog(
        shell.t("corrections.start"),
        shell.t,
        close,
        html.p({"className": "text-muted"}, shell.t("corrections.start.text")),
        reason_box(reason, shell),
        actions=[
            html.button(
                {"type": "button", "className": "btn btn-primary", "onClick": go},
                shell.t("corrections.start"),
            )
        ],
    )


def _statement(found: CorrectionDetail, shell: Shell) -> VdomDict:
    t = shell.t
    base = f"/api/v1/corrections/{found.item.id}/differences"
    if not found.differences:
        return card(
            html.p({"className": "text-muted"}, t("corrections.differences.none")),
            title=t("corrections.differences"),
        )
    heads = [t(f"corrections.{name}") for name in ("party", "region", "period", "tier", "amount")]
    rows = [_difference(at, each, shell) for at, each in enumerate(found.differences[:SHOWN])]
    totals = [
        html.span(
            {"key": total.currency, "className": "font-semibold"},
            money(total.amount, total.currency, shell.locale),
        )
        for total in found.totals
    ]
    return card(
        table(heads, rows, t("corrections.differences")),
        html.div(
            {"className": "mt-4 flex justify-between gap-4"},
            html.span(t("corrections.total")),
            html.span(totals),
        ),
        html.p({"className": "mt-2 text-sm text-muted"}, t("corrections.most", count=SHOWN))
        if len(found.differences) > SHOWN
        else None,
        title=t("corrections.differences"),
        actions=[
            html.a({"className": "btn btn-sm btn-ghost", "href": f"{base}.{kind}"}, t(f"corrections.{kind}"))
            for kind in ("csv", "xlsx")
        ],
    )


def _difference(at: int, each: Difference, shell: Shell) -> VdomDict:
    period = each.period
    if each.earned_period:
        period = shell.t("corrections.earned", period=each.earned_period, later=each.period)
    tier = " · ".join(
        part
        for part in (each.row, shell.t("settlement.why.tier", number=each.tier) if each.tier else "")
        if part
    )
    return html.tr(
        {"key": at},
        html.td(each.party.name),
        html.td(pick(each.region_path[-1], shell.locale) if each.region_path else ""),
        html.td({"className": "whitespace-nowrap"}, period),
        html.td(tier),
        html.td(
            {"className": "text-right"},
            money(each.amount, each.currency, shell.locale, "text-error" if each.amount < 0 else ""),
        ),
    )


def _problems(found: CorrectionDetail, shell: Shell) -> VdomDict | None:
    if not found.problems:
        return None
    return card(
        html.ul(
            [
                html.li(
                    {"key": at, "className": "flex flex-wrap gap-x-3 py-1"},
                    html.a({"href": f"/tickets/{each.ticket_id}", "className": "tf-link"}, each.number),
                    html.span({"className": "text-muted"}, each.message),
                )
                for at, each in enumerate(found.problems)
            ]
        ),
        title=shell.t("corrections.problems"),
    )
