"""Hours land on the right project, at exact cost, confirmed by a second person, and correctable."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from backend.db.models import LedgerLine
from backend.db.session import Database
from backend.graph.registry import Registry
from backend.runtime.runtime import Runtime
from backend.settlement.labour import Rate, Slice, find_rate, price
from designer_nodes import NODE_TYPES
from tests.api.conftest import Site, Tenant, open_site
from tests.api.service_desk import API, Desk, expect, open_desk

FIRST = "2026-01-01"


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """Jobs are executed here, on PostgreSQL too."""
    async with open_site(database_url, tmp_path, run_jobs=True) as opened:
        yield opened


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def set_rate(desk: Desk, name: str, kind: str, hourly: int) -> None:
    body = {
        "member_id": desk.tenant.members[name].id,
        "kind": kind,
        "hourly": hourly,
        "currency": "CNY",
        "valid_from": FIRST,
    }
    expect(await desk.admin.post(f"{API}/labour-rates", json=body), 201)


async def add_project(desk: Desk, key: str, **more: Any) -> str:
    body = {"key": key, "name": {"zh": key, "en": key}, **more}
    project_id: str = expect(await desk.admin.post(f"{API}/projects", json=body), 201)["id"]
    return project_id


def this_month(desk: Desk) -> str:
    return f"{desk.tenant.site.clock() + timedelta(hours=8):%Y-%m}"


async def read_cost(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = expect(
        await desk.admin.get(f"{API}/labour-cost", params={"month": this_month(desk)})
    )
    return found


async def gather(desk: Desk) -> dict[str, Any]:
    expect(await desk.admin.post(f"{API}/labour-runs", json={"month": this_month(desk)}), 201)
    for _ in range(200):
        run: dict[str, Any] = (await read_cost(desk))["run"]
        if run["state"] == "done":
            return run
        await asyncio.sleep(0.05)
    raise AssertionError(run)


async def read_books(tenant: Tenant) -> dict[str, int]:
    async with tenant.site.database.reading() as session:
        statement = (
            select(LedgerLine.account, func.sum(LedgerLine.amount))
            .where(LedgerLine.workspace_id == tenant.id, LedgerLine.component == "labour")
            .group_by(LedgerLine.account)
        )
        found = {row[0]: int(row[1]) for row in (await session.execute(statement)).all()}
    assert sum(found.values()) == 0
    return {account: amount for account, amount in found.items() if amount}


async def finish_visit(desk: Desk, agent: httpx.AsyncClient, hours: int) -> None:
    """A finished ticket of which the visit took so long."""
    started = await desk.report(agent)
    task = await desk.open_task(agent, started["id"])
    expect(await agent.post(f"{API}/tasks/{task['id']}/claim"))
    desk.tenant.site.clock.shift += timedelta(hours=hours)
    body = {"outcome": "done", "data": {"hours": hours, "recovered": 0}}
    expect(await agent.post(f"{API}/tasks/{task['id']}/complete", json=body))
    expect(await desk.admin.post(f"{API}/tickets/{started['id']}/cancel", json={"reason": "x"}), 204)


async def archive_all(tenant: Tenant) -> None:
    """What is closed, as the command moves it."""
    database = Database(tenant.site.database.url, tenant.site.clock)
    runtime = Runtime(database, Registry(NODE_TYPES))
    assert await runtime.archive(tenant.site.clock() + timedelta(hours=1)) == 1
    await runtime.stop()
    await database.dispose()


async def test_hours_of_tickets_and_of_part_time_staff_land_on_the_project(desk: Desk) -> None:
    tenant = desk.tenant
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    chen = await tenant.sign_in("chen", ["agent"], "shanghai")
    east = tenant.regions["east"].id
    await add_project(desk, "everywhere", workflows=[desk.workflow_id])
    near = await add_project(desk, "east", workflows=[desk.workflow_id], region_id=east)
    await finish_visit(desk, wang, 2)
    await archive_all(tenant)
    first = await gather(desk)
    assert (first["booked"], first["unpriced"]) == (0, ["wang"])
    await set_rate(desk, "wang", "full_time", 5000)
    await set_rate(desk, "chen", "part_time", 3001)
    assert (await gather(desk))["booked"] == 1
    assert (await gather(desk))["booked"] == 0
    today = f"{tenant.site.clock() + timedelta(hours=8):%Y-%m-%d}"
    body = {"project_id": near, "day": today, "minutes": 90, "note": "stocktaking"}
    entry = expect(await chen.post(f"{API}/labour-entries", json=body), 201)
    assert (entry["state"], entry["amount"]) == ("entered", 0)
    cost = await read_cost(desk)
    assert (cost["waiting"], [each["amount"] for each in cost["items"]]) == (1, [10000])
    path = f"{API}/labour-entries/{entry['id']}"
    booked = expect(await desk.admin.post(f"{path}/confirmation"), 201)
    assert (booked["amount"], booked["decided_by"]) == (4502, "admin")  # 1.5 x 30.01 = 45.015, half up
    cost = await read_cost(desk)
    assert [(each["project"]["name"], each["amount"], each["part_time"]) for each in cost["items"]] == [
        ("east", 14502, 4502)
    ]
    members = {name: tenant.members[name].id for name in ("wang", "chen")}
    assert await read_books(tenant) == {
        "project:east": -14502,
        f"labour:{members['wang']}": 10000,
        f"labour:{members['chen']}": 4502,
    }
    exported = await desk.admin.get(f"{API}/labour-cost/export.csv", params={"month": this_month(desk)})
    rows = list(csv.DictReader(io.StringIO(exported.text.removeprefix("\ufeff"))))
    assert sum(Decimal(row["Amount"]) for row in rows) == Decimal("145.02")
    expect(await desk.admin.post(f"{path}/reversal", json={"reason": "wrong day"}), 201)
    assert await read_books(tenant) == {"project:east": -10000, f"labour:{members['wang']}": 10000}


async def test_four_eyes_and_ones_own_hours_only(desk: Desk) -> None:
    tenant = desk.tenant
    chen = await tenant.sign_in("chen", ["agent"], "shanghai")
    other = await tenant.sign_in("other", ["agent"], "shanghai")
    project = await add_project(desk, "p1")
    today = f"{tenant.site.clock() + timedelta(hours=8):%Y-%m-%d}"
    body = {"project_id": project, "day": today, "minutes": 60}
    entry = expect(await chen.post(f"{API}/labour-entries", json=body), 201)
    path = f"{API}/labour-entries/{entry['id']}"
    assert (await chen.post(f"{path}/confirmation")).status_code == 403
    refused = await desk.admin.post(f"{path}/confirmation")
    assert (refused.status_code, refused.json()["code"]) == (409, "labour_no_rate")
    assert expect(await other.get(f"{API}/labour-entries"))["items"] == []
    assert (await other.delete(path)).status_code == 404
    far = {**body, "member_id": tenant.members["chen"].id}
    assert (await other.post(f"{API}/labour-entries", json=far)).status_code == 403
    own = expect(await desk.admin.post(f"{API}/labour-entries", json=body), 201)
    confirmed = await desk.admin.post(f"{API}/labour-entries/{own['id']}/confirmation")
    assert confirmed.json()["code"] == "labour_own_entry"
    full = await chen.post(f"{API}/labour-entries", json={**body, "minutes": 24 * 60})
    assert full.json()["errors"][0]["code"] == "labour_day_full"
    expect(await desk.admin.post(f"{path}/rejection", json={"reason": "not agreed"}), 201)
    shown = expect(await chen.get(f"{API}/labour-entries", params={"member_id": "me"}))["items"][0]
    assert (shown["state"], shown["reason"]) == ("rejected", "not agreed")
    assert await read_books(tenant) == {}


RATES = st.builds(
    Rate,
    kind=st.just("full_time"),
    hourly=st.integers(0, 10**6),
    currency=st.sampled_from(("CNY", "USD")),
    valid_from=st.dates(),
)


@given(st.lists(st.builds(Slice, seconds=st.integers(0, 10**6), rate=RATES), max_size=8))
def test_prices_sum_to_the_cost_rounded_once(slices: list[Slice]) -> None:
    amounts = price(slices)
    for currency in ("CNY", "USD"):
        own = [each for each in slices if each.rate.currency == currency]
        exact = sum(each.seconds * each.rate.hourly for each in own)
        total = sum(amount for amount, each in zip(amounts, slices, strict=True) if each in own)
        assert abs(total * 3600 - exact) <= 1800 if own else total == 0
    for amount, each in zip(amounts, slices, strict=True):
        assert abs(amount * 3600 - each.seconds * each.rate.hourly) < 3600


@given(st.lists(RATES, max_size=5), st.dates())
def test_the_latest_rate_that_holds(rates: list[Rate], day: Any) -> None:
    found = find_rate(rates, day)
    holding = [rate.valid_from for rate in rates if rate.valid_from <= day]
    assert (found.valid_from if found else None) == max(holding, default=None)
