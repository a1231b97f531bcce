"""Telling pages that what they show has changed.

A process remembers the last topics of all workspaces under rising numbers; a page asks for what came
after the number it knows. Numbers begin at a random place in each process, so a number of another process
(or of an earlier life of this one) is recognised and answered with `*`: read everything again. On
PostgreSQL every process hears every commit by NOTIFY; on SQLite there is one process.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import asyncpg
import msgspec

from backend.db.session import CHANNEL, Announcement, Database
from backend.runtime.postgresql_driver import TRANSIENT, dsn

EVERYTHING = "*"
HISTORY = 4_096
RECONNECT_S = 1.0
_decode = msgspec.json.Decoder(list[tuple[str, str]]).decode


class _Change(NamedTuple):
    number: int
    workspace_id: str
    topic: str


class Broadcaster:
    """Numbers fit the integers of JavaScript (below 2**53)."""

    def __init__(self) -> None:
        self._history: deque[_Change] = deque(maxlen=HISTORY)
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._last = self._first = 0
        self.forget()

    def forget(self) -> None:
        """Announcements may have been missed: everybody reads everything again."""
        self._history.clear()
        self._first = self._last = secrets.randbits(31) << 21
        for events in self._waiting.values():
            for event in events:
                event.set()

    def publish(self, announcements: Iterable[Announcement]) -> None:
        """Remember and wake who waits. Called on the event loop, after the commit."""
        for workspace_id, topic in announcements:
            self._last += 1
            self._history.append(_Change(self._last, workspace_id, topic))
            for event in self._waiting.get(workspace_id, ()):
                event.set()

    async def wait(self, workspace_id: str, after: int | None, timeout: float) -> tuple[int, list[str]]:
        """(number to ask after next time, topics). No `after`: at once. Nothing within `timeout` seconds:
        no topics."""
        if after is None:
            return self._last, []
        event = asyncio.Event()
        waiting = self._waiting.setdefault(workspace_id, set())
        waiting.add(event)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    while not (topics := self._since(workspace_id, after)):
                        event.clear()
                        await event.wait()
                    return self._last, topics
            return self._last, self._since(workspace_id, after)
        finally:
            waiting.discard(event)
            if not waiting:
                self._waiting.pop(workspace_id, None)

    def _since(self, workspace_id: str, after: int) -> list[str]:
        oldest = self._history[0].number - 1 if self._history else self._first
        if not max(self._first, oldest) <= after <= self._last:
            return [EVERYTHING]
        found: dict[str, None] = {}
        for change in reversed(self._history):
            if change.number <= after:
                break
            if change.workspace_id == workspace_id:
                found[change.topic] = None
        return list(found)


class Listener:
    """Feeds a broadcaster from PostgreSQL, and finds back after the server was away."""

    def __init__(self, database: Database, broadcaster: Broadcaster) -> None:
        self._database = database
        self._broadcaster = broadcaster
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen())
        await self._ready.wait()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(*TRANSIENT):
                await self._hear()
            self._ready.set()
            await asyncio.sleep(RECONNECT_S)

    async def _hear(self) -> None:
        connection = await asyncpg.connect(dsn(self._database))
        gone = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: gone.set())
            await connection.add_listener(CHANNEL, self._receive)
            self._broadcaster.forget()
            self._ready.set()
            await gone.wait()
        finally:
            connection.terminate()

    def _receive(self, connection: object, pid: int, channel: str, payload: object) -> None:
        self._broadcaster.publish(_decode(str(payload)))
