"""The long poll: what changed in one's workspace, and nothing of others."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from tests.api.conftest import Tenant
from tests.api.service_desk import API, TARIFF, Desk, expect, open_desk


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def read_last(client: httpx.AsyncClient) -> int:
    answer = expect(await client.get(f"{API}/changes"))
    assert answer["topics"] == []
    return int(answer["last"])


async def test_a_waiting_page_hears_of_a_ticket(desk: Desk, foreign: Tenant) -> None:
    agent = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    stranger = await foreign.sign_in("admin", ["admin"])
    last = await read_last(agent)
    waiting = asyncio.create_task(agent.get(f"{API}/changes?after={last}&wait=10"))
    elsewhere = asyncio.create_task(stranger.get(f"{API}/changes?after={last}&wait=2"))
    await asyncio.sleep(0.1)
    ticket = await desk.visit(agent)
    heard = expect(await waiting)
    assert set(heard["topics"]) <= {f"ticket:{ticket['id']}", "tasks"} and heard["last"] > last
    topics: set[str] = set(heard["topics"])
    while "settlement" not in topics:
        more = expect(await agent.get(f"{API}/changes?after={heard['last']}&wait=10"))
        assert more["topics"], topics
        topics |= set(more["topics"])
        heard = more
    assert {f"ticket:{ticket['id']}", "tasks", "settlement"} <= topics
    assert expect(await elsewhere)["topics"] == []


async def test_silence_ends_after_the_wait(desk: Desk) -> None:
    """What opening the desk announced may still be on its way; after that nothing comes."""
    last = await read_last(desk.admin)
    for _ in range(10):
        begun = time.monotonic()
        answer = expect(await desk.admin.get(f"{API}/changes?after={last}&wait=1"))
        waited = time.monotonic() - begun
        if not answer["topics"]:
            break
        last = answer["last"]
    assert (answer["last"], answer["topics"]) == (last, [])
    assert waited >= 0.9


async def test_a_number_of_another_life_means_read_everything_again(desk: Desk) -> None:
    assert expect(await desk.admin.get(f"{API}/changes?after=1&wait=5"))["topics"] == ["*"]


async def test_a_tariff_announces_itself(desk: Desk) -> None:
    last = await read_last(desk.admin)
    body = {"document": TARIFF, "base_revision": 1}
    expect(await desk.admin.post(f"{API}/tariffs/{desk.tariff_id}/revisions", json=body), 201)
    topics: set[str] = set()
    while "settlement" not in topics:
        heard = expect(await desk.admin.get(f"{API}/changes?after={last}&wait=10"))
        assert heard["topics"], topics
        topics, last = topics | set(heard["topics"]), heard["last"]
