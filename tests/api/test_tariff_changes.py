"""Revisions of tariffs compared, and rows copied from region to region; nothing of it is stored."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Tenant
from tests.api.service_desk import API, TARIFF, Desk, expect, open_desk
from tests.api.test_tariffs import change


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def test_what_changed_is_told_at_its_cell(desk: Desk) -> None:
    path = f"{API}/tariffs/{desk.tariff_id}"
    edited = change("rows/0/charge/parts/0/charge/rate", "7000")
    edited = change("rows/1/charge/amount", 9_000, edited)
    row = {"id": "gold", "match": {"grade": "gold"}, "charge": {"model": "flat", "amount": 100}}
    edited["rows"].append(row)
    body = {"document": edited, "base_revision": 1}
    expect(await desk.admin.put(f"{path}/draft", json=body))
    zh = {"accept-language": "zh"}
    found = expect(await desk.admin.get(f"{path}/diff?from=1&to=draft", headers=zh))
    told = {each["pointer"]: each for each in found["changes"]}
    rate = told["/rows/0/charge/parts/0/charge/rate"]
    assert (rate["kind"], rate["subject"], rate["before"], rate["after"]) == (
        "changed",
        "part",
        "¥60.00",
        "¥70.00",
    )
    assert rate["text"].endswith("组成部分“labour” · 费率：¥60.00 → ¥70.00")
    assert told["/rows/2"]["kind"] == "added" and told["/rows/2"]["after"] == "固定 ¥1.00"
    assert len(told) == 3
    assert expect(await desk.admin.get(f"{path}/diff?from=1&to=1"))["changes"] == []
    first = expect(await desk.admin.get(f"{path}/diff?from=0&to=1"))["changes"]
    assert {"row", "head"} <= {each["subject"] for each in first}
    for query, status in (("from=x&to=1", 400), ("from=1&to=9", 404), ("to=x", 400)):
        expect(await desk.admin.get(f"{path}/diff?{query}"), status)


async def test_rows_are_copied_with_a_factor(desk: Desk) -> None:
    path = f"{API}/tariffs/{desk.tariff_id}"
    source = TARIFF["rows"][0]["match"]["region"]
    body = {"from_region": source, "to_region": "north", "factor": "1.25", "step": 100}
    made = expect(await desk.admin.post(f"{path}/copies", json=body))
    assert [row["skipped"] for row in made["rows"]] == [False]
    copied = made["document"]["rows"][1]
    assert copied["match"]["region"] == "north"
    assert copied["charge"]["parts"][0]["charge"]["rate"] == "7500"
    assert copied["charge"]["parts"][1]["charge"]["rate"] == "0.05"
    again = expect(await desk.admin.post(f"{path}/copies", json={**body, "document": made["document"]}))
    assert [row["skipped"] for row in again["rows"]] == [True] and again["document"] == made["document"]
    assert expect(await desk.admin.get(path))["document"] == TARIFF
    refused: list[tuple[dict[str, Any], str]] = [
        ({"to_region": source}, "/to_region"),
        ({"to_region": "mars"}, "/to_region"),
        ({"factor": "0"}, "/factor"),
        ({"factor": "1E-30"}, "/factor"),
        ({"factor": "NaN"}, "/factor"),
        ({"document": {"format": "x"}}, "/document/format"),
    ]
    for wrong, pointer in refused:
        answer = expect(await desk.admin.post(f"{path}/copies", json={**body, **wrong}), 422)
        assert answer["errors"][0]["pointer"] == pointer, wrong
