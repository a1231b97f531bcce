"""The guard in front of ReactPy's socket.

ReactPy 2.0.0b13 accepts any socket, from any page, with frames of any size; each event target that it does
not know leaves a queue and a task behind until the socket closes; a malformed message kills the rendering
but not the socket. So nothing reaches it that this guard has not judged: the session is asked for before the
socket is accepted and every few seconds after, the Origin must be ours, a member holds a bounded number of
sockets, and a message must be small, well-formed, not too frequent, and name a target of the last layout.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from backend.contracts.identity import SessionInfo
from frontend.asgi import App, Message, Receive, Scope, Send, read_headers
from frontend.targets import SentLayout

log = logging.getLogger(__name__)

CLOSE_MALFORMED = 1008
CLOSE_TOO_BIG = 1009
CLOSE_SIGNED_OUT = 4401
CLOSE_RIGHTS_CHANGED = 4403
LONGEST_TARGET = 2048
MOST_ARGUMENTS = 8

SessionLookup = Callable[[Scope], Awaitable[SessionInfo | None]]
"""Who holds this socket's cookie now; None when nobody does any more."""


class GuardLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one socket. Sizes in bytes, times in seconds, rates per second."""

    frame: int = 256 * 1024
    sockets_per_member: int = 20
    recheck: float = 4.0
    messages_per_second: float = 60.0
    burst: int = 240
    unknown_targets: int = 200
    """They are dropped, for a click can cross a new layout on its way; this many close the socket."""


class LayoutEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The only message ReactPy's client sends."""

    type: Literal["layout-event"]
    target: str
    data: list[Any]
    seq: int = 0


class LayoutUpdate(msgspec.Struct):
    """The message ReactPy's server sends."""

    type: str
    path: str
    model: dict[str, Any]


class SocketGuard:
    """ASGI app: lets checked sockets through to `app`. Only sockets may be routed here."""

    def __init__(
        self,
        app: App,
        *,
        find_session: SessionLookup,
        origins: frozenset[str] = frozenset(),
        limits: GuardLimits | None = None,
        draw_broken: Callable[[SessionInfo], dict[str, Any]] | None = None,
    ) -> None:
        """`origins` (scheme://host) are allowed besides the address the browser itself asked for.

        `draw_broken` gives the element that stands in for a component that failed to render.
        """
        self._app = app
        self._find_session = find_session
        self._origins = origins
        self._limits = limits or GuardLimits()
        self._draw_broken = draw_broken
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = await self._find_session(scope) if self._same_origin(scope) else None
        if session is None or self._open[session.member_id] >= self._limits.sockets_per_member:
            await receive()
            await send({"type": "websocket.close", "code": CLOSE_SIGNED_OUT})
            return
        self._open[session.member_id] += 1
        try:
            scope["tierflow.session"] = session
            sent = SentLayout(self._draw_broken(session) if self._draw_broken else None)
            socket = _GuardedSocket(self._app, (scope, receive, send), self._limits, sent)
            await socket.run(session, self._find_session)
        finally:
            self._open[session.member_id] -= 1
            if not self._open[session.member_id]:
                del self._open[session.member_id]

    def _same_origin(self, scope: Scope) -> bool:
        headers = read_headers(scope)
        origin = headers.get("origin", "")
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return False
        return parts.netloc == headers.get("host") or origin in self._origins


class _GuardedSocket:
    """One accepted socket: judges what comes in, mirrors what goes out."""

    def __init__(
        self, app: App, asgi: tuple[Scope, Receive, Send], limits: GuardLimits, sent: SentLayout
    ) -> None:
        self._app = app
        self._scope, self._receive, self._send = asgi
        self._limits = limits
        self._sent = sent
        self._unknown = 0
        self._tokens = float(limits.burst)
        self._filled = time.monotonic()
        self._closed = asyncio.Event()

    async def run(self, session: SessionInfo, find_session: SessionLookup) -> None:
        watch = asyncio.create_task(self._watch(session, find_session))
        try:
            await self._app(self._scope, self._judge, self._mirror)
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch

    async def _watch(self, session: SessionInfo, find_session: SessionLookup) -> None:
        """Closes the socket when its session ended, or when what its member may do changed."""
        while True:
            await asyncio.sleep(self._limits.recheck)
            now = await find_session(self._scope)
            if now is None:
                await self._close(CLOSE_SIGNED_OUT)
                return
            if (now.member_id, now.rights, now.roles) != (session.member_id, session.rights, session.roles):
                await self._close(CLOSE_RIGHTS_CHANGED)
                return

    async def _close(self, code: int) -> None:
        if not self._closed.is_set():
            self._closed.set()
            await self._send({"type": "websocket.close", "code": code})

    async def _judge(self) -> Message:
        """The next message that ReactPy may see; a bad one closes the socket and ReactPy sees it leave."""
        while not self._closed.is_set():
            message = await self._next()
            if message is None or message["type"] != "websocket.receive":
                return message or {"type": "websocket.disconnect", "code": 1000}
            await self._slow_down()
            code, passes = self._check(message)
            if code is not None:
                log.warning("socket closed: bad message", extra={"code": code})
                await self._close(code)
            elif passes:
                return message
        return {"type": "websocket.disconnect", "code": CLOSE_MALFORMED}

    async def _next(self) -> Message | None:
        """The next message, or None as soon as the guard itself has closed the socket."""
        incoming = asyncio.ensure_future(self._receive())
        closed = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait((incoming, closed), return_when=asyncio.FIRST_COMPLETED)
            return incoming.result() if incoming.done() else None
        finally:
            incoming.cancel()
            closed.cancel()

    def _check(self, message: Message) -> tuple[int | None, bool]:
        """The code to close with, if any; and whether the message may pass."""
        text = message.get("text")
        if not isinstance(text, str):
            return CLOSE_MALFORMED, False
        if len(text) > self._limits.frame or len(text.encode()) > self._limits.frame:
            return CLOSE_TOO_BIG, False
        try:
            event = msgspec.json.decode(text, type=LayoutEvent)
        except (msgspec.DecodeError, RecursionError):
            return CLOSE_MALFORMED, False
        if len(event.target) > LONGEST_TARGET or len(event.data) > MOST_ARGUMENTS:
            return CLOSE_MALFORMED, False
        if event.target in self._sent:
            return None, True
        self._unknown += 1
        return (CLOSE_MALFORMED if self._unknown > self._limits.unknown_targets else None), False

    async def _slow_down(self) -> None:
        """A token bucket: whoever sends faster than a person can is read more slowly."""
        now = time.monotonic()
        rate = self._limits.messages_per_second
        self._tokens = min(float(self._limits.burst), self._tokens + (now - self._filled) * rate)
        self._filled = now
        self._tokens -= 1
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / rate)

    async def _mirror(self, message: Message) -> None:
        """Notes the targets of each layout on its way out, and takes script out of it."""
        if self._closed.is_set():
            return
        if message["type"] == "websocket.close":
            self._closed.set()
        elif message["type"] == "websocket.send" and message.get("text"):
            update = msgspec.json.decode(message["text"], type=LayoutUpdate)
            if self._sent.replace(update.path, update.model):
                log.warning("a layout was mended", extra={"path": update.path})
                message = {**message, "text": msgspec.json.encode(update).decode()}
        await self._send(message)
