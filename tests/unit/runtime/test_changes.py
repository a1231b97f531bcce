"""Who waits hears of what was committed, and only in their workspace."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from backend.engine.events import TaskCompleted
from backend.runtime import changes
from backend.runtime.changes import HISTORY, Broadcaster, Listener
from tests.unit.runtime.world import AGENT, VISIT_AND_SETTLE, World, definition


async def test_waiting_page_hears_a_commit(world: World) -> None:
    workflow = await world.publish(VISIT_AND_SETTLE)
    broadcaster = world.runtime.broadcaster
    last, topics = await broadcaster.wait(world.workspace, None, 0)
    assert topics == []
    waiting = asyncio.create_task(broadcaster.wait(world.workspace, last, 5))
    elsewhere = asyncio.create_task(broadcaster.wait("other", last, 0.5))
    started = await world.start(workflow)
    heard, topics = await waiting
    assert set(topics) == {f"ticket:{started.ticket_id}", "tasks", "notifications"}
    assert await broadcaster.wait(world.workspace, heard, 0.05) == (heard, [])
    assert (await elsewhere)[1] == []


async def test_unknown_numbers_mean_read_everything() -> None:
    broadcaster = Broadcaster()
    last, _ = await broadcaster.wait("w", None, 0)
    assert last < 2**53
    for foreign in (last - 1, last + 1, 0, -5):
        assert (await broadcaster.wait("w", foreign, 0))[1] == ["*"]
    broadcaster.publish(("w", f"t{at}") for at in range(HISTORY + 10))
    assert (await broadcaster.wait("w", last, 0))[1] == ["*"], "too old to be remembered"
    now, _ = await broadcaster.wait("w", None, 0)
    broadcaster.publish([("w", "a"), ("v", "b"), ("w", "a")])
    assert await broadcaster.wait("w", now, 0) == (now + 3, ["a"])
    broadcaster.forget()
    assert (await broadcaster.wait("w", now + 3, 0))[1] == ["*"]


async def test_dispatch_strategies_choose_and_say_why(world: World) -> None:
    """Round robin takes turns; the last handler of a customer is asked again."""

    def sending(strategy: str) -> dict[str, object]:
        return definition(
            {
                "start": ("start", {}),
                "send": ("dispatch", {"role": "agent", "strategy": strategy}),
                "work": ("form_task", {"form": "f", "offer": {"to": "owner"}}),
                "more": ("form_task", AGENT),
                "end": ("end", {}),
            },
            ["start>send", "send.assigned>work", "work.done>more", "more.done>end"],
        )

    turns = await world.publish(sending("round_robin"), "turns")
    owners = []
    for _ in range(4):
        world.clock.advance(seconds=1)
        owners.append((await world.start(turns)).state.people["owner"])
    assert owners[:2] == owners[2:]
    assert len(set(owners)) == 2
    known = await world.publish(sending("last_handler"), "known")
    customer = {"name": "c", "phone": "13800000000"}
    first = await world.start(known, customer=customer)
    handler = first.state.people["owner"]
    result = first
    for _ in ("work", "more"):
        event = TaskCompleted(task=next(iter(result.state.tasks)), outcome="done", member=handler)
        result = await world.runtime.apply(world.workspace, first.ticket_id, event, actor=handler)
    for _ in range(3):
        assert (await world.start(known, customer=customer)).state.people["owner"] == handler
    world.clock.advance(days=9)
    assert await world.runtime.archive(world.clock()) == 1
    for _ in range(3):
        assert (await world.start(known, customer=customer)).state.people["owner"] == handler


async def test_a_listener_survives_a_connection_that_breaks_within_an_operation(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Exception] = []

    async def break_off(listener: Listener) -> None:
        heard.append(asyncpg.InternalClientError("cannot switch to state 12"))
        raise heard[-1]

    monkeypatch.setattr(changes, "RECONNECT_S", 0)
    monkeypatch.setattr(Listener, "_hear", break_off)
    listener = Listener(world.database, Broadcaster())
    async with asyncio.timeout(60):
        await listener.start()
        while len(heard) < 3:
            await asyncio.sleep(0)
    await listener.stop()
