"""An import of orders that is killed or stopped anywhere on its way books every order exactly once."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from backend.db.models import (
    Accumulator,
    AttributionRule,
    LedgerLine,
    Order,
    OrderImport,
    OrderImportRow,
    Posting,
    QuarantineItem,
)
from backend.db.session import Database
from backend.db.types import new_id
from backend.runtime.books import imports
from backend.runtime.verification import verify
from tests.faults.importer import ROWS, make_job
from tests.unit.runtime.world import EPOCH, REGISTRY, TestClock, World

ORDERS = 60
"""A third is nobody's, the second third earns a commission in tiers; every tenth comes back in part."""
CHANNELS = ("shop", "tmall", "unknown")
ROOT = Path(__file__).resolve().parents[2]


async def prepare(database: Database, world: World) -> str:
    """A checked file that somebody has begun to book."""
    import_id = new_id()
    rows = [(at, 10_000 + at) for at in range(ORDERS)] + [(at, -1_000) for at in range(0, ORDERS, 10)]
    async with database.unit_of_work() as session:
        session.add(
            OrderImport(
                id=import_id,
                workspace_id=world.workspace,
                name="orders.csv",
                sha256="",
                state="running",
                region_path="/",
                total=len(rows),
                known=0,
                done=0,
                booked=0,
                quarantined=0,
                returned=0,
                sums={},
                faults=[],
                fault_count=0,
                created_at=EPOCH,
            )
        )
        for kind, owner, channel, tariff in (
            ("region", "", "shop", ""),
            ("member", world.members["ann"], "tmall", "visits"),
        ):
            session.add(
                AttributionRule(
                    workspace_id=world.workspace,
                    owner_kind=kind,
                    owner_id=owner,
                    channel=channel,
                    tariff_key=tariff,
                    valid_from="2026-01-01",
                    created_at=EPOCH,
                )
            )
        await session.flush()
        await session.execute(
            insert(OrderImportRow),
            [
                {
                    "import_id": import_id,
                    "seq": seq,
                    "workspace_id": world.workspace,
                    "content": {
                        "number": f"N{at}",
                        "channel": CHANNELS[at % 3],
                        "store": "",
                        "region_id": world.regions["sh"],
                        "region_path": "/cn/east/sh/",
                        "amount": amount,
                        "currency": "CNY",
                        "ordered_at": "2026-03-05T02:00:00Z",
                        "day": date(2026, 3, 5).isoformat(),
                    },
                }
                for seq, (at, amount) in enumerate(rows, 1)
            ],
        )
    return import_id


async def check(database: Database, import_id: str) -> None:
    """Each order stands in the books once, with what came back taken off; all of it sums to nothing."""
    async with database.reading() as session:
        record = await session.get_one(OrderImport, import_id)
        orders = {row.number: row for row in (await session.execute(select(Order))).scalars()}
        left = (await session.execute(select(func.count()).select_from(OrderImportRow))).scalar_one()
        held = select(LedgerLine.account, func.sum(LedgerLine.amount)).where(LedgerLine.component == "order")
        sums = {
            row[0]: int(row[1]) for row in (await session.execute(held.group_by(LedgerLine.account))).all()
        }
        causes = list((await session.execute(select(Posting.cause))).scalars())
        items = select(func.count()).where(QuarantineItem.state == "open")
        waiting = (await session.execute(items)).scalar_one()
        tickets = (await session.execute(select(Accumulator.tickets))).scalar_one()
    assert (record.state, record.done, left) == ("done", record.total, 0)
    assert (record.booked, record.quarantined, record.returned) == (40, 20, 6)
    expected = {at: 10_000 + at - (0 if at % 10 else 1_000) for at in range(ORDERS)}
    assert {number: row.amount - row.returned for number, row in orders.items()} == {
        f"N{at}": amount for at, amount in expected.items()
    }
    assert -sums.pop("sales") == sum(sums.values()) == sum(expected.values())
    assert sums["quarantine"] == sum(amount for at, amount in expected.items() if at % 3 == 2)
    assert len(set(causes)) == len(causes)
    assert (waiting, tickets) == (20, 20)
    assert (await verify(database, REGISTRY, 0)).faults == ()


async def test_a_killed_import_books_each_order_once(database_url: str) -> None:
    database = Database(database_url)
    world = World(database, TestClock())
    await world.build()
    import_id = await prepare(database, world)
    words = ["-W", "ignore", "-m", "tests.faults.importer", database_url, import_id]
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stdout=PIPE)
    answer, _ = await process.communicate()
    assert process.returncode == 0
    assert int(answer) >= 3, "it was killed on the way"
    await check(database, import_id)
    await world.runtime.stop()
    await database.dispose()


async def test_a_stopped_import_goes_on_where_it_was(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PIECE_ROWS", ROWS)
    monkeypatch.setattr(imports, "MOST_ROWS", ROWS)
    monkeypatch.setattr(imports, "HOLD_S", 60.0)  # however slow the machine, each piece takes as many rows
    database = Database(database_url)
    world = World(database, TestClock())
    await world.build()
    import_id = await prepare(database, world)
    driver = world.runtime._driver
    pieces = 0

    def stop_soon(told: object) -> None:
        """Two pieces, and somebody presses the button."""
        nonlocal pieces
        pieces += 1
        if pieces == 2:
            stopping.append(asyncio.ensure_future(turn("stopped")))

    async def turn(state: str) -> None:
        async with database.unit_of_work() as session:
            await session.execute(update(OrderImport).where(OrderImport.id == import_id).values(state=state))

    stopping: list[asyncio.Future[None]] = []
    handler = imports.OrderImportHandler(driver, world.clock, stop_soon)
    await handler(make_job(import_id))
    await asyncio.gather(*stopping)
    for _ in range(2):  # a job that comes late changes nothing before somebody presses the button
        async with database.reading() as session:
            record = await session.get_one(OrderImport, import_id)
            orders = (await session.execute(select(func.count()).select_from(Order))).scalar_one()
        assert record.state == "stopped"
        assert 2 * ROWS <= record.done == orders < ORDERS
        await handler(make_job(import_id))
    await turn("running")
    # the job that was stopped and the one that goes on may meet: each takes its own rows
    await asyncio.gather(handler(make_job(import_id)), handler(make_job(import_id)))
    await check(database, import_id)
    await world.runtime.stop()
    await database.dispose()
