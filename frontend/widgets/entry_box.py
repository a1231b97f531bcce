"""A labelled input that hands its text on once the typing pauses, and says what is wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

PAUSE = 0.4
"""Seconds without a key after which the text is handed on."""

Commit = Callable[[str], str | None]
"""Takes the text; answers what is wrong with it in words, or None."""


@component
def entry_box(label: str, initial: str, commit: Commit, suffix: str = "", kind: str = "text") -> VdomDict:
    """The input itself is never overwritten while somebody types; give it a new `key` to start it anew."""
    fault, set_fault = use_state("")
    waiting: Any = use_ref(None)
    latest = use_ref(commit)
    latest.current = commit

    def hand_on(text: str) -> None:
        set_fault(latest.current(text) or "")

    def typed(event: dict[str, Any]) -> None:
        if waiting.current is not None:
            waiting.current.cancel()
        waiting.current = asyncio.get_running_loop().call_later(PAUSE, hand_on, str(event["target"]["value"]))

    attributes: dict[str, Any] = {"type": kind, "defaultValue": initial, "maxLength": 200, "onChange": typed}
    if kind == "decimal":
        attributes |= {"type": "text", "inputMode": "decimal", "className": "tf-tabular"}
    if fault:
        attributes["aria-invalid"] = "true"
    return html.label(
        {"className": "flex min-w-0 flex-col gap-1"},
        html.span({"className": "text-sm text-muted truncate"}, label),
        html.span(
            {"className": f"input input-sm h-9 w-full bg-base-100 text-sm {'input-error' if fault else ''}"},
            html.input(attributes),
            html.span({"className": "text-sm text-muted whitespace-nowrap"}, suffix) if suffix else None,
        ),
        html.span({"className": "text-sm text-error", "role": "alert"}, fault) if fault else None,
    )


def choice_box(
    label: str, options: list[tuple[str, str]], chosen: str, choose: Callable[[str], object]
) -> VdomDict:
    """A labelled select; `options` are (value, text). When they arrive late it starts anew."""
    return html.label(
        {"className": "flex min-w-0 flex-col gap-1"},
        html.span({"className": "text-sm text-muted truncate"}, label),
        html.select(
            {
                "key": len(options),
                "className": "select select-sm h-9 w-full bg-base-100 text-sm",
                "value": chosen,
                "onChange": lambda event: choose(str(event["target"]["value"])) and None,
            },
            [html.option({"key": value, "value": value}, text) for value, text in options],
        ),
    )
