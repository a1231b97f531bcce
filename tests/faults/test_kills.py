"""kill -9 at commit points: nothing acknowledged is lost, nothing happens twice, the end is the same."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from backend.db.models import Job, LedgerLine, Posting, Ticket, TicketEvent
from backend.db.session import Database
from backend.engine.state import State
from tests.faults.victim import CALLS, SALES, prepare
from tests.unit.runtime.world import EPOCH

KILLS = 200 if os.environ.get("TIERFLOW_FAULTS") == "long" else 20
"""Deaths of one run."""

LEASE_ENDS = EPOCH
ROOT = Path(__file__).resolve().parents[2]


async def live(url: str, folder: Path, kill_at: int) -> int:
    """Run the victim; its exit status."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "tests.faults.victim", url, str(folder), str(kill_at), cwd=ROOT
    )
    async with asyncio.timeout(90):
        return await process.wait()


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


async def end_leases(url: str) -> None:
    """What the dead process held would be free after its lease; the test does not wait that long."""
    database = Database(url)
    async with database.unit_of_work() as session:
        await session.execute(update(Job).where(Job.status == "running").values(lease_until=LEASE_ENDS))
    await database.dispose()


@pytest.mark.faults
@pytest.mark.timeout(1800)
async def test_killed_at_commit_points_and_none_the_wiser(
    database_url: str, sqlite_template: Any, tmp_path: Path
) -> None:
    calm = tmp_path / "calm"
    calm.mkdir()
    calm_url = await sqlite_template.create(calm)
    await prepare(calm_url)
    assert await live(calm_url, calm, 0) == 0

    await prepare(database_url)
    chance = random.Random(KILLS)
    deaths = 0
    while deaths < KILLS:
        status = await live(database_url, tmp_path, chance.randint(1, 14))
        if status == 0:
            break
        assert status == 137
        deaths += 1
        await end_leases(database_url)
    assert await live(database_url, tmp_path, 0) == 0

    assert deaths >= min(KILLS, 8), "the run ended before it was killed often enough to mean anything"
    assert await describe(database_url) == await describe(calm_url)
    effects = (tmp_path / "effects").read_text().split()
    assert len(set(effects)) == CALLS, "each call reached the other side, with one stable id"
    acknowledged = set((tmp_path / "acknowledged").read_text().split())
    assert len(acknowledged) == 2 * SALES + CALLS
