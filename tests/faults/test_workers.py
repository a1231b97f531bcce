"""Several workers on one database: each item is done once, and who comes back too late changes nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from backend.db.models import Job, Ticket, TicketEvent
from backend.db.session import Database, read_system_time
from backend.engine.state import State
from tests.unit.runtime.world import CALLING, World, definition

WORKERS = 4
ITEMS = 2_500 if os.environ.get("TIERFLOW_FAULTS") == "long" else 24
"""Tickets; each has two calls, a timer and a join."""
CALL = {"method": "POST", "url": "https://api.example.com/x", "result_field": "answer"}
MEETING = definition(
    {
        "start": ("start", {}),
        "fork": ("split", {}),
        "call": ("webhook", CALL),
        "wait": ("wait", {"duration": "PT1S"}),
        "meet": ("join", {"mode": "all"}),
        "tell": ("webhook", CALL),
        "end": ("end", {}),
    },
    ["start>fork", "fork>call", "fork>wait", "call.ok>meet", "wait.next>meet", "meet>tell", "tell.ok>end"],
)
LEASE_S = 1.2
ROOT = Path(__file__).resolve().parents[2]


async def launch(url: str, folder: Path, name: str, lease_s: float, delay_s: float) -> Process:
    words = ["-W", "ignore", "-m", "tests.faults.crew", url, str(folder), name, str(lease_s), str(delay_s)]
    with (folder / f"log-{name}").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=ROOT, stdout=log, stderr=log
        )
    await until((folder / f"ready-{name}").exists, 60)
    return process


async def until(check: Callable[[], Any], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while True:
            found = check()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def crew(
    url: str, folder: Path, names: list[str], lease_s: float = 90, delay_s: float = 0
) -> AsyncIterator[list[Process]]:
    launched = [launch(url, folder, name, lease_s, delay_s) for name in names]
    processes = await asyncio.gather(*launched)
    try:
        yield processes
    finally:
        for process in processes:
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
            await process.wait()


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Starts tickets; the work is the crew's."""
    world = World(Database(database_url), read_system_time)  # type: ignore[arg-type]
    await world.build()
    await world.runtime.start(run_jobs=False)
    yield world
    await world.runtime.stop()
    await world.database.dispose()


def read_effects(folder: Path) -> list[tuple[str, str]]:
    """(worker, job) of each call."""
    file = folder / "effects"
    lines = file.read_text().split("\n")[:-1] if file.exists() else []
    return [(line.split()[0], line.split()[1]) for line in lines]


async def count_running(world: World) -> int:
    async with world.database.reading() as session:
        found = await session.execute(select(func.count()).where(Ticket.status == "running"))
        return int(found.scalar_one())


@pytest.mark.faults
@pytest.mark.timeout(900)
async def test_each_item_is_done_once(world: World, tmp_path: Path) -> None:
    workflow = await world.publish(MEETING)
    for at in range(0, ITEMS, 20):
        await asyncio.gather(*(world.start(workflow) for _ in range(at, min(at + 20, ITEMS))))
    async with crew(world.database.url, tmp_path, [f"w{at}" for at in range(WORKERS)]):
        async with asyncio.timeout(30 + ITEMS / 4):
            while await count_running(world):
                await asyncio.sleep(0.2)
    calls = read_effects(tmp_path)
    assert len(calls) == len({job for _, job in calls}) == 2 * ITEMS, "one claim for each job"
    async with world.database.reading() as session:
        tickets = (await session.execute(select(Ticket.state))).scalars().all()
        log = Counter((await session.execute(select(TicketEvent.ticket_id))).scalars())
        jobs = Counter((await session.execute(select(Job.status, Job.fence, Job.kind))).tuples())
    assert jobs == {("done", 1, "webhook"): 2 * ITEMS, ("done", 0, "timer"): ITEMS}
    assert set(log.values()) == {4}, "started, the answer, the timer, the second answer: each once"
    visits = [msgspec.json.decode(state, type=State).visits for state in tickets]
    assert {visit["tell"] for visit in visits} == {1}, "each join fired once"


@pytest.mark.faults
async def test_who_wakes_after_the_lease_changes_nothing(world: World, tmp_path: Path) -> None:
    """A worker is stopped in the middle of a call for twice its lease; another one does the job meanwhile."""
    url = world.database.url
    started = await world.start(await world.publish(CALLING))
    async with crew(url, tmp_path, ["paused"], LEASE_S, delay_s=0.3) as (paused,):
        await until(lambda: read_effects(tmp_path), 20)
        paused.send_signal(signal.SIGSTOP)
        await asyncio.sleep(LEASE_S)
        async with crew(url, tmp_path, ["prompt"], LEASE_S):
            await until(lambda: is_finished(world), 20)
            await asyncio.sleep(LEASE_S)
            before = await read_ticket(world, started.ticket_id)
            paused.send_signal(signal.SIGCONT)
            await asyncio.sleep(1)
        assert paused.returncode is None
    assert await read_ticket(world, started.ticket_id) == before
    assert '"answer":"prompt"' in before[0]
    assert [name for name, _ in read_effects(tmp_path)] == ["paused", "prompt"]
    assert len({job for _, job in read_effects(tmp_path)}) == 1, "one stable id towards the outside"
    async with world.database.reading() as session:
        jobs = (await session.execute(select(Job.status, Job.fence))).tuples().all()
    assert jobs == [("done", 2)]


async def is_finished(world: World) -> bool:
    return await count_running(world) == 0


async def read_ticket(world: World, ticket_id: str) -> tuple[str, int]:
    async with world.database.reading() as session:
        row = (
            await session.execute(select(Ticket.state, Ticket.version).where(Ticket.id == ticket_id))
        ).one()
        return row.state, row.version
