"""A tariff of the past whose run is killed at its commit points ends as one that is not killed."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from backend.db.models import Correction, LedgerLine, Posting, TariffRevision
from backend.db.session import Database
from backend.runtime.books.differences import FIELDS
from backend.runtime.verification import verify
from tests.unit.runtime.test_corrections import check_books, propose, rename, run, sell, sum_earned
from tests.unit.runtime.test_late_figures import DONE
from tests.unit.runtime.world import EPOCH, REGISTRY, TARIFF, TestClock, World

TICKETS = 10
ROOT = Path(__file__).resolve().parents[2]


async def begin(world: World, document: dict[str, Any]) -> Correction:
    """Foreseen, and started; nobody works on it yet."""
    foreseen: Correction = await run(world, await propose(world, document))
    async with world.database.unit_of_work() as session:
        stored = await session.get_one(Correction, foreseen.id)
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
    return foreseen


async def read_differences(world: World, correction_id: str) -> list[tuple[Any, ...]]:
    columns = [getattr(LedgerLine, name) for name in FIELDS]
    amount = func.sum(LedgerLine.amount)
    statement = (
        select(*columns, amount)
        .join(Posting, Posting.id == LedgerLine.posting_id)
        .where(Posting.correction_id == correction_id, LedgerLine.counter.is_(False))
        .group_by(*columns)
        .having(amount != 0)
    )
    async with world.database.reading() as session:
        rows = (await session.execute(statement)).all()
    return sorted(((*row[:-1], int(row[-1])) for row in rows), key=repr)


async def test_a_killed_run_books_what_was_foreseen_and_nothing_twice(database_url: str) -> None:
    database = Database(database_url, TestClock())
    world = World(database, TestClock())
    await world.build()
    await world.runtime.start(run_jobs=False)
    workflow = await world.publish(DONE)
    for at in range(TICKETS):
        await sell(world, workflow, 300_000 + at * 150_000)
    total = await sum_earned(world)
    foreseen = await begin(world, rename(TARIFF, "east", ("0.10", "0.20")))
    words = ["-W", "ignore", "-m", "tests.faults.corrector", database_url, foreseen.id]
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stdout=PIPE)
    answer, _ = await process.communicate()
    assert process.returncode == 0
    assert int(answer) >= 5, "it was killed on the way"

    async with database.reading() as session:
        done = await session.get_one(Correction, foreseen.id)
        kinds = select(Posting.kind, func.count()).where(Posting.correction_id == done.id)
        counted = {row[0]: row[1] for row in await session.execute(kinds.group_by(Posting.kind))}
    assert (done.state, done.done, done.report["problems_met"]) == ("done", TICKETS, [])
    assert counted == {"reversal": TICKETS, "rebooking": TICKETS}
    assert await read_differences(world, done.id) == sorted(
        map(tuple, foreseen.report["differences"]), key=repr
    )
    assert await sum_earned(world) == total + sum(row[-1] for row in foreseen.report["differences"])
    await check_books(world)
    assert (await verify(database, REGISTRY, 0)).faults == ()
    await world.runtime.stop()
    await database.dispose()
