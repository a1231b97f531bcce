"""Both databases for every test of the runtime."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from backend.db.session import Database
from tests.support.engines import PostgresqlTemplate, SqliteTemplate
from tests.unit.runtime.world import TestClock, World


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[SqliteTemplate]:
    template = SqliteTemplate()
    yield template
    template.remove()


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[PostgresqlTemplate]:
    template = PostgresqlTemplate()
    yield template
    template.remove()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield await request.getfixturevalue("sqlite_template").create(tmp_path)
        return
    async with request.getfixturevalue("postgresql_template").create() as url:
        yield url


@pytest.fixture
async def database(fresh_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_url, TestClock())
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
