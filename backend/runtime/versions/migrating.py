"""The job that migrates: triage in batches, then each ticket in a transaction of its own.

A ticket is judged again on its locked state in the very transaction that moves it, for it may have gone on
since the triage. Its former state is written beside its verdict in that transaction too, so that the way
back is never lost. Whoever stops the run stops it between two batches; running again goes on with what is
left.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import insert, select

from backend.db.models import Migration, MigrationTicket, Tariff, TariffRevision
from backend.db.session import Database, announce
from backend.engine.events import Migrated
from backend.engine.release import Release as CompiledRelease
from backend.engine.run import Refused
from backend.engine.state import State
from backend.engine.verdicts import Finding, Verdict
from backend.runtime import writes as w
from backend.runtime.collisions import run_anew
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.releases import load_release
from backend.runtime.scripts import Driver, Script, ask_one
from backend.runtime.statements import LOCK_TICKET
from backend.runtime.transition import Environment, TransitionResult, apply_event
from backend.runtime.versions.backlog import count, list_stored, lock_migration, read_next, triage_batch
from backend.runtime.versions.rehearsing import enqueue
from backend.runtime.versions.trips import Trip
from backend.runtime.writes import WriteSet, encode_json

log = logging.getLogger(__name__)

KIND = "migration"
CHECKED_AT_ONCE = 200
SLICE_S = 40.0

_decode_state = msgspec.json.Decoder(State).decode


class Moved(NamedTuple):
    """What became of one ticket."""

    status: str
    result: TransitionResult | None


def move_ticket(
    environment: Environment, migration: Migration, trip: Trip, ticket_id: str, most: frozenset[str]
) -> Script[Moved]:
    """Judge the locked ticket and take it over if its verdict is among `most`."""
    workspace = migration.workspace_id
    row = yield from ask_one(LOCK_TICKET, id=ticket_id, workspace=workspace)
    if row is None or not row[0] or row[1] == migration.target_id:
        yield _mark(migration.id, ticket_id, "left", None)
        return Moved("left", None)
    state = _decode_state(row[0])
    old = yield from load_release(environment.releases, row[1])
    new = yield from load_release(environment.releases, migration.target_id)
    way = trip.way(row[1], old, migration.target_id, new)
    verdict = trip.judge(way, state)
    if verdict.event is None or verdict.level not in most:
        yield _mark(migration.id, ticket_id, "left", verdict)
        return Moved("left", None)
    result = yield from _take_over(environment, workspace, ticket_id, verdict.event, trip.by, new)
    version = state.version + 1
    yield _mark(
        migration.id, ticket_id, "migrated", verdict, version=version, former=encode_json(state).decode()
    )
    return Moved("migrated", result)


def bring_back(
    environment: Environment, migration: Migration, trip: Trip, stored: MigrationTicket
) -> Script[Moved]:
    """The former state where nothing has happened since; else the way back through the triage."""
    workspace, ticket_id = migration.workspace_id, stored.ticket_id
    row = yield from ask_one(LOCK_TICKET, id=ticket_id, workspace=workspace)
    if row is None or not row[0] or row[1] != migration.target_id:
        finding = Finding(area="structure", level="red", code="elsewhere")
        yield _mark(migration.id, ticket_id, "kept", Verdict(level="red", findings=(finding,), event=None))
        return Moved("kept", None)
    state = _decode_state(row[0])
    old = yield from load_release(environment.releases, stored.origin_id)
    new = yield from load_release(environment.releases, migration.target_id)
    way = trip.way(migration.target_id, new, stored.origin_id, old)
    if state.version == stored.version and stored.former is not None and state.status == "running":
        event = Migrated(
            release=stored.origin_id,
            hash=old.hash,
            number=old.number,
            origin=migration.target_id,
            by=trip.by,
            undo=True,
            former=_decode_state(stored.former),
        )
    else:
        verdict = trip.judge(way, state)
        if verdict.event is None:
            yield _mark(migration.id, ticket_id, "kept", verdict)
            return Moved("kept", None)
        event = msgspec.structs.replace(verdict.event, undo=True)
    result = yield from _take_over(environment, workspace, ticket_id, event, trip.by, old)
    yield _mark(migration.id, ticket_id, "undone", None)
    return Moved("undone", result)


def _take_over(  # noqa: PLR0917 - a transition and its release
    environment: Environment,
    workspace: str,
    ticket_id: str,
    event: Migrated,
    by: str | None,
    release: CompiledRelease,
) -> Script[TransitionResult]:
    result = yield from apply_event(environment, workspace, ticket_id, event, actor=by)
    writes = WriteSet()
    writes.add(w.TICKET_RELEASE, {"id": ticket_id, "release_id": event.release})
    for task in result.state.tasks.values():
        if task.outcome is None:
            place = {"node": task.node, "label": release.nodes[task.node].label, "kind": task.kind}
            writes.add(w.TASK_PLACES, {"ticket_id": ticket_id, "key": task.id, **place})
    yield writes
    return result


def _mark(
    migration_id: str,
    ticket_id: str,
    status: str,
    verdict: Verdict | None,
    *,
    version: int | None = None,
    former: str | None = None,
) -> WriteSet:
    writes = WriteSet()
    writes.add(
        w.MIGRATED,
        {
            "migration_id": migration_id,
            "ticket_id": ticket_id,
            "status": status,
            "verdict": verdict.level if verdict is not None else None,
            "findings": msgspec.to_builtins(verdict.findings) if verdict is not None else None,
            "version": version,
            "former": former,
        },
    )
    return writes


def _refuse(stored: MigrationTicket, why: str) -> Script[None]:
    finding = Finding(area="structure", level="red", code="refused", params={"why": why})
    verdict = Verdict(level="red", findings=(finding,), event=None)
    status = "kept" if stored.status == "migrated" else "left"
    yield _mark(stored.migration_id, stored.ticket_id, status, verdict)


class MigrationHandler:
    """Payload {"migration": id, "act": "check" | "run" | "undo", "by": member}. `tell` passes on what a
    transition announces."""

    def __init__(
        self,
        database: Database,
        driver: Driver,
        environment: Environment,
        tell: Callable[[TransitionResult], None],
    ) -> None:
        self._database = database
        self._driver = driver
        self._environment = environment
        self._tell = tell

    async def __call__(self, job: ClaimedJob) -> None:
        until = time.monotonic() + SLICE_S
        act, by = job.payload["act"], job.payload.get("by")
        migration = await self._find(job.workspace_id, job.payload["migration"])
        wanted = {"check": "checking", "run": "running", "undo": "undoing"}[act]
        if migration is None or migration.status != wanted:
            return
        trip = await self._prepare(migration, by, go=bool(job.payload.get("go")))
        work = self._check if act == "check" else self._move if act == "run" else self._return
        while await work(migration, trip):
            if time.monotonic() > until:
                now = self._database.clock()
                await self._driver.run(enqueue(job.workspace_id, KIND, dict(job.payload), now))
                return
        if act == "check" and trip.go:
            payload = {**job.payload, "act": "run"}
            await self._driver.run(enqueue(job.workspace_id, KIND, payload, self._database.clock()))

    async def _find(self, workspace_id: str, migration_id: str) -> Migration | None:
        async with self._database.reading() as session:
            statement = select(Migration).where(
                Migration.id == migration_id, Migration.workspace_id == workspace_id
            )
            found: Migration | None = (await session.execute(statement)).scalar_one_or_none()
            return found

    async def _prepare(self, migration: Migration, by: str | None, *, go: bool) -> Trip:
        async with self._database.reading() as session:
            tariffs = select(Tariff.key).where(
                Tariff.workspace_id == migration.workspace_id,
                Tariff.id == TariffRevision.tariff_id,
                TariffRevision.effective_from <= self._database.clock(),
            )
            keys = frozenset((await session.execute(tariffs)).scalars())
        return Trip(migration.target_id, dict(migration.mapping), keys, by, go=go)

    # --- checking ---

    async def _check(self, migration: Migration, trip: Trip) -> bool:
        """One batch; False when it was the last."""
        async with self._database.reading() as session:
            found = await read_next(session, migration, CHECKED_AT_ONCE)
        releases = {key: await self._load(key) for key in {row.release_id for row in found}}
        target = await self._load(migration.target_id)
        rows = await asyncio.to_thread(triage_batch, trip, found, releases, (migration.target_id, target))
        return await self._store(migration, rows, is_last=len(found) < CHECKED_AT_ONCE, go=trip.go)

    async def _load(self, release_id: str) -> CompiledRelease:
        known = self._environment.releases.get(release_id)
        if known is not None:
            return known
        return await self._driver.run(load_release(self._environment.releases, release_id))

    async def _store(
        self, migration: Migration, rows: list[dict[str, Any]], *, is_last: bool, go: bool
    ) -> bool:
        async with self._database.unit_of_work() as session:
            stored = await lock_migration(session, migration.id)
            if stored.status != "checking":
                return False
            for at, row in enumerate(rows):
                row |= {
                    "migration_id": migration.id,
                    "seq": stored.done + at,
                    "workspace_id": migration.workspace_id,
                }
            if rows:
                await session.execute(insert(MigrationTicket), rows)
            stored.done += len(rows)
            stored.counts = await count(session, migration.id)
            migration.done = stored.done
            if is_last:
                stored.status, stored.total = ("running" if go else "ready"), stored.done
            announce(session, migration.workspace_id, f"migration:{migration.id}")
        return not is_last

    # --- moving ---

    async def _move(self, migration: Migration, trip: Trip) -> bool:
        most = frozenset({"green", "amber"} if migration.amber else {"green"})
        async with self._database.reading() as session:
            wanted = await list_stored(session, migration.id, "checked", most)
        for stored in wanted:
            make = partial(move_ticket, self._environment, migration, trip, stored.ticket_id, most)
            await self._run(stored, make)
        return await self._settle(migration, wanted, "running", "done")

    async def _return(self, migration: Migration, trip: Trip) -> bool:
        async with self._database.reading() as session:
            wanted = await list_stored(session, migration.id, "migrated", None)
        for stored in wanted:
            await self._run(stored, partial(bring_back, self._environment, migration, trip, stored))
        return await self._settle(migration, wanted, "undoing", "undone")

    async def _run(self, stored: MigrationTicket, make: Callable[[], Script[Moved]]) -> None:
        """One ticket. What goes wrong with it is said of it, and the others go on."""
        try:
            moved = await run_anew(self._driver, make)
        except Exception as error:
            log.exception("a ticket of migration %s cannot be moved", stored.migration_id)
            why = error.code if isinstance(error, Refused) else "migration_broke"
            await self._driver.run(_refuse(stored, why))
            return
        if moved.result is not None:
            self._tell(moved.result)

    async def _settle(
        self, migration: Migration, wanted: Sequence[MigrationTicket], status: str, after: str
    ) -> bool:
        """Progress; False when all is done, or somebody stopped it."""
        async with self._database.unit_of_work() as session:
            stored = await lock_migration(session, migration.id)
            stored.counts = await count(session, migration.id)
            if not wanted and stored.status == status:
                stored.status, stored.finished_at = after, self._database.clock()
            goes_on = bool(wanted) and stored.status == status
            announce(session, migration.workspace_id, f"migration:{migration.id}")
        return goes_on
