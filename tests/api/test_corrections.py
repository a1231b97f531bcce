"""Corrections over the API: what finance takes back, books again and sets right from a moment in the past."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import Site, Tenant, open_site
from tests.api.service_desk import API, TARIFF, Desk, expect, open_desk


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """Jobs run, on PostgreSQL too."""
    async with open_site(database_url, tmp_path, run_jobs=True) as opened:
        yield opened


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def sum_lines(client: httpx.AsyncClient, **query: str) -> int:
    found = expect(await client.get(f"{API}/settlement/lines", params={**query, "limit": "100"}))
    return sum(line["amount"] for line in found["items"])


async def test_finance_reverses_a_booking_once_and_everybody_sees_why(desk: Desk, foreign: Tenant) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    finance = await desk.tenant.sign_in("qian", ["finance"])
    stranger = await foreign.sign_in("bei", ["finance"])
    ticket = (await desk.visit(wang))["id"]
    booked = await sum_lines(wang)
    assert booked > 0
    (posting,) = expect(await finance.get(f"{API}/tickets/{ticket}/postings"))["items"]
    address = f"{API}/settlement/postings/{posting['id']}/reversal"
    assert (await wang.post(address, json={"reason": "x"})).status_code == 403
    assert (await stranger.post(address, json={"reason": "x"})).status_code == 404
    assert (await finance.post(address, json={"reason": ""})).status_code == 422
    done = expect(await finance.post(address, json={"reason": "billed twice"}))
    assert sum(each["amount"] for each in done["differences"]) == -booked
    again = expect(await finance.post(address, json={"reason": "again"}))
    assert (again["postings"], again["repeated"]) == (done["postings"], True)
    refused = expect(
        await finance.post(
            f"{API}/settlement/postings/{done['postings'][0]}/reversal", json={"reason": "undo"}
        ),
        409,
    )
    assert refused["code"] == "reversal_final"
    first, second = expect(await finance.get(f"{API}/tickets/{ticket}/postings"))["items"]
    assert (first["reversed_by"], second["reversal_of"]) == (second["id"], first["id"])
    assert (second["reason"], second["by"]["en"]) == ("billed twice", "qian")
    lines = expect(await wang.get(f"{API}/tickets/{ticket}"))["lines"]
    assert sum(line["amount"] for line in lines) == 0
    struck = {line["kind"]: line for line in lines}
    assert struck["booking"]["reversed_by"] == second["id"]
    assert (struck["reversal"]["reason"], struck["reversal"]["by"]) == ("billed twice", "qian")
    (item,) = expect(await finance.get(f"{API}/corrections"))["items"]
    assert (item["kind"], item["state"], item["reason"]) == ("reversal", "done", "billed twice")
    assert expect(await stranger.get(f"{API}/corrections"))["items"] == []


async def test_a_cancelled_ticket_gives_its_money_back_and_late_data_is_booked_anew(desk: Desk) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    finance = await desk.tenant.sign_in("qian", ["finance"])
    ticket = (await desk.visit(wang, hours=1))["id"]
    address = f"{API}/tickets/{ticket}/rebooking"
    assert expect(await finance.get(address), 409)["code"] == "nothing_to_correct"


def raise_rates(document: dict[str, Any]) -> dict[str, Any]:
    """The first amount of every charge, doubled."""
    changed = copy.deepcopy(document)
    for row in changed["rows"]:
        parts = row["charge"].get("parts") or [{"charge": row["charge"]}]
        for part in parts:
            charge = part["charge"]
            for name in ("amount", "rate"):
                if name in charge:
                    charge[name] = charge[name] * 2 if isinstance(charge[name], int) else "0.2"
    return changed


async def wait_for(client: httpx.AsyncClient, correction: str, *states: str) -> dict[str, Any]:
    for _ in range(100):
        found: dict[str, Any] = expect(await client.get(f"{API}/corrections/{correction}"))
        if found["item"]["state"] in states:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def test_a_tariff_of_the_past_is_previewed_then_booked(desk: Desk) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    finance = await desk.tenant.sign_in("qian", ["finance"])
    for _ in range(2):
        await desk.visit(wang)
    before = await sum_lines(finance)
    body = {
        "tariff_id": desk.tariff_id,
        "document": raise_rates(TARIFF),
        "base_revision": 1,
        "effective_from": (desk.tenant.site.clock() - timedelta(hours=1)).isoformat(),
        "note": "agreed late",
    }
    future = {**body, "effective_from": (desk.tenant.site.clock() + timedelta(hours=1)).isoformat()}
    assert expect(await finance.post(f"{API}/corrections", json=future), 422)["code"] == "invalid_fields"
    proposed = expect(await finance.post(f"{API}/corrections", json=body), 201)["item"]["id"]
    ready = await wait_for(finance, proposed, "ready", "failed")
    assert (ready["item"]["state"], ready["tickets"], ready["problems"]) == ("ready", 2, [])
    foreseen = ready["totals"][0]["amount"]
    assert foreseen and await sum_lines(finance) == before
    expect(await finance.post(f"{API}/corrections/{proposed}/start", json={"reason": "contract"}))
    done = await wait_for(finance, proposed, "done", "stopped")
    assert (done["item"]["state"], done["item"]["done"]) == ("done", 2)
    assert done["totals"][0]["amount"] == foreseen == await sum_lines(finance) - before
    refused = expect(await finance.post(f"{API}/corrections/{proposed}/stop"), 409)
    assert refused["code"] == "correction_step_refused"
    sheet = await finance.get(f"{API}/corrections/{proposed}/differences.csv")
    assert sheet.status_code == 200 and "wang" in sheet.text
    assert (await finance.get(f"{API}/corrections/{proposed}/differences.xlsx")).content[:2] == b"PK"
