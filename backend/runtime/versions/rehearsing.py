"""The job that rehearses: batches of tickets in a thread, results and progress stored batch by batch.

The work is processor time of this very process, so it gives way: every few milliseconds the thread rests
for a moment, in which the event loop can go on. What was stored is never done again: a job that was
interrupted takes up where it was, and a long rehearsal is handed from job to job.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Rehearsal, RehearsalTicket
from backend.db.session import Database, announce
from backend.engine.events import Migrated
from backend.engine.matching import suggest
from backend.engine.record import read_record
from backend.engine.rehearsal import rehearse
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.graph.model import Definition
from backend.graph.registry import Registry
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.releases import compile_release
from backend.runtime.scripts import Driver, Script
from backend.runtime.versions.answers import FormAnswers
from backend.runtime.versions.reading import (
    StoredTicket,
    decode_log,
    list_release_ids,
    list_ticket_ids,
    read_books,
    read_releases,
    read_tickets,
)
from backend.runtime.versions.report import Report, describe, pays_otherwise
from backend.runtime.versions.shadow import Books, ShadowMoney, TicketPlace
from backend.runtime.work import make_job
from backend.runtime.writes import JOBS, WriteSet

log = logging.getLogger(__name__)

KIND = "rehearsal"
BATCH = 100
SLICE_S = 40.0
"""Of one job: a lease lasts longer."""
WORK_S = 0.004
REST_S = 0.0001
"""After so much work the thread lets go, and the event loop goes on."""


class Stage:
    """Everything that a rehearsal holds while it runs; used by one thread at a time."""

    def __init__(
        self, draft: Release, releases: dict[str, Release], money: ShadowMoney, report: Report
    ) -> None:
        self.draft = draft
        self.releases = releases
        self.money = money
        self.report = report
        self.answers = FormAnswers()
        self._names: dict[str, dict[str, str]] = {}

    def play_batch(self, tickets: Sequence[StoredTicket], seq: int) -> list[dict[str, Any]]:
        """The rows of these tickets."""
        rows, rested = [], time.perf_counter()
        for at, ticket in enumerate(tickets):
            rows.append({"seq": seq + at, **self.play(ticket)})
            if time.perf_counter() - rested > WORK_S:
                time.sleep(REST_S)
                rested = time.perf_counter()
        return rows

    def play(self, ticket: StoredTicket) -> dict[str, Any]:
        """One ticket, on both sides."""
        money = self.money
        money.begin(TicketPlace(ticket.id, "", ticket.workflow_id, ticket.region_path, ticket.customer_key))
        release = self.releases.get(ticket.release_id)
        row: dict[str, Any] = {"ticket_id": ticket.id, "number": ticket.number, "title": ticket.title}
        row |= {"region_path": ticket.region_path, "release_number": release.number if release else 0}
        try:
            recorded = decode_log(ticket)
            moves = (item.event for item in recorded if isinstance(item.event, Migrated))
            first = next(moves, None)
            origin = first.origin if first is not None else ticket.release_id
            record = read_record(self.releases[origin], recorded, money, self.releases.__getitem__)
        except (Refused, msgspec.MsgspecError, KeyError) as error:
            log.info("ticket %s cannot be replayed: %r", ticket.id, error)
            self.report.add_unreadable()
            return {**row, "verdict": "unreadable", "pays_otherwise": False, "detail": {}}
        comparison = rehearse(self.draft, record, self.answers, money, self._name_nodes(origin))
        changed = pays_otherwise(money.lines)
        self.report.add(comparison, money.lines, pays_otherwise=changed)
        detail = describe(comparison, money.lines)
        return {**row, "verdict": comparison.verdict, "pays_otherwise": changed, "detail": detail}

    def _name_nodes(self, release_id: str) -> dict[str, str]:
        """Steps of the draft that were drawn anew since this release, and which they were."""
        if release_id not in self._names:
            known = self.releases[release_id].definition
            self._names[release_id] = {
                match.new: match.old
                for match in suggest(known, self.draft.definition)
                if match.new is not None and match.new != match.old
            }
        return self._names[release_id]


def build_stage(
    registry: Registry,
    definition: str,
    rows: dict[str, tuple[str, int, str]],
    books: Books,
    stored: tuple[dict[str, Any], dict[str, Any]],
) -> Stage:
    """Compile the draft and every release that tickets were pinned to. `stored`: sums and report so far."""

    def compile_text(hash: str, number: int, text: str) -> Release:
        return compile_release(hash, number, msgspec.json.decode(text, type=Definition), registry)

    draft = compile_text("draft", 0, definition)
    releases = {key: compile_text(*row) for key, row in rows.items()}
    return Stage(draft, releases, ShadowMoney(books, stored[0]), Report(stored[1]))


class RehearsalHandler:
    """Payload {"rehearsal": id}."""

    def __init__(self, database: Database, driver: Driver, registry: Registry) -> None:
        self._database = database
        self._driver = driver
        self._registry = registry

    async def __call__(self, job: ClaimedJob) -> None:
        until = time.monotonic() + SLICE_S
        rehearsal_id = job.payload["rehearsal"]
        try:
            opened = await self._open(job.workspace_id, rehearsal_id)
        except Exception:
            log.exception("rehearsal %s cannot begin", rehearsal_id)
            await self._fail(job.workspace_id, rehearsal_id)
            return
        if opened is None:
            return
        stage, ids, done = opened
        while done < len(ids):
            if time.monotonic() > until:
                now = self._database.clock()
                await self._driver.run(enqueue(job.workspace_id, KIND, dict(job.payload), now))
                return
            batch = ids[done : done + BATCH]
            async with self._database.reading() as session:
                tickets = await read_tickets(session, job.workspace_id, batch)
            rows = await asyncio.to_thread(stage.play_batch, tickets, done)
            done += len(batch)
            if not await self._store(
                job.workspace_id, rehearsal_id, stage, rows, done, is_last=done >= len(ids)
            ):
                return

    async def _open(self, workspace_id: str, rehearsal_id: str) -> tuple[Stage, list[str], int] | None:
        """Everything is read before the short transaction that begins it."""
        async with self._database.reading() as session:
            found = await _find(session, workspace_id, rehearsal_id)
            if found is None or found.status not in {"pending", "running"}:
                return None
            ids = await list_ticket_ids(session, found)
            books = await read_books(session, workspace_id)
            rows = await read_releases(session, await list_release_ids(session, found.workflow_id))
        async with self._database.unit_of_work() as session:
            rehearsal = await _find(session, workspace_id, rehearsal_id, lock=True)
            if rehearsal is None or rehearsal.status not in {"pending", "running"}:
                return None
            rehearsal.status, rehearsal.total = ("running" if ids else "done"), len(ids)
            rehearsal.finished_at = None if ids else self._database.clock()
            announce(session, workspace_id, f"rehearsal:{rehearsal_id}")
        stored = (rehearsal.sums, rehearsal.report)
        stage = await asyncio.to_thread(
            build_stage, self._registry, rehearsal.definition, rows, books, stored
        )
        return stage, ids, rehearsal.done

    async def _store(
        self,
        workspace_id: str,
        rehearsal_id: str,
        stage: Stage,
        rows: list[dict[str, Any]],
        done: int,
        *,
        is_last: bool,
    ) -> bool:
        """Whether it goes on: somebody may have called it off."""
        async with self._database.unit_of_work() as session:
            rehearsal = await _find(session, workspace_id, rehearsal_id, lock=True)
            if rehearsal is None or rehearsal.status != "running":
                return False
            for row in rows:
                row |= {"rehearsal_id": rehearsal_id, "workspace_id": workspace_id}
            if rows:
                await session.execute(insert(RehearsalTicket), rows)
            rehearsal.done = done
            rehearsal.report = stage.report.as_json()
            rehearsal.sums = {} if is_last else stage.money.sums
            if is_last:
                rehearsal.status, rehearsal.finished_at = "done", self._database.clock()
            announce(session, workspace_id, f"rehearsal:{rehearsal_id}")
        return True

    async def _fail(self, workspace_id: str, rehearsal_id: str) -> None:
        async with self._database.unit_of_work() as session:
            await session.execute(
                update(Rehearsal)
                .where(Rehearsal.id == rehearsal_id, Rehearsal.workspace_id == workspace_id)
                .values(status="failed", error="rehearsal_failed", finished_at=self._database.clock())
            )
            announce(session, workspace_id, f"rehearsal:{rehearsal_id}")


async def _find(
    session: AsyncSession, workspace_id: str, rehearsal_id: str, *, lock: bool = False
) -> Rehearsal | None:
    statement = select(Rehearsal).where(Rehearsal.id == rehearsal_id, Rehearsal.workspace_id == workspace_id)
    if lock:
        statement = statement.with_for_update()
    found: Rehearsal | None = (await session.execute(statement)).scalar_one_or_none()
    return found


def enqueue(workspace_id: str, kind: str, payload: dict[str, Any], now: datetime) -> Script[None]:
    """A job that belongs to no ticket."""
    writes = WriteSet()
    key = str(payload.get("rehearsal") or payload.get("migration") or kind)
    writes.add(JOBS, make_job(workspace_id, None, key=key, kind=kind, payload=payload, due=now, now=now))
    yield writes
