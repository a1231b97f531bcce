"""Idempotency-Key: the first answer to a keyed POST is stored, and sent again to every repetition.

The record is written in the transaction of the action itself, so that a crash leaves both or neither: by the
`session` of the handler, or by the runtime where the handler passes it `idempotency=keep_in_transition(...)`.
Repetitions in one process wait for the first; of two processes the second loses the race for the primary
key, is rolled back, and replays. An answer that refuses (4xx, 5xx) did nothing and is not kept: the mended
request may use the same key.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import msgspec
from litestar import Response
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import IdempotencyKey
from backend.db.session import Database
from backend.features.platform.actor import Actor
from backend.features.platform.clock import Clock
from backend.features.platform.errors import BadRequest, Invalid
from backend.runtime.runtime import IdempotencyKeyParams, TransitionResult

MAX_KEY = 100
CREATED, CONFLICT = 201, 409


class Keyed(msgspec.Struct, kw_only=True):
    """One keyed request while it is being answered."""

    scope: str
    key: str
    body_hash: str
    session: AsyncSession | None = None
    """The open unit of work that the answer is to be stored in."""
    stored: bool = False


current: ContextVar[Keyed | None] = ContextVar("idempotency", default=None)


def replay_keyed(database: Database, clock: Clock) -> Callable[[ASGIApp], ASGIApp]:
    """Middleware for POSTs with the header."""
    running: dict[tuple[str, str], tuple[asyncio.Lock, int]] = {}

    def wrap(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            keyed = _read_key(scope) if scope["type"] == ScopeType.HTTP else None
            if keyed is None:
                await app(scope, receive, send)
                return
            place = (keyed.scope, keyed.key)
            lock, waiting = running.get(place, (asyncio.Lock(), 0))
            running[place] = (lock, waiting + 1)
            try:
                async with lock:
                    await answer(keyed, scope, receive, send)
            finally:
                lock, waiting = running.pop(place)
                if waiting > 1:
                    running[place] = (lock, waiting - 1)

        async def answer(keyed: Keyed, scope: Scope, receive: Receive, send: Send) -> None:
            stored = await find(keyed)
            if stored is not None:
                await _replay(stored, send)
                return
            token = current.set(keyed)
            capture = _Capture()
            try:
                await app(scope, receive, capture)
            finally:
                current.reset(token)
            if capture.status == CONFLICT and (stored := await find(keyed)) is not None:
                await _replay(stored, send)
                return
            await keep(keyed, capture)
            await capture.release(send)

        async def find(keyed: Keyed) -> IdempotencyKey | None:
            async with database.reading() as session:
                stored = await session.get(IdempotencyKey, (keyed.scope, keyed.key))
            if stored is not None and stored.body_hash != keyed.body_hash:
                raise Invalid("idempotency_mismatch")
            return stored

        async def keep(keyed: Keyed, capture: _Capture) -> None:
            if keyed.stored or not 200 <= capture.status < 300:
                return
            with contextlib.suppress(IntegrityError):  # another process was first: its answer stands
                async with database.unit_of_work() as session:
                    await session.merge(_record(keyed, capture.status, capture.body, clock))

        return middleware

    return wrap


@contextlib.contextmanager
def answer_many() -> Iterator[None]:
    """For handlers that do several transitions under one key: the answer to all of them is kept at the end
    by the middleware, none of theirs."""
    token = current.set(None)
    try:
        yield
    finally:
        current.reset(token)


def keep_in_transition(
    answer: Callable[[TransitionResult], tuple[int, bytes]],
) -> IdempotencyKeyParams | None:
    """For handlers that call the runtime: it stores their answer in the transaction of the transition."""
    keyed = current.get()
    if keyed is None:
        return None

    def kept(result: TransitionResult) -> tuple[int, bytes]:
        status, body = answer(result)
        keyed.stored = True
        return status, body

    return IdempotencyKeyParams(scope=keyed.scope, key=keyed.key, body_hash=keyed.body_hash, answer=kept)


def share_key(status: int = CREATED) -> IdempotencyKeyParams | None:
    """As `keep_in_transition`, for answers that must be read first: a short one is stored in the transaction.

    The middleware puts the whole one in its place afterwards. None when the request has no key.
    """
    keyed = current.get()
    if keyed is None:
        return None
    return IdempotencyKeyParams(
        scope=keyed.scope,
        key=keyed.key,
        body_hash=keyed.body_hash,
        answer=lambda result: (status, msgspec.json.encode(summarise(result))),
    )


def summarise(result: TransitionResult) -> dict[str, Any]:
    """What is known of a transition without reading: true, if not everything, should the rest be lost."""
    return {
        "id": result.ticket_id,
        "ticket_id": result.ticket_id,
        "number": result.state.ticket.number,
        "status": result.state.status,
    }


def store_answer(clock: Clock) -> Callable[[Response[Any]], Any]:
    """Litestar's after_request hook: runs before the unit of work commits, and joins it."""

    async def after_request(response: Response[Any]) -> Response[Any]:
        keyed = current.get()
        if keyed is None or keyed.session is None or keyed.stored:
            return response
        status = getattr(response, "status_code", None) or CREATED
        if 200 <= status < 300 and isinstance(response, Response):
            keyed.session.add(_record(keyed, status, _render(response.content), clock))
            keyed.stored = True
        return response

    return after_request


def _render(content: Any) -> bytes:
    if content is None:
        return b""
    return content if isinstance(content, bytes) else msgspec.json.encode(content)


def _record(keyed: Keyed, status: int, body: bytes, clock: Clock) -> IdempotencyKey:
    return IdempotencyKey(
        scope=keyed.scope,
        key=keyed.key,
        body_hash=keyed.body_hash,
        status=status,
        response=body,
        created_at=clock(),
    )


def _replays(scope: HTTPScope) -> bool:
    """Routes whose answer holds a secret or a cookie say `opt={"replays": False}`: nothing of it may be
    stored.
    """
    return bool(scope["route_handler"].opt.get("replays", True))


def _read_key(scope: HTTPScope) -> Keyed | None:
    if scope["method"] != "POST":
        return None
    headers = {name.lower(): value for name, value in scope["headers"]}
    raw = headers.get(b"idempotency-key")
    body = scope.get("body")
    if raw is None or not isinstance(body, bytes) or not _replays(scope):
        return None
    key = raw.decode("latin-1")
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable() or not key.isascii():
        raise BadRequest("invalid_idempotency_key")
    actor = scope.get("user")
    who = f"member:{actor.member_id}" if isinstance(actor, Actor) else "public"
    where = hashlib.sha256(f"POST {scope['path']}".encode()).hexdigest()
    return Keyed(
        scope=f"{who}:{where}"[:120],
        key=key,
        body_hash=hashlib.sha256(body).hexdigest(),
    )


async def _replay(stored: IdempotencyKey, send: Send) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(stored.response)).encode()),
        (b"idempotent-replay", b"true"),
    ]
    await send({"type": "http.response.start", "status": stored.status, "headers": headers})
    await send({"type": "http.response.body", "body": stored.response, "more_body": False})


class _Capture:
    """Holds the answer back until its record is stored."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self.status = 0
        self.body = b""

    async def __call__(self, message: Message) -> None:
        self._messages.append(message)
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def release(self, send: Send) -> None:
        for message in self._messages:
            await send(message)
