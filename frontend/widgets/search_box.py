"""A search field that reports what was typed once the typing pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_ref
from reactpy.types import VdomDict

from frontend.widgets.icon import icon

PAUSE = 0.3
"""Seconds without a key after which the search begins."""


@component
def search_box(label: str, on_search: Callable[[str], None], initial: str = "") -> VdomDict:
    """`on_search(text)` hears the trimmed text; the field is never overwritten while somebody types."""
    waiting: Any = use_ref(None)

    def typed(event: dict[str, Any]) -> None:
        if waiting.current is not None:
            waiting.current.cancel()
        text = str(event["target"]["value"]).strip()
        waiting.current = asyncio.get_running_loop().call_later(PAUSE, on_search, text)

    return html.label(
        {"className": "input input-sm h-9 w-full bg-base-100"},
        html.span({"className": "text-muted"}, icon("search", 16)),
        html.input(
            {
                "type": "search",
                "placeholder": label,
                "aria-label": label,
                "defaultValue": initial,
                "maxLength": 100,
                "onChange": typed,
            }
        ),
    )
