"""Watching the process from outside: `/metrics` for Prometheus, a span for each request.

Only wrapped around the API when one of both is on. Metrics are for this machine alone, or for who knows
the token; a request that came through a proxy is never taken for one of this machine.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Incident, Job, Task, Ticket, Worker
from backend.db.session import Database
from backend.runtime.metrics import METRICS
from backend.runtime.runtime import Runtime
from backend.runtime.tracing import span
from backend.runtime.upkeep import ALIVE_FOR

PATH = "/metrics"
LOOPBACK = frozenset({"127.0.0.1", "::1"})
FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via")
FRESH_FOR = timedelta(seconds=5)
"""Two readers within this share the counts of the database."""


class Observation:
    """`token`: asked for when it is not empty; else only this machine may read."""

    def __init__(self, inner: Any, runtime: Runtime, *, metrics: bool, token: str) -> None:
        self.app: ASGIApp = inner.app
        self._inner: ASGIApp = inner
        self._runtime = runtime
        self._metrics = metrics
        self._token = token
        self._counted_at: datetime | None = None
        self._counting = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers `/metrics`, and passes everything else on with a watch in hand."""
        if scope["type"] != ScopeType.HTTP:
            await self._inner(scope, receive, send)
        elif scope["path"] == PATH:
            await self._answer(scope, send)
        else:
            await self._watch(scope, receive, send)

    async def _watch(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 500
        began = METRICS.now()
        method = str(scope["method"])  # type: ignore[typeddict-item]

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        parent = _read_header(scope, b"traceparent")
        with span(f"{method} request", "server", parent, **{"http.request.method": method}) as made:
            await self._inner(scope, receive, note_status)
            route = str(scope.get("path_template") or "other")
            if made is not None:
                made.update_name(f"{method} {route}")
                made.set_attributes({"http.route": route, "http.response.status_code": status})
        METRICS.count_request(method, route, status, began)

    async def _answer(self, scope: Scope, send: Send) -> None:
        if not self._metrics:
            await _send(send, 404, b"not found\n")
        elif not self._may_read(scope):
            await _send(send, 403, b"forbidden\n")
        else:
            async with self._counting:
                await self._count()
            await _send(send, 200, METRICS.write())

    def _may_read(self, scope: Scope) -> bool:
        if self._token:
            given = _read_header(scope, b"authorization") or ""
            return hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode())
        client = scope.get("client")
        forwarded = any(_read_header(scope, name) for name in FORWARDED)
        return client is not None and client[0] in LOOPBACK and not forwarded

    async def _count(self) -> None:
        database = self._runtime.database
        now = database.clock()
        if self._counted_at is not None and now - self._counted_at < FRESH_FOR:
            return
        async with database.reading() as session:
            await count_rows(session, now)
        for pool, state, count in list_connections(database, self._runtime):
            METRICS.set_gauge("pool", count, pool, state)
        self._counted_at = now


async def count_rows(session: AsyncSession, now: datetime) -> None:
    """What stands in the database, of all workspaces together."""
    for key, statement in (
        ("tickets", select(func.count()).where(Ticket.status == "running")),
        ("tasks", select(func.count()).where(Task.status == "open")),
        ("incidents", select(func.count()).where(Incident.resolved_at.is_(None))),
        ("workers", select(func.count()).where(Worker.seen_at >= now - ALIVE_FOR)),
    ):
        METRICS.set_gauge(key, (await session.execute(statement)).scalar_one())
    grouped = (
        select(Job.status, Job.kind, func.count())
        .where(Job.status.in_(("pending", "running", "dead")))
        .group_by(Job.status, Job.kind)
    )
    counts = {(status, kind): count for status, kind, count in (await session.execute(grouped)).all()}
    METRICS.set_jobs(counts)
    METRICS.set_gauge("dead", sum(count for (status, _), count in counts.items() if status == "dead"))
    due = select(func.min(Job.due_at)).where(Job.status == "pending", Job.due_at <= now)
    oldest = (await session.execute(due)).scalar_one_or_none()
    METRICS.set_gauge("lag", (now - oldest).total_seconds() if oldest else 0.0)


def list_connections(database: Database, runtime: Runtime) -> Iterable[tuple[str, str, int]]:
    """(pool, state, how many) of this process."""
    pool: Any = database.engine.pool
    if hasattr(pool, "checkedout"):
        yield "pages", "busy", pool.checkedout()
        yield "pages", "idle", pool.checkedin()
    for state, count in runtime.count_connections().items():
        yield "transitions", state, count


def _read_header(scope: Scope, wanted: bytes) -> str | None:
    for name, value in scope["headers"]:
        if name.lower() == wanted:
            text: str = value.decode("latin-1")
            return text
    return None


async def _send(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),
        (b"cache-control", b"no-store"),
    ]
    start: Any = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    end: Any = {"type": "http.response.body", "body": body, "more_body": False}
    await send(end)
