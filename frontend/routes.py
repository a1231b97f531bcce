"""Which page stands at which path.

To add a page: write a component in `frontend/pages/<noun>.py` whose parameters are the names in braces of its
path, and add one line here. A page with `nav` appears in the rail (desktop) and in the tab bar (phone).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from reactpy.types import Component
from reactpy_router import route
from reactpy_router.resolvers import ReactPyResolver

from frontend.pages import home


class Nav(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the navigation: its icon, its text (`shell.nav.<text>`), and whether phones show it."""

    icon: str
    text: str
    on_phone: bool = True


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page. `rights` are the verbs of which one is needed; none means that everybody may open it."""

    path: str
    draw: Callable[..., Component]
    title: str
    rights: tuple[str, ...] = ()
    nav: Nav | None = None
    wide: bool = False
    """Takes the whole width and height beside the rail, as the designer does."""
    edge: bool = False
    """Takes the whole width without a margin, and scrolls as a whole."""
    group: str = ""
    """Pages of one group are drawn by the same component, which stays when the reader goes between them."""


PAGES: tuple[Page, ...] = (
    Page(path="/", draw=home.home, title="shell.nav.home", nav=Nav(icon="house", text="home")),
)


class Found(msgspec.Struct, frozen=True):
    """The page of a path, with what the path says."""

    page: Page
    parameters: dict[str, Any]


@cache
def _resolvers() -> tuple[tuple[Page, ReactPyResolver], ...]:
    return tuple((page, ReactPyResolver(route(page.path, None))) for page in PAGES)


def find_page(path: str) -> Found | None:
    """The first page whose path fits; a slash at the end makes no difference."""
    wanted = path.rstrip("/") or "/"
    for page, resolver in _resolvers():
        match = resolver.resolve(wanted)
        if match is not None:
            return Found(page, match.params)
    return None
