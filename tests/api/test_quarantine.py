"""What nobody can be named for waits in quarantine, and one decision books it to whom it belongs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from backend.db.models import Accumulator, LedgerLine
from tests.api.conftest import Site, Tenant, open_site
from tests.api.service_desk import API, VISIT, Desk, expect, monthly, open_desk

WORKER = {"party": "node_worker", "key": "n_manager"}
"""Of the manager's step, which most tickets never pass."""


def paying_the_manager() -> dict[str, Any]:
    document = monthly()
    document["rows"][0]["pays"] = WORKER
    return document


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """Jobs are executed here, on PostgreSQL too."""
    async with open_site(database_url, tmp_path, run_jobs=True) as opened:
        yield opened


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin, paying_the_manager())


async def read_balances(tenant: Tenant) -> dict[str, int]:
    """Of every party of the ledger that is not at nought; they sum to 0 at every moment."""
    async with tenant.site.database.reading() as session:
        statement = (
            select(LedgerLine.party_kind, LedgerLine.party_id, func.sum(LedgerLine.amount))
            .where(LedgerLine.workspace_id == tenant.id)
            .group_by(LedgerLine.party_kind, LedgerLine.party_id)
        )
        found = {f"{row[0]}:{row[1]}": int(row[2]) for row in (await session.execute(statement)).all()}
    assert sum(found.values()) == 0
    return {party: amount for party, amount in found.items() if amount}


async def list_open(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = expect(await client.get(f"{API}/quarantine", params=query))["items"]
    return items


async def hand_up(desk: Desk, agent: httpx.AsyncClient, manager: httpx.AsyncClient) -> None:
    """A ticket that the manager finishes."""
    started = await desk.report(agent)
    task = await desk.open_task(agent, started["id"])
    body = {"outcome": "hand_up", "data": VISIT, "comment": "x"}
    expect(await agent.post(f"{API}/tasks/{task['id']}/complete", json=body))
    task = await desk.open_task(manager, started["id"])
    expect(await manager.post(f"{API}/tasks/{task['id']}/complete", json={"outcome": "done", "data": VISIT}))


async def test_a_decision_moves_the_periods_sums_to_the_right_holder(desk: Desk) -> None:
    tenant = desk.tenant
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    zhao = await tenant.sign_in("zhao", ["regional_manager"], "east")
    ticket = await desk.visit(wang)
    assert ticket["incidents"] == []
    await hand_up(desk, wang, zhao)
    zhao_id = tenant.members["zhao"].id
    before = await read_balances(tenant)
    assert (before["account:quarantine"], before[f"member:{zhao_id}"]) == (5000, 5000)
    item = (await list_open(desk.admin))[0]
    assert (item["amount"], item["number"]) == (5000, ticket["number"])
    assert "n_manager" in item["reason"] + item["waits_for"]
    assert tenant.members["wang"].id in {each["id"] for each in item["candidates"]}
    body = {"party": {"kind": "member", "id": zhao_id}, "note": "zhao was there"}
    path = f"{API}/quarantine/{item['id']}/resolution"
    resolved = expect(await desk.admin.post(path, json=body), 201)
    assert (resolved["state"], resolved["resolved_by"], resolved["note"]) == (
        "resolved",
        "admin",
        "zhao was there",
    )
    # 2,000.00 reach the tier: 8 % of both, not twice 5 % of one
    after = await read_balances(tenant)
    assert "account:quarantine" not in after and after[f"member:{zhao_id}"] == 16000
    async with tenant.site.database.reading() as session:
        sums = (await session.execute(select(Accumulator.key, Accumulator.tickets))).all()
    held = {row[0].rpartition("|")[2]: row[1] for row in sums}
    assert held == {"account:quarantine": 0, f"member:{zhao_id}": 2}
    assert await list_open(desk.admin) == []
    assert (await desk.admin.post(path, json=body)).status_code == 409
    assert await read_balances(tenant) == after


async def test_many_at_once_and_only_within_reach(desk: Desk) -> None:
    tenant = desk.tenant
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    li = await tenant.sign_in("li", ["agent"], "beijing")
    await desk.visit(wang)
    await desk.visit(wang, recovered=40_000)
    await desk.visit(li, "beijing")
    clerk = await tenant.sign_in("clerk", ["regional_manager"], "east")
    assert len(await list_open(clerk)) == 2
    everything = await list_open(desk.admin)
    east = tenant.regions["east"].id
    # both visits of Shanghai wait for the same row and month, so their amounts hang together
    assert {item["amount"] > 0 and item["shared"] for item in await list_open(clerk)} == {True}
    assert len(everything) == 3 and len(await list_open(desk.admin, region_id=east)) == 2
    own = {item["id"] for item in await list_open(clerk)}
    foreign = next(item for item in everything if item["id"] not in own)
    assert (await clerk.get(f"{API}/quarantine/{foreign['id']}")).status_code == 404
    summary = expect(await desk.admin.get(f"{API}/quarantine/summary"))
    assert (summary["open"], summary["total"]) == (3, [{"amount": 19200, "currency": "CNY"}])
    body = {"ids": [item["id"] for item in everything], "party": {"kind": "region", "id": "cn"}}
    done = expect(await desk.admin.post(f"{API}/quarantine/resolutions", json=body))["items"]
    assert [each["resolved"] for each in done] == [True] * 3
    # 240,000 in all: 8 % of the whole
    assert (await read_balances(tenant))["region:cn"] == 19200
    again = expect(await desk.admin.post(f"{API}/quarantine/resolutions", json=body))["items"]
    assert [each["resolved"] for each in again] == [False] * 3
    assert all(each["message"] for each in again)


async def test_a_cancelled_ticket_takes_its_item_along(desk: Desk) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    ticket = await desk.visit(wang)
    path = f"{API}/tickets/{ticket['id']}/cancel"
    expect(await desk.admin.post(path, json={"reason": "wrong address"}), 204)
    assert await read_balances(desk.tenant) == {}
    assert await list_open(desk.admin) == []
    assert len(await list_open(desk.admin, state="withdrawn")) == 1


async def test_an_order_of_nobody_is_given_with_one_click(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    for rule in (
        {"owner_kind": "partner", "owner_id": "acme", "channel": "tmall"},
        {"owner_kind": "region", "region_id": tenant.regions["beijing"].id},
    ):
        expect(await admin.post(f"{API}/attribution-rules", json={**rule, "valid_from": "2026-01-01"}), 201)
    row = {
        "number": "A1",
        "channel": "tmall",
        "region": "beijing",
        "amount": 4200,
        "currency": "CNY",
        "ordered_at": "2026-11-05T09:30:00+08:00",
    }
    checked = expect(await admin.post(f"{API}/orders/imports", json={"rows": [row]}), 201)
    expect(await admin.post(f"{API}/orders/imports/{checked['id']}/apply"), 201)
    for _ in range(200):
        if await list_open(admin):
            break
        await asyncio.sleep(0.05)
    item = (await list_open(admin))[0]
    assert [each["kind"] for each in item["candidates"]] == ["partner", "region"]
    assert item["order_number"] == "A1"
    path = f"{API}/quarantine/{item['id']}/resolution"
    wrong = await admin.post(path, json={"party": {"kind": "member", "id": tenant.id}})
    assert wrong.status_code == 422
    chosen = {"kind": "partner", "id": "acme"}
    expect(await admin.post(path, json={"party": chosen}), 201)
    assert await read_balances(tenant) == {"partner:acme": 4200, "account:sales": -4200}
    order = expect(await admin.get(f"{API}/orders"))["items"][0]
    assert (order["state"], order["owner"]["id"]) == ("booked", "acme")
    assert "admin" in order["why"]


async def test_a_workflow_may_want_an_incident_instead(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin, paying_the_manager())
    draft = expect(await admin.get(f"{API}/workflows/{desk.workflow_id}/draft"))
    patch = {"settings": {"unresolved_party": "incident"}}
    headers = {"if-match": f'"{draft["revision"]}"', "content-type": "application/merge-patch+json"}
    path = f"{API}/workflows/{desk.workflow_id}"
    saved = expect(await admin.patch(f"{path}/draft", json=patch, headers=headers))
    expect(await admin.post(f"{path}/releases", json={"revision": saved["revision"], "note": ""}), 201)
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    ticket = await desk.visit(wang)
    assert [each["code"] for each in ticket["incidents"]] == ["party_unresolved"]
    assert await list_open(admin) == []
