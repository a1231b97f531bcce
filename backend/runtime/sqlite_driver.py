"""Scripts on SQLite: a whole transaction in one thread hop, and many of them under one commit when there
is a queue.

Whoever comes while a commit is under way waits in the queue; the next hop takes them all, each in a
savepoint of its own, and commits once. A caller is answered only after that commit, so what was
acknowledged is durable.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from backend.db.session import Database, open_sqlite
from backend.db.types import encode_moment
from backend.runtime.metrics import METRICS
from backend.runtime.scripts import Script, carry
from backend.runtime.statements import Ask, Enqueue
from backend.runtime.tracing import is_on
from backend.runtime.writes import WriteSet, sqlite_part

T = TypeVar("T")

MAX_BATCH = 64

Waiting = tuple[Script[Any], "asyncio.Future[Any]"]
Outcome = tuple[bool, Any]
"""(True, answer) or (False, exception)."""


class SqliteDriver:
    """One connection, used by one thread at a time, under the process's writer lock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: list[Waiting] = []
        self._draining: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tierflow-writer")
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tierflow-script-reader")
        self._connection: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None

    async def run(self, script: Script[T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.append((carry(script) if is_on() else script, future))
        if self._draining is None:
            self._draining = loop.create_task(self._drain())
        return await future

    async def read(self, script: Script[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._run_reader, script)

    async def close(self) -> None:
        if self._draining is not None:
            await self._draining
        if self._reader is not None:
            await asyncio.get_running_loop().run_in_executor(self._reading, self._reader.close)
            self._reader = None
        self._reading.shutdown(wait=False)
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
            self._connection = None
        self._thread.shutdown(wait=False)

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._queue:
                began = METRICS.now()
                async with self._database.writer:
                    locked = METRICS.now()
                    batch, self._queue = self._queue[:MAX_BATCH], self._queue[MAX_BATCH:]
                    scripts = [script for script, _ in batch]
                    try:
                        outcomes = await loop.run_in_executor(self._thread, self._run_batch, scripts)
                    except RuntimeError as error:  # closed meanwhile: nobody may wait for ever
                        outcomes = [(False, error)] * len(batch)
                METRICS.count_commit(len(batch), began, locked)
                for (_, future), (done, value) in zip(batch, outcomes, strict=True):
                    if not future.done():
                        future.set_result(value) if done else future.set_exception(value)
        finally:
            self._draining = None

    # --- in the threads ---

    def _run_reader(self, script: Script[T]) -> T:
        """All of it sees one moment."""
        if self._reader is None:
            assert self._database.path is not None
            self._reader = open_sqlite(self._database.path)
        self._reader.execute("BEGIN")
        try:
            return run_script(self._reader, script)
        finally:
            self._reader.execute("ROLLBACK")

    def _run_batch(self, scripts: list[Script[Any]]) -> list[Outcome]:
        try:
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
            try:
                outcomes = self._run_all(connection, scripts)
                self._database.commit_batch(connection)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except Exception as error:
            return [(False, error)] * len(scripts)
        return outcomes

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            assert self._database.path is not None
            self._connection = open_sqlite(self._database.path)
        return self._connection

    def _run_all(self, connection: sqlite3.Connection, scripts: list[Script[Any]]) -> list[Outcome]:
        if len(scripts) == 1:
            return [(True, run_script(connection, scripts[0]))]  # its failure rolls back the whole of it
        execute = connection.execute
        outcomes: list[Outcome] = []
        for script in scripts:
            execute("SAVEPOINT unit")
            try:
                outcomes.append((True, run_script(connection, script)))
            except Exception as error:
                if not connection.in_transaction:
                    raise  # SQLite gave up the whole transaction (disk full, i/o): nobody's work is stored
                execute("ROLLBACK TO unit")
                outcomes.append((False, error))
            execute("RELEASE unit")
        return outcomes


def run_script(connection: sqlite3.Connection, script: Script[T]) -> T:
    """Drive a script inside the open transaction."""
    rows: list[Any] | None = None
    try:
        while True:
            wanted = script.send(rows)
            rows = _execute(connection, wanted)
    except StopIteration as stop:
        answer: T = stop.value
        return answer


def _execute(connection: sqlite3.Connection, wanted: Ask | Enqueue | WriteSet) -> list[Any] | None:
    if isinstance(wanted, Ask):
        return _read(connection, wanted)
    if isinstance(wanted, WriteSet):
        _write(connection, wanted)
    return None


def _read(connection: sqlite3.Connection, wanted: Ask) -> list[Any]:
    params = {**wanted.statement.defaults, **wanted.params}
    for name, value in wanted.params.items():
        if isinstance(value, datetime):
            params[name] = encode_moment(value)
    return connection.execute(wanted.statement.sqlite, params).fetchall()


def _write(connection: sqlite3.Connection, writes: WriteSet) -> None:
    execute: Callable[..., Any] = connection.execute
    for part, rows in writes.parts():
        prepared = sqlite_part(part)
        for row in rows:
            execute(prepared.sql, prepared.bind(row))
