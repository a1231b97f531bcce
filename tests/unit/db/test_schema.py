"""The migrated schema is the models' schema, and the database itself holds what must never change."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, literal, select, text
from sqlalchemy.exc import DBAPIError

from backend.db.migration import find_head, read_version, upgrade
from backend.db.models import LedgerLine, Posting, Record
from backend.db.session import Database, announce
from backend.runtime.audit import append, find_break
from tests.support.books import open_month
from tests.unit.runtime.world import EPOCH, TARIFF, VISIT_AND_SETTLE, World


async def test_migrations_lead_to_the_models(database: Database) -> None:
    def compare(connection: Connection) -> list[Any]:
        ours = {
            "compare_type": True,
            "include_name": lambda name, kind, parents: "pgqueuer" not in (name or ""),
        }
        context = MigrationContext.configure(connection, opts=ours)
        return list(compare_metadata(context, Record.metadata))

    async with database.connecting() as connection:
        assert await connection.run_sync(compare) == []


async def test_second_upgrade_has_nothing_to_do(database_url: str) -> None:
    assert await read_version(database_url) == find_head()
    assert await upgrade(database_url) is False


async def test_empty_file_is_at_no_version(tmp_path: Path) -> None:
    assert await read_version(f"sqlite+aiosqlite:///{tmp_path / 'none.sqlite'}") is None
    sqlite3.connect(tmp_path / "empty.sqlite").close()
    assert await read_version(f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite'}") is None


async def fill(database: Database) -> None:
    """One row in every frozen table."""
    world = World(database, database.clock)  # type: ignore[arg-type]
    await world.build()
    workflow = await world.publish(VISIT_AND_SETTLE)
    await world.start(workflow)
    async with database.unit_of_work() as session:
        await append(session, world.workspace, None, "test.made", "test:1", {})
        await write_posting(session, world, "p" * 36, (5, -5))
    await world.runtime.stop()


async def write_posting(session: Any, world: World, posting_id: str, amounts: tuple[int, ...]) -> None:
    """Lines first, the posting seals them."""
    period_id = await open_month(session, world.workspace)
    for amount in amounts:
        session.add(
            LedgerLine(
                workspace_id=world.workspace,
                posting_id=posting_id,
                account="earnings",
                party_kind="member",
                party_id="m",
                amount=amount,
                currency=TARIFF["currency"],
                component="charge",
                tariff_id=world.tariff_id,
                tariff_revision=1,
                row="r",
                inputs={},
                formula={},
                period="2026-03",
                period_id=period_id,
                region_path="/",
                booked_at=EPOCH,
            )
        )
        await session.flush()
    session.add(
        Posting(
            id=posting_id, workspace_id=world.workspace, cause=f"test:{posting_id}", booked_at=EPOCH, lines=2
        )
    )


@pytest.mark.parametrize(
    "table",
    ["releases", "tariff_revisions", "ledger_lines", "postings", "ticket_events", "audit_entries"],
)
async def test_published_and_booked_rows_never_change(database: Database, table: str) -> None:
    await fill(database)
    for statement in (f"UPDATE {table} SET workspace_id = workspace_id", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="never changes"):
            async with database.unit_of_work() as session:
                await session.execute(text(statement))


@pytest.mark.parametrize("amounts", [(5, -4), (5, -5, 3), (5,)])
async def test_postings_balance_or_are_refused(database: Database, amounts: tuple[int, ...]) -> None:
    world = World(database, database.clock)  # type: ignore[arg-type]
    await world.build()
    with pytest.raises(DBAPIError, match="not balanced"):
        async with database.unit_of_work() as session:
            await write_posting(session, world, "p" * 36, amounts)
    await world.runtime.stop()


async def test_no_line_joins_a_sealed_posting(database: Database) -> None:
    world = World(database, database.clock)  # type: ignore[arg-type]
    await world.build()
    async with database.unit_of_work() as session:
        await write_posting(session, world, "p" * 36, (5, -5))
    columns = [literal("x").label("id"), *list(LedgerLine.__table__.columns)[1:]]
    with pytest.raises(DBAPIError, match=r"sealed|not balanced"):
        async with database.unit_of_work() as session:
            names = [column.name for column in LedgerLine.__table__.columns]
            await session.execute(insert(LedgerLine).from_select(names, select(*columns).limit(1)))
    await world.runtime.stop()


async def test_what_sqlite_acknowledged_is_durable(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    async with database.connecting() as connection:
        found = [(await connection.execute(text(f"PRAGMA {name}"))).scalar() for name in names]
    await database.dispose()
    assert found == ["wal", 2, 1, 5000]


async def test_unit_of_work_commits_once_or_not_at_all(database: Database) -> None:
    points: list[str] = []
    heard: list[list[tuple[str, str]]] = []
    database.at_commit = points.append
    database.publish = heard.append
    world = World(database, database.clock)  # type: ignore[arg-type]
    database.publish = heard.append
    await world.build()
    assert points == ["before", "after"]
    with pytest.raises(RuntimeError):
        async with database.unit_of_work() as session:
            await append(session, world.workspace, None, "test.made", "test:1", {})
            announce(session, world.workspace, "lost")
            raise RuntimeError
    async with database.unit_of_work() as session:
        await append(session, world.workspace, None, "test.made", "test:2", {"amount": 5})
        announce(session, world.workspace, "kept", "kept")
    assert points == ["before", "after"] * 2
    if database.dialect == "sqlite":
        assert heard == [[(world.workspace, "kept")]]
    async with database.reading() as session:
        assert await find_break(session, world.workspace) is None
        count = await session.execute(text("SELECT count(*) FROM audit_entries"))
        assert count.scalar() == 1
    await world.runtime.stop()


async def test_a_reading_sees_one_moment(database: Database) -> None:
    """Whatever is committed between its statements."""
    world = World(database, database.clock)  # type: ignore[arg-type]
    await world.build()
    count = text("SELECT count(*) FROM audit_entries")
    async with database.reading() as reader:
        assert (await reader.execute(count)).scalar_one() == 0
        async with database.unit_of_work() as session:
            await append(session, world.workspace, None, "test.made", "test:1", {})
        assert (await reader.execute(count)).scalar_one() == 0
    async with database.reading() as reader:
        assert (await reader.execute(count)).scalar_one() == 1
    await world.runtime.stop()


async def test_altered_audit_entry_is_found(database: Database) -> None:
    world = World(database, database.clock)  # type: ignore[arg-type]
    await world.build()
    async with database.unit_of_work() as session:
        for at in range(4):
            await append(session, world.workspace, None, "test.made", f"test:{at}", {"at": at})
    trigger = (
        "audit_entries_no_update" if database.dialect == "sqlite" else "audit_entries_frozen ON audit_entries"
    )
    async with database.unit_of_work() as session:
        await session.execute(text(f"DROP TRIGGER {trigger}"))
        await session.execute(text("UPDATE audit_entries SET subject = 'forged' WHERE seq = 3"))
    async with database.reading() as session:
        assert await find_break(session, world.workspace) == 3
    await world.runtime.stop()
