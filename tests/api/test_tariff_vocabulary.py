"""What the tariff editor offers instead of codes, and findings that speak in names."""

from __future__ import annotations

from copy import deepcopy

import httpx
import pytest

from tests.api.conftest import Tenant
from tests.api.service_desk import API, TARIFF, Desk, expect, open_desk


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def test_an_editor_gets_roles_steps_and_measures_by_name(admin: httpx.AsyncClient, desk: Desk) -> None:
    words = expect(await admin.get(f"{API}/tariffs/vocabulary"))
    assert "agent" in {role["value"] for role in words["roles"]}
    steps = {step["node"]: step["label"] for step in words["steps"]}
    assert steps["n_visit"] == {"zh": "上门维修", "en": "Site visit"}
    assert "n_start" not in steps
    assert set(TARIFF["measures"]) <= words["measures"].keys()
    levels = {each["value"]: each["label"]["en"] for each in words["dimensions"]["level"]}
    assert levels["senior"] == "Senior"


async def test_findings_name_regions_and_ask_for_none_that_pays_otherwise(
    admin: httpx.AsyncClient, tenant: Tenant
) -> None:
    regions = expect(await admin.get(f"{API}/regions"))["items"]
    root = next(region for region in regions if region["parent_id"] is None)
    for key, zh, currency in (("xibu", "西部", root["currency"]), ("sea", "东南亚", "USD")):
        body = {"key": key, "name": {"zh": zh, "en": zh}, "parent_id": root["id"], "currency": currency}
        expect(await admin.post(f"{API}/regions", json=body), 201)
    document = deepcopy(TARIFF)
    document["rows"] = [
        {**row, "match": {**(row.get("match") or {}), "region": regions[-1]["key"]}}
        for row in document["rows"][:1]
    ]
    checked = expect(await admin.post(f"{API}/tariffs/check", json={"document": document}))
    messages = " ".join(each["message"] for each in checked["findings"])
    assert "西部" in messages
    assert "xibu" not in messages
    assert "东南亚" not in messages
