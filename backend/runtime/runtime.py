"""The runtime as features use it: start tickets, apply events, hear of changes.

Every call is one transaction. Guards run inside it, on the locked state, so that of two people who do the
same thing at once exactly one succeeds; they must not wait for anything.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from backend.db.session import Announcement, Database
from backend.engine.events import Event, IncidentResolved, JobFailed
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.state import State
from backend.graph.registry import Registry
from backend.node_sdk import Outgoing
from backend.runtime.archive import archive, restore
from backend.runtime.books import closing
from backend.runtime.books.backtesting import KIND as BACKTEST
from backend.runtime.books.backtesting import BacktestHandler
from backend.runtime.books.deeds import Deed
from backend.runtime.books.desk import CorrectionDesk
from backend.runtime.books.dry import dry
from backend.runtime.books.handlers import list_handlers
from backend.runtime.books.retroactive import KIND as CORRECTION
from backend.runtime.books.retroactive import CorrectionHandler
from backend.runtime.changes import Broadcaster, Listener
from backend.runtime.collisions import run_anew
from backend.runtime.errors import JobGone
from backend.runtime.jobs.bulk import KIND as BULK
from backend.runtime.jobs.bulk import BulkHandler
from backend.runtime.jobs.calendars import KIND as CALENDARS
from backend.runtime.jobs.calendars import CalendarHandler
from backend.runtime.jobs.email import EmailHandler
from backend.runtime.jobs.embedded import EmbeddedEngine
from backend.runtime.jobs.execution import Handler, JobExecutor
from backend.runtime.jobs.port import BackOff, JobEngine
from backend.runtime.jobs.statements import DROP_PACES, FREE_ALL
from backend.runtime.jobs.webhook import WebhookHandler
from backend.runtime.messaging import Delivery, Post, send
from backend.runtime.metrics import METRICS
from backend.runtime.postgresql_driver import PostgresqlDriver
from backend.runtime.preview import SettlementPreview, preview_settlement
from backend.runtime.releases import ReleaseCache, load_release
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.sqlite_driver import SqliteDriver
from backend.runtime.starting import StartTicket, start_ticket
from backend.runtime.statements import GIVE_UP_JOB, LOCK_TICKET, READ_JOB, REVIVE_JOB, STOP_JOB, Enqueue
from backend.runtime.tracing import span
from backend.runtime.transition import (
    Environment,
    Guard,
    IdempotencyKeyParams,
    TransitionResult,
    apply_event,
)
from backend.runtime.triggers.desk import TriggerDesk
from backend.runtime.upkeep import Upkeep
from backend.runtime.versions.migrating import KIND as MIGRATION
from backend.runtime.versions.migrating import MigrationHandler
from backend.runtime.versions.rehearsing import KIND as REHEARSAL
from backend.runtime.versions.rehearsing import RehearsalHandler, enqueue
from backend.runtime.work import make_job
from backend.runtime.writes import BULK_RUNS, JOBS, Row, WriteSet

__all__ = ["IdempotencyKeyParams", "Runtime", "StartTicket", "TransitionResult"]


class Runtime:
    """One for each process. `handlers` replaces the handler of a kind of job; `random` (0..1) spreads
    retries."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        clock: Callable[[], datetime] | None = None,
        *,
        handlers: Mapping[str, Handler] | None = None,
        random: Callable[[], float] = random.random,
        back_off: BackOff | None = None,
        kind: str = "serve",
        archive_after: timedelta | None = None,
    ) -> None:
        self.database = database
        self.broadcaster = Broadcaster()
        clock = clock or database.clock
        self._environment = Environment(releases=ReleaseCache(registry), clock=clock)
        # PgQueuer takes a third of a second to import, which SQLite's quick start must not pay
        self._driver: Driver
        self._announce: Callable[[Iterable[Announcement]], None]
        if database.dialect == "sqlite":
            database.publish = self._announce = self.broadcaster.publish
            self._driver = SqliteDriver(database)
        else:
            from backend.runtime.jobs.pgqueuer_engine import PgQueuerEngine, PgQueuerQueue

            driver = PostgresqlDriver(database, PgQueuerQueue(clock).enqueue)
            self._driver, self._announce = driver, driver.announce
        known: dict[str, Handler] = {
            "webhook": WebhookHandler(self._driver),
            "email": EmailHandler(self._driver),
            CALENDARS: CalendarHandler(self._driver, self._environment, self._tell),
            BULK: BulkHandler(self._driver, self, clock),
            **list_handlers(self._driver, clock, self._announce),
            REHEARSAL: RehearsalHandler(database, self._driver, registry),
            closing.KIND: closing.ClosingHandler(database),
            BACKTEST: BacktestHandler(database, self._driver),
            CORRECTION: CorrectionHandler(database, self._driver, self._environment),
            MIGRATION: MigrationHandler(database, self._driver, self._environment, self._tell),
        }
        self.triggers = TriggerDesk(self._driver, self._environment, self._tell, self._announce, self._wake)
        self.corrections = CorrectionDesk(self._driver, self._environment, self._announce)
        self._executor = JobExecutor(
            driver=self._driver,
            environment=self._environment,
            handlers={**known, **self.triggers.list_handlers(), **(handlers or {})},
            settled=self._tell,
            called=self._wake,
            random=random,
            back_off=back_off or BackOff(),
        )
        self._engine: JobEngine = (
            EmbeddedEngine(self._driver, self._executor, clock)
            if database.dialect == "sqlite"
            else PgQueuerEngine(database, self._driver, self._executor, clock)
        )
        self._upkeep = Upkeep(
            self._driver,
            clock,
            kind=kind,
            running=lambda: self._executor.running,
            tidy=self._engine.tidy,
            archive_after=archive_after,
        )
        self._listener: Listener | None = None
        self._runs_jobs = False

    async def start(self, run_jobs: bool | None = None) -> None:
        """Begin to hear changes and, where asked, to execute jobs. Default: on SQLite yes, on PostgreSQL
        workers do."""
        if self.database.dialect == "postgresql":
            from backend.runtime.jobs.pgqueuer_engine import install_queue

            await install_queue(self.database)
            self._listener = Listener(self.database, self.broadcaster)
            await self._listener.start()
        self._runs_jobs = self.database.dialect == "sqlite" if run_jobs is None else run_jobs
        if self._runs_jobs:
            await self._engine.start()
            await self._upkeep.start()
            await self.triggers.take_up()

    async def stop(self) -> None:
        """Finish what runs; the database stays open."""
        if self._runs_jobs:
            await self._upkeep.stop()
            await self._engine.stop()
        if self._listener is not None:
            await self._listener.stop()
        await self._driver.close()

    async def start_ticket(
        self, wanted: StartTicket, *, idempotency: IdempotencyKeyParams | None = None
    ) -> TransitionResult:
        """Begin a ticket. Raises NotPublished, RegionUnknown, Refused, IdempotencyReplay,
        IdempotencyMismatch."""
        return await self._run(lambda: start_ticket(self._environment, wanted, idempotency), idempotency)

    async def apply(
        self,
        workspace_id: str,
        ticket_id: str,
        event: Event | Callable[[State], Event],
        *,
        actor: str | None = None,
        guard: Guard | None = None,
        idempotency: IdempotencyKeyParams | None = None,
        files: tuple[str, ...] = (),
    ) -> TransitionResult:
        """Apply an event, or the one that a function makes of the locked state. `files`: ids of uploads
        that it names, which then belong to the ticket.

        Raises TicketUnknown, Refused (`task_closed` ...), what the guard raises, IdempotencyReplay,
        IdempotencyMismatch.
        """
        return await self._run(
            lambda: apply_event(
                self._environment,
                workspace_id,
                ticket_id,
                event,
                actor=actor,
                guard=guard,
                idempotency=idempotency,
                files=files,
            ),
            idempotency,
        )

    async def deliver_message(
        self,
        workspace_id: str,
        message: Outgoing,
        *,
        message_id: str | None = None,
    ) -> Delivery:
        """Send a message (or give a signal) from outside, in one transaction. The same `message_id` again
        changes nothing and tells what the first did."""
        now = self._environment.clock()
        post = Post(
            workspace_id=workspace_id,
            message=message,
            now=now,
            expires_at=now + timedelta(seconds=message.keep_seconds),
            message_id=message_id,
        )
        delivery = await self._driver.run(send(post))
        if not delivery.repeated:
            self._engine.nudge(now)
        return delivery

    async def release(self, release_id: str) -> Release:
        """The compiled release. The caller has checked the workspace. Raises NotPublished."""
        known = self._environment.releases.get(release_id)
        if known is not None:
            return known
        return await self._driver.run(load_release(self._environment.releases, release_id))

    async def preview_settlement(self, workspace_id: str, ticket_id: str) -> list[SettlementPreview]:
        """What each settle step of the ticket would book now; nothing is written. Raises TicketUnknown."""
        return await self._driver.read(dry(preview_settlement(self._environment, workspace_id, ticket_id)))

    async def add_job(self, workspace_id: str, kind: str, payload: dict[str, Any]) -> None:
        """Have a handler do something that belongs to no ticket."""
        now = self._environment.clock()
        await self._driver.run(enqueue(workspace_id, kind, payload, now))
        self._engine.nudge(now)

    async def retry_job(self, workspace_id: str, job_id: str, actor: str | None = None) -> None:
        """Bring a dead job back: through its ticket's incident where it left one. Raises JobGone."""
        row = await self._driver.run(ask_one(READ_JOB, id=job_id))
        if row is None or row[1] != workspace_id or row[13] != "dead":
            raise JobGone(job_id)
        if row[2] is None:
            now = self._environment.clock()
            await self._driver.run(_revive(workspace_id, job_id, now))
            self._engine.nudge(now)
            return
        key = row[3]
        await self.apply(workspace_id, row[2], lambda state: _retry_of(state, key, actor), actor=actor)

    async def cancel_job(self, workspace_id: str, job_id: str, actor: str | None = None) -> None:
        """Give a waiting job up; its ticket goes to its error port or an incident. Timers belong to their
        tickets. Raises JobGone."""
        row = await self._driver.run(ask_one(READ_JOB, id=job_id))
        if row is None or row[1] != workspace_id or row[4] == "timer":
            raise JobGone(job_id)
        now = self._environment.clock()
        if row[2] is None:
            if not await self._driver.run(ask(STOP_JOB, id=job_id, workspace=workspace_id, now=now)):
                raise JobGone(job_id)
            return
        event = JobFailed(job=row[3], code="job_given_up")
        await self._run(lambda: self._give_up(job_id, workspace_id, row[2], event, actor), None)

    def _give_up(
        self, job_id: str, workspace_id: str, ticket_id: str, event: JobFailed, actor: str | None
    ) -> Script[TransitionResult]:
        now = self._environment.clock()
        yield from ask(LOCK_TICKET, id=ticket_id, workspace=workspace_id)
        if not (yield from ask(GIVE_UP_JOB, id=job_id, now=now)):
            raise JobGone(job_id)
        return (yield from apply_event(self._environment, workspace_id, ticket_id, event, actor=actor))

    async def start_bulk(self, run: Row) -> None:
        """Begin an act upon many; `run` is the row of its BulkRun."""
        now = self._environment.clock()
        payload = {"run": run["id"]}
        job = make_job(run["workspace_id"], None, key=run["id"], kind=BULK, payload=payload, due=now, now=now)
        writes = WriteSet()
        writes.add(BULK_RUNS, run)
        writes.add(JOBS, job | {"priority": 2})
        await self._driver.run(_store(writes))
        self._engine.nudge(now)

    async def keep_books(self, make: Callable[[], Script[Deed]]) -> Any:
        """Something done to the books that is no step of a ticket; what the script's deed holds."""
        deed = await run_anew(self._driver, make)
        self._announce(deed.announcements)
        if deed.due is not None:
            self._engine.nudge(deed.due)
        return deed.value

    async def free_held(self, workspace_id: str) -> None:
        """Limits have changed: what waits for its slot or for a place looks again."""
        now = self._environment.clock()
        await self._driver.run(_free_held(workspace_id, now))
        self._engine.nudge(now)

    async def archive(
        self,
        before: datetime,
        workspace_id: str | None = None,
        told: Callable[[int], None] = lambda moved: None,
    ) -> int:
        """Move tickets that closed before that moment to the archive; how many."""
        return await archive(
            self._driver, self._environment.clock, before, workspace_id=workspace_id, told=told
        )

    async def restore(self, workspace_id: str, ticket_id: str) -> None:
        """Bring one ticket back from the archive. Raises TicketUnknown."""
        await self._driver.run(restore(workspace_id, ticket_id))

    async def tidy(self) -> int:
        """Remove wake-up calls of jobs that nobody wants any more; how many."""
        return await self._engine.tidy()

    def count_connections(self) -> dict[str, int]:
        """Connections of transitions, by state; empty on SQLite, which has one."""
        return self._driver.count_connections() if isinstance(self._driver, PostgresqlDriver) else {}

    @property
    def running_jobs(self) -> int:
        """Jobs at work in this process."""
        return self._executor.running

    async def _run(
        self, make: Callable[[], Script[TransitionResult]], idempotency: IdempotencyKeyParams | None
    ) -> TransitionResult:
        began = METRICS.now()
        with span("transition") as made:
            try:
                result = await run_anew(self._driver, make)
            except (sqlite3.IntegrityError, asyncpg.UniqueViolationError):
                if idempotency is None:
                    raise
                result = await run_anew(self._driver, make)  # somebody else's same key was first: replays it
            except Refused:
                METRICS.count_refusal()
                raise
            if made is not None:
                made.set_attributes({"tierflow.event": result.event, "tierflow.ticket": result.ticket_id})
        METRICS.count_transition(result.event, began)
        self._tell(result)
        return result

    async def wake(self, job_id: str) -> None:
        """A feature has committed a job of its own that is due now."""
        now = self._environment.clock()
        await self._driver.run(_wake_for(job_id, now))
        self._engine.nudge(now)

    def _wake(self, due: datetime) -> None:
        self._engine.nudge(due)

    def _tell(self, result: TransitionResult) -> None:
        self._announce(result.announcements)
        if result.due is not None:
            self._engine.nudge(result.due)


def _retry_of(state: State, job: str, actor: str | None) -> Event:
    for incident in state.incidents.values():
        if incident.job is not None and incident.job.id == job:
            return IncidentResolved(incident=incident.id, by=actor)
    raise Refused("job_gone", job=job)


def _store(writes: WriteSet) -> Script[None]:
    yield writes


def _free_held(workspace_id: str, now: datetime) -> Script[None]:
    yield from ask(DROP_PACES, workspace=workspace_id)
    rows = yield from ask(FREE_ALL, workspace=workspace_id, now=now)
    for job_id, priority in rows:
        yield Enqueue(job_id, now, priority)


def _wake_for(job_id: str, now: datetime) -> Script[None]:
    yield Enqueue(job_id, now)


def _revive(workspace_id: str, job_id: str, now: datetime) -> Script[None]:
    rows = yield from ask(REVIVE_JOB, id=job_id, workspace=workspace_id, now=now)
    if not rows:
        raise JobGone(job_id)
    yield Enqueue(job_id, now, rows[0][1])
