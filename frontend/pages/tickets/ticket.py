"""One ticket: what is due now first and largest, how far it is, and what explains it beside it."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.tickets import Incident, Stage, TicketDetail
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.admin.mending import mending
from frontend.pages.tickets.cards import answers, customer, flow, money_card, time_limit
from frontend.pages.tickets.clocks import clocks_card
from frontend.pages.tickets.items import items_card
from frontend.pages.tickets.links import links_card, waits_card
from frontend.pages.tickets.resting import resting, suspend_dialog, withdraw_dialog
from frontend.pages.tickets.task import current_task
from frontend.pages.tickets.timeline import timeline
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import time_left
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, dialog, priority_badge

UNDER_WAY = ("running", "suspended")
STAGE_LOOKS = {
    "done": ("bg-success/12 text-success", "check"),
    "current": ("bg-primary text-primary-content font-medium", "circle-dot"),
    "todo": ("bg-base-200 text-muted", ""),
}


@component
def ticket(ticket_id: str, back: str, task_id: str) -> VdomDict:
    """`back` is the list the reader came from; `task_id` the task they chose, if any."""
    shell = use_shell()
    changed = use_changes(f"ticket:{ticket_id}")
    loaded = use_resource(lambda: shell.api.find_ticket(ticket_id), ticket_id, changed)

    def draw(found: TicketDetail) -> VdomDict:
        return html.div(_header(found, back, shell), _body(found, task_id, loaded.reload, shell))

    waiting = html.div(
        {"className": "p-4 md:p-6 flex flex-col gap-5"},
        skeleton(1, "h-10 max-w-md"),
        skeleton(1, "h-80", label=shell.t("shell.loading")),
        skeleton(1, "h-40"),
    )
    return html.div(show(loaded, shell.t, draw, waiting))


def _header(found: TicketDetail, back: str, shell: Shell) -> VdomDict:
    t = shell.t
    region = " / ".join(pick(name, shell.locale) for name in found.region.path)
    release = t("tickets.release", number=found.release_number)
    facts = f"{found.number} · {pick(found.workflow.name, shell.locale)} · {release} · {region}"
    return html.div(
        {"className": "border-b border-base-300 bg-base-100 px-4 py-3 md:px-6"},
        html.div(
            {"className": "flex items-start gap-2"},
            html.a(
                {
                    "href": back,
                    "className": "btn btn-ghost btn-sm btn-square -ml-2 md:hidden",
                    "aria-label": t("tickets.back"),
                },
                icon("chevron-left", 20),
            ),
            html.div(
                {"className": "min-w-0 flex-1"},
                html.div(
                    {"className": "flex flex-wrap items-center gap-x-2 gap-y-1"},
                    html.h1({"className": "text-lg font-semibold break-words line-clamp-3"}, found.title),
                    priority_badge(found.priority, t),
                    badge(t(f"tickets.status.{found.status}")) if found.status != "running" else None,
                    time_left(found.due_at, shell.locale, shell.zone) if found.due_at else None,
                ),
                html.p({"className": "text-sm text-muted tf-tabular mt-0.5"}, facts),
            ),
            menu(found.id, found.tracking_url or "", found.status in UNDER_WAY, found.may, key="menu"),
        ),
        _stages(found.stages, shell) if found.stages else None,
    )


def _stages(stages: list[Stage], shell: Shell) -> VdomDict:
    """Like the stages of a parcel; scrolls sideways on a phone."""

    def stage(at: int, each: Stage) -> VdomDict:
        look, name = STAGE_LOOKS.get(each.state, STAGE_LOOKS["todo"])
        attributes = {"key": each.node, "className": "flex items-center gap-1.5 shrink-0"}
        if each.state == "current":
            attributes["aria-current"] = "step"
        return html.li(
            attributes,
            html.span({"className": "text-muted"}, icon("arrow-right", 14)) if at else None,
            html.span(
                {"className": f"inline-flex items-center gap-1 rounded-full px-2.5 py-0.5 text-sm {look}"},
                icon(name, 14) if name else None,
                pick(each.label, shell.locale),
                html.span({"className": "sr-only"}, shell.t(f"tickets.stage.{each.state}")),
            ),
        )

    return html.ol(
        {
            "className": "relative mt-3 flex gap-1.5 overflow-x-auto pb-1",
            "aria-label": shell.t("tickets.stages"),
        },
        [stage(at, each) for at, each in enumerate(stages)],
    )


def _body(found: TicketDetail, task_id: str, reload: Any, shell: Shell) -> VdomDict:
    return html.div(
        {"className": "grid gap-5 p-4 md:p-6 xl:grid-cols-[minmax(0,1fr)_18.5rem] items-start"},
        html.div(
            {"className": "flex min-w-0 flex-col gap-5"},
            resting(found, key="resting"),
            [_incident(each, found, reload, shell) for each in found.incidents],
            current_task(found, task_id, reload, key="task"),
            items_card(found, shell),
            waits_card(found, shell),
            answers(found, shell),
            timeline(found.timeline, shell),
        ),
        html.div(
            {"className": "flex min-w-0 flex-col gap-5"},
            customer(found, shell),
            money_card(found.id, found.lines, found.status, key="money"),
            time_limit(found, task_id, shell),
            clocks_card(found.id, found.clocks, shell),
            links_card(found, key="links"),
            flow(found, shell),
        ),
    )


def _incident(incident: Incident, found: TicketDetail, reload: Any, shell: Shell) -> VdomDict:
    """A step that could not go on: what happened, and for those who may, the ways out of it."""
    labels = {node.id: pick(node.label, shell.locale) for node in found.flow.nodes}
    return html.div(
        {"key": incident.id, "role": "alert", "className": "alert alert-error alert-soft items-start"},
        icon("circle-alert", 20),
        html.div(
            {"className": "min-w-0 flex flex-col gap-2"},
            html.p(
                {"className": "font-medium"},
                shell.t("tickets.incident", step=labels.get(incident.node, incident.node)),
            ),
            html.p({"className": "text-sm break-words"}, incident.message),
            mending(incident.id, reload, key="mending") if shell.may("edit", "administer") else None,
        ),
    )


@component
def menu(ticket_id: str, tracking_url: str, running: bool, may: list[str]) -> VdomDict:
    """The seldom things: the customer's page, letting it rest, taking it back, cancelling."""
    shell = use_shell()
    asking, set_asking = use_state(False)
    rest, set_rest = use_state("")
    reason: Any = use_ref("")
    undo, set_undo = use_state(True)
    may_cancel = running and shell.may("run", "edit", "administer")

    async def cancel(_event: object) -> None:
        if not shell.may("run", "edit", "administer"):
            return
        if not reason.current.strip():
            shell.toast(shell.t("tickets.cancel.needs_reason"), "error")
            return
        undoing = undo and "undo" in may
        work = shell.api.cancel_ticket(ticket_id, reason.current.strip(), compensate=undoing)
        done = "tickets.cancel.undoing" if undoing else "tickets.cancel.done"
        if await attempt(shell, work, shell.t(done)):
            set_asking(False)

    def note(event: dict[str, Any]) -> None:
        reason.current = str(event["target"]["value"])

    item = "btn btn-ghost btn-sm btn-block justify-start gap-2 font-normal"
    return html.div(
        html.details(
            {"className": "dropdown dropdown-end"},
            html.summary(
                {
                    "className": "btn btn-ghost btn-sm btn-square list-none",
                    "aria-label": shell.t("tickets.menu"),
                },
                icon("ellipsis", 18),
            ),
            html.div(
                {"className": "dropdown-content z-30 mt-1 w-60 tf-card p-2"},
                html.a(
                    {"className": item, "href": tracking_url, "target": "_blank", "rel": "noopener"},
                    icon("external-link", 16),
                    shell.t("tickets.tracking"),
                )
                if tracking_url
                else None,
                *(
                    html.button(
                        {"type": "button", "className": item, "onClick": lambda _, act=act: set_rest(act)},
                        icon(name, 16),
                        shell.t(f"tickets.{act}"),
                    )
                    for act, name in (("suspend", "pause"), ("withdraw", "undo-2"))
                    if act in may
                ),
                html.button(
                    {
                        "type": "button",
                        "className": f"{item} text-error",
                        "onClick": lambda _: set_asking(True),
                    },
                    icon("circle-x", 16),
                    shell.t("tickets.cancel"),
                )
                if may_cancel
                else None,
            ),
        ),
        suspend_dialog(ticket_id, lambda: set_rest(""), key="suspend") if rest == "suspend" else None,
        withdraw_dialog(ticket_id, lambda: set_rest(""), key="withdraw") if rest == "withdraw" else None,
        dialog(
            shell.t("tickets.cancel"),
            shell.t,
            lambda: set_asking(False),
            html.p(
                {"className": "mb-3 text-muted"},
                shell.t("tickets.cancel.text.undo" if undo and "undo" in may else "tickets.cancel.text"),
            ),
            html.textarea(
                {
                    "className": "textarea w-full",
                    "rows": 3,
                    "maxLength": 1000,
                    "aria-label": shell.t("tickets.cancel.reason"),
                    "placeholder": shell.t("tickets.cancel.reason"),
                    "onChange": note,
                }
            ),
            html.label(
                {"className": "mt-3 flex items-start gap-2"},
                html.input(
                    {
                        "type": "checkbox",
                        "className": "checkbox checkbox-sm mt-0.5",
                        "checked": undo,
                        "onChange": lambda _: set_undo(not undo),
                    }
                ),
                shell.t("tickets.cancel.undo"),
            )
            if "undo" in may
            else None,
            actions=[
                html.button(
                    {"type": "button", "className": "btn btn-error", "onClick": cancel},
                    shell.t("tickets.cancel"),
                )
            ],
        )
        if asking
        else None,
    )
