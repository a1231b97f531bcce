"""An archived ticket reads as it did; its log cannot be lost on the way; a kill leaves it here or there."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from backend.db.models import (
    EVENTS_ARCHIVE,
    TASKS_ARCHIVE,
    ArchivedState,
    Record,
    Task,
    Ticket,
    TicketEvent,
)
from backend.db.session import Database
from backend.graph.registry import Registry
from backend.runtime.archive import BATCH, TWINS
from backend.runtime.runtime import Runtime
from designer_nodes import NODE_TYPES
from tests.api.conftest import Tenant
from tests.api.service_desk import API, Desk, expect, open_desk

ROOT = Path(__file__).resolve().parents[2]
KEPT = {"ledger_lines", "postings", "files"}
"""Tables that name a ticket and stay where they are: books, and uploads that others may still open."""


async def close_tickets(tenant: Tenant, admin: httpx.AsyncClient, count: int = 1) -> tuple[Desk, list[str]]:
    """Visited, settled and rated tickets."""
    desk = await open_desk(tenant, admin)
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    found = []
    for _ in range(count):
        ticket = await desk.visit(agent)
        token = ticket["tracking_url"].rsplit("/", 1)[1]
        shown = expect(await admin.get(f"{API}/public/tickets/{token}"))
        body = {"outcome": "rated", "data": {"rating": 5}}
        expect(await admin.post(f"{API}/public/tickets/{token}/tasks/{shown['task']['id']}", json=body))
        found.append(ticket["id"])
    return desk, found


async def archive(tenant: Tenant, **age: int) -> int:
    """By a process of its own, as the command does it."""
    database = Database(tenant.site.database.url, tenant.site.clock)
    runtime = Runtime(database, Registry(NODE_TYPES))
    moved = await runtime.archive(tenant.site.clock() - timedelta(**age))
    await runtime.stop()
    await database.dispose()
    return moved


async def look(client: httpx.AsyncClient, ticket: str) -> dict[str, Any]:
    """Everything that shows a closed ticket."""
    page = expect(await client.get(f"{API}/tickets/{ticket}"))
    token = page["tracking_url"].rsplit("/", 1)[1]
    lines = expect(await client.get(f"{API}/settlement/lines?ticket_id={ticket}&side=both"))
    listed = expect(await client.get(f"{API}/tickets?view=closed&q={page['number']}"))
    return {
        "page": page,
        "customer": expect(await client.get(f"{API}/public/tickets/{token}")),
        "lines": lines["items"],
        "line": expect(await client.get(f"{API}/settlement/lines/{lines['items'][0]['id']}")),
        "summary": expect(await client.get(f"{API}/settlement/summary?by=person")),
        "listed": listed["items"],
    }


async def test_everything_that_shows_a_ticket_reads_the_same(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    _, (ticket,) = await close_tickets(tenant, admin)
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    before, own = await look(admin, ticket), expect(await agent.get(f"{API}/tickets/{ticket}"))
    async with tenant.site.database.reading() as session:
        task = (await session.execute(select(Task).where(Task.node == "n_visit"))).scalar_one()
    closed = expect(await agent.get(f"{API}/tasks/{task.id}"), 409)
    assert (closed["code"], closed["closed_by"]) == ("task_closed_by", "agent")
    assert await archive(tenant, days=1) == 0
    tenant.site.clock.shift = timedelta(days=2)
    assert await archive(tenant, days=1) == 1
    assert await archive(tenant, days=1) == 0
    async with tenant.site.database.reading() as session:
        for model in (TicketEvent, Task):
            assert (await session.execute(select(func.count()).select_from(model))).scalar_one() == 0
        assert (await session.get_one(Ticket, ticket)).state == ""
    assert await look(admin, ticket) == before
    assert expect(await agent.get(f"{API}/tickets/{ticket}")) == own
    for path in (f"{API}/tasks/{task.id}", f"{API}/tasks/{task.id}/returns"):
        assert expect(await agent.get(path), 409)["code"] in {"task_closed_by", "task_closed"}
    assert expect(await agent.post(f"{API}/tasks/{task.id}/claim"), 409)["code"] == "task_closed"
    refused = await admin.post(f"{API}/tickets/{ticket}/cancel", json={"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_running")


async def test_a_ticket_comes_back_as_it_was(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    _, (ticket, other) = await close_tickets(tenant, admin, 2)
    before = await look(admin, ticket)
    rows = await snapshot(tenant.site.database, ticket)
    tenant.site.clock.shift = timedelta(days=2)
    assert await archive(tenant, days=1) == 2
    runtime = Runtime(tenant.site.database, Registry(NODE_TYPES))
    await runtime.restore(tenant.id, ticket)
    assert await snapshot(tenant.site.database, ticket) == rows
    assert await look(admin, ticket) == before
    async with tenant.site.database.reading() as session:
        assert list((await session.execute(select(ArchivedState.ticket_id))).scalars()) == [other]
        cold = select(EVENTS_ARCHIVE.c.ticket_id.distinct())
        assert list((await session.execute(cold)).scalars()) == [other]


async def snapshot(database: Database, ticket: str) -> list[Any]:
    """The rows of a ticket in the hot tables."""
    async with database.reading() as session:
        found: list[Any] = [tuple((await session.execute(select(Ticket.__table__))).first() or ())]
        for model, _ in TWINS:
            table = model.__table__
            statement = select(table).where(table.c.ticket_id == ticket).order_by(*table.primary_key)
            found += [tuple(row) for row in (await session.execute(statement)).all()]
    return found[1:]


async def test_open_tickets_and_owed_work_stay(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    await desk.report(agent)
    tenant.site.clock.shift = timedelta(days=900)
    assert await archive(tenant, days=1) == 0


async def test_only_what_stands_identically_elsewhere_may_leave(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    _, (ticket,) = await close_tickets(tenant, admin)
    forged = (
        "INSERT INTO ticket_events_archive SELECT * FROM ticket_events",
        "INSERT INTO ticket_events_archive (ticket_id, seq, workspace_id, at, event, notes) "
        "SELECT ticket_id, seq + 1000, workspace_id, at, event, notes FROM ticket_events",
    )
    for statements in (
        ("DELETE FROM ticket_events",),
        (forged[1], "DELETE FROM ticket_events"),
        (forged[0], "UPDATE ticket_events_archive SET seq = seq + 1"),
        (forged[0], "DELETE FROM ticket_events", "DELETE FROM ticket_events_archive"),
    ):
        with pytest.raises(DBAPIError, match="never changes"):
            async with tenant.site.database.unit_of_work() as session:
                for statement in statements:
                    await session.execute(text(statement))
    assert expect(await admin.get(f"{API}/tickets/{ticket}"))["timeline"]


def test_every_table_that_names_a_ticket_moves_or_is_known_to_stay() -> None:
    moving = {model.__tablename__ for model, _ in TWINS}
    naming = {
        table.name
        for table in Record.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "tasks"
    }
    assert naming <= {"task_drafts"}, "what refers to tasks must leave before they do"
    assert moving == {"ticket_events", "tasks", "jobs", "incidents"}
    for model, twin in TWINS:
        assert [column.name for column in twin.columns] == [column.name for column in model.__table__.columns]


KILLED = """
import asyncio, os, sys
from datetime import UTC, datetime, timedelta
from backend.db.session import Database
from backend.graph.registry import Registry
from backend.runtime.runtime import Runtime
from designer_nodes import NODE_TYPES

left = int(sys.argv[2])

def kill(point):
    global left
    left -= 1
    if left == 0:
        os._exit(137)

async def main():
    database = Database(sys.argv[1])
    database.at_commit = kill
    runtime = Runtime(database, Registry(NODE_TYPES))
    await runtime.archive(datetime.now(UTC) + timedelta(days=1))
    await runtime.stop()
    await database.dispose()

asyncio.run(main())
"""


async def test_a_kill_in_the_middle_leaves_each_ticket_here_or_there(
    tenant: Tenant, admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, tickets = await close_tickets(tenant, admin, 3)
    before = [await look(admin, ticket) for ticket in tickets]
    script = KILLED.replace(
        "asyncio.run(main())", "import backend.runtime.archive as a; a.BATCH = 1\nasyncio.run(main())"
    )
    for kill_at in (1, 2, 0):
        url = tenant.site.database.url
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script, url, str(kill_at)],
            cwd=ROOT,
            check=False,
            env={**os.environ},
        )
        assert done.returncode == (137 if kill_at else 0)
        async with tenant.site.database.reading() as session:
            for ticket in tickets:
                row = await session.get_one(Ticket, ticket)
                hot = select(func.count()).where(TicketEvent.ticket_id == ticket)
                cold = select(func.count()).where(EVENTS_ARCHIVE.c.ticket_id == ticket)
                counts = [(await session.execute(each)).scalar_one() for each in (hot, cold)]
                assert (counts[0] == 0, counts[1] == 0) == (
                    row.archived_at is not None,
                    row.archived_at is None,
                )
    assert [await look(admin, ticket) for ticket in tickets] == before
    async with tenant.site.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(TASKS_ARCHIVE))).scalar_one() == 6
    assert BATCH > 1
