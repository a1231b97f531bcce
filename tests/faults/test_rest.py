"""The process rests for days, the clock jumps, the hour changes: timers fire once, in order, never early."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from backend.db.models import Job, Member, Notification, Region, Ticket, TicketEvent
from backend.db.session import Database
from tests.unit.runtime.world import EPOCH, TestClock, World, definition

LADDER = [
    {"percent": 25, "action": "remind"},
    {"percent": 50, "action": "raise_priority"},
    {"percent": 75, "action": "remind"},
    {"percent": 100, "action": "escalate", "role": "regional_manager"},
    {"percent": 150, "action": "escalate", "role": "regional_manager"},
    {"percent": 200, "action": "remind"},
]


def flow(timeout: bool = False) -> dict[str, Any]:
    sla = {"duration": "PT8H", "working_hours": False, "ladder": LADDER, "timeout": timeout}
    task = {"form": "f", "offer": {"to": "role", "role": "agent"}, "sla": sla}
    return definition(
        {
            "start": ("start", {}),
            "fork": ("split", {}),
            "work": ("form_task", task),
            "one": ("wait", {"duration": "PT30H"}),
            "two": ("wait", {"duration": "PT20H"}),
            "meet": ("join", {"mode": "scope"}),
            "end": ("end", {}),
        },
        [
            "start>fork",
            "fork>work",
            "fork>one",
            "fork>two",
            "work.done>meet",
            "one>meet",
            "two>meet",
            "meet>end",
        ]
        + (["work.timeout>meet"] if timeout else []),
    )


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """On the virtual clock; timers fire when a test asks for it."""
    clock = TestClock()
    world = World(Database(database_url, clock), clock)
    await world.build()
    async with world.database.unit_of_work() as session:
        await session.execute(
            update(Member).where(Member.name == "cat").values(roles=["regional_manager"], region_id=None)
        )
    await world.runtime.start(run_jobs=False)
    yield world
    await world.runtime.stop()
    await world.database.dispose()


async def fire_all(world: World, *, at_once: bool = False) -> None:
    """As a queue does that gives out everything overdue at once, the latest first."""
    async with world.database.reading() as session:
        due = select(Job.id).where(Job.status == "pending").order_by(Job.due_at.desc())
        jobs = list((await session.execute(due)).scalars())
    executor = world.runtime._executor
    if at_once:
        await asyncio.gather(*(executor.execute(job) for job in jobs))
    else:
        for job in jobs:
            await executor.execute(job)


async def read_log(world: World, ticket: str) -> list[dict[str, Any]]:
    async with world.database.reading() as session:
        log = select(TicketEvent.event).where(TicketEvent.ticket_id == ticket).order_by(TicketEvent.seq)
        return list((await session.execute(log)).scalars())


async def read_due(world: World) -> dict[str, datetime]:
    """Due time of each timer, by the engine's id."""
    async with world.database.reading() as session:
        return dict((await session.execute(select(Job.key, Job.due_at))).tuples().all())


async def read_messages(world: World) -> Counter[tuple[str, str]]:
    """(member, code) of what people were told."""
    names = {member: name for name, member in world.members.items()}
    async with world.database.reading() as session:
        told = (await session.execute(select(Notification.member_id, Notification.code))).tuples().all()
    return Counter((names[member], code) for member, code in told)


@pytest.mark.faults
@pytest.mark.parametrize("at_once", [False, True])
async def test_three_days_down(world: World, at_once: bool) -> None:
    """Each overdue timer fires once, in due order; each person hears of it once."""
    started = await world.start(await world.publish(flow()))
    due = await read_due(world)
    world.clock.advance(days=3)
    await fire_all(world, at_once=at_once)
    await fire_all(world, at_once=at_once)
    fired = [event["timer"] for event in await read_log(world, started.ticket_id) if "timer" in event]
    assert sorted(fired) == sorted(due), "each once"
    assert [due[timer] for timer in fired] == sorted(due.values()), "in the order of their due times"
    assert await read_messages(world) == {
        ("ann", "task_reminder"): 1,
        ("bob", "task_reminder"): 1,
        ("cat", "task_escalated"): 1,
    }
    async with world.database.reading() as session:
        (priority,) = (await session.execute(select(Ticket.priority))).scalars()
    assert priority == "high", "what a rung changes is changed all the same"


@pytest.mark.faults
async def test_nobody_is_reminded_of_a_task_that_times_out(world: World) -> None:
    await world.start(await world.publish(flow(timeout=True)))
    world.clock.advance(days=3)
    await fire_all(world)
    assert not await read_messages(world)
    async with world.database.reading() as session:
        (status,) = (await session.execute(select(Ticket.status))).scalars()
    assert status == "completed"


@pytest.mark.faults
async def test_a_ladder_that_is_on_time_speaks_at_each_rung(world: World) -> None:
    await world.start(await world.publish(flow()))
    for _ in range(17):
        world.clock.advance(hours=1)
        await fire_all(world)
    assert await read_messages(world) == {
        ("ann", "task_reminder"): 4,
        ("bob", "task_reminder"): 4,
        ("cat", "task_escalated"): 2,
    }


@pytest.mark.faults
async def test_clock_that_jumps_back_and_forth(world: World) -> None:
    """Back: nothing early. Forward: once. Back again: not twice."""
    started = await world.start(await world.publish(flow()))
    first = EPOCH + timedelta(hours=2)
    for moment, expected in (
        (first - timedelta(seconds=1), 0),
        (EPOCH - timedelta(days=2), 0),
        (first, 1),
        (EPOCH - timedelta(days=2), 1),
        (first + timedelta(seconds=1), 1),
    ):
        world.clock.now = moment
        await fire_all(world)
        fired = [event for event in await read_log(world, started.ticket_id) if "timer" in event]
        assert len(fired) == expected, moment


@pytest.mark.faults
@pytest.mark.parametrize(
    ("opened", "due"),
    [
        # Berlin's clocks go forward on 2026-03-29 at 02:00, back on 2026-10-25 at 03:00; open 08:00 to 20:00
        (datetime(2026, 3, 28, 18, 0, tzinfo=UTC), datetime(2026, 3, 29, 13, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 17, 0, tzinfo=UTC), datetime(2026, 10, 25, 14, 0, tzinfo=UTC)),
    ],
)
async def test_working_hours_over_a_change_of_the_hour(world: World, opened: datetime, due: datetime) -> None:
    """8 working hours, 1 of them on the evening before: due 15:00 by the region's own clock."""
    week = {str(day): [["08:00", "20:00"]] for day in range(1, 8)}
    async with world.database.unit_of_work() as session:
        berlin = {"zone": "Europe/Berlin", "calendar": {"week": week}}
        await session.execute(update(Region).where(Region.key == "sh").values(berlin))
    sla = {"duration": "PT8H", "working_hours": True, "timeout": True}
    task = {"form": "f", "offer": {"to": "role", "role": "agent"}, "sla": sla}
    work = definition(
        {"start": ("start", {}), "work": ("form_task", task), "end": ("end", {})},
        ["start>work", "work.done>end", "work.timeout>end"],
    )
    world.clock.now = opened
    started = await world.start(await world.publish(work))
    (moment,) = (await read_due(world)).values()
    assert moment == due
    for now, expected in ((due - timedelta(microseconds=1), "running"), (due, "completed")):
        world.clock.now = now
        await fire_all(world)
        async with world.database.reading() as session:
            ticket = await session.get(Ticket, started.ticket_id)
            assert ticket is not None and ticket.status == expected
