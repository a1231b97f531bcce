"""Two transactions that want the same two sums in opposite order, where both run at once: PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import asyncpg
import pytest
from sqlalchemy import func, select

from backend.db.session import Database
from backend.runtime.collisions import run_anew
from backend.runtime.scripts import Driver, Script, ask
from backend.runtime.statements import LOCK_ACCUMULATOR, OPEN_ACCUMULATOR, Statement
from tests.unit.runtime.world import TestClock, World

LINGER = Statement(select(func.pg_sleep(0.2)))
"""Between the two locks, so that both transactions hold the first."""


@pytest.fixture
async def world(postgresql_url: str) -> AsyncIterator[World]:
    database = Database(postgresql_url, TestClock())
    assert isinstance(database.clock, TestClock)
    world = World(database, database.clock)
    await world.build()
    await world.runtime.start(run_jobs=False)
    yield world
    await world.runtime.stop()
    await database.dispose()


class Takers:
    """Each takes the sums in its own order; `begun` counts how often one began."""

    def __init__(self, world: World) -> None:
        self.workspace = world.workspace
        self.driver: Driver = world.runtime._driver
        self.begun = 0

    def take(self, *keys: str) -> Script[str]:
        self.begun += 1
        for key in keys:
            params = {"workspace": self.workspace, "key": key, "period": "2026-03"}
            yield from ask(OPEN_ACCUMULATOR, **params)
            yield from ask(LOCK_ACCUMULATOR, **params)
            yield from ask(LINGER)
        return keys[0]


async def test_opposite_orders_collide(world: World) -> None:
    takers = Takers(world)
    ways = [takers.driver.run(takers.take(*keys)) for keys in ("ab", "ba")]
    found = await asyncio.gather(*ways, return_exceptions=True)
    assert sum(isinstance(each, asyncpg.DeadlockDetectedError) for each in found) == 1, found


async def test_the_one_that_was_ended_is_made_anew(world: World) -> None:
    takers = Takers(world)
    ways = [run_anew(takers.driver, partial(takers.take, *keys)) for keys in ("ab", "ba")]
    assert await asyncio.gather(*ways) == ["a", "b"]
    assert takers.begun > len(ways)
