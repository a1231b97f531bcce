"""A document tried over what was booked: what everybody would have got, and nothing in the books changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import Site, Tenant, open_site
from tests.api.service_desk import API, TARIFF, Desk, expect, monthly, open_desk
from tests.api.test_tariffs import change


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """An installation that executes its jobs itself, on both databases."""
    async with open_site(database_url, tmp_path, run_jobs=True) as opened:
        yield opened


def days() -> dict[str, str]:
    today = datetime.now(UTC).date()
    return {"from": (today - timedelta(days=1)).isoformat(), "to": (today + timedelta(days=1)).isoformat()}


async def wait(client: httpx.AsyncClient, backtest_id: str) -> dict[str, Any]:
    for _ in range(400):
        found: dict[str, Any] = expect(await client.get(f"{API}/backtests/{backtest_id}"))
        if found["status"] not in {"pending", "running"}:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def try_out(desk: Desk, document: dict[str, Any] | None = None, **wanted: Any) -> dict[str, Any]:
    """Asked for, and waited for."""
    body = {**days(), **({"document": document} if document else {}), **wanted}
    started = expect(await desk.admin.post(f"{API}/tariffs/{desk.tariff_id}/backtests", json=body), 201)
    done = await wait(desk.admin, started["id"])
    assert done["status"] == "done", done
    return done


def sums(done: dict[str, Any], group: str) -> dict[str, tuple[int, int, int]]:
    return {each["label"]: (each["before"], each["after"], each["tickets"]) for each in done[f"by_{group}"]}


async def test_of_single_tickets(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    zhao = await tenant.sign_in("zhao", ["agent"], "beijing")
    for hours in (1, 2, 3):
        await desk.visit(wang, hours=hours)
    await desk.visit(zhao, "beijing")
    booked = expect(await admin.get(f"{API}/settlement/lines?side=both"))["items"]

    same = await try_out(desk)
    assert (same["moved"], same["unmatched"], same["done"], same["total"]) == (0, 0, 4, 4)
    assert same["before"] == same["after"] == [{"amount": 36_000 + 15_000 + 8_000, "currency": "CNY"}]

    dearer = change("rows/0/charge/parts/0/charge/rate", "7000")
    done = await try_out(desk, dearer)
    assert (done["before"][0]["amount"], done["after"][0]["amount"]) == (59_000, 65_000)
    assert sums(done, "person") == {"wang": (51_000, 57_000, 3), "zhao": (8_000, 8_000, 1)}
    assert sums(done, "region") == {"shanghai": (51_000, 57_000, 3), "beijing": (8_000, 8_000, 1)}
    assert sums(done, "tier")["east"] == (51_000, 57_000, 3)
    assert [mover["after"] - mover["before"] for mover in done["movers"]] == [3_000, 2_000, 1_000]
    first = done["movers"][0]
    why = expect(await admin.get(f"{API}/backtests/{done['id']}/tickets/{first['posting_id']}"))
    assert why["mover"]["number"] and [line["amount"] for line in why["before"]] == [18_000, 5_000]
    assert [line["amount"] for line in why["after"]] == [21_000, 5_000]
    assert "¥70.00" in why["after"][0]["why"] and why["after"][0]["party"] == "wang"
    page = expect(await admin.get(f"{API}/backtests/{done['id']}/tickets?limit=2"))
    rest = expect(await admin.get(f"{API}/backtests/{done['id']}/tickets?cursor={page['next']}"))
    assert [item["posting_id"] for item in [*page["items"], *rest["items"]]] == [
        mover["posting_id"] for mover in done["movers"]
    ]

    asks = deepcopy(TARIFF)
    asks["rows"][0]["modifiers"] = [
        {"kind": "coefficient", "id": "long", "factor": "2", "when": "data.hours > 2.0", "cap": 100_000}
    ]
    done = await try_out(desk, asks, region_id=tenant.regions["east"].id)
    assert (done["moved"], done["before"][0]["amount"], done["after"][0]["amount"]) == (1, 51_000, 74_000)

    narrow = {**TARIFF, "rows": [TARIFF["rows"][0]]}
    done = await try_out(desk, narrow)
    assert (done["moved"], done["unmatched"], done["left_out"]) == (
        0,
        1,
        [{"amount": 8_000, "currency": "CNY"}],
    )
    (left,) = expect(await admin.get(f"{API}/backtests/{done['id']}/tickets?verdict=unmatched"))["items"]
    assert "beijing" in left["reason"] and left["before"] == 8_000

    listed = expect(await admin.get(f"{API}/tariffs/{desk.tariff_id}/backtests"))["items"]
    assert len(listed) == 4 and listed[0]["id"] == done["id"]
    assert expect(await admin.get(f"{API}/settlement/lines?side=both"))["items"] == booked


async def test_of_sums_of_a_period(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    """What was booked ticket by ticket equals the model on the month's total, on both sides."""
    desk = await open_desk(tenant, admin, monthly())
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    for recovered in (90_001, 120_000, 70_000):
        await desk.visit(wang, recovered=recovered)
    same = await try_out(desk)
    assert (same["moved"], same["before"]) == (0, [{"amount": 22_400, "currency": "CNY"}])
    line = expect(await admin.get(f"{API}/settlement/lines"))["items"][-1]
    path = f"{API}/settlement/postings/{line['posting_id']}/reversal"
    assert (await admin.post(path, json={"reason": "退货"})).is_success
    left = 120_000 + 70_000
    same = await try_out(desk)
    assert (same["moved"], same["total"], same["before"][0]["amount"]) == (0, 4, left * 5 // 100)
    await desk.visit(wang, recovered=90_001)
    marginal = monthly()
    marginal["rows"][0]["charge"]["model"] = "graduated_percentage"
    done = await try_out(desk, marginal)
    assert done["after"] == [{"amount": 10_000 + 6_400, "currency": "CNY"}]
    assert sums(done, "person") == {"wang": (22_400, 16_400, 5)}
    single = {**marginal, "accumulation": "ticket"}
    assert (await try_out(desk, single))["after"][0]["amount"] == 14_000
    quarterly = await try_out(desk, monthly(period="quarter"))
    assert quarterly["moved"] == 0
    settled = await try_out(desk, monthly(period="settlement"))
    assert settled["moved"] == 0


async def test_stopped_and_resumed(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    await desk.visit(wang)
    path = f"{API}/tariffs/{desk.tariff_id}/backtests"
    started = expect(await admin.post(path, json=days()), 201)
    stopped = expect(await admin.post(f"{API}/backtests/{started['id']}/stop"))
    assert stopped["status"] in {"stopped", "done"}
    if stopped["status"] == "stopped":
        expect(await admin.post(f"{API}/backtests/{started['id']}/resume"))
    done = await wait(admin, started["id"])
    assert (done["status"], done["done"]) == ("done", 1)
    assert expect(await admin.post(f"{API}/backtests/{started['id']}/resume"), 409)["code"] == "backtest_over"


async def test_refusals(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    path = f"{API}/tariffs/{desk.tariff_id}/backtests"
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"from": "2026-02-02", "to": "2026-02-01"}, "/to"),
        ({"from": "2020-01-01", "to": "2026-02-01"}, "/to"),
        ({"region_id": "00000000-0000-7000-8000-000000000000"}, "/region_id"),
        ({"document": change("currency", "XXX")}, "/document/currency"),
    ]
    for body, pointer in wrong:
        refused = expect(await admin.post(path, json={**days(), **body}), 422)
        assert refused["errors"][0]["pointer"] == pointer, body
    manager = await tenant.sign_in("m", ["regional_manager"], "east")
    expect(await manager.post(path, json=days()), 403)
