"""Letting a ticket rest, going on with it, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_ref
from reactpy.types import VdomDict

from backend.contracts.tickets import TicketDetail
from frontend.attempts import attempt
from frontend.i18n.formats import read_local
from frontend.pages.tickets.people import comment_box
from frontend.session import use_shell
from frontend.widgets.figures import moment
from frontend.widgets.icon import icon
from frontend.widgets.parts import dialog


@component
def resting(found: TicketDetail) -> VdomDict | None:
    """Says that the ticket rests, why and until when; whoever leads the work goes on from here."""
    shell = use_shell()
    rest = found.suspended
    if rest is None:
        return None

    async def resume(_event: object) -> None:
        await attempt(shell, shell.api.resume_ticket(found.id), shell.t("tickets.resume.done"))

    by = rest.by.name if rest.by else ""
    return html.div(
        {"role": "status", "className": "alert alert-warning alert-soft items-start"},
        icon("pause", 20),
        html.div(
            {"className": "min-w-0"},
            html.p({"className": "font-medium break-words"}, shell.t("tickets.resting", reason=rest.reason)),
            html.p(
                {"className": "text-sm"},
                by,
                " · " if by else "",
                moment(rest.since, shell.locale, shell.zone),
                html.span(" → ", moment(rest.until, shell.locale, shell.zone)) if rest.until else None,
            ),
        ),
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": resume},
            icon("play", 14),
            shell.t("tickets.resume"),
        )
        if "resume" in found.may
        else None,
    )


@component
def suspend_dialog(ticket_id: str, close: Callable[[], None]) -> VdomDict:
    """Why, and if wished until when."""
    shell = use_shell()
    reason: Any = use_ref("")
    until: Any = use_ref("")

    async def suspend(_event: object) -> None:
        if not reason.current.strip():
            shell.toast(shell.t("tickets.suspend.needs_reason"), "error")
            return
        work = shell.api.suspend_ticket(
            ticket_id, reason.current.strip(), read_local(until.current, shell.zone)
        )
        if await attempt(shell, work, shell.t("tickets.suspend.done")):
            close()

    def note(event: dict[str, Any]) -> None:
        until.current = str(event["target"]["value"])

    return dialog(
        shell.t("tickets.suspend"),
        shell.t,
        close,
        html.p({"className": "text-muted"}, shell.t("tickets.suspend.text")),
        comment_box(shell.t("tickets.suspend.reason"), reason),
        html.label(
            {"className": "mt-3 flex flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, shell.t("tickets.suspend.until")),
            html.input({"type": "datetime-local", "className": "input w-full", "onChange": note}),
        ),
        actions=[
            html.button(
                {"type": "button", "className": "btn btn-primary", "onClick": suspend},
                shell.t("tickets.suspend"),
            )
        ],
    )


@component
def withdraw_dialog(ticket_id: str, close: Callable[[], None]) -> VdomDict:
    """Whoever opened the ticket takes it back."""
    shell = use_shell()
    comment: Any = use_ref("")

    async def withdraw(_event: object) -> None:
        work = shell.api.withdraw_ticket(ticket_id, comment.current.strip())
        if await attempt(shell, work, shell.t("tickets.withdraw.done")):
            close()

    return dialog(
        shell.t("tickets.withdraw"),
        shell.t,
        close,
        html.p({"className": "text-muted"}, shell.t("tickets.withdraw.text")),
        comment_box(shell.t("tickets.comment.optional"), comment),
        actions=[
            html.button(
                {"type": "button", "className": "btn btn-error", "onClick": withdraw},
                shell.t("tickets.withdraw"),
            )
        ],
    )
