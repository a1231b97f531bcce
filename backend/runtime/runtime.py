"""The runtime as features use it: start tickets, apply events, hear of changes.

Every call is one transaction. Guards run inside it, on the locked state, so that of two people who do the
same thing at once exactly one succeeds; they must not wait for anything.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import asyncpg

from backend.db.session import Announcement, Database
from backend.engine.events import Event, IncidentResolved
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.state import State
from backend.graph.registry import Registry
from backend.runtime.changes import Broadcaster, Listener
from backend.runtime.errors import JobGone
from backend.runtime.jobs.email import EmailHandler
from backend.runtime.jobs.embedded import EmbeddedEngine
from backend.runtime.jobs.execution import Handler, JobExecutor
from backend.runtime.jobs.port import BackOff, JobEngine
from backend.runtime.jobs.webhook import WebhookHandler
from backend.runtime.postgresql_driver import PostgresqlDriver
from backend.runtime.preview import SettlementPreview, preview_settlement
from backend.runtime.releases import ReleaseCache, load_release
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.sqlite_driver import SqliteDriver
from backend.runtime.starting import StartTicket, start_ticket
from backend.runtime.statements import READ_JOB, REVIVE_JOB, Enqueue
from backend.runtime.transition import (
    Environment,
    Guard,
    IdempotencyKeyParams,
    TransitionResult,
    apply_event,
)

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
        }
        self._executor = JobExecutor(
            driver=self._driver,
            environment=self._environment,
            handlers={**known, **(handlers or {})},
            settled=self._tell,
            random=random,
            back_off=back_off or BackOff(),
        )
        self._engine: JobEngine = (
            EmbeddedEngine(self._driver, self._executor, clock)
            if database.dialect == "sqlite"
            else PgQueuerEngine(database, self._driver, self._executor, clock)
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

    async def stop(self) -> None:
        """Finish what runs; the database stays open."""
        if self._runs_jobs:
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

    async def release(self, release_id: str) -> Release:
        """The compiled release. The caller has checked the workspace. Raises NotPublished."""
        known = self._environment.releases.get(release_id)
        if known is not None:
            return known
        return await self._driver.run(load_release(self._environment.releases, release_id))

    async def preview_settlement(self, workspace_id: str, ticket_id: str) -> list[SettlementPreview]:
        """What each settle step of the ticket would book now; nothing is written. Raises TicketUnknown."""
        return await self._driver.run(preview_settlement(self._environment, workspace_id, ticket_id))

    async def retry_job(self, workspace_id: str, job_id: str, actor: str | None = None) -> None:
        """Bring a dead job back: through its ticket's incident where it left one. Raises JobGone."""
        row = await self._driver.run(ask_one(READ_JOB, id=job_id))
        if row is None or row[1] != workspace_id or row[9] != "dead":
            raise JobGone(job_id)
        if row[2] is None:
            now = self._environment.clock()
            await self._driver.run(_revive(workspace_id, job_id, now))
            self._engine.nudge(now)
            return
        key = row[3]
        await self.apply(workspace_id, row[2], lambda state: _retry_of(state, key, actor), actor=actor)

    async def _run(
        self, make: Callable[[], Script[TransitionResult]], idempotency: IdempotencyKeyParams | None
    ) -> TransitionResult:
        try:
            result = await self._driver.run(make())
        except (sqlite3.IntegrityError, asyncpg.UniqueViolationError):
            if idempotency is None:
                raise
            result = await self._driver.run(make())  # somebody else's same key was first: replays it
        self._tell(result)
        return result

    def _tell(self, result: TransitionResult) -> None:
        self._announce(result.announcements)
        if result.due is not None:
            self._engine.nudge(result.due)


def _retry_of(state: State, job: str, actor: str | None) -> Event:
    for incident in state.incidents.values():
        if incident.job is not None and incident.job.id == job:
            return IncidentResolved(incident=incident.id, by=actor)
    raise Refused("job_gone", job=job)


def _revive(workspace_id: str, job_id: str, now: datetime) -> Script[None]:
    rows = yield from ask(REVIVE_JOB, id=job_id, workspace=workspace_id, now=now)
    if not rows:
        raise JobGone(job_id)
    yield Enqueue(job_id, now)
