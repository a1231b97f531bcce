"""Fixtures: an empty, migrated database of each kind for a test of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.engines import PostgresqlTemplate, SqliteTemplate

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[SqliteTemplate]:
    """The migrated file of this process."""
    template = SqliteTemplate()
    yield template
    template.remove()


@pytest.fixture(scope="session")
def postgresql_template() -> PostgresqlTemplate:
    """The migrated database of this process, on the server of the run."""
    return PostgresqlTemplate()


@pytest.fixture
async def sqlite_url(sqlite_template: SqliteTemplate, tmp_path: Path) -> str:
    """URL of an empty, migrated SQLite file."""
    return await sqlite_template.create(tmp_path)


@pytest.fixture
async def postgresql_url(postgresql_template: PostgresqlTemplate) -> AsyncIterator[str]:
    """URL of an empty, migrated PostgreSQL database, dropped after the test."""
    async with postgresql_template.create() as url:
        yield url


@pytest.fixture(params=BOTH)
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The test runs twice: on an empty, migrated SQLite file and on such a PostgreSQL database."""
    if request.param == "sqlite":
        yield await request.getfixturevalue("sqlite_template").create(tmp_path)
        return
    async with request.getfixturevalue("postgresql_template").create() as url:
        yield url
