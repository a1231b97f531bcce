"""Buttons of finance at what is booked: take it back, or book it by the data of now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.corrections import Corrected, Difference
from backend.contracts.settlement import SettlementLine
from frontend.attempts import attempt
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.corrected import stands
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.parts import dialog


@component
def booking_actions(ticket_id: str, lines: list[SettlementLine], status: str) -> VdomDict | None:
    """At the ticket's booked amounts."""
    shell = use_shell()
    open_, set_open = use_state("")
    if not shell.may("settle") or not any(stands(line) for line in lines):
        return None
    return html.div(
        {"className": "mt-4 flex flex-wrap gap-2"},
        _button("reverse", "rotate-ccw", lambda _event: set_open("reverse"), shell),
        _button("rebook", "refresh-cw", lambda _event: set_open("rebook"), shell)
        if status == "running"
        else None,
        reverse_dialog(
            lambda reason: shell.api.reverse_ticket(ticket_id, reason),
            lambda: set_open(""),
            key="reverse dialog",
        )
        if open_ == "reverse"
        else None,
        rebook_dialog(ticket_id, lambda: set_open(""), key="rebook dialog") if open_ == "rebook" else None,
    )


@component
def posting_action(posting_id: str) -> VdomDict:
    """At one line: takes back the whole booking that it belongs to."""
    shell = use_shell()
    open_, set_open = use_state(False)
    return html.div(
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: set_open(True)},
            icon("rotate-ccw", 14),
            shell.t("corrections.reverse.posting"),
        ),
        reverse_dialog(
            lambda reason: shell.api.reverse_posting(posting_id, reason),
            lambda: set_open(False),
            key="reverse",
        )
        if open_
        else None,
    )


def _button(name: str, sign: str, press: Callable[[Any], None], shell: Shell) -> VdomDict:
    attributes = {"key": name, "type": "button", "className": "btn btn-sm", "onClick": press}
    return html.button(attributes, icon(sign, 14), shell.t(f"corrections.{name}"))


@component
def reverse_dialog(reverse: Callable[[str], Awaitable[object]], close: Callable[[], None]) -> VdomDict:
    """Asks for the reason."""
    shell = use_shell()
    reason: Any = use_ref("")

    async def go(_event: object) -> None:
        if not reason.current.strip():
            shell.toast(shell.t("corrections.needs_reason"), "error")
        elif await attempt(shell, reverse(reason.current.strip()), shell.t("corrections.reverse.done")):
            close()

    return dialog(
        shell.t("corrections.reverse.title"),
        shell.t,
        close,
        html.p({"className": "text-muted"}, shell.t("corrections.reverse.text")),
        reason_box(reason, shell),
        actions=[_go(shell.t("corrections.reverse"), go)],
    )


@component
def rebook_dialog(ticket_id: str, close: Callable[[], None]) -> VdomDict:
    """Shows the difference first."""
    shell = use_shell()
    reason: Any = use_ref("")
    loaded = use_resource(lambda: shell.api.preview_rebooking(ticket_id), ticket_id)

    async def go(_event: object) -> None:
        if not reason.current.strip():
            shell.toast(shell.t("corrections.needs_reason"), "error")
            return
        work = shell.api.rebook_ticket(ticket_id, reason.current.strip())
        if await attempt(shell, work, shell.t("corrections.rebook.done")):
            close()

    def draw(found: Corrected) -> VdomDict:
        return html.div(
            html.p({"className": "mt-3 font-medium"}, shell.t("corrections.rebook.changes")),
            changes(found.differences, shell),
            reason_box(reason, shell),
        )

    ready = loaded.value is not None
    return dialog(
        shell.t("corrections.rebook.title"),
        shell.t,
        close,
        html.p({"className": "text-muted"}, shell.t("corrections.rebook.text")),
        show(loaded, shell.t, draw, skeleton(2, "h-6")),
        actions=[_go(shell.t("corrections.rebook"), go)] if ready else [],
    )


def changes(differences: list[Difference], shell: Shell) -> VdomDict:
    """Who gets how much more or less."""
    return html.ul(
        {"className": "mt-1 flex flex-col"},
        [
            html.li(
                {"key": at, "className": "flex justify-between gap-4 border-b border-base-300 py-1.5"},
                html.span({"className": "min-w-0 break-words"}, each.party.name),
                money(each.amount, each.currency, shell.locale, "text-error" if each.amount < 0 else ""),
            )
            for at, each in enumerate(differences)
        ],
    )


def reason_box(kept: Any, shell: Shell) -> VdomDict:
    """Why: its value goes into a reference."""

    def note(event: dict[str, Any]) -> None:
        kept.current = str(event["target"]["value"])

    return html.label(
        {"className": "mt-4 flex flex-col gap-1"},
        html.span({"className": "text-sm text-muted"}, shell.t("corrections.reason")),
        html.textarea(
            {"className": "textarea w-full", "rows": 2, "maxLength": 1000, "name": "reason", "onChange": note}
        ),
    )


def _go(text: str, press: Callable[[object], Awaitable[None]]) -> VdomDict:
    return html.button({"type": "button", "className": "btn btn-primary", "onClick": press}, text)
