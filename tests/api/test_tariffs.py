"""Tariffs over the API: checked before they are stored, changed without a restart, tried without booking."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.api.conftest import Tenant
from tests.api.service_desk import API, TARIFF, Desk, expect, monthly, open_desk


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


def change(path: str, value: Any, document: dict[str, Any] = TARIFF) -> dict[str, Any]:
    """A copy with one place changed."""
    copy = deepcopy(document)
    place: Any = copy
    *steps, last = [int(step) if step.isdigit() else step for step in path.strip("/").split("/")]
    for step in steps:
        place = place[step]
    place[last] = value
    return copy


OVERLAP = [
    {"from": "0", "to": "300000", "rate": "0.05"},
    {"from": "200000", "to": None, "rate": "0.08"},
]
COEFFICIENT = [{"kind": "coefficient", "id": "urgent", "factor": "1.5", "cap": 1, "when": "data.x ="}]
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"format": "else"}, "/document/format", "tariff.format_unknown"),
    (change("currency", "XXX"), "/document/currency", "tariff.currency_unknown"),
    (change("currency", "USD"), "/document/currency", "tariff.currency_not_used"),
    (
        change("rows/0/charge/parts/0/charge/rate", "-1"),
        "/document/rows/0/charge/parts/0/charge/rate",
        "tariff.negative",
    ),
    (change("rows/1/charge/amount", 10**15), "/document/rows/1/charge/amount", "tariff.number_out_of_range"),
    (
        change("rows/0/charge/parts/1/charge/rate", "1E+999999"),
        "/document/rows/0/charge/parts/1/charge/rate",
        "tariff.number_out_of_range",
    ),
    (change("rows/0/match", {"region": "mars"}), "/document/rows/0/match/region", "tariff.region_unknown"),
    (change("rows/0/charge/tiers", OVERLAP, monthly()), "/document/rows/0/charge", "tariff.tiers_overlap"),
    (
        change("rows/1/modifiers", COEFFICIENT, change("rows/1/modifiers", [])),
        "/document/rows/1/modifiers/0/when",
        "tariff.condition_wrong",
    ),
]


@pytest.mark.parametrize(("document", "pointer", "code"), REFUSED)
async def test_errors_are_refused_where_they_stand(
    admin: httpx.AsyncClient, document: dict[str, Any], pointer: str, code: str
) -> None:
    refused = expect(await admin.post(f"{API}/tariffs", json={"document": document}), 422)
    assert refused["code"] == "tariff_refused"
    found = [(fault["pointer"], fault["code"]) for fault in refused["errors"]]
    assert any(place.startswith(pointer) and name == code for place, name in found), found
    assert all(fault["message"] != fault["code"] for fault in refused["errors"])
    checked = expect(await admin.post(f"{API}/tariffs/check", json={"document": document}))
    assert code.removeprefix("tariff.") in {finding["code"] for finding in checked["findings"]}
    assert expect(await admin.get(f"{API}/tariffs"))["items"] == []


async def test_rules_in_words(desk: Desk) -> None:
    path = f"{API}/tariffs/{desk.tariff_id}"
    words = {
        locale: expect(await desk.admin.get(path, headers={"accept-language": locale}))["words"][0]["text"]
        for locale in ("zh", "en")
    }
    assert words["zh"] == "labour：工时每单位 ¥60.00；share：回收金额的 5%"
    assert words["en"] == "labour: ¥60.00 for each unit of labour; share: 5% of recovered"


async def test_a_new_revision_holds_for_the_next_ticket(desk: Desk, tenant: Tenant) -> None:
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    before = await desk.visit(agent)
    waiting = await desk.report(agent)
    path = f"{API}/tariffs/{desk.tariff_id}/revisions"
    dearer = change("rows/0/charge/parts/0/charge/rate", "7000")
    revised = expect(await desk.admin.post(path, json={"document": dearer, "base_revision": 1}), 201)
    assert (revised["current_revision"], revised["in_force"]) == (2, 2)
    task = f"{API}/tasks/{waiting['next_task_id']}/complete"
    expect(await agent.post(task, json={"outcome": "done", "data": {"hours": 3, "recovered": 100_000}}))
    for ticket_id, revision, total in ((before["id"], 1, 23_000), (waiting["id"], 2, 26_000)):
        lines = expect(await desk.admin.get(f"{API}/tickets/{ticket_id}"))["lines"]
        assert {line["tariff"]["revision"] for line in lines} == {revision}
        assert sum(line["amount"] for line in lines if line["side"] == "receiving") == total
    first = expect(await desk.admin.get(f"{API}/tariffs/{desk.tariff_id}?revision=1"))
    assert first["document"] == TARIFF
    stale = await desk.admin.post(path, json={"document": dearer, "base_revision": 1})
    assert expect(stale, 409)["current_revision"] == 2


async def test_of_two_revisions_at_once_one_is_stored(desk: Desk) -> None:
    path = f"{API}/tariffs/{desk.tariff_id}/revisions"
    body = {"document": TARIFF, "base_revision": 1}
    answers = await asyncio.gather(*(desk.admin.post(path, json=body) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_a_revision_waits_for_its_day_and_never_reaches_back(desk: Desk, tenant: Tenant) -> None:
    path = f"{API}/tariffs/{desk.tariff_id}/revisions"
    body = {"document": change("rows/0/charge/parts/0/charge/rate", "7000"), "base_revision": 1}
    now = datetime.now(UTC)
    past = {**body, "effective_from": (now - timedelta(days=1)).isoformat()}
    assert expect(await desk.admin.post(path, json=past), 422)["errors"][0]["pointer"] == "/effective_from"
    later = {**body, "effective_from": (now + timedelta(days=3)).isoformat()}
    revised = expect(await desk.admin.post(path, json=later), 201)
    assert (revised["current_revision"], revised["in_force"]) == (2, 1)
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    assert {line["tariff"]["revision"] for line in (await desk.visit(agent))["lines"]} == {1}
    tenant.site.clock.shift += timedelta(days=4)
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    assert {line["tariff"]["revision"] for line in (await desk.visit(agent))["lines"]} == {2}


async def test_stored_revisions_never_change(desk: Desk) -> None:
    for statement in ("UPDATE tariff_revisions SET note = 'x'", "DELETE FROM tariff_revisions"):
        with pytest.raises(DBAPIError):
            async with desk.tenant.site.database.unit_of_work() as session:
                await session.execute(text(statement))


async def test_the_key_stays_and_is_one_of_a_kind(desk: Desk) -> None:
    taken = await desk.admin.post(f"{API}/tariffs", json={"document": TARIFF})
    assert expect(taken, 409)["code"] == "tariff_key_taken"
    path = f"{API}/tariffs/{desk.tariff_id}/revisions"
    renamed = await desk.admin.post(path, json={"document": {**TARIFF, "key": "x"}, "base_revision": 1})
    assert expect(renamed, 422)["errors"][0]["pointer"] == "/document/key"


TRIES: list[tuple[dict[str, Any], list[int], int]] = [
    ({"region": "shanghai", "quantities": {"hours": 3, "recovered": 100_000}}, [18_000, 5_000], 23_000),
    ({"region": "shanghai", "quantities": {"hours": "0.25", "recovered": 0}}, [1_500], 1_500),
    ({"region": "beijing"}, [8_000], 8_000),
    ({}, [8_000], 8_000),
]


@pytest.mark.parametrize(("inputs", "amounts", "total"), TRIES)
async def test_try_a_ticket(desk: Desk, inputs: dict[str, Any], amounts: list[int], total: int) -> None:
    path = f"{API}/tariffs/{desk.tariff_id}/try"
    tried = expect(await desk.admin.post(path, json={"inputs": inputs}))
    assert [line["amount"] for line in tried["lines"]] == amounts
    assert tried["total"] == {"amount": total, "currency": "CNY"} and tried["trace"]
    assert expect(await desk.admin.get(f"{API}/settlement/lines"))["items"] == []


async def test_try_says_what_is_missing_and_looks_ahead(desk: Desk) -> None:
    path = f"{API}/tariffs/{desk.tariff_id}/try"
    lacking = await desk.admin.post(path, json={"inputs": {"region": "east"}})
    assert expect(lacking, 422)["code"] == "settlement.measure_missing"
    unknown = await desk.admin.post(path, json={"inputs": {"region": "mars"}})
    assert expect(unknown, 422)["errors"][0]["pointer"] == "/inputs/region"
    absurd = await desk.admin.post(path, json={"inputs": {"quantities": {"hours": "1E-999999"}}})
    assert expect(absurd, 422)["errors"][0]["pointer"] == "/inputs/quantities/hours"
    inputs = {"quantities": {"recovered": 50_000}, "before": {"recovered": 100_000}}
    tried = expect(await desk.admin.post(path, json={"inputs": inputs, "document": monthly()}))
    assert tried["total"]["amount"] == 2_500
    assert tried["next_tiers"] == ["¥500.00 more recovered reaches ¥2,000.00 and the 8% tier"]
    inputs["quantities"] = {"recovered": 100_000}
    crossing = expect(await desk.admin.post(path, json={"inputs": inputs, "document": monthly()}))
    assert [line["amount"] for line in crossing["lines"]] == [8_000, 3_000]


ACTORS = [
    ("agent", "shanghai", (403, 403)),
    ("regional_manager", "east", (200, 403)),
    ("finance", None, (200, 201)),
    ("implementer", None, (200, 201)),
]


@pytest.mark.parametrize(("role", "region", "statuses"), ACTORS)
async def test_who_may(
    desk: Desk, tenant: Tenant, role: str, region: str | None, statuses: tuple[int, int]
) -> None:
    client = await tenant.sign_in(role, [role], region)
    read = await client.get(f"{API}/tariffs/{desk.tariff_id}")
    body = {"document": TARIFF, "base_revision": 1}
    answer = await client.post(f"{API}/tariffs/{desk.tariff_id}/revisions", json=body)
    assert (read.status_code, answer.status_code) == statuses


async def test_foreign_tariffs_do_not_exist(desk: Desk, foreign: Tenant) -> None:
    stranger = await foreign.sign_in("admin", ["admin"])
    path = f"{API}/tariffs/{desk.tariff_id}"
    body = {"document": TARIFF, "base_revision": 1}
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"{path}/revisions", json=body)).status_code == 404
    assert (await stranger.post(f"{path}/try", json={"inputs": {}})).status_code == 404
