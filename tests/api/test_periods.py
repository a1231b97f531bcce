"""Periods over the API: rules of regions, review, close, what comes late, reopening, who may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.api.conftest import Site, Tenant, open_site
from tests.api.service_desk import API, Desk, expect, open_desk

PERIODS = f"{API}/settlement/periods"
ALL_CLEAR = {"acknowledged": ["not_over"]}


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """An installation that executes its jobs itself, on both databases."""
    async with open_site(database_url, tmp_path, run_jobs=True) as opened:
        yield opened


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def list_periods(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """By the region's name in English; the workspace's own under the empty name."""
    items = expect(await client.get(PERIODS))["items"]
    return {(item["region"] or {"name": {"en": ""}})["name"]["en"]: item for item in items}


async def show(client: httpx.AsyncClient, period: str) -> dict[str, Any]:
    found: dict[str, Any] = expect(await client.get(f"{PERIODS}/{period}"))
    return found


async def list_kinds(client: httpx.AsyncClient, period: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = expect(await client.get(f"{PERIODS}/{period}/kinds"))["items"]
    return items


async def act(client: httpx.AsyncClient, period: str, what: str, **body: Any) -> httpx.Response:
    return await client.post(f"{PERIODS}/{period}/{what}", json=body)


async def close(client: httpx.AsyncClient, period: str) -> dict[str, Any]:
    expect(await act(client, period, "review"))
    expect(await act(client, period, "closing", **ALL_CLEAR), 202)
    for _ in range(400):
        found = await show(client, period)
        if found["period"]["state"] != "closing":
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def test_a_period_is_closed_and_what_comes_late_counts_in_the_next(desk: Desk) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    await desk.visit(wang)
    (period,) = (await list_periods(desk.admin)).values()
    assert (period["state"], period["totals"]) == ("open", [])
    found = await show(desk.admin, period["id"])
    assert {item["code"] for item in found["obstacles"]} == {"not_over", "running"}
    kinds = await list_kinds(desk.admin, period["id"])
    by_kind = {item["kind"]: (item["received"], item["borne"]) for item in kinds}
    assert by_kind["member"][0] > 0 and sum(a + b for a, b in by_kind.values()) == 0

    assert (await act(desk.admin, period["id"], "closing", **ALL_CLEAR)).json()[
        "code"
    ] == "period_step_refused"
    expect(await act(desk.admin, period["id"], "review"))
    refused = await act(desk.admin, period["id"], "closing")
    assert (refused.status_code, refused.json()["obstacles"]) == (409, ["not_over"])
    expect(await act(desk.admin, period["id"], "reopening", reason="one more", to="open"))
    closed = await close(desk.admin, period["id"])
    assert closed["period"]["state"] == "closed" and closed["sealed"]
    closing = closed["period"]["closing"]
    assert (closing["status"], closing["done"], len(closing["hash"])) == ("done", closing["total"], 64)
    assert await list_kinds(desk.admin, period["id"]) == kinds
    received = sum(amount for amount, _ in by_kind.values())
    assert closed["period"]["totals"] == [{"amount": received, "currency": "CNY"}]

    await desk.visit(wang)
    after = expect(await desk.admin.get(PERIODS))["items"]
    assert [item["key"] > period["key"] for item in after] == [True, False]
    late = expect(await desk.admin.get(f"{API}/settlement/lines", params={"period_id": after[0]["id"]}))[
        "items"
    ]
    assert late and {line["period"] for line in late} == {after[0]["key"]}
    assert await list_kinds(desk.admin, period["id"]) == kinds


async def test_totals_open_down_to_their_lines(desk: Desk) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    await desk.visit(wang)
    await desk.visit(wang, hours=1)
    (period,) = (await list_periods(desk.admin)).values()
    for state in ("open", "closed"):
        if state == "closed":
            await close(desk.admin, period["id"])
        seen, cursor = [], None
        while True:
            params = {"limit": "1", **({"cursor": cursor} if cursor else {})}
            page = expect(await desk.admin.get(f"{PERIODS}/{period['id']}/totals", params=params))
            seen += page["items"]
            if (cursor := page["next"]) is None:
                break
        assert sum(item["received"] + item["borne"] for item in seen) == 0
        for item in seen:
            query = {**item["filters"], "side": "both"}
            lines = expect(await desk.admin.get(f"{API}/settlement/lines", params=query))["items"]
            assert sum(line["amount"] for line in lines) == item["received"] + item["borne"]
            assert len(lines) == item["lines"]


async def test_reopened_with_a_reason_and_frozen_for_good(desk: Desk) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    await desk.visit(wang)
    (period,) = (await list_periods(desk.admin)).values()
    first = await close(desk.admin, period["id"])
    assert (await act(desk.admin, period["id"], "reopening", reason="")).status_code == 422
    expect(await act(desk.admin, period["id"], "reopening", reason="a bill is missing", to="open"))
    await desk.visit(wang)
    second = await close(desk.admin, period["id"])
    assert second["period"]["closing"]["run"] == 2
    assert second["period"]["closing"]["hash"] != first["period"]["closing"]["hash"]
    assert [step["state"] for step in second["steps"]][:3] == ["closed", "closing", "review"]
    assert "a bill is missing" in {step["reason"] for step in second["steps"]}
    expect(await act(desk.admin, period["id"], "freezing"))
    for what, body in (("reopening", {"reason": "x"}), ("review", {}), ("closing", ALL_CLEAR)):
        assert (await act(desk.admin, period["id"], what, **body)).status_code == 409
    for statement in (
        "UPDATE settlement_periods SET state = 'open'",
        "DELETE FROM settlement_periods",
        "UPDATE period_totals SET amount = 0",
        "DELETE FROM period_totals",
    ):
        with pytest.raises(DBAPIError, match="never change"):
            async with desk.tenant.site.database.unit_of_work() as session:
                await session.execute(text(statement))


async def test_a_close_rests_and_goes_on(desk: Desk) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    await desk.visit(wang)
    (period,) = (await list_periods(desk.admin)).values()
    expect(await act(desk.admin, period["id"], "review"))
    assert (await act(desk.admin, period["id"], "closing/stop")).json()["code"] == "period_not_closing"
    expect(await act(desk.admin, period["id"], "closing", **ALL_CLEAR), 202)
    stopped = await act(desk.admin, period["id"], "closing/stop")
    if stopped.status_code == 200:
        assert (await show(desk.admin, period["id"]))["period"]["closing"]["status"] in ("stopped", "done")
        expect(await act(desk.admin, period["id"], "closing/resume"), 202)
    for _ in range(400):
        if (await show(desk.admin, period["id"]))["period"]["state"] == "closed":
            break
        await asyncio.sleep(0.02)
    assert (await show(desk.admin, period["id"]))["period"]["state"] == "closed"


async def test_a_new_rule_holds_from_the_next_period_on(desk: Desk) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    await desk.visit(wang)
    (period,) = (await list_periods(desk.admin)).values()
    east = desk.tenant.regions["east"].id
    region = expect(await desk.admin.patch(f"{API}/regions/{east}", json={"settlement": {"kind": "week"}}))
    assert region["settlement"] == {"kind": "week"} and region["settlement_from"] > period["ends_on"]
    await desk.visit(wang)
    assert len(await list_periods(desk.admin)) == 1
    early = {"settlement": {"kind": "quarter"}, "settlement_from": period["ends_on"]}
    refused = await desk.admin.patch(f"{API}/regions/{east}", json=early)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "period_overlaps" and period["key"] in refused.text
    desk.tenant.site.clock.shift += timedelta(days=40)
    await desk.visit(await desk.tenant.sign_in("wang2", ["agent"], "shanghai"))
    periods = await list_periods(await desk.tenant.sign_in("boss", ["admin"]))
    assert "-W" in periods["east"]["key"] and "-W" not in period["key"]
    boss = await desk.tenant.sign_in("boss", ["admin"])
    for rule in ({"kind": "month"}, None):  # books that were kept once stay in sight
        expect(await boss.patch(f"{API}/regions/{east}", json={"settlement": rule}))
        units = expect(await boss.get(f"{API}/settlement/units"))["items"]
        assert {unit["region"]["name"]["en"] for unit in units} == {"cn", "east"}


BAD_RULES = [
    ({"kind": "year"}, "/settlement/kind", "period_kind_unknown"),
    ({"kind": "custom", "months": 1}, "/settlement/anchor", "period_anchor_missing"),
    ({"kind": "custom", "anchor": "2026-01-31"}, "/settlement/months", "period_length_missing"),
    ({"kind": "custom", "anchor": "2026-01-31", "days": 0}, "/settlement/days", "period_length_unfit"),
]


async def test_a_bad_rule_is_named(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    for rule, pointer, code in BAD_RULES:
        answer = await admin.patch(f"{API}/regions/{tenant.regions['cn'].id}", json={"settlement": rule})
        assert answer.status_code == 422
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_everybody_sees_their_own_units(desk: Desk, foreign: Tenant) -> None:
    for place in ("east", "north"):
        path = f"{API}/regions/{desk.tenant.regions[place].id}"
        expect(await desk.admin.patch(path, json={"settlement": {"kind": "month"}}))
    await desk.visit(await desk.tenant.sign_in("wang", ["agent"], "shanghai"))
    await desk.visit(await desk.tenant.sign_in("li", ["agent"], "beijing"), "beijing")
    everything = await list_periods(desk.admin)
    assert set(everything) == {"east", "north"}
    manager = await desk.tenant.sign_in("lu", ["regional_manager"], "east")
    assert set(await list_periods(manager)) == {"east"}
    assert (await manager.get(f"{PERIODS}/{everything['north']['id']}")).status_code == 404
    assert (await act(manager, everything["east"]["id"], "review")).status_code == 403
    units = expect(await manager.get(f"{API}/settlement/units"))["items"]
    assert [unit["region"]["name"]["en"] for unit in units] == ["east"]
    stranger = await foreign.sign_in("admin", ["admin"])
    assert await list_periods(stranger) == {}
    assert (await act(stranger, everything["east"]["id"], "review")).status_code == 404
    finance = await desk.tenant.sign_in("qian", ["finance"])
    expect(await act(finance, everything["east"]["id"], "review"))
