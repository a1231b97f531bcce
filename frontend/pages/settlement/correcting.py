"""Buttons of finance at what is booked: take it back, or book it by the data of now or by other figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.settlement import SettlementLine
from frontend.pages.settlement.refiguring import After, figures_dialog, list_refigurable
from frontend.pages.settlement.reversing import rebook_dialog, reverse_dialog
from frontend.session import Shell, use_shell
from frontend.widgets.corrected import stands
from frontend.widgets.icon import icon


@component
def booking_actions(ticket_id: str, lines: list[SettlementLine], status: str) -> VdomDict | None:
    """At the ticket's booked amounts."""
    shell = use_shell()
    open_, set_open = use_state("")
    if not shell.may("settle") or not any(stands(line) for line in lines):
        return None
    postings = list_refigurable(lines)
    return html.div(
        {"className": "mt-4 flex flex-wrap gap-2"},
        _button("reverse", "rotate-ccw", lambda _event: set_open("reverse"), shell),
        _button("rebook", "refresh-cw", lambda _event: set_open("rebook"), shell)
        if status == "running"
        else None,
        _button("figures", "pencil", lambda _event: set_open("figures"), shell) if postings else None,
        figures_dialog(ticket_id, postings, lambda: set_open(""), key="figures dialog")
        if open_ == "figures" and postings
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
def posting_actions(line: SettlementLine, words: str = "", accept: After | None = None) -> VdomDict:
    """At one line: takes back the whole booking that it belongs to, or books it by other figures. `words` are
    the reason to begin with; `accept` is done behind it, with the reason."""
    shell = use_shell()
    open_, set_open = use_state("")
    postings = list_refigurable([line]) if line.ticket_id else []

    async def reverse(reason: str) -> None:
        await shell.api.reverse_posting(line.posting_id, reason)
        if accept is not None:
            await accept(reason)

    done = "" if accept is None else shell.t("corrections.reverse.accept")
    return html.div(
        {"className": "flex flex-wrap gap-2"},
        _button("reverse.posting", "rotate-ccw", lambda _event: set_open("reverse"), shell),
        _button("figures", "pencil", lambda _event: set_open("figures"), shell) if postings else None,
        reverse_dialog(reverse, lambda: set_open(""), words, done, key="reverse dialog")
        if open_ == "reverse"
        else None,
        figures_dialog(line.ticket_id, postings, lambda: set_open(""), words, accept, key="figures dialog")
        if open_ == "figures" and postings
        else None,
    )


def _button(name: str, sign: str, press: Callable[[Any], None], shell: Shell) -> VdomDict:
    attributes = {"key": name, "type": "button", "className": "btn btn-sm", "onClick": press}
    return html.button(attributes, icon(sign, 14), shell.t(f"corrections.{name}"))
