"""Scripts on PostgreSQL: raw asyncpg, a handful of round trips, and jobs enqueued inside the same
transaction."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import asyncpg
from asyncpg.transaction import Transaction
from sqlalchemy.engine import make_url

from backend.db.session import CHANNEL, Announcement, Database, encode_announcements
from backend.runtime.scripts import Script
from backend.runtime.statements import Ask, Enqueue
from backend.runtime.writes import JOBS, WriteSet, postgresql_rows, postgresql_statement

T = TypeVar("T")

POOL_SIZE = 8
TOLD_EVERY_S = 0.02
"""The first of a burst of announcements goes out at once, the others together: a NOTIFY is a transaction."""
TRANSIENT = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a server that stops, starts or breaks off can make of any statement."""

_NOTIFY = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)"
"""A transaction of its own that need not wait for the disk: it holds a hint, and the lock of all NOTIFYs."""

EnqueueJobs = Callable[[asyncpg.Connection, list[Enqueue]], Awaitable[None]]


def dsn(database: Database) -> str:
    """The URL without SQLAlchemy's driver name."""
    return make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False)


async def keep_session(connection: asyncpg.Connection) -> None:
    """Our connections change no session settings, so nothing has to be reset between two uses."""


class PostgresqlDriver:
    """A pool of its own: transitions do not queue behind the pages' queries."""

    def __init__(self, database: Database, enqueue: EnqueueJobs) -> None:
        self._database = database
        self._enqueue = enqueue
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self._untold: list[Announcement] = []
        self._telling: asyncio.Task[None] | None = None

    async def _open(self) -> asyncpg.Pool:
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        dsn(self._database),
                        min_size=1,
                        max_size=POOL_SIZE,
                        reset=keep_session,
                        connect=_connect,
                    )
        return self._pool

    async def run(self, script: Script[T]) -> T:
        """Each statement sees what is committed when it begins, within a transaction or before it. So what
        a script reads at its head, without a lock, needs no transaction yet: two round trips less for a job
        that has nothing to do."""
        pool = self._pool or await self._open()
        async with pool.acquire() as connection:
            transaction: Transaction | None = None
            rows: Any = None
            try:
                while True:
                    wanted = script.send(rows)
                    if transaction is None and not _only_reads(wanted):
                        transaction = connection.transaction()
                        await transaction.start()
                    rows = await self._execute(connection, wanted)
            except StopIteration as stop:
                answer: T = stop.value
            except BaseException:
                if transaction is not None:
                    with contextlib.suppress(*TRANSIENT):
                        await transaction.rollback()  # a broken connection has nothing left to roll back
                raise
            if transaction is not None:
                await self._database.commit_transaction(transaction)
            return answer

    async def read(self, script: Script[T]) -> T:
        return await self.run(script)

    def count_connections(self) -> dict[str, int]:
        """By state."""
        if self._pool is None:
            return {"busy": 0, "idle": 0}
        idle = self._pool.get_idle_size()
        return {"busy": self._pool.get_size() - idle, "idle": idle}

    async def close(self) -> None:
        if self._telling is not None:
            await self._telling
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _execute(self, connection: asyncpg.Connection, wanted: Ask | Enqueue | WriteSet) -> Any:
        if isinstance(wanted, Ask):
            return await _read(connection, wanted)
        if isinstance(wanted, WriteSet):
            return await self._write(connection, wanted)
        return await self._enqueue(connection, [wanted])

    async def _write(self, connection: asyncpg.Connection, writes: WriteSet) -> None:
        parts = writes.parts()
        if parts:
            text = postgresql_statement(tuple(part for part, _ in parts))
            await connection.fetch(text, *(postgresql_rows(rows) for _, rows in parts))
        jobs = [
            Enqueue(row["id"], row["due_at"], row["priority"])
            for row in writes.of(JOBS)
            if row["status"] == "pending"
        ]
        if jobs:
            await self._enqueue(connection, jobs)

    # --- telling the other processes ---

    def announce(self, announcements: Iterable[Announcement]) -> None:
        """Tell every process, this one too, right after the commit.

        Not within it: PostgreSQL holds one lock for the whole server while one with NOTIFY commits,
        so no two transitions could commit at once. What a crash swallows here is a hint, never data.
        """
        self._untold.extend(announcements)
        if self._untold and self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        try:
            while self._untold:
                told, self._untold = list(dict.fromkeys(self._untold)), []
                with contextlib.suppress(*TRANSIENT):
                    pool = self._pool or await self._open()
                    await pool.execute(_NOTIFY, CHANNEL, encode_announcements(told))
                await asyncio.sleep(TOLD_EVERY_S)
        finally:
            self._telling = None


async def _connect(*positional: Any, **named: Any) -> asyncpg.Connection:
    """A socket that is not there is an absent server, not a missing file."""
    try:
        return await asyncpg.connect(*positional, **named)
    except OSError as error:
        raise ConnectionError(f"cannot reach PostgreSQL: {error}") from error


def _only_reads(wanted: Ask | Enqueue | WriteSet) -> bool:
    return isinstance(wanted, Ask) and wanted.statement.only_reads


async def _read(connection: asyncpg.Connection, wanted: Ask) -> list[Any]:
    statement = wanted.statement
    params = {**statement.defaults, **wanted.params}
    rows: list[Any] = await connection.fetch(
        statement.postgresql, *(params[name] for name in statement.positions)
    )
    return rows
