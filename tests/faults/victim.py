"""A process that works until it is killed at a commit point, and goes on where it was when started again.

    python -m tests.faults.victim

It reads orders, `URL FOLDER KILL_AT` a line, and carries out each in a process of its own, made by a fork, so
that a death costs no new start of Python; it answers with that process's id, then with its exit status.
KILL_AT counts commit points (before and after each commit) of the process; 0 lets it finish. Every action
carries an idempotency key, and what was acknowledged is written down outside the database, as a client would
remember it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import func, select

from backend.db.models import Ticket, Workflow
from backend.db.session import Database, read_system_time
from backend.engine.events import TaskCompleted
from backend.node_sdk import Outgoing
from backend.runtime.errors import IdempotencyReplay
from backend.runtime.jobs import claiming, pgqueuer_engine
from backend.runtime.jobs.port import BackOff, ClaimedJob
from backend.runtime.runtime import IdempotencyKeyParams, StartTicket, TransitionResult
from tests.unit.runtime.world import AGENT, BY_SALE, CALLING, World, definition

LONG = os.environ.get("TIERFLOW_FAULTS") == "long"
SALES, CALLS, ORDERS = (240, 120, 60) if LONG else (20, 10, 6)
LEASE = timedelta(seconds=1)
SELLING = definition(
    {
        "start": ("start", {}),
        "visit": ("form_task", AGENT),
        "pay": ("settle", BY_SALE),
        "end": ("end", {}),
    },
    ["start>visit", "visit.done>pay", "pay>end"],
)
RESTING = definition(
    {"start": ("start", {}), "wait": ("wait", {"duration": "PT0.2S"}), "end": ("end", {})},
    ["start>wait", "wait.next>end"],
)
ORDERING = definition(
    {
        "start": ("start", {}),
        "fork": ("split", {}),
        "rest": ("subflow", {"workflow": "resting"}),
        "paid": ("wait", {"mode": "message", "message": "paid", "correlation": "data.order"}),
        "meet": ("join", {"mode": "all"}),
        "end": ("end", {}),
    },
    ["start>fork", "fork>rest", "fork>paid", "rest>meet", "paid>meet", "meet>end"],
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

    async def order(self, at: int, workflow: str) -> None:
        """A ticket that waits for a child's timer and for a message, which may well be sent first."""
        world, data = self.world, {"order": f"o{at}"}
        wanted = StartTicket(workspace_id=world.workspace, workflow_id=workflow, data=data)
        await self.once(f"order-{at}", lambda key: world.runtime.start_ticket(wanted, idempotency=key))
        paid = Outgoing(name="paid", correlation=f"o{at}", keep_seconds=86_400)
        await world.runtime.deliver_message(world.workspace, paid, message_id=f"paid-{at}")


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
    await world.publish(RESTING, "resting")
    await world.publish(ORDERING, "ordering")
    await database.dispose()


async def main(url: str, folder: Path, kill_at: int) -> None:
    async def webhook(job: ClaimedJob) -> dict[str, Any]:
        with (folder / "effects").open("a") as file:
            file.write(f"{job.id}\n")
        return {"status": 200, "body": "done"}

    claiming.LEASE = LEASE
    pgqueuer_engine.SWEEP_EVERY_S = LEASE.total_seconds()
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
    for at in range(max(SALES, CALLS, ORDERS)):
        if at < CALLS:
            await client.call(at, workflows["calling"])
        if at < SALES:
            await client.sell(at, workflows["selling"], world.members["ann"])
        if at < ORDERS:
            await client.order(at, workflows["ordering"])
    while await count_running(database):
        await asyncio.sleep(0.05)
    await world.runtime.stop()
    await database.dispose()


async def count_running(database: Database) -> int:
    async with database.reading() as session:
        found = await session.execute(select(func.count()).where(Ticket.status == "running"))
        return int(found.scalar_one())


def obey() -> None:
    for order in sys.stdin:
        url, folder, kill_at = order.split()
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(main(url, Path(folder), int(kill_at)))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(child, flush=True)
        status = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    obey()
