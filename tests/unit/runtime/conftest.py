"""Both databases for every test of the runtime."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.db.session import Database
from tests.unit.runtime.world import TestClock, World


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, TestClock())
    yield database
    await database.dispose()


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """Started, but executing jobs only when a test says so."""
    assert isinstance(database.clock, TestClock)
    world = World(database, database.clock)
    await world.build()
    await world.runtime.start(run_jobs=False)
    yield world
    await world.runtime.stop()
