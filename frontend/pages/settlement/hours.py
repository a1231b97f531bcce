"""Hours as a list: behind a project's cost, and those that wait for a second person."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.labour import LabourEntry
from frontend.attempts import attempt
from frontend.i18n import format_date
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.parts import badge, card, dialog

TONES = {"entered": "warning", "booked": "success", "rejected": "error", "reversed": "ghost"}


def show_hours(seconds: int) -> str:
    """`5400` -> `1:30`."""
    minutes = seconds // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


@component
def hours_list(month: str, state: str, project_id: str) -> VdomDict:
    """`state` entered: with buttons to confirm and reject; booked: to take back."""
    shell = use_shell()
    t = shell.t
    asked, set_asked = use_state(("", ""))
    reason = use_ref("")
    loaded, growing = use_pages(
        lambda cursor: shell.api.list_labour_entries(
            cursor, month=month, state=state, project_id=project_id or None
        ),
        month,
        state,
        project_id,
        use_changes("labour"),
    )

    async def confirm(entry: LabourEntry) -> None:
        if await attempt(shell, shell.api.decide_hours(entry.id, "confirmation"), t("labour.confirmed")):
            loaded.reload()

    async def decide(_event: Any) -> None:
        entry_id, action = asked
        if reason.current.strip() and await attempt(
            shell, shell.api.decide_hours(entry_id, action, reason.current.strip()), t("labour.decided")
        ):
            set_asked(("", ""))
            loaded.reload()

    def note(event: dict[str, Any]) -> None:
        reason.current = str(event["target"]["value"])

    def draw(items: list[LabourEntry]) -> VdomDict:
        if not items:
            return empty(t("labour.hours.empty"), t("labour.hours.empty.text"), name="clock")
        return html.ul([entry_row(entry, shell, confirm=confirm, ask=set_asked) for entry in items])

    question = html.div(
        {"className": "flex flex-col gap-3"},
        html.textarea(
            {
                "className": "textarea w-full",
                "rows": 3,
                "maxLength": 500,
                "aria-label": t("labour.reason"),
                "placeholder": t("labour.reason"),
                "onChange": note,
            }
        ),
        html.button(
            {"type": "button", "className": "btn btn-primary self-end", "onClick": decide},
            t(f"labour.{asked[1]}") if asked[1] else "",
        ),
    )
    return card(
        html.div(
            show(
                loaded,
                t,
                lambda page: html.div(draw(page.items), more_button(page, growing, shell)),
                skeleton(4, "h-12", t("shell.loading")),
            )
        ),
        html.div(
            {"key": "ask"},
            dialog(t(f"labour.{asked[1]}"), t, lambda: set_asked(("", "")), question) if asked[0] else None,
        ),
        title=t(f"labour.hours.{state}"),
    )


def entry_row(entry: LabourEntry, shell: Shell, *, confirm: Any = None, ask: Any = None) -> VdomDict:
    """One entry; with buttons where a decision is possible."""
    t = shell.t
    ticket: VdomDict | str = entry.note
    if entry.ticket_id:
        link = {"href": f"/tickets/{entry.ticket_id}", "className": "tf-link tf-tabular"}
        ticket = html.a(link, entry.number)
    return html.li(
        {
            "key": entry.id,
            "className": "flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-base-300 py-3",
        },
        html.div(
            {"className": "min-w-0 flex-1 basis-52"},
            html.p(
                {"className": "font-medium"},
                f"{entry.member.name} · {entry.project.name}",
            ),
            html.p(
                {"className": "text-sm text-muted break-words"},
                f"{format_date(entry.day, shell.locale)} · ",
                f"{entry.kind or t(f'labour.source.{entry.source}')} · ",
                ticket,
            ),
            html.p({"className": "text-sm text-error"}, entry.reason) if entry.reason else None,
        ),
        html.span({"className": "tf-tabular font-medium"}, show_hours(entry.seconds)),
        money(entry.amount, entry.currency, shell.locale)
        if entry.state == "booked" and entry.currency
        else None,
        badge(t(f"labour.state.{entry.state}"), TONES[entry.state]),
        _buttons(entry, shell, confirm, ask) if ask is not None and shell.may("settle") else None,
    )


def _buttons(entry: LabourEntry, shell: Shell, confirm: Any, ask: Any) -> VdomDict | None:
    t = shell.t

    async def press(_event: Any) -> None:
        await confirm(entry)

    def question(action: str) -> VdomDict:
        attributes = {"type": "button", "className": "btn btn-sm"}
        return html.button(
            attributes | {"onClick": lambda _event: ask((entry.id, action))}, t(f"labour.{action}")
        )

    if entry.state == "booked":
        return question("reversal")
    if entry.state != "entered":
        return None
    return html.div(
        {"className": "flex items-center gap-3"},
        question("rejection"),
        html.span({"className": "text-sm text-muted"}, t("labour.own"))
        if entry.mine
        else html.button(
            {"type": "button", "className": "btn btn-primary btn-sm", "onClick": press}, t("labour.confirm")
        ),
    )
