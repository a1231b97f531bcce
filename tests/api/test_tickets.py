"""Tickets from the report to the booked money, as staff see them."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.api.conftest import Tenant
from tests.api.service_desk import API, REQUEST, VISIT, Desk, expect, make_photo, open_desk


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


@pytest.fixture
async def agent(tenant: Tenant) -> httpx.AsyncClient:
    return await tenant.sign_in("wang", ["agent"], "shanghai")


LANGUAGES = [
    ("zh", ["工时 3 小时 × ¥60.00 = ¥180.00", "回收金额 ¥1,000.00 × 5% = ¥50.00"], "“上门维修”：完成"),
    ("en", ["labour 3 hours × ¥60.00 = ¥180.00", "recovered ¥1,000.00 × 5% = ¥50.00"], "“Site visit”: Done"),
]


async def test_from_report_to_booked_money(desk: Desk, agent: httpx.AsyncClient) -> None:
    started = await desk.report(agent)
    assert started["status"] == "running" and started["next_task_id"]
    shown = expect(await agent.get(f"{API}/tasks/{started['next_task_id']}"))
    assert [action["outcome"] for action in shown["actions"]] == ["done", "hand_up"]
    assert shown["shown"][0]["value"] == REQUEST["problem"]

    done = {"outcome": "done", "data": VISIT, "comment": "换了压缩机"}
    path = f"{API}/tasks/{started['next_task_id']}/complete"
    answer = expect(await agent.post(path, json=done))
    assert answer == {"ticket_id": started["id"], "status": "running", "next_task_id": None}

    ticket = expect(await desk.admin.get(f"{API}/tickets/{started['id']}"))
    assert ticket["title"] == REQUEST["problem"]
    assert ticket["data"]["hours"] == 3 and ticket["customer"]["phone"] == REQUEST["contact_phone"]
    assert [stage["state"] for stage in ticket["stages"]] == ["done", "done", "current", "todo"]
    assert "n_manager" not in ticket["visited"]
    assert sum(line["amount"] for line in ticket["lines"]) == 0
    earned = [line for line in ticket["lines"] if line["side"] == "receiving"]
    assert [(line["component"], line["amount"]) for line in earned] == [("labour", 18_000), ("share", 5_000)]
    assert {line["party"]["name"] for line in earned} == {"wang"}
    assert {(line["tariff"]["revision"], line["tariff"]["row"]) for line in ticket["lines"]} == {(1, "east")}
    for locale, why, told in LANGUAGES:
        headers = {"accept-language": locale}
        page = expect(await desk.admin.get(f"{API}/tickets/{started['id']}", headers=headers))
        assert [line["why"] for line in page["lines"] if line["side"] == "receiving"] == why
        entry = next(entry for entry in page["timeline"] if entry["kind"] == "task_completed")
        assert (entry["text"], entry["detail"]) == (told, "换了压缩机")
        assert entry["actor"]["name"] == "wang"


async def test_double_click_opens_one_ticket(desk: Desk, agent: httpx.AsyncClient) -> None:
    once, twice = await asyncio.gather(
        desk.report(agent, **{"idempotency-key": "click"}), desk.report(agent, **{"idempotency-key": "click"})
    )
    assert once == twice
    assert len(expect(await agent.get(f"{API}/tickets"))["items"]) == 1
    assert (await desk.report(agent))["number"] != once["number"]


async def test_regions_and_workspaces_are_closed(
    desk: Desk, agent: httpx.AsyncClient, tenant: Tenant, foreign: Tenant
) -> None:
    ticket = await desk.report(agent)
    stranger = await foreign.sign_in("admin", ["admin"])
    beijing = await tenant.sign_in("li", ["agent"], "beijing")
    north = await tenant.sign_in("north", ["regional_manager"], "north")
    for client in (stranger, beijing, north):
        for path in (f"tickets/{ticket['id']}", f"tasks/{ticket['next_task_id']}"):
            assert (await client.get(f"{API}/{path}")).status_code == 404
        preview = f"{API}/tickets/{ticket['id']}/settlement-preview"
        assert (await client.get(preview)).status_code == 404
        cancel = await client.post(f"{API}/tickets/{ticket['id']}/cancel", json={"reason": "x"})
        assert cancel.status_code == 404
        assert expect(await client.get(f"{API}/tickets?view=all"))["items"] == []
        assert expect(await client.get(f"{API}/tasks?view=all"))["items"] == []
    for region in (tenant.regions["beijing"], foreign.regions["shanghai"]):
        body = {"workflow_id": desk.workflow_id, "region_id": region.id, "data": REQUEST}
        assert (await agent.post(f"{API}/tickets", json=body)).status_code == 404
        assert (await agent.get(f"{API}/tickets?region_id={foreign.regions['east'].id}")).status_code == 404


FAULTS = [
    ("zh", {"problem": "x" * 41}, "/data/problem", "最多 40 个字"),
    ("en", {"problem": "x" * 41}, "/data/problem", "At most 40 characters"),
    ("zh", {"contact_name": ""}, "/data/contact_name", "请填写此项"),
    ("en", {"contact_phone": "none"}, "/data/contact_phone", "Please enter a valid phone number"),
    ("en", {"nickname": "Z"}, "/data/nickname", "The form has no such field"),
]


@pytest.mark.parametrize(("locale", "changed", "pointer", "message"), FAULTS)
async def test_faults_are_said_in_the_readers_language(
    desk: Desk, locale: str, changed: dict[str, str], pointer: str, message: str
) -> None:
    body = {
        "workflow_id": desk.workflow_id,
        "region_id": desk.tenant.regions["shanghai"].id,
        "data": {**REQUEST, **changed},
    }
    answer = await desk.admin.post(f"{API}/tickets", json=body, headers={"accept-language": locale})
    found = expect(answer, 422)["errors"]
    assert [(fault["pointer"], fault["message"]) for fault in found] == [(pointer, message)]


async def test_photos_of_others_are_refused_and_own_ones_join_the_ticket(
    desk: Desk, agent: httpx.AsyncClient, tenant: Tenant
) -> None:
    async def upload(client: httpx.AsyncClient) -> str:
        files = {"file": ("a.jpg", make_photo(), "image/jpeg")}
        return str(expect(await client.post(f"{API}/files", files=files), 201)["id"])

    other = await tenant.sign_in("li", ["agent"], "beijing")
    colleague = await tenant.sign_in("zhou", ["agent"], "shanghai")
    own, theirs = await upload(agent), await upload(other)
    body = {"workflow_id": desk.workflow_id, "region_id": tenant.regions["shanghai"].id}
    refused = await agent.post(f"{API}/tickets", json={**body, "data": {**REQUEST, "photos": [theirs]}})
    assert expect(refused, 422)["errors"][0]["code"] == "file_unknown"
    assert (await colleague.get(f"{API}/files/{own}")).status_code == 404
    sent = {**body, "data": {**REQUEST, "photos": [own]}}
    started = expect(await agent.post(f"{API}/tickets", json=sent), 201)
    assert (await colleague.get(f"{API}/files/{own}")).status_code == 200
    assert (await other.get(f"{API}/files/{own}")).status_code == 404
    task = f"{API}/tasks/{started['next_task_id']}"
    assert (await agent.post(f"{task}/claim")).is_success
    unfit = await agent.post(f"{task}/delegate", json={"member_id": tenant.members["li"].id})
    assert expect(unfit, 422)["errors"][0]["code"] == "member_unfit"
    assert (await other.get(f"{API}/files/{own}")).status_code == 404
    assert (await agent.post(f"{task}/delegate", json={"member_id": tenant.members["zhou"].id})).is_success


async def test_preview_is_what_is_booked_and_writes_nothing(desk: Desk, agent: httpx.AsyncClient) -> None:
    started = await desk.report(agent)
    path = f"{API}/tickets/{started['id']}/settlement-preview"
    early = expect(await desk.admin.get(path))
    assert early["lines"] == [] and [gap["node"] for gap in early["gaps"]] == ["n_settle"]
    assert early["gaps"][0]["message"] == "Can be estimated once “工时” is filled in."
    hand_up = {"outcome": "hand_up", "data": VISIT, "comment": "请看一下"}
    expect(await agent.post(f"{API}/tasks/{started['next_task_id']}/complete", json=hand_up))
    foreseen = expect(await desk.admin.get(path))
    assert expect(await desk.admin.get(f"{API}/settlement/lines"))["items"] == []
    task = await desk.open_task(desk.admin, started["id"])
    manager = await desk.tenant.sign_in("lu", ["regional_manager"], "east")
    done = {"outcome": "done", "data": VISIT}
    expect(await manager.post(f"{API}/tasks/{task['id']}/complete", json=done))
    booked = expect(await desk.admin.get(f"{API}/tickets/{started['id']}"))["lines"]

    def figures(lines: list[dict[str, object]]) -> list[tuple[object, ...]]:
        return [(line["component"], line["amount"], line["party"], line["why"]) for line in lines]

    assert figures(foreseen["lines"]) == figures(booked)
    assert foreseen["totals"] == [{"amount": 23_000, "currency": "CNY"}]
    assert expect(await desk.admin.get(path))["lines"] == []


async def test_cancel_and_retry(desk: Desk, agent: httpx.AsyncClient, tenant: Tenant) -> None:
    started = await desk.report(agent)
    empty = await agent.post(f"{API}/tickets/{started['id']}/cancel", json={"reason": " "})
    assert expect(empty, 422)["errors"][0]["pointer"] == "/reason"
    colleague = await tenant.sign_in("zhou", ["agent"], "shanghai")
    path = f"{API}/tickets/{started['id']}/cancel"
    assert (await colleague.post(path, json={"reason": "x"})).status_code == 403
    assert (await agent.post(path, json={"reason": "客户撤回"})).status_code == 204
    assert expect(await agent.post(path, json={"reason": "x"}), 409)["code"] == "not_running"
    ticket = expect(await agent.get(f"{API}/tickets/{started['id']}"))
    assert (ticket["status"], ticket["tasks"]) == ("cancelled", [])

    stuck = await desk.visit(agent, hours=1, recovered=0)
    assert stuck["incidents"] == []


async def test_a_missing_rule_is_an_incident_that_a_new_revision_ends(
    desk: Desk, agent: httpx.AsyncClient
) -> None:
    detail = expect(await desk.admin.get(f"{API}/tariffs/{desk.tariff_id}"))
    whole = detail["document"]
    only_north = {**whole, "rows": [{**whole["rows"][1], "match": {"region": "north"}}]}
    path = f"{API}/tariffs/{desk.tariff_id}/revisions"
    expect(await desk.admin.post(path, json={"document": only_north, "base_revision": 1}), 201)
    ticket = await desk.visit(agent)
    assert [incident["code"] for incident in ticket["incidents"]] == ["no_tariff_row"]
    assert ticket["lines"] == []
    expect(await desk.admin.post(path, json={"document": whole, "base_revision": 2}), 201)
    retry = f"{API}/tickets/{ticket['id']}/incidents/{ticket['incidents'][0]['id']}/retry"
    assert (await agent.post(retry)).status_code == 403
    assert (await desk.admin.post(retry)).status_code == 204
    mended = expect(await desk.admin.get(f"{API}/tickets/{ticket['id']}"))
    assert mended["incidents"] == [] and {line["tariff"]["revision"] for line in mended["lines"]} == {3}


async def test_answers_hidden_from_a_role_are_nowhere(desk: Desk, agent: httpx.AsyncClient) -> None:
    started = await desk.report(agent)
    hand_up = {"outcome": "hand_up", "data": {}, "comment": "请看一下"}
    expect(await agent.post(f"{API}/tasks/{started['next_task_id']}/complete", json=hand_up))
    manager = await desk.tenant.sign_in("lu", ["regional_manager"], "east")
    task = await desk.open_task(manager, started["id"])
    done = {"outcome": "done", "data": {**VISIT, "contact_name": "赵先生", "margin": 4_000}}
    expect(await manager.post(f"{API}/tasks/{task['id']}/complete", json=done))
    assert expect(await manager.get(f"{API}/tickets/{started['id']}"))["data"]["margin"] == 4_000
    seen = (await agent.get(f"{API}/tickets/{started['id']}")).text
    assert "margin" not in seen and "4000" not in seen
