"""Sessions of a request that was refused before its handler ran are closed at once, in order.

Litestar closes what its dependencies opened only when all of them could be had. When one refuses (a
malformed query, say), a session that another has opened is left to the garbage collector, which closes the
generators inside each other at the same time and fails.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextvars import ContextVar
from typing import Any

from litestar.di import Provide
from litestar.types import ASGIApp, Receive, Scope, Send

_opened: ContextVar[list[AsyncGenerator[Any, None]] | None] = ContextVar("opened", default=None)


class Opened(Provide):
    """A dependency that opens something; what it opened is remembered for the end of the request."""

    async def __call__(self, **kwargs: Any) -> Any:
        """The generator, as Litestar wants it."""
        generator = await super().__call__(**kwargs)
        opened = _opened.get()
        if opened is not None:
            opened.append(generator)
        return generator


def close_opened(app: ASGIApp) -> ASGIApp:
    """Middleware: at the end of a request nothing of it stays open. What was closed already stays so."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        opened: list[AsyncGenerator[Any, None]] = []
        token = _opened.set(opened)
        try:
            await app(scope, receive, send)
        finally:
            _opened.reset(token)
            for generator in reversed(opened):
                await generator.aclose()

    return answer
