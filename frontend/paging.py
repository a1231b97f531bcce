"""Lists that grow by a press: the first pages of a cursor list, which stay open when the list refreshes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from reactpy import html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from frontend.session import Resource, Shell, use_resource

Item = TypeVar("Item")
LoadPage = Callable[[str | None], Awaitable[Page[Item]]]


class Growing(msgspec.Struct, frozen=True, kw_only=True):
    """How the list goes on; `more` opens the next page."""

    more: Callable[[], None]


def use_pages(load: LoadPage[Item], *key: object) -> tuple[Resource[Page[Item]], Growing]:
    """`load(cursor)` gives one page. All opened pages load again when `key` changes."""
    count, set_count = use_state(1)
    loaded = use_resource(lambda: load_pages(load, count), count, *key)
    return loaded, Growing(more=lambda: set_count(lambda old: old + 1))


async def load_pages(load: LoadPage[Item], count: int) -> Page[Item]:
    """The first `count` pages as one."""
    items: list[Item] = []
    cursor: str | None = None
    for _ in range(count):
        page = await load(cursor)
        items += page.items
        cursor = page.next
        if cursor is None:
            break
    return Page(items=items, next=cursor)


async def load_all(load: LoadPage[Item], most: int = 20) -> list[Item]:
    """Every item, of at most `most` pages: for choices that must be complete."""
    return (await load_pages(load, most)).items


def more_button(page: Page[Item], growing: Growing, shell: Shell) -> VdomDict | None:
    """Below the list, while there is more."""
    if page.next is None:
        return None
    return html.div(
        {"className": "mt-4 flex justify-center"},
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: growing.more()},
            shell.t("shell.more"),
        ),
    )
