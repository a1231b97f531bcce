"""A SQLite connection for SQLAlchemy's asynchronous engine that crosses into a thread only for slow work.

A hop into a thread and back costs more than most statements, and aiosqlite makes four for each. Here what
a reading transaction asks runs at once, on the event loop, within a budget of work; a statement that wants
more is stopped and begun again in a thread, so that no query holds up other requests. Whatever may wait for
a lock or for the disk (writing transactions, commits, pragmas) goes to a thread from the beginning, with its
first rows fetched in the same hop.

The methods are those of aiosqlite that SQLAlchemy's dialect calls.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")

SLICE = 20_000
SLICES = 2
"""How many times that many instructions of SQLite's machine a statement may use on the event loop, at the
least: about a millisecond. SQLite counts on where a cached statement ended the last time, so the first slice
may be a short one."""
FIRST_ROWS = 200
"""Rows that are fetched together with executing; most answers are shorter."""
READING = "BEGIN"
"""With which a transaction that only reads begins; one that writes begins with BEGIN IMMEDIATE."""


class SqliteConnection:
    """One operation at a time, as with every connection. Begins and commits only when told: `seal` is what
    makes the connection's transaction durable, given by who may."""

    def __init__(self, connection: sqlite3.Connection, threads: Executor, seal: Callable[[], None]) -> None:
        self._connection: sqlite3.Connection | None = connection
        self._seal = seal
        self._threads = threads
        self._running: asyncio.Future[Any] | None = None
        self._reads = False
        """Whether a transaction that only reads is open."""
        self._slices = 0

    @property
    def raw(self) -> sqlite3.Connection:
        """Raises ValueError, as SQLAlchemy expects it, when it was closed."""
        if self._connection is None:
            raise ValueError("Connection closed")
        return self._connection

    @property
    def isolation_level(self) -> str | None:
        return self.raw.isolation_level

    def cursor(self) -> SqliteCursor:
        return SqliteCursor(self)

    async def create_function(
        self, name: str, arguments: int, call: Callable[..., Any], **options: Any
    ) -> None:
        self.raw.create_function(name, arguments, call, **options)

    async def commit(self) -> None:
        await self._end(self._seal)

    async def rollback(self) -> None:
        await self._end(self.raw.rollback)

    async def _end(self, end: Callable[[], None]) -> None:
        """A reader has nothing to write down."""
        await self._wait()
        if self.raw.in_transaction:
            if self._reads:
                end()
            else:
                await self.in_thread(end)
        self._reads = False

    async def close(self) -> None:
        await self._wait()
        self.stop()

    def stop(self) -> None:
        """Close it, whatever it does; a statement under way keeps it open until it ends."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._running is not None and not self._running.done():
            self._running.add_done_callback(lambda _: connection.close())
        else:
            connection.close()

    async def run(self, sql: str, call: Callable[[], T]) -> T:
        """Execute a statement at once or in a thread. A stopped one has changed nothing: it only read."""
        await self._wait()
        if sql == READING:
            self._reads = True
            return call()
        return await (self.read(call) if self._reads else self.in_thread(call))

    async def read(self, call: Callable[[], T]) -> T:
        """Something that only reads, from its beginning."""
        await self._wait()
        raw = self.raw
        self._slices = 0
        raw.set_progress_handler(self._stop, SLICE)
        try:
            return call()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
        finally:
            raw.set_progress_handler(None, 0)
        return await self.in_thread(call)

    def _stop(self) -> bool:
        self._slices += 1
        return self._slices > SLICES

    async def in_thread(self, call: Callable[[], T]) -> T:
        """A caller that is cancelled leaves the thread at work; the next operation waits for it."""
        await self._wait()
        running = asyncio.get_running_loop().run_in_executor(self._threads, call)
        running.add_done_callback(_look)
        self._running = running
        await asyncio.wait({running})
        return running.result()

    async def _wait(self) -> None:
        while self._running is not None and not self._running.done():
            await asyncio.wait({self._running})


def _look(ended: asyncio.Future[Any]) -> None:
    """Nobody may be left to hear of its error."""
    if not ended.cancelled():
        ended.exception()


class SqliteCursor:
    """The rows of one statement."""

    arraysize = 1

    def __init__(self, connection: SqliteConnection) -> None:
        self._owner = connection
        self._cursor = connection.raw.cursor()
        self._rows: list[Any] = []
        self._ended = True

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def __aenter__(self) -> SqliteCursor:
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> SqliteCursor:
        def call() -> list[Any]:
            self._cursor.execute(sql, parameters)
            return self._cursor.fetchmany(FIRST_ROWS) if self._cursor.description else []

        self._rows = await self._owner.run(sql, call)
        self._ended = len(self._rows) < FIRST_ROWS
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> SqliteCursor:
        await self._owner.in_thread(lambda: self._cursor.executemany(sql, parameters))
        return self

    async def fetchone(self) -> Any:
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        wanted = size or self.arraysize
        if not self._rows and not self._ended:
            self._rows = await self._owner.in_thread(lambda: self._cursor.fetchmany(max(wanted, FIRST_ROWS)))
            self._ended = not self._rows
        taken, self._rows = self._rows[:wanted], self._rows[wanted:]
        return taken

    async def fetchall(self) -> list[Any]:
        taken, self._rows = self._rows, []
        if not self._ended:
            taken += await self._owner.in_thread(self._cursor.fetchall)
            self._ended = True
        return taken

    async def close(self) -> None:
        self._cursor.close()
