"""Reading runs on the event loop while it is short; whatever is long or may wait runs in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from backend.db.session import Database, open_sqlite
from backend.db.sqlite_connection import FIRST_ROWS

COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT {} FROM n"
HERE = threading.get_ident()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "x.sqlite"
    open_sqlite(path).execute("CREATE TABLE things (id INTEGER PRIMARY KEY)").connection.close()
    database = Database(f"sqlite+aiosqlite:///{path}")
    yield database
    await database.dispose()


async def where(database: Database, sql: str, *, writes: bool = False) -> set[int]:
    """Threads in which a statement ran: it calls a function of ours in its last row."""
    seen: set[int] = set()

    def mark(value: int) -> int:
        seen.add(threading.get_ident())
        return value

    async with database.unit_of_work() if writes else database.reading() as session:
        pooled = await (await session.connection()).get_raw_connection()
        connection: Any = pooled.driver_connection
        connection.raw.create_function("mark", 1, mark)
        await session.execute(text(sql))
    return seen


async def test_short_reading_needs_no_thread(database: Database) -> None:
    assert await where(database, "SELECT mark(1)") == {HERE}
    for _ in range(50):  # SQLite counts the work of a cached statement together
        assert await where(database, COUNT.format(500, "max(mark(i))")) == {HERE}


async def test_long_reading_goes_on_in_a_thread(database: Database) -> None:
    assert len(await where(database, COUNT.format(200_000, "max(mark(i))")) - {HERE}) == 1
    async with database.reading() as session:
        rows = (await session.execute(text(COUNT.format(200_000, "i")))).scalars().all()
    assert rows == list(range(1, 200_001))


async def test_writing_runs_in_a_thread(database: Database) -> None:
    assert HERE not in await where(database, "INSERT INTO things VALUES (mark(7))", writes=True)
    async with database.reading() as session:
        assert (await session.execute(text("SELECT id FROM things"))).scalars().all() == [7]


@pytest.mark.parametrize("count", [0, 1, FIRST_ROWS - 1, FIRST_ROWS, FIRST_ROWS + 1, 5 * FIRST_ROWS])
async def test_every_row_comes_once(database: Database, count: int) -> None:
    counted = COUNT.format(count, "i") + f" WHERE i <= {count}"
    async with database.reading() as session:
        assert (await session.execute(text(counted))).scalars().all() == list(range(1, count + 1))
        streamed = await session.stream_scalars(text(counted))
        assert [value async for value in streamed] == list(range(1, count + 1))


async def test_an_error_is_the_statements_own(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(OperationalError, match="no such table"):
            await session.execute(text("SELECT * FROM absent"))


async def test_who_gives_up_leaves_nothing_behind(database: Database) -> None:
    """The connection of a cancelled request ends its statement before anybody uses it again."""
    endless = text(COUNT.format(3_000_000, "max(i)"))

    async def ask() -> None:
        async with database.unit_of_work() as session:
            await session.execute(text("INSERT INTO things VALUES (1)"))
            await session.execute(endless)

    asking = asyncio.create_task(ask())
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    async with database.unit_of_work() as session:
        await session.execute(text("INSERT INTO things VALUES (2)"))
    async with database.reading() as session:
        assert (await session.execute(text("SELECT id FROM things"))).scalars().all() == [2]
