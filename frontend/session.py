"""What every page may ask for: who is signed in, language, theme, the API, data that loads, live changes.

A component calls `use_shell()` for the first four, `use_resource(load, key)` to load something, and
`use_changes(topics)` to be rendered again when something it shows has changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import msgspec
from reactpy import create_context, use_async_effect, use_context, use_effect, use_ref, use_state
from reactpy.types import Component, Context, VdomDict

from backend.contracts.common import Problem
from backend.contracts.identity import SessionInfo
from frontend.api.client import ApiClient
from frontend.api.transport import ApiError
from frontend.changes import ChangeFeed
from frontend.i18n import Translate, translator

log = logging.getLogger(__name__)
Value = TypeVar("Value")
Rendered = Component | VdomDict | str | None


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """The surroundings of a page.

    `theme` is light, dark or system; `toast(text, kind)` shows a short message, kind being success,
    error or info; `go(path)` takes the reader to another page.
    """

    api: ApiClient
    session: SessionInfo
    feed: ChangeFeed
    locale: str
    theme: str
    path: str
    change_preferences: Callable[[str, str], Awaitable[None]]
    toast: Callable[[str, str], None]
    go: Callable[[str], None]

    @property
    def t(self) -> Translate:
        """Text of the catalogue in the reader's language."""
        return translator(self.locale)

    @property
    def zone(self) -> str:
        """The time zone of the reader's region, in which times are shown where no ticket's own is known."""
        return self.session.zone

    def may(self, *verbs: str) -> bool:
        """Whether the member holds one of these rights; only what is shown hangs on it, the API decides."""
        return any(verb in self.session.rights for verb in verbs)


ShellContext: Context[Shell | None] = create_context(None)


def use_shell() -> Shell:
    """The surroundings of this page."""
    shell = use_context(ShellContext)
    if shell is None:
        raise RuntimeError("a page was rendered outside the shell")
    return shell


class Resource(msgspec.Struct, Generic[Value], frozen=True, kw_only=True):
    """Something that loads: not there yet, there, or refused. While it reloads, the old value stays."""

    value: Value | None = None
    problem: Problem | None = None
    reload: Callable[[], None]

    @property
    def loading(self) -> bool:
        """Nothing to show yet."""
        return self.value is None and self.problem is None


class _Loaded(msgspec.Struct, frozen=True):
    value: Any = None
    problem: Problem | None = None


def use_resource(load: Callable[[], Awaitable[Value]], *key: object) -> Resource[Value]:
    """Loads when the component appears, and again when `key` changes or `reload()` is called.

    One task lives as long as the component. (An effect with dependencies would leave a waiting task behind in
    ReactPy at each change of them, and live pages change all day.)
    """
    state, set_state = use_state(_Loaded())
    wake = use_ref(asyncio.Event())
    wanted = use_ref(load)
    last_key = use_ref(key)
    wanted.current = load
    if last_key.current != key:
        last_key.current = key
        wake.current.set()

    async def run() -> None:
        while True:
            wake.current.clear()
            try:
                loaded = _Loaded(await wanted.current())
            except ApiError as error:
                loaded = _Loaded(None, error.problem)
            except Exception:
                log.exception("a page could not load")
                loaded = _Loaded(None, Problem(title="", status=500, code="unexpected"))
            set_state(loaded)
            await wake.current.wait()

    use_async_effect(run, dependencies=[])
    return Resource(value=state.value, problem=state.problem, reload=wake.current.set)


def use_changes(*topics: str) -> int:
    """A number that rises when one of `topics` changed; give it to `use_resource` as part of the key.

    A topic ending in `*` stands for all that begin like it. All components of a page share one long poll.
    """
    shell = use_shell()
    count, set_count = use_state(0)
    wanted = use_ref(topics)
    wanted.current = topics

    def subscribe() -> Callable[[], None]:
        return shell.feed.subscribe(lambda: wanted.current, lambda: set_count(lambda old: old + 1))

    use_effect(subscribe, dependencies=[])
    return count


def use_every(seconds: float) -> int:
    """A number that rises every `seconds`, for relative times that should not stand still."""
    count, set_count = use_state(0)

    async def tick() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(seconds)
                set_count(lambda old: old + 1)

    use_async_effect(tick, dependencies=[])
    return count
