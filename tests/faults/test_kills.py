"""kill -9 at commit points and at any moment: nothing acknowledged is lost, nothing happens twice, the end is
the same."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from backend.db.models import Job, LedgerLine, Posting, Ticket, TicketEvent
from backend.db.session import Database
from backend.engine.state import State
from backend.runtime.verification import verify
from tests.faults.victim import CALLS, ORDERS, SALES, prepare
from tests.unit.runtime.world import REGISTRY

LONG = os.environ.get("TIERFLOW_FAULTS") == "long"
KILLS = 300 if LONG else 15
"""Deaths of one run."""
CREW = 3
"""Processes at once on PostgreSQL, each of which serves clients and executes jobs."""
ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """Makes victims, one after the other."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.pid = 0

    async def live(self, url: str, folder: Path, kill_at: int) -> int:
        """One life; its exit status, negative for a signal."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{url} {folder} {kill_at}\n".encode())
        self.pid = await self._read()
        try:
            async with asyncio.timeout(120):
                return await self._read()
        finally:
            self.pid = 0

    async def _read(self) -> int:
        assert self._process.stdout is not None
        return int(await self._process.stdout.readline())

    def kill(self) -> bool:
        """The one that lives now, if any."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
                return True
        return False


@contextlib.asynccontextmanager
async def open_nursery() -> AsyncIterator[Nursery]:
    words = ["-W", "ignore", "-m", "tests.faults.victim"]
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def describe(url: str) -> dict[str, Any]:
    """What must be the same whoever was killed when: states, logs and books without ids and clock times."""
    database = Database(url)
    async with database.reading() as session:
        tickets = list((await session.execute(select(Ticket).order_by(Ticket.number))).scalars())
        events = Counter((await session.execute(select(TicketEvent.ticket_id))).scalars())
        lines = list((await session.execute(select(LedgerLine))).scalars())
        postings = list((await session.execute(select(Posting.ticket_id, Posting.cause))).tuples())
        jobs = Counter((await session.execute(select(Job.status))).scalars())
    await database.dispose()
    number_of = {ticket.id: ticket.number for ticket in tickets}
    states = {ticket.number: msgspec.json.decode(ticket.state, type=State) for ticket in tickets}
    return {
        "tickets": {
            ticket.number: (ticket.status, ticket.version, events[ticket.id], states[ticket.number].data)
            for ticket in tickets
        },
        "lines": sorted(
            (number_of[line.ticket_id or ""], line.account, line.amount, line.component, line.counter)
            for line in lines
        ),
        "postings": sorted((number_of[ticket or ""], cause) for ticket, cause in postings),
        "jobs": dict(jobs),
    }


async def live_calmly(nursery: Nursery, sqlite_template: Any, folder: Path) -> dict[str, Any]:
    """How it ends when nobody is killed."""
    calm = folder / "calm"
    calm.mkdir()
    url = await sqlite_template.create(calm)
    await prepare(url)
    assert await nursery.live(url, calm, 0) == 0
    return await describe(url)


async def check(url: str, folder: Path, calm: dict[str, Any]) -> None:
    assert await describe(url) == calm
    effects = (folder / "effects").read_text().split()
    assert len(set(effects)) == CALLS, "each call reached the other side, with one stable id"
    acknowledged = set((folder / "acknowledged").read_text().split())
    assert len(acknowledged) == 2 * SALES + CALLS + ORDERS
    database = Database(url)
    verdict = await verify(database, REGISTRY, 2_000)
    await database.dispose()
    assert not verdict.faults, verdict.faults


@pytest.mark.faults
@pytest.mark.timeout(1800)
async def test_killed_at_commit_points_and_none_the_wiser(
    database_url: str, sqlite_template: Any, tmp_path: Path
) -> None:
    async with open_nursery() as nursery:
        calm = await live_calmly(nursery, sqlite_template, tmp_path)
        await prepare(database_url)
        chance = random.Random(KILLS)
        deaths = 0
        while deaths < KILLS:
            status = await nursery.live(database_url, tmp_path, chance.randint(1, 18))
            if status == 0:
                break
            assert status == 137
            deaths += 1
        assert await nursery.live(database_url, tmp_path, 0) == 0
    assert deaths >= min(KILLS, 8), "the run ended before it was killed often enough to mean anything"
    await check(database_url, tmp_path, calm)


@pytest.mark.faults
@pytest.mark.postgresql
@pytest.mark.timeout(1800)
async def test_several_processes_killed_at_any_moment(
    postgresql_url: str, sqlite_template: Any, tmp_path: Path
) -> None:
    """Clients of all processes do the same actions under the same keys, as after a lost answer."""
    chance = random.Random(KILLS)
    deaths = 0

    async def live_to_the_end(nursery: Nursery) -> None:
        while (status := await nursery.live(postgresql_url, tmp_path, 0)) != 0:
            assert status == -signal.SIGKILL

    async with contextlib.AsyncExitStack() as stack:
        nurseries = [await stack.enter_async_context(open_nursery()) for _ in range(CREW)]
        calm = await live_calmly(nurseries[0], sqlite_template, tmp_path)
        await prepare(postgresql_url)
        lives = [asyncio.create_task(live_to_the_end(nursery)) for nursery in nurseries]
        while deaths < KILLS and not any(life.done() for life in lives):
            await asyncio.sleep(chance.uniform(0.1, 0.6))
            deaths += chance.choice(nurseries).kill()
        await asyncio.gather(*lives)
    assert deaths >= min(KILLS, 5), "the run ended before it was killed often enough to mean anything"
    await check(postgresql_url, tmp_path, calm)
