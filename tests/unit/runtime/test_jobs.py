"""One contract, two engines: timers never early and never twice, work retried, late results refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from backend.db.models import Incident, Job, Ticket
from backend.db.session import Database, read_system_time
from backend.runtime.errors import JobGone
from backend.runtime.jobs.port import BackOff, ClaimedJob, JobDelayed, JobRefused
from tests.unit.runtime.world import CALLING, EPOCH, WAITING, World, definition

SOON = definition(
    {"start": ("start", {}), "wait": ("wait", {"duration": "PT1S"}), "end": ("end", {})},
    ["start>wait", "wait.next>end"],
)


class Handler:
    """Plays the other system: answers from a list, the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: list[ClaimedJob] = []

    async def __call__(self, job: ClaimedJob) -> Any:
        self.calls.append(job)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return await answer() if callable(answer) else answer


Make = Callable[..., Awaitable[World]]


@pytest.fixture
async def make_world(database_url: str) -> AsyncIterator[Make]:
    """A world on the wall clock whose engine runs."""
    made: list[World] = []

    async def make(handler: Handler | None = None, tries: int = 3, run_jobs: bool = True) -> World:
        database = Database(database_url)
        world = World(
            database,
            read_system_time,  # type: ignore[arg-type]
            handlers={"webhook": handler} if handler else {},
            random=lambda: 0.0,
            back_off=BackOff(tries=tries, first_s=0.1, longest_s=0.2),
        )
        if not made:
            await world.build()
        made.append(world)
        await world.runtime.start(run_jobs=run_jobs)
        return world

    yield make
    for world in made:
        await world.runtime.stop()
        await world.database.dispose()


async def wait_for(check: Callable[[], Awaitable[bool]], timeout: float = 15.0) -> None:
    async with asyncio.timeout(timeout):
        while not await check():
            await asyncio.sleep(0.02)


async def read(world: World, model: Any) -> list[Any]:
    async with world.database.reading() as session:
        return list((await session.execute(select(model))).scalars())


def all_are(world: World, model: Any, status: str, count: int = 1) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        found = await read(world, model)
        return [row.status for row in found] == [status] * count

    return check


async def test_timer_fires_once_and_never_early(make_world: Make) -> None:
    world = await make_world()
    workflow = await world.publish(SOON)
    began = read_system_time()
    await asyncio.gather(*(world.start(workflow) for _ in range(5)))
    await wait_for(all_are(world, Ticket, "completed", 5))
    for ticket in await read(world, Ticket):
        passed = ticket.finished_at - ticket.created_at
        assert passed >= timedelta(seconds=1)
        assert ticket.finished_at - began < timedelta(seconds=10)
    assert {job.status for job in await read(world, Job)} == {"done"}


async def test_overdue_timers_fire_after_a_start(make_world: Make) -> None:
    stopped = await make_world(run_jobs=False)
    workflow = await stopped.publish(SOON)
    await stopped.start(workflow)
    await asyncio.sleep(1.2)
    assert [ticket.status for ticket in await read(stopped, Ticket)] == ["running"]
    world = await make_world()
    await wait_for(all_are(world, Ticket, "completed"))


async def test_answer_of_the_other_side_reaches_the_ticket(make_world: Make) -> None:
    handler = Handler({"status": 200, "body": {"ok": True}})
    world = await make_world(handler)
    started = await world.start(await world.publish(CALLING))
    await wait_for(all_are(world, Ticket, "completed"))
    (job,) = await read(world, Job)
    assert (job.status, job.tries, job.fence) == ("done", 1, 1)
    assert [call.ticket_id for call in handler.calls] == [started.ticket_id]


async def test_failure_is_retried_with_the_same_id(make_world: Make) -> None:
    handler = Handler(JobDelayed("busy"), RuntimeError("bug"), {"status": 200, "body": None})
    world = await make_world(handler)
    await world.start(await world.publish(CALLING))
    await wait_for(all_are(world, Ticket, "completed"))
    assert len({call.id for call in handler.calls}) == 1
    assert [call.tries for call in handler.calls] == [1, 2, 3]


@pytest.mark.parametrize(
    ("answer", "calls", "code"), [(JobDelayed("busy"), 3, "busy"), (JobRefused("closed"), 1, "closed")]
)
async def test_giving_up_is_an_incident_and_a_dead_letter(
    make_world: Make, answer: Exception, calls: int, code: str
) -> None:
    handler = Handler(answer)
    world = await make_world(handler)
    await world.start(await world.publish(CALLING))
    await wait_for(all_are(world, Job, "dead"))
    (incident,) = await read(world, Incident)
    assert (incident.node, incident.code, incident.resolved_at) == ("call", code, None)
    assert len(handler.calls) == calls
    handler.answers = [{"status": 200, "body": None}]
    (job,) = await read(world, Job)
    await world.runtime.retry_job(world.workspace, job.id)
    await wait_for(all_are(world, Ticket, "completed"))
    with pytest.raises(JobGone):
        await world.runtime.retry_job("x" * 36, job.id)


async def test_late_result_of_a_paused_worker_is_refused(make_world: Make) -> None:
    """The first worker sleeps beyond its lease, a second takes over; the first changes nothing."""
    gate, entered = asyncio.Event(), asyncio.Event()

    async def slow() -> dict[str, Any]:
        entered.set()
        await gate.wait()
        return {"status": 200, "body": "late"}

    paused = Handler(slow)
    first = await make_world(paused)
    workflow = await first.publish(CALLING)
    started = await first.start(workflow)
    async with asyncio.timeout(10):
        await entered.wait()
    async with first.database.unit_of_work() as session:
        await session.execute(update(Job).values(lease_until=EPOCH))
    prompt = Handler({"status": 200, "body": "prompt"})
    second = await make_world(prompt)
    await wait_for(all_are(second, Ticket, "completed"))
    gate.set()
    await asyncio.sleep(0.3)
    (ticket,) = await read(second, Ticket)
    assert '"answer":"prompt"' in ticket.state
    assert ticket.id == started.ticket_id
    (job,) = await read(second, Job)
    assert (job.status, job.fence) == ("done", 2)


async def test_workers_side_by_side_do_each_job_once(make_world: Make) -> None:
    handlers = [Handler({"status": 200, "body": None}) for _ in range(2)]
    worlds = [await make_world(handler) for handler in handlers]
    workflow = await worlds[0].publish(CALLING)
    await asyncio.gather(*(worlds[0].start(workflow) for at in range(40)))
    await wait_for(all_are(worlds[0], Ticket, "completed", 40))
    called = [call.id for handler in handlers for call in handler.calls]
    assert len(called) == len(set(called)) == 40


async def test_others_are_not_slowed_by_a_stuck_system(make_world: Make) -> None:
    gate = asyncio.Event()

    async def stuck() -> dict[str, Any]:
        await gate.wait()
        return {"status": 200, "body": None}

    world = await make_world(Handler(stuck))
    calling, soon = await world.publish(CALLING, "calling"), await world.publish(SOON, "soon")
    for _ in range(3):
        await world.start(calling)
    began = read_system_time()
    timed = await world.start(soon)

    async def fired() -> bool:
        return any(t.id == timed.ticket_id and t.status == "completed" for t in await read(world, Ticket))

    await wait_for(fired)
    assert read_system_time() - began < timedelta(seconds=6)
    gate.set()
    await wait_for(all_are(world, Ticket, "completed", 4))


async def test_cancelled_timer_never_fires(world: World) -> None:
    """On the virtual clock: what was called off stays off, and what is early is not fired."""
    workflow = await world.publish(WAITING)
    started = await world.start(workflow)
    (job,) = await read(world, Job)
    executor = world.runtime._executor
    assert await executor.execute(job.id) == EPOCH + timedelta(hours=1)
    world.clock.advance(hours=1)
    assert await executor.execute(job.id) is None
    assert await executor.execute(job.id) is None
    (ticket,) = await read(world, Ticket)
    assert ticket.id == started.ticket_id
    assert ticket.version == 2, "fired exactly once"
