"""A tariff that holds from a moment in the past: which postings it touches, what would change, and the run
that takes each back and books it anew.

Postings go in the order in which they were booked, each in a transaction of its own; behind each batch the
run remembers where it stands. A run that is stopped or killed goes on from there, and what it had done is
found done. The preview is the same script read only: the sums of periods that it changes in the mind are
kept in the correction's row.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Correction, LedgerLine, Posting, TariffRevision
from backend.db.session import Database, announce
from backend.engine.run import Refused
from backend.runtime import writes as w
from backend.runtime.books.differences import Differences
from backend.runtime.books.dry import dry
from backend.runtime.books.identity import derive_reversal_id
from backend.runtime.books.rebooking import Proposed, rebook_posting
from backend.runtime.collisions import run_anew
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.scripts import Driver
from backend.runtime.transition import Environment
from backend.runtime.versions.rehearsing import enqueue
from backend.runtime.writes import WriteSet

log = logging.getLogger(__name__)

KIND = "correction"
BATCH = 100
SLICE_S = 30
MOST_PROBLEMS = 500
LIVE = ("booking", "rebooking", "resolution")


class Affected(NamedTuple):
    """A posting that another revision holds for, and that revision."""

    id: str
    ticket_id: str | None
    booked_at: datetime
    revision: int


class CorrectionHandler:
    """Payload {"correction": id}; what it does follows from the correction's state."""

    def __init__(self, database: Database, driver: Driver, environment: Environment) -> None:
        self._database = database
        self._driver = driver
        self._environment = environment

    async def __call__(self, job: ClaimedJob) -> None:
        until = time.monotonic() + SLICE_S
        correction = await self._find(job.workspace_id, job.payload["correction"])
        if correction is None or correction.state not in {"previewing", "running"}:
            return
        step = self._preview if correction.state == "previewing" else self._book
        try:
            while await step(correction):
                if time.monotonic() > until:
                    now = self._database.clock()
                    await self._driver.run(enqueue(job.workspace_id, KIND, dict(job.payload), now))
                    return
        except Exception:
            await self._fail(correction.id)
            raise

    async def _find(self, workspace_id: str, correction_id: str) -> Correction | None:
        statement = select(Correction).where(
            Correction.id == correction_id, Correction.workspace_id == workspace_id
        )
        async with self._database.reading() as session:
            found: Correction | None = (await session.execute(statement)).scalar_one_or_none()
            return found

    async def _fail(self, correction_id: str) -> None:
        """What was booked stays; finance sees it and can go on."""
        async with self._database.unit_of_work() as session:
            stored = await lock(session, correction_id)
            stored.state = "failed" if stored.state == "previewing" else "stopped"
            stored.error = "correction_broke"

    # --- the two ways ---

    async def _preview(self, correction: Correction) -> bool:
        affected, position = await self._read_batch(correction, until=correction.created_at)
        differences = Differences.read(correction.report.get("differences", ()))
        problems = list(correction.report.get("problems", ()))
        writes = WriteSet()
        for row in correction.position.get("sums", ()):
            writes.add(w.ACCUMULATORS, row)
        proposed = Proposed(_revision_of(correction), correction.id, correction.document or {})
        for one in affected:
            script = rebook_posting(
                self._environment, correction, one.id, one.revision, ticket_id=one.ticket_id, writes=writes
            )
            kept = list(writes.of(w.ACCUMULATORS))
            try:
                await self._driver.read(proposed.answer(dry(script)))
                differences.add(writes.of(w.LINES))
            except Refused as refused:
                problems.append(_problem(one, refused))
                writes.of(w.ACCUMULATORS)[:] = kept
            for part in (w.LINES, w.POSTINGS):
                writes.rows.pop(id(part), None)
        async with self._database.unit_of_work() as session:
            stored = await lock(session, correction.id)
            if stored.state != "previewing":
                return False
            stored.total = stored.done = correction.done + len(affected)
            stored.report = {
                "differences": differences.write(),
                "problems": problems[:MOST_PROBLEMS],
                "unfit": correction.report.get("unfit", 0)
                + len(problems)
                - len(correction.report.get("problems", ())),
            }
            stored.position = {"after": position, "sums": writes.of(w.ACCUMULATORS)} if position else {}
            if position is None:
                stored.state, stored.done = "ready", 0
            self._tell(session, stored)
        correction.done, correction.report = stored.done, stored.report
        correction.position, correction.state = stored.position, stored.state
        return position is not None

    async def _book(self, correction: Correction) -> bool:
        assert correction.started_at is not None
        affected, position = await self._read_batch(correction, until=correction.started_at)
        problems = list(correction.report.get("problems_met", ()))
        for one in affected:
            script = partial(
                rebook_posting,
                self._environment,
                correction,
                one.id,
                one.revision,
                ticket_id=one.ticket_id,
                writes=None,
            )
            try:
                await run_anew(self._driver, script)
            except Refused as refused:
                problems.append(_problem(one, refused))
        async with self._database.unit_of_work() as session:
            stored = await lock(session, correction.id)
            booked = select(func.count(Posting.id)).where(
                Posting.correction_id == correction.id, Posting.kind == "rebooking"
            )
            stored.done = (await session.execute(booked)).scalar_one()
            stored.report = {**stored.report, "problems_met": problems[:MOST_PROBLEMS]}
            stored.position = {"after": position} if position else {}
            if position is None and stored.state == "running":
                stored.state, stored.finished_at = "done", self._database.clock()
            goes_on = position is not None and stored.state == "running"
            self._tell(session, stored)
        correction.report, correction.position = stored.report, stored.position
        return goes_on

    def _tell(self, session: AsyncSession, stored: Correction) -> None:
        announce(session, stored.workspace_id, f"correction:{stored.id}", "settlement")

    # --- reading ---

    async def _read_batch(
        self, correction: Correction, until: datetime
    ) -> tuple[list[Affected], list[str] | None]:
        """The next postings that change, and where the following batch begins (None: there is none)."""
        after = correction.position.get("after")
        async with self._database.reading() as session:
            lines = select(func.min(LedgerLine.tariff_revision)).where(
                LedgerLine.posting_id == Posting.id, LedgerLine.tariff_id == correction.tariff_id
            )
            older = and_(Posting.tariff_id.is_(None), lines.scalar_subquery().is_not(None))
            statement = (
                select(
                    Posting.id,
                    Posting.ticket_id,
                    Posting.booked_at,
                    Posting.basis,
                    case((Posting.basis.is_(None), lines.scalar_subquery())),
                )
                .where(
                    Posting.workspace_id == correction.workspace_id,
                    or_(Posting.tariff_id == correction.tariff_id, older),
                    Posting.booked_at >= correction.effective_from,
                    Posting.booked_at <= until,
                    Posting.kind.in_(LIVE),
                )
                .order_by(Posting.booked_at, Posting.id)
                .limit(BATCH)
            )
            if after:
                moment = datetime.fromisoformat(after[0])
                statement = statement.where(
                    (Posting.booked_at > moment) | ((Posting.booked_at == moment) & (Posting.id > after[1]))
                )
            rows = (await session.execute(statement)).all()
            taken = await _list_reversed(session, [row[0] for row in rows])
            revisions = await _list_revisions(session, correction)
        affected = []
        for posting_id, ticket_id, booked_at, basis, told in rows:
            if posting_id in taken:
                continue
            moment = datetime.fromisoformat(basis["moment"]) if basis else booked_at
            revision = choose_revision(revisions, moment)
            if revision is not None and revision != (basis["revision"] if basis else told):
                affected.append(Affected(posting_id, ticket_id, booked_at, revision))
        last = [rows[-1][2].isoformat(), rows[-1][0]] if len(rows) == BATCH else None
        return affected, last


async def lock(session: AsyncSession, correction_id: str) -> Correction:
    """Its row, until the end of the transaction."""
    statement = select(Correction).where(Correction.id == correction_id).with_for_update()
    found: Correction = (await session.execute(statement)).scalar_one()
    return found


def choose_revision(revisions: Iterable[tuple[datetime, int]], moment: datetime) -> int | None:
    """The revision in force at a moment: the latest effective, then the higher number."""
    return max((pair for pair in revisions if pair[0] <= moment), default=(None, None))[1]


async def _list_revisions(session: AsyncSession, correction: Correction) -> list[tuple[datetime, int]]:
    """With the one that the correction is about, whether it exists yet or not."""
    statement = select(TariffRevision.effective_from, TariffRevision.revision).where(
        TariffRevision.tariff_id == correction.tariff_id
    )
    known = [(row[0], row[1]) for row in (await session.execute(statement)).all()]
    if correction.revision is not None:
        return known
    assert correction.effective_from is not None
    moments = list_moments([pair[0] for pair in known], correction.effective_from, correction.created_at)
    return known + [(moment, _revision_of(correction)) for moment in moments]


def list_moments(known: Iterable[datetime], since: datetime, now: datetime) -> list[datetime]:
    """From when a tariff must be in force to hold from `since` on: also from each moment at which a revision
    took effect meanwhile, which would hide it."""
    return [since, *sorted({moment for moment in known if since < moment <= now})]


def _revision_of(correction: Correction) -> int:
    return correction.revision or (correction.base_revision or 0) + 1


async def _list_reversed(session: AsyncSession, postings: Sequence[str]) -> set[str]:
    """Those that somebody has taken back."""
    reversals = {derive_reversal_id(one): one for one in postings}
    statement = select(Posting.id).where(Posting.id.in_(list(reversals)))
    return {reversals[found] for found in (await session.execute(statement)).scalars()}


def _problem(one: Affected, refused: Refused) -> dict[str, Any]:
    return {"ticket": one.ticket_id, "posting": one.id, "code": refused.code, "params": refused.params}
