"""The database as the process sees it, and the only place that commits.

SQLite has one writer. Everything in this process that writes (units of work here, the runtime's hot path)
takes `Database.writer` first, so that nobody waits inside SQLite and nobody starves: the lock is handed
on in order of asking. Readers never take it. Durability is not for sale: WAL with `synchronous=FULL`, so
a commit that was answered survives a power loss.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from backend.db.sqlite_connection import READING, SqliteConnection

Dialect = Literal["sqlite", "postgresql"]
Announcement = tuple[str, str]
"""(workspace id, topic) of something that others may want to read again."""

BUSY_TIMEOUT_MS = 5_000
CHANNEL = "tierflow_changes"
MAX_THREADS = 16
"""Slow statements on SQLite at the same time; threads are made when they are needed."""
PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -32768",
)
"""Temporary storage in memory: savepoints of a group commit would else write their undo pages to files."""

_encode_json = msgspec.json.Encoder(decimal_format="string").encode
_decode_json = msgspec.json.Decoder().decode


def read_system_time() -> datetime:
    """Aware UTC now."""
    return datetime.now(UTC)


def ignore(point: str) -> None:
    """The commit hook outside of fault tests."""


class Transaction(Protocol):
    """An open transaction of the PostgreSQL driver."""

    async def commit(self) -> None:
        """Make it durable."""


class Question(Protocol):
    """A query compiled for both drivers, without values of its own."""

    @property
    def sqlite(self) -> str:
        """With `:name` parameters."""
        ...

    @property
    def postgresql(self) -> str:
        """With `$1` parameters, in the order of `positions`."""
        ...

    @property
    def positions(self) -> tuple[str, ...]:
        """Names of the parameters."""
        ...


class Database:
    """One database, with its engine, clock and writer lock. `url` is `sqlite+aiosqlite:///...` or
    `postgresql+asyncpg://...`.

    `publish` is told what changed after a commit (set by the runtime's broadcaster). `at_commit` is
    called with `before` and `after` around every commit, so that fault tests can kill the process at
    exactly these points.
    """

    def __init__(self, url: str, clock: Callable[[], datetime] = read_system_time) -> None:
        self.url = url
        self.clock = clock
        parsed = make_url(url)
        self.dialect: Dialect = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql"
        self.path = Path(parsed.database) if self.dialect == "sqlite" and parsed.database else None
        self.writer = asyncio.Lock()
        self.publish: Callable[[list[Announcement]], None] = lambda announcements: None
        self.at_commit: Callable[[str], None] = ignore
        self._threads = _make_threads()
        self._asking: SqliteConnection | None = None
        self.engine = self._create_engine()

    def _create_engine(self) -> AsyncEngine:
        is_sqlite = self.dialect == "sqlite"
        engine = create_async_engine(
            self.url,
            json_serializer=lambda value: _encode_json(value).decode(),
            json_deserializer=_decode_json,
            pool_pre_ping=not is_sqlite,
            connect_args={"async_creator_fn": self._open} if is_sqlite else {},
        )
        if is_sqlite:
            event.listen(engine.sync_engine, "begin", _begin)
        else:
            event.listen(engine.sync_engine, "do_connect", _connect)
        return engine

    async def _open(self, *_: Any, **__: Any) -> SqliteConnection:
        assert self.path is not None
        opened = await asyncio.get_running_loop().run_in_executor(self._threads, open_sqlite, self.path)
        return SqliteConnection(opened, self._threads, opened.commit)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """A session that commits once, when the block ends well; then what it announced is published."""
        if self.dialect == "sqlite":
            async with self.writer, self._committing() as session:
                yield session
        else:
            async with self._committing() as session:
                yield session

    @asynccontextmanager
    async def _committing(self) -> AsyncIterator[AsyncSession]:
        async with self._session(writes=True) as session:
            yield session
            await session.flush()
            announcements: list[Announcement] = list(dict.fromkeys(session.info["announcements"]))
            if announcements and self.dialect == "postgresql":
                await session.execute(
                    text("SELECT pg_notify(:channel, :payload)"),
                    {"channel": CHANNEL, "payload": encode_announcements(announcements)},
                )
            self.at_commit("before")
            await session.commit()
            self.at_commit("after")
        if announcements and self.dialect == "sqlite":
            self.publish(announcements)
        for callback in session.info["after_commit"]:
            callback()

    def commit_batch(self, connection: sqlite3.Connection) -> None:
        """End the open transaction of the hot path's connection, which may hold the work of many callers."""
        self.at_commit("before")
        connection.execute("COMMIT")
        self.at_commit("after")

    async def commit_transaction(self, transaction: Transaction) -> None:
        """End a transaction of the hot path near PostgreSQL's driver."""
        self.at_commit("before")
        await transaction.commit()
        self.at_commit("after")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for queries: one consistent snapshot, never the write lock, nothing is ever
        committed."""
        async with self._session(writes=False) as session:
            yield session

    async def ask(self, question: Question, **params: Any) -> list[tuple[Any, ...]]:
        """Rows of a query by itself, as the driver gives them: for what every request asks."""
        if self.dialect == "postgresql":
            async with self.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                values = tuple(params[name] for name in question.positions)
                found = await connection.exec_driver_sql(question.postgresql, values)
                return [tuple(row) for row in found]
        if self._asking is None:
            assert self.path is not None
            opened = open_sqlite(self.path)
            self._asking = SqliteConnection(opened, self._threads, opened.commit)
        execute = self._asking.raw.execute
        return await self._asking.read(lambda: execute(question.sqlite, params).fetchall())

    @asynccontextmanager
    async def _session(self, *, writes: bool) -> AsyncIterator[AsyncSession]:
        options: dict[str, Any] = {"tierflow_writes": writes}
        if self.dialect == "postgresql" and not writes:
            # by itself PostgreSQL would take a new snapshot for each statement
            options |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        engine = self.engine.execution_options(**options)
        info = {"announcements": [], "after_commit": [], "clock": self.clock}
        session = AsyncSession(engine, expire_on_commit=False, info=info)
        if self.dialect == "sqlite" and not writes:
            # ends without waiting for anybody, so that nobody else need open a connection meanwhile
            try:
                yield session
            finally:
                await session.close()
        else:
            async with session:
                yield session

    @asynccontextmanager
    async def connecting(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection, for checks of the server itself."""
        async with self.engine.connect() as connection:
            yield connection

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
        if self._asking is not None:
            await self._asking.close()
            self._asking = None
        self._threads.shutdown(wait=False)
        self._threads = _make_threads()  # an engine that was disposed of may be used again


def announce(session: AsyncSession, workspace_id: str, *topics: str) -> None:
    """Tell the pages of a workspace, after the commit, that something of these topics has changed."""
    session.info["announcements"].extend((workspace_id, topic) for topic in topics)


def after_commit(session: AsyncSession, callback: Callable[[], None]) -> None:
    """Call it when, and only when, the unit of work has been committed. It must not raise."""
    session.info["after_commit"].append(callback)


def encode_announcements(announcements: list[Announcement]) -> str:
    """As the payload of a NOTIFY, which may hold 8,000 bytes: many topics become "everything" of their
    workspace."""
    payload = _encode_json(announcements)
    if len(payload) > 7_500:
        payload = _encode_json(list(dict.fromkeys((workspace, "*") for workspace, _ in announcements))[:100])
    return payload.decode()


def _make_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="tierflow-sqlite")


def open_sqlite(path: Path) -> sqlite3.Connection:
    """A connection with our pragmas, for one thread, that begins and commits only when told."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    return connection


def _connect(dialect: Any, record: Any, positional: Any, named: Any) -> Any:
    """A socket that is not there is an absent server, not a missing file."""
    try:
        return dialect.connect(*positional, **named)
    except OSError as error:
        raise ConnectionError(f"cannot reach PostgreSQL: {error}") from error


def _begin(connection: Connection) -> None:
    """A writer asks for the lock at once: a reader that turns writer half-way could only fail."""
    writes = connection.get_execution_options().get("tierflow_writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else READING)
