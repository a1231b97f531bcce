"""Short messages in the corner, kept apart so that showing one renders nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

import msgspec
from reactpy import component, html, use_effect, use_state
from reactpy.types import VdomDict

from frontend.session import use_shell
from frontend.widgets.icon import icon

SECONDS = 6.0
MOST = 4
TONES = {
    "success": ("alert-success", "circle-check"),
    "error": ("alert-error", "circle-alert"),
    "info": ("alert-info", "info"),
}


class Toast(msgspec.Struct, frozen=True):
    """`kind` is success, error or info."""

    number: int
    text: str
    kind: str


class ToastBoard:
    """The messages of one page; they leave by themselves after a few seconds."""

    def __init__(self) -> None:
        self.toasts: tuple[Toast, ...] = ()
        self.changed: Callable[[tuple[Toast, ...]], None] = lambda _toasts: None
        self._numbers = count(1)

    def add(self, text: str, kind: str = "info") -> None:
        """Shows `text`; the oldest goes when there are too many."""
        toast = Toast(next(self._numbers), text, kind)
        self._show((*self.toasts[-(MOST - 1) :], toast))
        asyncio.get_running_loop().call_later(SECONDS, self.remove, toast.number)

    def remove(self, number: int) -> None:
        """Takes a message away, if it is still there."""
        self._show(tuple(toast for toast in self.toasts if toast.number != number))

    def _show(self, kept: tuple[Toast, ...]) -> None:
        self.toasts = kept
        self.changed(kept)


@component
def toasts(board: ToastBoard) -> VdomDict:
    """Where the messages appear."""
    shell = use_shell()
    shown, set_shown = use_state(board.toasts)

    def listen() -> Callable[[], None]:
        board.changed = set_shown

        def stop() -> None:
            board.changed = lambda _toasts: None

        return stop

    use_effect(listen, dependencies=[])

    def draw(toast: Toast) -> VdomDict:
        tone, name = TONES.get(toast.kind, TONES["info"])
        return html.div(
            {"key": toast.number, "className": f"alert alert-soft {tone} shadow-sm", "role": "status"},
            icon(name, 18),
            html.span(toast.text),
            html.button(
                {
                    "type": "button",
                    "className": "btn btn-ghost btn-xs btn-square",
                    "aria-label": shell.t("shell.close"),
                    "onClick": lambda _event: board.remove(toast.number),
                },
                icon("x", 14),
            ),
        )

    return html.div(
        {"className": "toast toast-end z-40 mb-16 md:mb-0", "aria-live": "polite"},
        [draw(toast) for toast in shown],
    )
