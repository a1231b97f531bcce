"""The job that closes a period: it adds up the lines stretch by stretch, checks them, and seals the totals.

No line can join the period meanwhile (the database refuses it), so the stretches need no common moment.
Reading holds nobody up; every second or so the place and the sums so far are stored in a short transaction,
where the next process takes them up after a stop or a kill. Two processes at the same run cannot both go on:
what is stored moves the cursor from where its writer found it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import LedgerLine, PeriodClosing, PeriodTotal, SettlementPeriod
from backend.db.session import Database, announce
from backend.runtime.books.ledger_chunks import Stretch, find_wrong_sums, read_stretch
from backend.runtime.books.states import move_period
from backend.runtime.jobs.port import ClaimedJob, JobUnfinished
from backend.settlement.totals import Account, Total, add_up, seal

log = logging.getLogger(__name__)

KIND = "close_period"
SLICE_MS = 30_000
"""Of one job: a lease lasts longer."""
STORED_EVERY_MS = 1_000
TOTALS_AT_ONCE = 500
"""Rows in one transaction, so that the writer is free again after some milliseconds."""
MOST_NAMED = 20
"""Postings or sums that a finding names."""


class Sums:
    """What is added up so far; the JSON of the run's row."""

    def __init__(self, stored: dict[str, Any]) -> None:
        self.totals = {Account(*row[:5]): Total(*row[5:]) for row in stored.get("totals", ())}
        self.sums = {(row[0], row[1]): (row[2], row[3]) for row in stored.get("sums", ())}
        self.unbalanced: list[str] = list(stored.get("unbalanced", ()))

    def add(self, stretch: Stretch) -> None:
        """Everything but the cursor."""
        for account, more in stretch.totals.items():
            had = self.totals.get(account, Total(0, 0))
            self.totals[account] = Total(had.amount + more.amount, had.lines + more.lines)
        for place, (amount, postings) in stretch.sums.items():
            before = self.sums.get(place, (0, 0))
            self.sums[place] = (before[0] + amount, before[1] + postings)
        self.unbalanced = [*self.unbalanced, *stretch.unbalanced][:MOST_NAMED]

    def as_json(self) -> dict[str, Any]:
        """To be taken up again."""
        return {
            "totals": [[*account, *total] for account, total in self.totals.items()],
            "sums": [[*place, *found] for place, found in self.sums.items()],
            "unbalanced": self.unbalanced,
        }


class ClosingHandler:
    """Payload {"closing": id}."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, job: ClaimedJob) -> None:
        closing = await self._find(job.workspace_id, str(job.payload["closing"]))
        if closing is None or closing.status != "running":
            return
        if not await self._add_up(closing):
            return
        findings = await self._check(closing)
        if findings:
            await self._end(closing, findings, "")
            return
        totals = sorted(Sums(closing.sums).totals.items())
        for at in range(0, len(totals), TOTALS_AT_ONCE):
            await self._store_totals(closing, totals[at : at + TOTALS_AT_ONCE])
        await self._end(closing, [], seal(totals))

    async def _find(self, workspace_id: str, closing_id: str) -> PeriodClosing | None:
        statement = select(PeriodClosing).where(
            PeriodClosing.id == closing_id, PeriodClosing.workspace_id == workspace_id
        )
        async with self._database.reading() as session:
            found: PeriodClosing | None = (await session.execute(statement)).scalar_one_or_none()
            if found is not None and not found.total:
                lines = select(func.count()).where(LedgerLine.period_id == found.period_id)
                found.total = (await session.execute(lines)).scalar_one()
            session.expunge_all()
        return found

    async def _add_up(self, closing: PeriodClosing) -> bool:
        """Whether all lines are added up; False when somebody stopped it or took it over."""
        began = stored_at = _now_ms()
        sums, stored = Sums(closing.sums), closing.cursor
        while True:
            async with self._database.reading() as session:
                stretch = await read_stretch(session, closing.period_id, closing.cursor)
            if stretch is not None:
                sums.add(stretch)
                closing.cursor, closing.done = stretch.last, closing.done + stretch.lines
                closing.postings += stretch.postings
            now = _now_ms()
            if stretch is None or now - stored_at > STORED_EVERY_MS:
                closing.worked_ms += now - stored_at
                closing.sums = sums.as_json()
                if not await self._store(closing, stored):
                    return False
                stored_at, stored = now, closing.cursor
                if stretch is None:
                    return True
                if now - began > SLICE_MS:
                    raise JobUnfinished

    async def _store(self, closing: PeriodClosing, before: str) -> bool:
        """Whether it is still ours to go on with."""
        statement = (
            update(PeriodClosing)
            .where(
                PeriodClosing.id == closing.id,
                PeriodClosing.status == "running",
                PeriodClosing.cursor == before,
            )
            .values(
                cursor=closing.cursor,
                done=closing.done,
                postings=closing.postings,
                worked_ms=closing.worked_ms,
                total=closing.total,
                sums=closing.sums,
            )
            .returning(PeriodClosing.id)
        )
        async with self._database.unit_of_work() as session:
            ours = (await session.execute(statement)).first() is not None
            announce(session, closing.workspace_id, "settlement", f"period:{closing.period_id}")
        return ours

    async def _check(self, closing: PeriodClosing) -> list[dict[str, Any]]:
        """What keeps the period from being closed: such books are not right, and no acknowledgement helps."""
        sums = Sums(closing.sums)
        findings = []
        if sums.unbalanced:
            findings.append(_find("postings_unbalanced", sums.unbalanced))
        uneven = [currency for currency, amount in add_up(sums.totals.items()).items() if amount]
        if uneven:
            findings.append(_find("totals_unbalanced", uneven))
        async with self._database.reading() as session:
            wrong = await find_wrong_sums(session, closing.workspace_id, sums.sums)
            if wrong:
                findings.append(_find("sums_differ", wrong))
            lines = select(func.count()).where(LedgerLine.period_id == closing.period_id)
            if (await session.execute(lines)).scalar_one() != closing.done:
                findings.append(_find("lines_missed", []))
        return findings

    async def _store_totals(self, closing: PeriodClosing, totals: Iterable[tuple[Account, Total]]) -> None:
        rows = [
            {
                **account._asdict(),
                **total._asdict(),
                "closing_id": closing.id,
                "workspace_id": closing.workspace_id,
                "period_id": closing.period_id,
            }
            for account, total in totals
        ]
        insert = sqlite_insert if self._database.dialect == "sqlite" else postgresql_insert
        async with self._database.unit_of_work() as session:
            await session.execute(insert(PeriodTotal).on_conflict_do_nothing(), rows)

    async def _end(self, closing: PeriodClosing, findings: list[dict[str, Any]], hash: str) -> None:
        """Closed and sealed, or back in review with what was found."""
        async with self._database.unit_of_work() as session:
            period = await lock_period(session, closing.workspace_id, closing.period_id)
            current = await session.get_one(PeriodClosing, closing.id)
            if period.closing_id != closing.id or current.status != "running" or period.state != "closing":
                return
            now = self._database.clock()
            current.status, current.hash = ("failed" if findings else "done"), hash
            current.findings, current.finished_at = findings, now
            if hash:
                current.sums = {}
            state = "review" if findings else "closed"
            await move_period(session, period, state, by=closing.started_by, now=now)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _find(code: str, named: list[str]) -> dict[str, Any]:
    return {"code": code, "count": len(named), "named": named[:MOST_NAMED]}


async def lock_period(session: AsyncSession, workspace_id: str, period_id: str) -> SettlementPeriod:
    """Bookings into it wait, on PostgreSQL, until this transaction ends."""
    statement = select(SettlementPeriod).where(
        SettlementPeriod.id == period_id, SettlementPeriod.workspace_id == workspace_id
    )
    return (await session.execute(statement.with_for_update())).scalar_one()
