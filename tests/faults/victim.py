"""A process that works until it is killed at a commit point, and goes on where it was when started again.

    python -m tests.faults.victim URL FOLDER KILL_AT

KILL_AT counts commit points (before and after each commit) of this process; 0 lets it finish. Every action
carries an idempotency key, and what was acknowledged is written down outside the database, as a client would
remember it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import func, select

from backend.db.models import Ticket, Workflow
from backend.db.session import Database, read_system_time
from backend.engine.events import TaskCompleted
from backend.runtime.errors import IdempotencyReplay
from backend.runtime.jobs.port import BackOff, ClaimedJob
from backend.runtime.runtime import IdempotencyKeyParams, StartTicket, TransitionResult
from tests.unit.runtime.world import AGENT, BY_SALE, CALLING, World, definition

LONG = os.environ.get("TIERFLOW_FAULTS") == "long"
SALES, CALLS = (240, 120) if LONG else (24, 12)
SELLING = definition(
    {
        "start": ("start", {}),
        "visit": ("form_task", AGENT),
        "pay": ("settle", BY_SALE),
        "end": ("end", {}),
    },
    ["start>visit", "visit.done>pay", "pay>end"],
)


class Executioner:
    """Kills this process at its n-th commit point, as SIGKILL would: no clean-up, nothing flushed."""

    def __init__(self, kill_at: int) -> None:
        self.left = kill_at

    def __call__(self, point: str) -> None:
        self.left -= 1
        if self.left == 0:
            os._exit(137)


class Client:
    """Does everything once, whatever it takes."""

    def __init__(self, world: World, acknowledged: Path) -> None:
        self.world = world
        self.acknowledged = acknowledged

    async def once(self, key: str, action: Any) -> tuple[str, str]:
        """(ticket id, first task) of a keyed action, from the first answer or its replay."""
        params = IdempotencyKeyParams(scope="client", key=key, body_hash=key, answer=answer)
        try:
            result = await action(params)
            found = answer(result)[1]
        except IdempotencyReplay as replayed:
            found = replayed.response
        with self.acknowledged.open("a") as file:
            file.write(f"{key}\n")
        ticket, task = msgspec.json.decode(found, type=tuple[str, str])
        return ticket, task

    async def sell(self, at: int, workflow: str, member: str) -> None:
        runtime, workspace = self.world.runtime, self.world.workspace
        wanted = StartTicket(workspace_id=workspace, workflow_id=workflow, region_id=self.world.regions["sh"])
        ticket, task = await self.once(
            f"start-{at}", lambda key: runtime.start_ticket(wanted, idempotency=key)
        )
        event = TaskCompleted(task=task, outcome="done", data={"sale": 500_000 + at}, member=member)
        await self.once(f"sell-{at}", lambda key: runtime.apply(workspace, ticket, event, idempotency=key))

    async def call(self, at: int, workflow: str) -> None:
        wanted = StartTicket(workspace_id=self.world.workspace, workflow_id=workflow)
        await self.once(f"call-{at}", lambda key: self.world.runtime.start_ticket(wanted, idempotency=key))


def answer(result: TransitionResult) -> tuple[int, bytes]:
    """Status and body of the first answer."""
    return 201, msgspec.json.encode((result.ticket_id, next(iter(result.state.tasks), "")))


async def prepare(url: str) -> None:
    """The world before the work, without a risk of death."""
    database = Database(url)
    world = World(database, read_system_time)  # type: ignore[arg-type]
    await world.build()
    await world.publish(SELLING, "selling")
    await world.publish(CALLING, "calling")
    await database.dispose()


async def main(url: str, folder: Path, kill_at: int) -> None:
    async def webhook(job: ClaimedJob) -> dict[str, Any]:
        with (folder / "effects").open("a") as file:
            file.write(f"{job.id}\n")
        return {"status": 200, "body": "done"}

    database = Database(url)
    world = World(
        database,
        read_system_time,  # type: ignore[arg-type]
        handlers={"webhook": webhook},
        back_off=BackOff(first_s=0.1),
    )
    await world.find()
    async with database.reading() as session:
        workflows = dict((await session.execute(select(Workflow.key, Workflow.id))).tuples().all())
    database.at_commit = Executioner(kill_at)
    await world.runtime.start(run_jobs=True)
    client = Client(world, folder / "acknowledged")
    for at in range(max(SALES, CALLS)):
        if at < CALLS:
            await client.call(at, workflows["calling"])
        if at < SALES:
            await client.sell(at, workflows["selling"], world.members["ann"])
    while await count_running(database):
        await asyncio.sleep(0.05)
    await world.runtime.stop()
    await database.dispose()


async def count_running(database: Database) -> int:
    async with database.reading() as session:
        found = await session.execute(select(func.count()).where(Ticket.status == "running"))
        return int(found.scalar_one())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
