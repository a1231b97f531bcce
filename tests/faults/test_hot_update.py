"""A tariff changes while tickets finish in several processes: every line names exactly one revision, the one
in force at its moment; no process lags, none is restarted, and a ticket in flight keeps what its policy says.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.models import LedgerLine, TariffRevision
from backend.db.session import Database, read_system_time
from backend.engine.events import TaskCompleted
from backend.engine.state import State
from tests.faults.test_workers import ROOT, until
from tests.unit.runtime.world import World, definition

LONG = os.environ.get("TIERFLOW_FAULTS") == "long"
PROCESSES = 4 if LONG else 2
LOAD_S = 20.0 if LONG else 1.2
"""Of load before, between and after the two changes."""
LAG = timedelta(seconds=1)

PAY = ("settle", {"tariff": "visits", "quantities": []})
AT_ONCE = definition({"start": ("start", {}), "pay": PAY, "end": ("end", {})}, ["start>pay", "pay>end"])
LATER = definition(
    {
        "start": ("start", {"form": "f"}),
        "visit": ("form_task", {"form": "f", "offer": {"to": "role", "role": "agent"}}),
        "pay": PAY,
        "end": ("end", {}),
    },
    ["start>visit", "visit.done>pay", "pay>end"],
    tariff_policy="at_creation",
)


def document(amount: int) -> dict[str, Any]:
    return {
        "format": "tierflow.tariff/1",
        "key": "visits",
        "name": {"zh": "上门费", "en": "Visits"},
        "currency": "CNY",
        "rows": [
            {
                "id": "all",
                "charge": {"model": "flat", "amount": amount},
                "pays": {"party": "partner", "key": "p"},
            }
        ],
    }


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    world = World(Database(database_url), read_system_time)  # type: ignore[arg-type]
    await world.build(document(1_000))
    await world.runtime.start(run_jobs=False)
    yield world
    await world.runtime.stop()
    await world.database.dispose()


@asynccontextmanager
async def load(url: str, folder: Path, workflow: str) -> AsyncIterator[None]:
    processes: list[Process] = []
    try:
        for at in range(PROCESSES):
            with (folder / f"log-{at}").open("w") as log:
                words = ["-W", "ignore", "-m", "tests.faults.settler", url, str(folder), str(at), workflow]
                processes.append(
                    await asyncio.create_subprocess_exec(
                        sys.executable, *words, cwd=ROOT, stdout=log, stderr=log
                    )
                )
        for at in range(PROCESSES):
            await until((folder / f"ready-{at}").exists, 60)
        yield
        assert all(process.returncode is None for process in processes), "nobody was restarted"
    finally:
        for process in processes:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


async def revise(world: World, revision: int, effective_from: datetime | None) -> tuple[datetime, datetime]:
    """(moment of effect, moment when it is surely committed)."""
    now = read_system_time()
    moment = effective_from or now
    async with world.database.unit_of_work() as session:
        session.add(
            TariffRevision(
                workspace_id=world.workspace,
                tariff_id=world.tariff_id,
                revision=revision,
                document=document(revision * 1_000),
                effective_from=moment,
                created_at=now,
            )
        )
    return moment, read_system_time()


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_a_revision_holds_in_every_process_at_once(world: World, tmp_path: Path) -> None:
    at_once = await world.publish(AT_ONCE)
    later = await world.publish(LATER, key="later")
    kept = await world.start(later, actor=world.members["ann"])
    async with load(world.database.url, tmp_path, at_once):
        await asyncio.sleep(LOAD_S)
        second, known = await revise(world, 2, None)
        third, _ = await revise(world, 3, known + LAG + timedelta(seconds=LOAD_S))
        await asyncio.sleep(2 * LOAD_S + LAG.total_seconds() + 0.5)
    await finish(world, kept.ticket_id)
    async with world.database.reading() as session:
        lines = list((await session.execute(select(LedgerLine))).scalars())
    postings: dict[str, list[LedgerLine]] = {}
    for line in lines:
        postings.setdefault(line.posting_id, []).append(line)
    seen: dict[int, int] = {}
    for posted in postings.values():
        (revision,) = {line.tariff_revision for line in posted}
        assert revision is not None
        (moment,) = {line.booked_at for line in posted}
        assert sorted(line.amount for line in posted) == [-revision * 1_000, revision * 1_000]
        if posted[0].ticket_id == kept.ticket_id:
            assert revision == 1, "it keeps the rule that it was opened under"
            continue
        seen[revision] = seen.get(revision, 0) + 1
        assert (revision == 3) == (moment >= third), "a dated revision begins at its very moment"
        if revision == 2:
            assert moment >= second
        if revision == 1:
            assert moment <= known + LAG, "no process lags"
    assert min(seen.get(revision, 0) for revision in (1, 2, 3)) >= PROCESSES, seen


async def finish(world: World, ticket_id: str) -> None:
    """The visit of the ticket that was opened before everything."""
    ann = world.members["ann"]

    def complete(state: State) -> TaskCompleted:
        return TaskCompleted(task=next(iter(state.tasks)), outcome="done", data={}, member=ann)

    await world.runtime.apply(world.workspace, ticket_id, complete, actor=ann)
