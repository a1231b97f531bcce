"""Which period a line goes into, and that none gets into a closed one."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from backend.db.models import LedgerLine, PeriodClosing, Region, SettlementPeriod, SettlementRule
from backend.db.types import new_id
from backend.runtime.books.closing import ClosingHandler, lock_period
from backend.runtime.books.periods import BookingPeriod, find_booking_period
from backend.runtime.books.states import move_period
from backend.runtime.verification import verify
from backend.runtime.writes import WriteSet
from tests.faults.closer import make_job
from tests.support.books import make_period, write_postings
from tests.unit.runtime.world import BY_SALE, REGISTRY, World, definition

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
FROM_26 = {"kind": "custom", "anchor": "2026-01-26", "months": 1}


class Counter(NamedTuple):
    """Somebody who books."""

    workspace_id: str
    now: datetime = NOW
    writes: WriteSet = WriteSet()


async def find(world: World, path: str, day: str) -> BookingPeriod:
    script = find_booking_period(Counter(world.workspace), path, date.fromisoformat(day))
    return await world.runtime._driver.run(script)


async def add_region(world: World, path: str, rules: dict[str, dict[str, Any]] | None = None) -> str:
    key = path.strip("/").rpartition("/")[2]
    region = Region(
        id=new_id(), workspace_id=world.workspace, key=key, path=path, name={"zh": key, "en": key}
    )
    async with world.database.unit_of_work() as session:
        session.add(region)
        await session.flush()
        for starts_on, rule in (rules or {}).items():
            session.add(
                SettlementRule(
                    id=new_id(),
                    workspace_id=world.workspace,
                    region_id=region.id,
                    starts_on=starts_on,
                    rule=rule,
                    created_at=NOW,
                )
            )
    return region.id


async def put_state(world: World, key: str, *states: str) -> None:
    async with world.database.unit_of_work() as session:
        for state in states:
            await session.execute(
                update(SettlementPeriod).where(SettlementPeriod.key == key).values(state=state)
            )


async def test_unit_is_the_nearest_region_with_a_rule(world: World) -> None:
    root = await add_region(world, "/asia/")
    east = await add_region(world, "/asia/e/", {"2026-01-01": {"kind": "week"}, "2026-11-23": {}})
    await add_region(world, "/asia/e/w/")
    south = await add_region(world, "/asia/s/", {"2026-11-01": FROM_26})
    places = [
        ("/asia/e/w/", "2026-11-22", east, "2026-W47", ("2026-11-16", "2026-11-22")),
        ("/asia/e/w/", "2026-11-23", root, "2026-11", ("2026-11-01", "2026-11-30")),
        ("/asia/", "2026-11-22", root, "2026-11", ("2026-11-01", "2026-11-30")),
        ("/asia/s/", "2026-11-22", south, "2026-11-01", ("2026-11-01", "2026-11-25")),
        ("/asia/s/", "2026-11-26", south, "2026-11-26", ("2026-11-26", "2026-12-25")),
        ("/", "2026-11-22", world.workspace, "2026-11", ("2026-11-01", "2026-11-30")),
        ("/elsewhere/", "2026-11-22", world.workspace, "2026-11", ("2026-11-01", "2026-11-30")),
    ]
    for path, day, unit, key, days in places:
        booking = await find(world, path, day)
        assert (booking.key, booking.earned) == (key, None)
        assert await find(world, path, day) == booking  # opened once
        async with world.database.reading() as session:
            row = await session.get_one(SettlementPeriod, booking.id)
        assert (row.unit_id, row.starts_on, row.ends_on) == (unit, *days)


async def test_what_comes_late_counts_in_the_next_open_period(world: World) -> None:
    await add_region(world, "/asia/")
    await find(world, "/asia/", "2026-10-05")
    await put_state(world, "2026-10", "review", "closing")
    late = await find(world, "/asia/", "2026-10-05")
    assert (late.key, late.earned) == ("2026-11", "2026-10")
    await put_state(world, "2026-11", "review")
    assert (await find(world, "/asia/", "2026-10-31")).key == "2026-11"
    await put_state(world, "2026-11", "closing", "closed", "frozen")
    later = await find(world, "/asia/", "2026-10-05")
    assert (later.key, later.earned) == ("2026-12", "2026-10")


@pytest.mark.parametrize(
    ("states", "refused"),
    [
        (("closing",), "never changes so"),
        (("review", "closed"), "never changes so"),
        (("review", "closing", "closed", "open"), None),
        (("review", "closing", "closed", "frozen", "open"), "never changes so"),
        (("review", "closing", "review", "open"), None),
    ],
)
async def test_states_follow_their_order(world: World, states: tuple[str, ...], refused: str | None) -> None:
    async with world.database.unit_of_work() as session:
        session.add(make_period(world.workspace))
    if refused is None:
        await put_state(world, "2026-03", *states)
        return
    with pytest.raises(DBAPIError, match=refused):
        await put_state(world, "2026-03", *states)


async def test_periods_of_a_unit_never_overlap(world: World) -> None:
    async with world.database.unit_of_work() as session:
        session.add(make_period(world.workspace))
    with pytest.raises(DBAPIError, match="overlap"):
        async with world.database.unit_of_work() as session:
            session.add(make_period(world.workspace, "2026-04", starts_on="2026-03-31"))
    async with world.database.reading() as session:
        assert len(list((await session.execute(select(SettlementPeriod))).scalars())) == 1


PAYING = definition(
    {"start": ("start", {}), "pay": ("settle", BY_SALE), "end": ("end", {})}, ["start>pay", "pay>end"]
)


async def test_bookings_that_race_with_a_close_all_count_somewhere(world: World) -> None:
    """Those that came too late are made anew and land in the next period; none is lost, none overlooked."""
    workflow = await world.publish(PAYING)
    await world.start(workflow, data={"sale": 100_000})
    async with world.database.reading() as session:
        period = (await session.execute(select(SettlementPeriod))).scalar_one()

    async def close() -> str:
        await asyncio.sleep(0.05)
        closing = PeriodClosing(
            id=new_id(),
            workspace_id=world.workspace,
            period_id=period.id,
            run=1,
            status="running",
            started_at=NOW,
        )
        async with world.database.unit_of_work() as session:
            locked = await lock_period(session, world.workspace, period.id)
            for state in ("review", "closing"):
                await move_period(session, locked, state, by=None, now=NOW)
                await session.flush()
            session.add(closing)
            await session.flush()
            locked.closing_id = closing.id
        await ClosingHandler(world.database)(make_job(closing.id))
        return closing.id

    starts = [world.start(workflow, data={"sale": 100_000}) for _ in range(40)]
    results = await asyncio.gather(close(), *starts)
    async with world.database.reading() as session:
        closing = await session.get_one(PeriodClosing, results[0])
        postings = select(LedgerLine.period, func.count(LedgerLine.posting_id.distinct()))
        found = dict((await session.execute(postings.group_by(LedgerLine.period))).all())
    assert closing.status == "done" and closing.postings == found[period.key]
    assert sum(found.values()) == 41
    assert (await verify(world.database, REGISTRY, 0)).faults == ()


async def test_what_is_wrong_in_the_books_keeps_a_period_open(world: World) -> None:
    """Lines that a damaged database holds: a posting that lost its other side, a sum that says too much."""
    async with world.database.unit_of_work() as session:
        period_id = await write_postings(session, world.workspace, world.tariff_id, 3)
    async with world.database.unit_of_work() as session:
        frozen = "_no_delete" if world.database.dialect == "sqlite" else "_frozen ON ledger_lines"
        await session.execute(text(f"DROP TRIGGER ledger_lines{frozen}"))
        await session.execute(delete(LedgerLine).where(LedgerLine.amount == -137))
        closing = PeriodClosing(
            id=new_id(),
            workspace_id=world.workspace,
            period_id=period_id,
            run=1,
            status="running",
            started_at=NOW,
        )
        session.add(closing)
        period = await session.get_one(SettlementPeriod, period_id)
        for state in ("review", "closing"):
            period.state = state
            await session.flush()
        period.closing_id = closing.id
    await ClosingHandler(world.database)(make_job(closing.id))
    async with world.database.reading() as session:
        closing = await session.get_one(PeriodClosing, closing.id)
        period = await session.get_one(SettlementPeriod, period_id)
    assert (closing.status, period.state, closing.hash) == ("failed", "review", "")
    assert [found["code"] for found in closing.findings] == ["postings_unbalanced", "totals_unbalanced"]
    assert [found["count"] for found in closing.findings] == [1, 1]
