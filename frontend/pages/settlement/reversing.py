"""Dialogs of finance upon what is booked: take it back, or book it by the data of now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from reactpy import component, html, use_ref
from reactpy.types import VdomDict

from backend.contracts.corrections import Corrected, Difference
from frontend.attempts import attempt
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.parts import dialog


@component
def reverse_dialog(
    reverse: Callable[[str], Awaitable[object]], close: Callable[[], None], words: str = "", done: str = ""
) -> VdomDict:
    """Asks for the reason, for which `words` may stand already; `done` is the button's own text."""
    shell = use_shell()
    reason: Any = use_ref(words)

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
        actions=[_go(done or shell.t("corrections.reverse"), go)],
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
            {
                "className": "textarea w-full",
                "rows": 2,
                "maxLength": 1000,
                "name": "reason",
                "defaultValue": kept.current,
                "onChange": note,
            }
        ),
    )


def _go(text: str, press: Callable[[object], Awaitable[None]]) -> VdomDict:
    return html.button({"type": "button", "className": "btn btn-primary", "onClick": press}, text)
