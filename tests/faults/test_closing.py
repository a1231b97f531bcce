"""A close that is killed at any of its commit points comes to the same totals as one that is not."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from backend.db.models import LedgerLine, PeriodClosing, PeriodTotal, SettlementPeriod
from backend.db.session import Database
from backend.db.types import new_id
from backend.runtime.books.ledger_chunks import sum_accounts
from backend.runtime.verification import verify
from backend.settlement.totals import seal
from tests.support.books import write_postings
from tests.unit.runtime.world import EPOCH, REGISTRY, TestClock, World

POSTINGS = 40
ROOT = Path(__file__).resolve().parents[2]


async def begin(database: Database, world: World, period_id: str) -> str:
    """A run that nobody works on yet."""
    closing = PeriodClosing(
        id=new_id(),
        workspace_id=world.workspace,
        period_id=period_id,
        run=1,
        status="running",
        started_at=EPOCH,
    )
    async with database.unit_of_work() as session:
        for state in ("review", "closing"):
            moved = update(SettlementPeriod).where(SettlementPeriod.id == period_id)
            await session.execute(moved.values(state=state, closing_id=closing.id))
        session.add(closing)
    return closing.id


async def test_a_killed_close_comes_to_the_same_totals(database_url: str) -> None:
    database = Database(database_url)
    world = World(database, TestClock())
    await world.build()
    async with database.unit_of_work() as session:
        period_id = await write_postings(session, world.workspace, world.tariff_id, POSTINGS)
    closing_id = await begin(database, world, period_id)
    words = ["-W", "ignore", "-m", "tests.faults.closer", database_url, closing_id]
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stdout=PIPE)
    answer, _ = await process.communicate()
    assert process.returncode == 0
    assert int(answer) >= 3, "it was killed on the way"

    async with database.reading() as session:
        period = await session.get_one(SettlementPeriod, period_id)
        closing = await session.get_one(PeriodClosing, closing_id)
        totals: dict[Any, Any] = await sum_accounts(session, LedgerLine.period_id == period_id)
        stored = list((await session.execute(select(PeriodTotal))).scalars())
    assert (period.state, closing.status) == ("closed", "done")
    assert (closing.done, closing.postings) == (2 * POSTINGS, POSTINGS)
    assert closing.hash == seal(totals.items())
    assert sum(row.lines for row in stored) == closing.done and sum(row.amount for row in stored) == 0
    assert (await verify(database, REGISTRY, 0)).faults == ()
    await world.runtime.stop()
    await database.dispose()
