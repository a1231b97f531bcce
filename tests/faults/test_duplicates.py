"""Duplicate delivery: a hundred sends of one key, eight at once, to two serving processes on PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from backend.db.models import Ticket, TicketEvent
from tests.api.conftest import open_site
from tests.api.service_desk import API, REQUEST, VISIT, expect, open_desk


async def send_often(clients: list[httpx.AsyncClient], path: str, body: object) -> list[httpx.Response]:
    gate = asyncio.Semaphore(8)

    async def send(at: int) -> httpx.Response:
        async with gate:
            headers = {"idempotency-key": "one"}
            return await clients[at % len(clients)].post(f"{API}{path}", json=body, headers=headers)

    return list(await asyncio.gather(*(send(at) for at in range(100))))


@pytest.mark.faults
async def test_one_key_is_one_action(database_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(open_site(database_url, tmp_path))
        tenant = await site.open_workspace("own")
        desk = await open_desk(tenant, await tenant.sign_in("admin", ["admin"]))
        clients = [await tenant.sign_in("agent", ["agent"], "shanghai")]
        if site.database.dialect == "postgresql":
            other = await stack.enter_async_context(open_site(database_url, tmp_path))
            second = other.open_client()
            second.cookies, second.headers = clients[0].cookies, clients[0].headers
            clients.append(second)
        region = tenant.regions["shanghai"].id
        body = {"workflow_id": desk.workflow_id, "region_id": region, "data": REQUEST}

        started = await send_often(clients, "/tickets", body)
        assert {answer.status_code for answer in started} == {201}
        assert len({answer.content for answer in started}) == 1
        task = await desk.open_task(clients[0], started[0].json()["id"])
        path = f"/tasks/{task['id']}/complete"
        completed = await send_often(clients, path, {"outcome": "done", "data": VISIT})
        assert {answer.status_code for answer in completed} == {200}
        assert len({answer.content for answer in completed}) == 1

        changed = {**body, "data": {**REQUEST, "problem": "别的问题"}}
        for client in clients:
            refused = await client.post(f"{API}/tickets", json=changed, headers={"idempotency-key": "one"})
            assert expect(refused, 422)["code"] == "idempotency_mismatch"
        async with site.database.reading() as session:
            assert (await session.execute(select(func.count(Ticket.id)))).scalar_one() == 1
            log = (await session.execute(select(TicketEvent.event))).scalars().all()
        assert sum(event["type"] == "task_completed" for event in log) == 1
