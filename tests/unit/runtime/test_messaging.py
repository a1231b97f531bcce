"""Messages find who waits, each once, whoever comes first; signals wake everybody."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import msgspec

from backend.db.models import Job, Message, MessageSubscription, Ticket
from backend.engine.events import Cancelled
from backend.engine.state import State
from backend.node_sdk import Outgoing
from tests.unit.runtime.test_jobs import Make, all_are, make_world, read, wait_for
from tests.unit.runtime.world import AWAITING, SENDING, World, definition

__all__ = ["make_world"]

HEARING = definition(
    {
        "start": ("start", {}),
        "wait": ("wait", {"mode": "signal", "signal": "storm_over"}),
        "end": ("end", {}),
    },
    ["start>wait", "wait.next>end"],
)
TWICE = definition(
    {
        "start": ("start", {}),
        "one": ("wait", {"mode": "message", "message": "paid", "correlation": "data.order"}),
        "two": ("wait", {"mode": "message", "message": "paid", "correlation": "data.order"}),
        "end": ("end", {}),
    },
    ["start>one", "one.next>two", "two.next>end"],
)
OR_TIMEOUT = definition(
    {
        "start": ("start", {}),
        "wait": (
            "wait",
            {"mode": "message", "message": "paid", "correlation": "data.order", "timeout": "PT1S"},
        ),
        "late": ("wait", {"duration": "P1D"}),
        "end": ("end", {}),
    },
    ["start>wait", "wait.next>end", "wait.timeout>late", "late.next>end"],
)


def paid(order: str = "A", keep: int = 0, **data: Any) -> Outgoing:
    return Outgoing(name="paid", correlation=order, data=data, keep_seconds=keep)


def state_of(ticket: Ticket) -> State:
    return msgspec.json.decode(ticket.state, type=State)


async def run_jobs(world: World) -> None:
    """What is due, one after the other, until nothing is."""
    while due := [job for job in await read(world, Job) if job.status == "pending" and job.kind != "timer"]:
        for job in due:
            await world.runtime._executor.execute(job.id)


async def test_message_wakes_only_the_ticket_of_its_correlation(world: World) -> None:
    workflow = await world.publish(AWAITING)
    mine = await world.start(workflow, data={"order": "A"})
    await world.start(workflow, data={"order": "B"})
    delivery = await world.runtime.deliver_message(world.workspace, paid("A", amount=5))
    assert (delivery.delivered, delivery.buffered) == ((mine.ticket_id,), False)
    await run_jobs(world)
    statuses = {state_of(ticket).data["order"]: ticket.status for ticket in await read(world, Ticket)}
    assert statuses == {"A": "completed", "B": "running"}
    data = {state_of(ticket).data["order"]: state_of(ticket).data for ticket in await read(world, Ticket)}
    assert data["A"]["amount"] == 5
    assert [row.correlation for row in await read(world, MessageSubscription)] == ["B"]


async def test_message_nobody_waits_for_is_kept_until_it_expires(world: World) -> None:
    workflow = await world.publish(AWAITING)
    assert (await world.runtime.deliver_message(world.workspace, paid("A", 3600, n=1))).buffered
    assert (await world.runtime.deliver_message(world.workspace, paid("B", 60))).buffered
    assert not (await world.runtime.deliver_message(world.workspace, paid("C"))).buffered
    world.clock.advance(minutes=2)
    for order in ("A", "A", "B", "C"):
        await world.start(workflow, data={"order": order})
    await run_jobs(world)
    found = sorted((state_of(ticket).data["order"], ticket.status) for ticket in await read(world, Ticket))
    assert found == [("A", "completed"), ("A", "running"), ("B", "running"), ("C", "running")]


async def test_same_id_is_one_message(world: World) -> None:
    workflow = await world.publish(AWAITING)
    started = await world.start(workflow, data={"order": "A"})
    send = world.runtime.deliver_message
    first, again = await asyncio.gather(
        *(send(world.workspace, paid("A", 3600), message_id="m-1") for _ in range(2))
    )
    assert first.delivered == again.delivered == (started.ticket_id,)
    assert sorted((first.repeated, again.repeated)) == [False, True]
    assert len([job for job in await read(world, Job) if job.kind == "event"]) == 1
    await world.start(workflow, data={"order": "A"})
    await run_jobs(world)
    assert sorted(ticket.status for ticket in await read(world, Ticket)) == ["completed", "running"]


async def test_two_messages_are_two_for_who_waits_twice(world: World) -> None:
    workflow = await world.publish(TWICE)
    await world.start(workflow, data={"order": "A"})
    send = world.runtime.deliver_message
    await asyncio.gather(*(send(world.workspace, paid("A", 3600, **{key: 1})) for key in "xy"))
    await run_jobs(world)
    (ticket,) = await read(world, Ticket)
    assert ticket.status == "completed"
    assert {"x", "y"} <= set(state_of(ticket).data)
    assert await read(world, MessageSubscription) == []


async def test_message_that_comes_too_late_goes_to_the_next(world: World) -> None:
    workflow = await world.publish(OR_TIMEOUT)
    first = await world.start(workflow, data={"order": "A"})
    await world.runtime.deliver_message(world.workspace, paid("A", 3600))
    world.clock.advance(seconds=2)
    (timer,) = [job for job in await read(world, Job) if job.kind == "timer"]
    await world.runtime._executor.execute(timer.id)
    await run_jobs(world)
    assert [row.status for row in await read(world, Message)] == ["waiting"]
    second = await world.start(workflow, data={"order": "A"})
    await run_jobs(world)
    found = {ticket.id: ticket.status for ticket in await read(world, Ticket)}
    assert found == {first.ticket_id: "running", second.ticket_id: "completed"}


async def test_cancelled_ticket_waits_no_more(world: World) -> None:
    started = await world.start(await world.publish(AWAITING), data={"order": "A"})
    await world.runtime.apply(world.workspace, started.ticket_id, Cancelled(reason="x"))
    assert await read(world, MessageSubscription) == []
    delivery = await world.runtime.deliver_message(world.workspace, paid("A", 60))
    assert (delivery.delivered, delivery.buffered) == ((), True)


async def test_signal_wakes_everybody_who_waits_and_is_not_kept(world: World) -> None:
    workflow = await world.publish(HEARING)
    early = [await world.start(workflow) for _ in range(3)]
    signal = Outgoing(name="storm_over", data={"wind": 3}, signal=True)
    delivery = await world.runtime.deliver_message(world.workspace, signal)
    assert set(delivery.delivered) == {started.ticket_id for started in early}
    late = await world.start(workflow)
    await run_jobs(world)
    running = [ticket.id for ticket in await read(world, Ticket) if ticket.status == "running"]
    assert running == [late.ticket_id]


async def test_tickets_and_messages_at_once_each_meet_once(make_world: Make) -> None:
    world = await make_world()
    awaiting, sending = await world.publish(AWAITING, "awaiting"), await world.publish(SENDING, "sending")
    orders = [f"o{at}" for at in range(8)]
    starts = [world.start(awaiting, data={"order": order}) for order in orders]
    sends = [world.start(sending, data={"order": order, "amount": at}) for at, order in enumerate(orders)]
    mixed = [work for pair in zip(starts, sends, strict=True) for work in pair]
    await asyncio.gather(*mixed)
    await wait_for(all_are(world, Ticket, "completed", 16))
    states = [state_of(row) for row in await read(world, Ticket)]
    amounts = {state.data["order"]: state.data.get("amount") for state in states}
    assert amounts == {order: at for at, order in enumerate(orders)}
    assert await read(world, MessageSubscription) == []


def playing(hears: str, says: str, *, begins: bool) -> dict[str, Any]:
    """Sends and waits in turn, three times; both sides hold several channels in one transaction."""
    say = ("send_message", {"name": says, "correlation": "data.order", "keep": "PT1H"})
    hear = ("wait", {"mode": "message", "message": hears, "correlation": "data.order"})
    turn = [say, hear] if begins else [hear, say]
    steps = {f"n{at}": step for at, step in enumerate(turn * 3)}
    names = ["start", *steps, "end"]
    return definition(
        {"start": ("start", {}), **steps, "end": ("end", {})},
        [f"{source}.next>{target}" for source, target in itertools.pairwise(names)],
    )


async def test_tickets_that_answer_each_other_come_to_an_end(make_world: Make) -> None:
    world = await make_world()
    ping = await world.publish(playing("pong", "ping", begins=True), "ping")
    pong = await world.publish(playing("ping", "pong", begins=False), "pong")
    starts = [world.start(side, data={"order": order}) for order in ("A", "B", "C") for side in (ping, pong)]
    await asyncio.gather(*starts)
    await wait_for(all_are(world, Ticket, "completed", 6))
    assert await read(world, MessageSubscription) == []
    assert [row for row in await read(world, Message) if row.status == "waiting"] == []
