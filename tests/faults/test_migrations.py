"""A migration killed half-way: the next start finishes it, and the schema is as if nothing had been."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils import uuid7

from backend.db.migration import find_head, read_version, upgrade
from tests.support.databases import BOTH
from tests.support.engines import PostgresqlTemplate

LONG = os.environ.get("TIERFLOW_FAULTS") == "long"
ROOT = Path(__file__).resolve().parents[2]


Place = Callable[[], AbstractAsyncContextManager[str]]


@pytest.fixture(params=BOTH)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Makes databases without any table."""
    if request.param == "postgresql":
        template: PostgresqlTemplate = request.getfixturevalue("postgresql_template")
        return template.create_empty

    @asynccontextmanager
    async def create() -> AsyncIterator[str]:
        yield f"sqlite+aiosqlite:///{tmp_path / uuid7().hex}.sqlite"

    return create


async def migrate(url: str, kill_at: int) -> tuple[int, list[int]]:
    """Exit status, and the numbers of the statements that ended a migration."""
    words = ["-W", "ignore", "-m", "tests.faults.migrant", url, str(kill_at)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return process.returncode or 0, [int(line) for line in out.split()]


async def describe(url: str) -> dict[str, Any]:
    """Tables with their columns and indexes."""
    metadata = MetaData()
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(make_url(url).set(drivername="sqlite"))
        metadata.reflect(engine)
        engine.dispose()
    else:
        reader = create_async_engine(url)
        async with reader.connect() as connection:
            await connection.run_sync(metadata.reflect)
        await reader.dispose()
    return {
        name: (
            [(column.name, str(column.type), column.nullable) for column in table.columns],
            sorted(str(index.name) for index in table.indexes),
        )
        for name, table in metadata.tables.items()
    }


def choose_points(ends: list[int]) -> list[int]:
    """Statements to die before: in the middle of each migration, before its version row, and right after."""
    points: list[int] = []
    for start, end in zip([0, *ends], ends, strict=False):
        points += [max(1, (start + end) // 2), end, end + 1]
    points = [point for point in points if point <= ends[-1]]
    return points if LONG else points[1 :: max(1, len(points) // 2)]


@pytest.mark.faults
@pytest.mark.timeout(900)
async def test_a_killed_migration_is_finished_by_the_next_start(place: Place) -> None:
    async with place() as calm:
        status, ends = await migrate(calm, 0)
        assert status == 0
        assert await read_version(calm) == find_head()
        expected = await describe(calm)
    for point in choose_points(ends):
        async with place() as url:
            assert (await migrate(url, point))[0] == 137
            done = sum(end < point for end in ends)
            assert await read_version(url) in {None, f"{done:04}", f"{done - 1:04}"}, "never inside one"
            assert await upgrade(url)
            assert await describe(url) == expected
            assert not await upgrade(url)
