"""What was changed on a ticket by whom, and putting a field right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.records import FieldChange, FieldHistory
from backend.contracts.tasks import ShownField
from frontend.i18n import pick
from frontend.pages.tickets.values import show_value
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import moment
from frontend.widgets.icon import icon
from frontend.widgets.island import island
from frontend.widgets.parts import dialog


@component
def record_actions(ticket_id: str, correctable: bool) -> VdomDict:
    """Below the answers: their history, and for who may, correcting one."""
    shell = use_shell()
    opened, set_opened = use_state("")
    close = lambda: set_opened("")  # noqa: E731 - handed to both dialogs
    button = "btn btn-sm btn-ghost"
    return html.div(
        {"className": "mt-3 -ml-2 flex flex-wrap gap-1"},
        html.button(
            {"type": "button", "className": button, "onClick": lambda _: set_opened("history")},
            icon("history", 14),
            shell.t("tickets.history"),
        ),
        html.button(
            {"type": "button", "className": button, "onClick": lambda _: set_opened("correct")},
            icon("pencil", 14),
            shell.t("tickets.correct"),
        )
        if correctable
        else None,
        history_dialog(ticket_id, close, key="history") if opened == "history" else None,
        correct_dialog(ticket_id, close, key="correct") if opened == "correct" else None,
    )


@component
def correct_dialog(ticket_id: str, close: Callable[[], None]) -> VdomDict:
    """The fields that the reader may correct, as one form; what differs is corrected."""
    shell = use_shell()

    async def heard(kind: str, detail: dict[str, Any]) -> None:
        if kind == "completed":
            shell.toast(shell.t("tickets.correct.done"), "success")
            close()

    return dialog(
        shell.t("tickets.correct"),
        shell.t,
        close,
        html.p({"className": "mb-4 text-sm text-muted"}, shell.t("tickets.correct.text")),
        island(
            "form",
            "FormIsland",
            {
                "formUrl": f"/tickets/{ticket_id}/correction",
                "submitUrl": f"/tickets/{ticket_id}/correction",
                "locale": shell.locale,
                "zone": shell.zone,
                "csrf": shell.session.csrf,
                "memberId": shell.session.member_id,
            },
            heard,
        ),
    )


@component
def history_dialog(ticket_id: str, close: Callable[[], None]) -> VdomDict:
    """All changes, or those of one field."""
    shell = use_shell()
    changed = use_changes(f"ticket:{ticket_id}")
    loaded = use_resource(lambda: shell.api.list_changes(ticket_id), ticket_id, changed)
    field, set_field = use_state("")
    return dialog(
        shell.t("tickets.history"),
        shell.t,
        close,
        show(loaded, shell.t, lambda found: _history(found, field, set_field, shell), skeleton(4, "h-12")),
    )


def _history(found: FieldHistory, field: str, set_field: Callable[[str], None], shell: Shell) -> VdomDict:
    if not found.items:
        return html.p({"className": "text-muted"}, shell.t("tickets.history.none"))
    names = {each.field: pick(each.label, shell.locale) for each in found.items}
    shown = [each for each in found.items if field in ("", each.field)]
    return html.div(
        html.select(
            {
                "className": "select w-full mb-4",
                "aria-label": shell.t("tickets.history.field"),
                "value": field,
                "onChange": lambda event: set_field(str(event["target"]["value"])),
            },
            html.option({"key": "", "value": ""}, shell.t("tickets.history.all")),
            [
                html.option({"key": key, "value": key}, name)
                for key, name in sorted(names.items(), key=lambda pair: pair[1])
            ],
        ),
        html.ol(
            {"className": "flex flex-col divide-y divide-base-300"}, [_change(each, shell) for each in shown]
        ),
    )


def _change(change: FieldChange, shell: Shell) -> VdomDict:
    cause = shell.t(f"tickets.history.{change.cause}")
    step = pick(change.step, shell.locale) if change.step else ""
    who = change.by.name if change.by else ""
    return html.li(
        {"key": f"{change.seq} {change.field} {change.item}", "className": "py-3 first:pt-0"},
        html.div(
            {"className": "flex flex-wrap items-baseline justify-between gap-x-3"},
            html.span(
                {"className": "font-medium"},
                " · ".join(part for part in (pick(change.label, shell.locale), change.item) if part),
            ),
            html.span({"className": "text-sm text-muted"}, moment(change.at, shell.locale, shell.zone)),
        ),
        html.div(
            {"className": "mt-1 flex flex-wrap items-center gap-2"},
            _side(change.before, "line-through text-muted", shell),
            html.span({"className": "text-muted"}, icon("arrow-right", 14)),
            _side(change.after, "", shell),
        ),
        html.p(
            {"className": "mt-1 text-sm text-muted"}, " · ".join(part for part in (who, cause, step) if part)
        ),
    )


def _side(value: ShownField | None, css: str, shell: Shell) -> VdomDict:
    if value is None:
        return html.span({"className": "text-muted"}, shell.t("tickets.history.empty"))
    return html.span({"className": f"min-w-0 break-words {css}"}, show_value(value, shell))
