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
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Migration, MigrationTicket, Release, Tariff, TariffRevision, Ticket
from backend.db.session import Database, announce
from backend.engine.crossing import Crossing
from backend.engine.events import Migrated
from backend.engine.release import Release as CompiledRelease
from backend.engine.run import Refused
from backend.engine.state import State
from backend.engine.triage import triage
from backend.engine.verdicts import Finding, Verdict
from backend.runtime import writes as w
from backend.runtime.collisions import run_anew
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.releases import load_release
from backend.runtime.scripts import Driver, Script, ask_one
from backend.runtime.statements import LOCK_TICKET
from backend.runtime.transition import Environment, TransitionResult, apply_event
from backend.runtime.versions.fitting import DataCheck
from backend.runtime.versions.rehearsing import enqueue
from backend.runtime.writes import WriteSet, encode_json

log = logging.getLogger(__name__)

KIND = "migration"
CHECKED_AT_ONCE = 200
MOVED_AT_ONCE = 25
SLICE_S = 40.0
REST_S = 0.0001

_decode_state = msgspec.json.Decoder(State).decode


class Way(NamedTuple):
    """From one release to another, with what answers are held against."""

    crossing: Crossing
    check: DataCheck


class Trip:
    """One migration's ways, by the release that tickets come from, and back."""

    def __init__(
        self,
        target: str,
        mapping: dict[str, str],
        tariffs: frozenset[str],
        by: str | None,
        *,
        go: bool = False,
    ) -> None:
        self.target = target
        self.mapping = mapping
        self.tariffs = tariffs
        self.by = by
        self.go = go
        """Whether green tickets move as soon as all are judged."""
        self._ways: dict[tuple[str, str], Way] = {}

    def way(self, origin: str, old: CompiledRelease, target: str, new: CompiledRelease) -> Way:
        known = self._ways.get((origin, target))
        if known is None:
            mapping = self.mapping if target == self.target else _turn(self.mapping)
            crossing = Crossing(old, new, mapping, target, origin)
            known = Way(crossing, DataCheck(old.definition, new.definition))
            self._ways[origin, target] = known
        return known

    def judge(self, way: Way, state: State) -> Verdict:
        return triage(way.crossing, state, way.check, self.tariffs.__contains__, self.by)


def _turn(mapping: dict[str, str]) -> dict[str, str]:
    return {new: old for old, new in mapping.items()}


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
            found = await _read_next(session, migration, CHECKED_AT_ONCE)
        releases = {key: await self._load(key) for key in {row.release_id for row in found}}
        target = await self._load(migration.target_id)
        rows = await asyncio.to_thread(_triage_batch, trip, found, releases, (migration.target_id, target))
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
            stored = await _lock(session, migration.id)
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
            wanted = await _list_stored(session, migration.id, "checked", most)
        for stored in wanted:
            make = partial(move_ticket, self._environment, migration, trip, stored.ticket_id, most)
            await self._run(stored, make)
        return await self._settle(migration, wanted, "running", "done")

    async def _return(self, migration: Migration, trip: Trip) -> bool:
        async with self._database.reading() as session:
            wanted = await _list_stored(session, migration.id, "migrated", None)
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
            stored = await _lock(session, migration.id)
            stored.counts = await count(session, migration.id)
            if not wanted and stored.status == status:
                stored.status, stored.finished_at = after, self._database.clock()
            goes_on = bool(wanted) and stored.status == status
            announce(session, migration.workspace_id, f"migration:{migration.id}")
        return goes_on


class RunningTicket(NamedTuple):
    """A ticket's row as the triage wants it."""

    id: str
    release_id: str
    number: str
    title: str
    region_path: str
    state: str
    release_number: int


async def _read_next(session: AsyncSession, migration: Migration, most: int) -> list[RunningTicket]:
    """Running tickets of the chosen releases that have no verdict yet."""
    judged = select(MigrationTicket.ticket_id).where(MigrationTicket.migration_id == migration.id)
    statement = (
        select(
            Ticket.id,
            Ticket.release_id,
            Ticket.number,
            Ticket.title,
            Ticket.region_path,
            Ticket.state,
            Release.number,
        )
        .join(Release, Release.id == Ticket.release_id)
        .where(
            Ticket.workspace_id == migration.workspace_id,
            Ticket.workflow_id == migration.workflow_id,
            Ticket.status.in_(("running", "suspended")),
            Release.number.in_(migration.sources),
            Ticket.id.not_in(judged),
        )
        .order_by(Ticket.created_at, Ticket.id)
        .limit(most)
    )
    return [RunningTicket(*row) for row in (await session.execute(statement)).all()]


def _triage_batch(
    trip: Trip,
    found: Sequence[RunningTicket],
    releases: dict[str, CompiledRelease],
    target: tuple[str, CompiledRelease],
) -> list[dict[str, Any]]:
    rows = []
    for ticket in found:
        way = trip.way(ticket.release_id, releases[ticket.release_id], *target)
        state = _decode_state(ticket.state)
        verdict = trip.judge(way, state)
        rows.append(
            {
                "ticket_id": ticket.id,
                "number": ticket.number,
                "title": ticket.title,
                "region_path": ticket.region_path,
                "origin_id": ticket.release_id,
                "origin_number": ticket.release_number,
                "standing": sorted({token.node for token in state.tokens.values()}),
                "verdict": verdict.level,
                "findings": msgspec.to_builtins(verdict.findings),
                "status": "checked",
                "version": None,
                "former": None,
            }
        )
        time.sleep(REST_S)
    return rows


async def _list_stored(
    session: AsyncSession, migration_id: str, status: str, verdicts: frozenset[str] | None
) -> list[MigrationTicket]:
    statement = select(MigrationTicket).where(
        MigrationTicket.migration_id == migration_id, MigrationTicket.status == status
    )
    if verdicts is not None:
        statement = statement.where(MigrationTicket.verdict.in_(sorted(verdicts)))
    ordered = statement.order_by(MigrationTicket.seq).limit(MOVED_AT_ONCE)
    return list((await session.execute(ordered)).scalars())


async def _lock(session: AsyncSession, migration_id: str) -> Migration:
    statement = select(Migration).where(Migration.id == migration_id).with_for_update()
    found: Migration = (await session.execute(statement)).scalar_one()
    return found


async def count(session: AsyncSession, migration_id: str) -> dict[str, int]:
    """Tickets by verdict and by what became of them."""
    statement = (
        select(MigrationTicket.verdict, MigrationTicket.status, func.count())
        .where(MigrationTicket.migration_id == migration_id)
        .group_by(MigrationTicket.verdict, MigrationTicket.status)
    )
    counts: dict[str, int] = {}
    for verdict, status, number in (await session.execute(statement)).all():
        counts[verdict] = counts.get(verdict, 0) + number
        counts[status] = counts.get(status, 0) + number
    return counts
