"""An island: a TypeScript component of `frontend/islands/`, placed on a ReactPy page.

    island("form", "FormIsland", {"taskId": task.id, "locale": shell.locale}, on_event)

`on_event(kind, detail)` hears what the island reports; the payload crosses as one JSON string
`{"type": kind, ...detail}` because ReactPy's own event serialiser loses parts of objects. Give islands ids
and revisions, not documents: they fetch over HTTP themselves, and a prop is sent again with each rendering.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

import msgspec
from reactpy import html
from reactpy.reactjs import component_from_url
from reactpy.types import VdomConstructor, VdomDict

from frontend.assets import entry_url

EventHandler = Callable[[str, dict[str, Any]], Awaitable[None] | None]


def island(
    bundle: str, name: str, props: Mapping[str, Any], on_event: EventHandler | None = None, *, css: str = ""
) -> VdomDict:
    """Component `name` of the bundle `bundle`, wrapped in a block with the classes `css`.

    Raises assets.BuildMissing when the islands were not built.
    """
    attributes: dict[str, Any] = dict(props)
    if on_event is not None:
        attributes["onEvent"] = _decode_for(on_event)
    return html.div({"className": css, "data-island": name}, _component(entry_url(bundle), name)(attributes))


@cache
def _component(url: str, name: str) -> VdomConstructor:
    return component_from_url(url, name, fallback=None)


def _decode_for(on_event: EventHandler) -> Callable[[str], Awaitable[None]]:
    async def handle(message: str) -> None:
        detail = msgspec.json.decode(message, type=dict[str, Any])
        kind = detail.pop("type", "")
        done = on_event(kind, detail)
        if inspect.isawaitable(done):
            await done

    return handle
