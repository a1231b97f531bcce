"""Limits of a target hold across processes and slow nothing else; what waits is never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from backend.db.models import Job, JobLimit
from backend.db.session import Database, read_system_time
from backend.db.types import new_id
from backend.engine.events import Cancelled
from backend.runtime.jobs import execution, places
from backend.runtime.jobs.claiming import claim
from backend.runtime.jobs.pgqueuer_engine import install_queue
from backend.runtime.jobs.port import BackOff, ClaimedJob, JobDelayed
from backend.runtime.jobs.targets import Limit, choose_limit, find_target
from tests.unit.runtime.world import WAITING, World, definition


@pytest.mark.parametrize(
    ("kind", "payload", "target"),
    [
        ("webhook", {"url": "https://API.example.com:8443/x"}, "api.example.com"),
        ("webhook", {"url": "http://[::1]/x"}, "::1"),
        ("webhook", {"url": "http://[broken/x"}, ""),
        ("email", {}, "email"),
        ("timer", {}, ""),
    ],
)
def test_target_of_a_job(kind: str, payload: dict[str, Any], target: str) -> None:
    assert find_target(kind, payload) == target


@pytest.mark.parametrize(
    ("target", "pattern"),
    [
        ("api.example.com", "api.example.com"),
        ("eu.example.com", "*.example.com"),
        ("a.eu.example.com", "*.eu.example.com"),
        ("example.com", "*"),
        ("email", "*"),
    ],
)
def test_the_most_specific_limit_counts(target: str, pattern: str) -> None:
    patterns = ["*", "*.example.com", "*.eu.example.com", "api.example.com"]
    chosen = choose_limit([Limit(pattern=each) for each in patterns], target)
    assert chosen is not None
    assert chosen.pattern == pattern


def calling(host: str) -> dict[str, Any]:
    return definition(
        {
            "start": ("start", {}),
            "call": ("webhook", {"method": "POST", "url": f"https://{host}/x", "result_field": "answer"}),
            "end": ("end", {}),
        },
        ["start>call", "call.ok>end"],
    )


class Outside:
    """Notes when it is called and how many are at work at once."""

    def __init__(self, takes: float = 0.0, fails: int = 0) -> None:
        self.takes = takes
        self.fails = fails
        self.began: list[tuple[datetime, str]] = []
        self.now = self.most = 0

    async def __call__(self, job: ClaimedJob) -> Any:
        self.began.append((read_system_time(), job.target))
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(self.takes)
        finally:
            self.now -= 1
        if len(self.began) <= self.fails:
            raise JobDelayed("busy")
        return {"status": 200, "body": None}


@pytest.fixture
async def worlds() -> AsyncIterator[list[World]]:
    """Worlds of one database; the test starts their engines."""
    made: list[World] = []
    yield made
    for world in made:
        await world.runtime.stop()
        await world.database.dispose()


async def open_world(worlds: list[World], url: str, outside: Outside) -> World:
    world = World(
        Database(url),
        read_system_time,  # type: ignore[arg-type]
        handlers={"webhook": outside},
        back_off=BackOff(tries=3, first_s=0.05, longest_s=0.1),
    )
    if not worlds:
        await world.build()
    if world.database.dialect == "postgresql":
        await install_queue(world.database)
    worlds.append(world)
    return world


async def limit(world: World, pattern: str, **values: int) -> None:
    async with world.database.unit_of_work() as session:
        session.add(
            JobLimit(
                id=new_id(),
                workspace_id=world.workspace,
                pattern=pattern,
                updated_at=read_system_time(),
                **{"seconds": 1, **values},
            )
        )


async def wait_until_done(world: World, count: int) -> None:
    async with asyncio.timeout(20):
        while True:
            async with world.database.reading() as session:
                states = list((await session.execute(select(Job.status))).scalars())
            if states == ["done"] * count:
                return
            await asyncio.sleep(0.03)


async def test_a_rate_is_spread_evenly_and_others_are_not_slowed(
    database_url: str, worlds: list[World]
) -> None:
    outside = Outside()
    world = await open_world(worlds, database_url, outside)
    await limit(world, "slow.example.com", rate=10)
    slow = await world.publish(calling("slow.example.com"), "slow")
    quick = await world.publish(calling("quick.example.com"), "quick")
    for workflow in [slow] * 8 + [quick] * 8:
        await world.start(workflow)
    await world.runtime.start(run_jobs=True)
    await wait_until_done(world, 16)
    began = sorted(at for at, target in outside.began if target == "slow.example.com")
    assert began[-1] - began[0] >= timedelta(seconds=0.65)
    last_quick = max(at for at, target in outside.began if target == "quick.example.com")
    assert last_quick < began[-1]


async def test_so_many_at_once_across_processes(database_url: str, worlds: list[World]) -> None:
    outside = Outside(takes=0.05)
    world = await open_world(worlds, database_url, outside)
    await limit(world, "*.example.com", at_once=2)
    workflow = await world.publish(calling("one.example.com"))
    for _ in range(12):
        await world.start(workflow)
    await world.runtime.start(run_jobs=True)
    if world.database.dialect == "postgresql":
        other = await open_world(worlds, database_url, outside)
        await other.runtime.start(run_jobs=True)
    await wait_until_done(world, 12)
    assert outside.most == 2
    assert len(outside.began) == 12


async def test_one_slow_target_leaves_places_for_others(sqlite_url: str, worlds: list[World]) -> None:
    outside = Outside(takes=0.4)
    world = await open_world(worlds, sqlite_url, outside)
    slow = await world.publish(calling("slow.example.com"), "slow")
    other = await world.publish(calling("other.example.com"), "other")
    for _ in range(20):
        await world.start(slow)
    await world.start(other)
    await world.runtime.start(run_jobs=True)
    await wait_until_done(world, 21)
    first = outside.began[0][0]
    (at,) = [at for at, target in outside.began if target == "other.example.com"]
    assert at - first < timedelta(seconds=0.4)


@pytest.mark.parametrize("quick", [True, False])
async def test_many_jobs_of_one_target(
    postgresql_url: str, worlds: list[World], monkeypatch: pytest.MonkeyPatch, quick: bool
) -> None:
    """Of a quick target none is put to rest; of a slow one some are, and each is called again, although
    another process is at work, too."""
    monkeypatch.setattr(places, "PATIENCE_S", 60.0 if quick else 0.0)
    monkeypatch.setattr(places, "QUICK_S", 60.0 if quick else 0.0)
    parked: list[str] = []

    def claim_noted(job_id: str, now: datetime, *, crowded: bool = False) -> Any:
        if crowded:
            parked.append(job_id)
        return claim(job_id, now, crowded=crowded)

    monkeypatch.setattr(execution, "claim", claim_noted)
    outside = Outside(takes=0.0 if quick else 0.02)
    world = await open_world(worlds, postgresql_url, outside)
    workflow = await world.publish(calling("one.example.com"))
    for _ in range(60):
        await world.start(workflow)
    await world.runtime.start(run_jobs=True)
    if not quick:
        other = await open_world(worlds, postgresql_url, outside)
        await other.runtime.start(run_jobs=True)
    await wait_until_done(world, 60)
    assert len(outside.began) == 60
    assert outside.most <= len(worlds) * places.AT_ONCE_HERE
    assert bool(parked) is not quick


PLACE = ("w", "one.example.com")


async def test_a_place_goes_to_who_waits_longest() -> None:
    here = places.Places()
    assert all(here.take(PLACE) for _ in range(places.AT_ONCE_HERE))
    assert not here.take(PLACE)
    assert here.take(("w", "")), "what has no target waits for nobody"
    came: list[int] = []

    async def come(number: int) -> None:
        assert await here.wait(PLACE)
        came.append(number)

    waiting = [asyncio.create_task(come(number)) for number in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(waiting[0], return_exceptions=True)
    here.free(PLACE)
    await waiting[1]
    assert came == [1]
    here.note(PLACE, places.QUICK_S)
    assert not await here.wait(PLACE), "nobody waits for a slow target"
    here.free(PLACE)
    await waiting[2]
    assert came == [1, 2]
    assert not here.take(PLACE)


async def test_who_is_put_to_rest_meanwhile_is_looked_for_again() -> None:
    here = places.Places()
    before = here.parked(PLACE)
    assert here.park(PLACE), "a place is free: the one who parked looks himself"
    assert not here.forget(PLACE, before)
    assert here.forget(PLACE, here.parked(PLACE))


async def test_tries_of_a_target(sqlite_url: str, worlds: list[World]) -> None:
    outside = Outside(fails=5)
    world = await open_world(worlds, sqlite_url, outside)
    await limit(world, "*", tries=6, first_s=0, longest_s=1)
    await world.start(await world.publish(calling("one.example.com")))
    await world.runtime.start(run_jobs=True)
    await wait_until_done(world, 1)
    async with world.database.reading() as session:
        job = (await session.execute(select(Job))).scalar_one()
    assert (job.tries, [failure["code"] for failure in job.failures]) == (6, ["busy"] * 5)


async def test_the_urgent_ticket_goes_first(sqlite_url: str, worlds: list[World]) -> None:
    outside = Outside()
    world = await open_world(worlds, sqlite_url, outside)
    workflow = await world.publish(calling("one.example.com"))
    started = {}
    for priority in ("low", "normal", "urgent", "high"):
        started[(await world.start(workflow, priority=priority)).ticket_id] = priority
    async with world.database.reading() as session:
        rows = (await session.execute(select(Job).order_by(Job.priority))).scalars()
        assert [started[row.ticket_id or ""] for row in rows] == ["urgent", "high", "normal", "low"]


async def test_cancelled_timers_leave_nothing_in_the_queue(postgresql_url: str, worlds: list[World]) -> None:
    world = await open_world(worlds, postgresql_url, Outside())
    await world.runtime.start(run_jobs=False)
    started = await world.start(await world.publish(WAITING))
    kept = await world.start(await world.publish(WAITING, "second"))
    await world.runtime.apply(world.workspace, started.ticket_id, Cancelled(reason="x"))

    async def count() -> int:
        async with world.database.reading() as session:
            found: int = (await session.execute(text("SELECT count(*) FROM pgqueuer"))).scalar_one()
            return found

    assert await count() == 2
    assert await world.runtime.tidy() == 0, "a fresh one may belong to a transaction under way"
    async with world.database.unit_of_work() as session:
        await session.execute(text("UPDATE pgqueuer SET created = created - interval '1 hour'"))
    assert await world.runtime.tidy() == 1
    assert await count() == 1
    assert kept.state.timers
