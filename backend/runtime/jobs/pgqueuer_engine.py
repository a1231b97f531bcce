"""The engine on PostgreSQL: PgQueuer wakes a worker of any process when a row is due.

Its queue holds only job ids, enqueued in the transaction that wrote the row; the row stays the record. So
an item that is delivered twice finds its job done, and an item that got lost is found by the sweep.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import asyncpg
from pgqueuer import PgQueuer, Queries
from pgqueuer.errors import PgqException
from pgqueuer.models import Job as QueueItem

from backend.db.session import Database
from backend.runtime.jobs.execution import JobExecutor
from backend.runtime.postgresql_driver import TRANSIENT, dsn, keep_session
from backend.runtime.scripts import Driver, Script, ask
from backend.runtime.statements import LEFT_BEHIND, Enqueue

log = logging.getLogger(__name__)

ENTRYPOINT = "tierflow"
LOWEST = 9
"""PgQueuer takes the highest number first, our jobs the lowest."""
SLOTS = 32
LOOKS_EVERY = timedelta(milliseconds=20)
"""While more is due than there are places; PgQueuer's own tenth of a second would be most of a short job."""
SWEEP_EVERY_S = 10.0
LEFT_BEHIND_AFTER = timedelta(seconds=10)
RECONNECT_S = 1.0
GRACE_S = 5.0
TIDIED_AT_ONCE = 5_000
UNWANTED = """
    DELETE FROM pgqueuer WHERE id IN (
      SELECT q.id FROM pgqueuer q
      LEFT JOIN jobs j ON j.id = convert_from(q.payload, 'UTF8')
      WHERE q.entrypoint = $1 AND q.status = 'queued' AND q.created < now() - interval '1 minute'
        AND (j.id IS NULL OR j.status NOT IN ('pending', 'running'))
      LIMIT $2 FOR UPDATE OF q SKIP LOCKED)
    RETURNING id"""
INSTALL_LOCK = 7_241_530_118
"""Advisory lock: of several processes starting at once, one installs."""

_TRANSIENT = (*TRANSIENT, PgqException)


class PgQueuerQueue:
    """The sending side, used by every process."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    async def enqueue(self, connection: asyncpg.Connection, jobs: list[Enqueue]) -> None:
        """In the connection's open transaction; the worker hears of it at the commit."""
        now = self._clock()
        await Queries.from_asyncpg_connection(connection).enqueue(
            [ENTRYPOINT] * len(jobs),
            [job.job_id.encode() for job in jobs],
            [LOWEST - job.priority for job in jobs],
            [max(timedelta(), job.due - now) for job in jobs],
        )


async def install_queue(database: Database) -> None:
    """PgQueuer's own tables, once."""
    connection = await asyncpg.connect(dsn(database))
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", INSTALL_LOCK)
            queries = Queries.from_asyncpg_connection(connection)
            if not await queries.schema_is_installed():
                await queries.install()
    finally:
        await connection.close()


class PgQueuerEngine:
    """The receiving side: `tierflow worker`, or the serving process where one process is enough."""

    def __init__(
        self, database: Database, driver: Driver, executor: JobExecutor, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._driver = driver
        self._executor = executor
        self._clock = clock
        self._queue: PgQueuer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._supervise()), asyncio.create_task(self._sweep())]

    async def stop(self) -> None:
        self._stopping = True
        if self._queue is not None:
            self._queue.shutdown.set()
        if self._tasks:
            self._tasks[1].cancel()
            _, late = await asyncio.wait(self._tasks, timeout=GRACE_S)
            for task in late:
                task.cancel()

    def nudge(self, due: datetime) -> None:
        """PgQueuer is told by the database."""

    async def tidy(self) -> int:
        """Items whose job was cancelled or has long been done; PgQueuer itself would keep a timer's item
        until its moment."""
        connection = await asyncpg.connect(dsn(self._database))
        removed = 0
        try:
            while (rows := await connection.fetch(UNWANTED, ENTRYPOINT, TIDIED_AT_ONCE)) != []:
                removed += len(rows)
        finally:
            await connection.close()
        return removed

    async def _supervise(self) -> None:
        """Comes back after the server was away."""
        while not self._stopping:
            try:
                await self._receive()
            except* _TRANSIENT:
                log.warning("lost the queue; connecting again")
            except* Exception:
                log.exception("the queue failed; connecting again")
            if not self._stopping:
                await asyncio.sleep(RECONNECT_S)

    async def _receive(self) -> None:
        async with asyncpg.create_pool(
            dsn(self._database), min_size=1, max_size=4, reset=keep_session
        ) as pool:
            self._queue = PgQueuer.from_asyncpg_pool(pool)

            @self._queue.entrypoint(ENTRYPOINT)
            async def execute(item: QueueItem) -> None:
                await self._execute((item.payload or b"").decode())

            self._queue.qm.min_dequeue_poll_interval = LOOKS_EVERY
            await self._queue.run(
                batch_size=SLOTS,
                max_concurrent_tasks=2 * SLOTS,
                dequeue_timeout=timedelta(seconds=5),
                shutdown_on_listener_failure=True,
            )

    async def _execute(self, job_id: str) -> None:
        """The clock of the server may be ahead of ours: what is early is put back."""
        due = await self._executor.execute(job_id)
        if due is not None:
            await self._driver.run(_put_back(job_id, due))

    async def _sweep(self) -> None:
        while True:
            try:
                await self._take_left_behind()
            except _TRANSIENT:
                log.warning("cannot look for jobs left behind; trying again")
            except Exception:  # whatever it was: nobody else finds them
                log.exception("cannot look for jobs left behind; trying again")
            await asyncio.sleep(SWEEP_EVERY_S)

    async def _take_left_behind(self) -> None:
        now = self._clock()
        rows = await self._driver.run(ask(LEFT_BEHIND, now=now, before=now - LEFT_BEHIND_AFTER, limit=SLOTS))
        for row in rows:
            try:
                await self._executor.execute(row[0])
            except _TRANSIENT:
                raise
            except Exception:  # the others behind it must not wait for ever
                log.exception("job %s could not be executed", row[0])


def _put_back(job_id: str, due: datetime) -> Script[None]:
    yield Enqueue(job_id, due)
