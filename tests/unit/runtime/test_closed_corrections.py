"""What is corrected of a closed period counts in the next open one; the closed one stays as it was sealed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.models import (
    Accumulator,
    Correction,
    LedgerLine,
    PeriodClosing,
    PeriodTotal,
    SettlementPeriod,
    TariffRevision,
)
from backend.db.types import new_id
from backend.runtime.books.closing import ClosingHandler, lock_period
from backend.runtime.books.figures import Figures
from backend.runtime.books.ledger_chunks import sum_accounts
from backend.runtime.books.states import move_period
from backend.runtime.verification import verify
from backend.settlement.totals import seal
from tests.faults.closer import make_job
from tests.unit.runtime.test_corrections import check_books, find, list_postings, price, rename, run, sell
from tests.unit.runtime.test_corrections import propose as propose_tariff
from tests.unit.runtime.test_late_figures import DONE
from tests.unit.runtime.world import EPOCH, REGISTRY, TARIFF, World

MARCH, APRIL = "2026-03", "2026-04"


async def close(world: World, key: str, *further: str) -> PeriodClosing:
    """The month's real run."""
    async with world.database.unit_of_work() as session:
        statement = select(SettlementPeriod.id).where(SettlementPeriod.key == key)
        period = await lock_period(session, world.workspace, (await session.execute(statement)).scalar_one())
        closing = PeriodClosing(
            id=new_id(),
            workspace_id=world.workspace,
            period_id=period.id,
            run=1,
            status="running",
            started_at=world.clock(),
        )
        for state in ("review", "closing"):
            await move_period(session, period, state, by=None, now=world.clock())
            await session.flush()
        session.add(closing)
        await session.flush()
        period.closing_id = closing.id
    await ClosingHandler(world.database)(make_job(closing.id))
    async with world.database.reading() as session:
        return await session.get_one(PeriodClosing, closing.id)


async def read_sealed(world: World, closing: PeriodClosing) -> tuple[Any, ...]:
    """What must not change any more: the run, its totals, and the lines they were made of."""
    async with world.database.reading() as session:
        kept = await session.get_one(PeriodClosing, closing.id)
        period = await session.get_one(SettlementPeriod, closing.period_id)
        totals: dict[Any, Any] = await sum_accounts(session, LedgerLine.period_id == closing.period_id)
        rows = await session.execute(
            select(PeriodTotal.party_id, PeriodTotal.account, PeriodTotal.amount, PeriodTotal.lines)
            .where(PeriodTotal.period_id == closing.period_id)
            .order_by(PeriodTotal.party_id, PeriodTotal.account, PeriodTotal.amount)
        )
        stored = [tuple(row) for row in rows]
    assert (period.state, kept.status, kept.hash) == ("closed", "done", seal(totals.items()))
    return kept.hash, kept.done, kept.postings, stored


async def act(world: World, deed: str, ticket: str, posting: str) -> None:
    desk = world.runtime.corrections
    if deed == "reversal":
        await desk.reverse_ticket(world.workspace, ticket, reason="late", by=None)
    elif deed == "figures":
        other = Figures({"sale": Decimal(1_000_000)})
        await desk.correct_figures(world.workspace, ticket, posting, other, reason="late", by=None)
    else:
        await run_past_tariff(world, rename(TARIFF, "east", ("0.10", "0.20")))


async def run_past_tariff(world: World, document: dict[str, Any]) -> None:
    """Preview and run, as the steps of finance have it."""
    correction_id = await propose_tariff(world, document)
    ready = await run(world, correction_id)
    assert ready.state == "ready"
    async with world.database.unit_of_work() as session:
        stored = await session.get_one(Correction, correction_id)
        stored.state, stored.revision, stored.started_at = "running", 2, world.clock()
        session.add(
            TariffRevision(
                workspace_id=world.workspace,
                tariff_id=world.tariff_id,
                revision=2,
                document=document,
                effective_from=EPOCH - timedelta(hours=1),
                created_at=EPOCH,
            )
        )
    done = await run(world, correction_id)
    assert (done.state, done.error, done.report["problems_met"]) == ("done", None, [])
    foreseen = {tuple(row[:5]) for row in ready.report["differences"]}
    assert {row[3:5] for row in foreseen} == {(APRIL, MARCH)}, "the preview says where it will count"


@pytest.mark.parametrize(
    ("deed", "left"),
    [
        ("reversal", price(2_000_000)),
        ("figures", price(3_000_000)),
        ("tariff", 5_000_000 * 20 // 100),
    ],
)
async def test_corrections_of_a_closed_period_count_in_the_next_open_one(
    world: World, deed: str, left: int
) -> None:
    workflow = await world.publish(DONE)
    tickets = [await sell(world, workflow, amount) for amount in (3_000_000, 2_000_000)]
    (posting,) = await list_postings(world, tickets[0])
    closing = await close(world, MARCH)
    sealed = await read_sealed(world, closing)
    world.clock.advance(days=35)
    await act(world, deed, tickets[0], posting.id)
    assert await read_sealed(world, closing) == sealed, "closed figures never change"
    late = await find(world, LedgerLine, LedgerLine.period == APRIL)
    assert late and {line.earned_period for line in late} == {MARCH}
    assert {line.earned_period for line in await find(world, LedgerLine, LedgerLine.period == MARCH)} == {
        None
    }
    earned = [line.amount for line in await find(world, LedgerLine) if not line.counter]
    assert sum(earned) == left, "with what was closed it is what the model says of March"
    own = await sell(world, workflow, 1_000_000)
    (fresh,) = await find(world, LedgerLine, LedgerLine.ticket_id == own, LedgerLine.counter.is_(False))
    assert (fresh.period, fresh.earned_period) == (APRIL, None)
    assert fresh.amount == 1_000_000 * (10 if deed == "tariff" else 8) // 100, "April's own sums begin anew"
    second = await close(world, APRIL)
    assert (second.status, second.findings) == ("done", [])
    assert (await verify(world.database, REGISTRY, 0)).faults == ()
    await check_books(world)


async def test_a_sum_that_does_not_hold_what_its_lines_say_keeps_a_period_open(world: World) -> None:
    workflow = await world.publish(DONE)
    for amount in (3_000_000, 2_000_000):
        await sell(world, workflow, amount)
    async with world.database.unit_of_work() as session:
        (sums,) = (await session.execute(select(Accumulator))).scalars()
        sums.booked = {key: amount + 1 for key, amount in sums.booked.items()}
    closing = await close(world, MARCH)
    assert (closing.status, [found["code"] for found in closing.findings]) == ("failed", ["sums_differ"])
