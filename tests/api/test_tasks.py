"""The queue and doing a task: who may, who was first, what is kept."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.conftest import Tenant
from tests.api.service_desk import API, VISIT, Desk, expect, open_desk

DONE = {"outcome": "done", "data": VISIT}


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


@pytest.fixture
async def agent(tenant: Tenant) -> httpx.AsyncClient:
    return await tenant.sign_in("wang", ["agent"], "shanghai")


@pytest.fixture
async def colleague(tenant: Tenant) -> httpx.AsyncClient:
    return await tenant.sign_in("zhou", ["agent"], "east")


async def test_of_two_at_once_one_wins_and_the_other_learns_who(
    desk: Desk, agent: httpx.AsyncClient, colleague: httpx.AsyncClient
) -> None:
    task = (await desk.report(agent))["next_task_id"]
    path = f"{API}/tasks/{task}/complete"
    answers = await asyncio.gather(agent.post(path, json=DONE), colleague.post(path, json=DONE))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won = answers[0].status_code == 200
    winner, problem = ("wang" if won else "zhou"), (answers[1] if won else answers[0]).json()
    assert (problem["code"], problem["closed_by"]) == ("task_closed_by", winner)
    assert problem["detail"] == f"{winner} has just finished this step."
    lines = expect(await desk.admin.get(f"{API}/settlement/lines"))["items"]
    assert {line["party"]["name"] for line in lines} == {winner} and len(lines) == 2


async def test_a_repeated_click_gets_the_first_answer(desk: Desk, agent: httpx.AsyncClient) -> None:
    task = (await desk.report(agent))["next_task_id"]
    headers = {"idempotency-key": "click"}
    path = f"{API}/tasks/{task}/complete"
    answers = await asyncio.gather(*(agent.post(path, json=DONE, headers=headers) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert expect(await agent.post(path, json=DONE), 409)["code"] == "task_closed_by"


async def test_claim_give_back_and_hand_on(
    desk: Desk, agent: httpx.AsyncClient, colleague: httpx.AsyncClient, tenant: Tenant
) -> None:
    task = (await desk.report(agent))["next_task_id"]
    views = {"team": [task], "mine": []}
    for view, ids in views.items():
        items = expect(await agent.get(f"{API}/tasks?view={view}"))["items"]
        assert [item["id"] for item in items] == ids
    taken = expect(await agent.post(f"{API}/tasks/{task}/claim"))
    assert taken["assignee"]["name"] == "wang" and taken["mine"]
    assert expect(await colleague.post(f"{API}/tasks/{task}/claim"), 409)["code"] == "task_taken"
    assert (
        expect(await colleague.post(f"{API}/tasks/{task}/complete", json=DONE), 409)["code"] == "task_taken"
    )
    assert (await colleague.post(f"{API}/tasks/{task}/release")).status_code == 403
    assert expect(await agent.post(f"{API}/tasks/{task}/release"))["assignee"] is None
    both = await asyncio.gather(*(who.post(f"{API}/tasks/{task}/claim") for who in (agent, colleague)))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    holder = agent if both[0].status_code == 200 else colleague
    unknown = await holder.post(f"{API}/tasks/{task}/delegate", json={"member_id": task})
    assert expect(unknown, 422)["errors"][0]["code"] == "member_unknown"
    to = tenant.members["zhou" if holder is agent else "wang"]
    handed = expect(await holder.post(f"{API}/tasks/{task}/delegate", json={"member_id": to.id}))
    assert (handed["assignee"]["id"], handed["mine"]) == (to.id, False)


async def test_hidden_and_readonly_fields(desk: Desk, agent: httpx.AsyncClient) -> None:
    task = (await desk.report(agent))["next_task_id"]
    shown = expect(await agent.get(f"{API}/tasks/{task}"))
    assert "margin" not in shown["form"]["schema"]["properties"]
    assert shown["form"]["ui"]["contact_name"]["ui:readonly"] is True
    assert shown["data"] == {"contact_name": "赵先生"}
    for field, value in (("margin", 1), ("contact_name", "钱先生")):
        body = {"outcome": "done", "data": {**VISIT, field: value}}
        refused = expect(await agent.post(f"{API}/tasks/{task}/complete", json=body), 422)
        fault = refused["errors"][0]
        assert (fault["pointer"], fault["message"]) == (
            f"/data/{field}",
            "This field cannot be changed at this step",
        )
    same = {"outcome": "done", "data": {**VISIT, "contact_name": "赵先生"}}
    expect(await agent.post(f"{API}/tasks/{task}/complete", json=same))


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"outcome": "done", "data": {"recovered": 1}}, "/data/hours", "answer.required"),
    ({"outcome": "done", "data": {**VISIT, "hours": -1}}, "/data/hours", "answer.too_small"),
    ({"outcome": "done", "data": {**VISIT, "recovered": 1.5}}, "/data/recovered", "answer.type_money"),
    ({"outcome": "hand_up", "data": {}}, "/comment", "answer.required"),
    ({"outcome": "hand_up", "comment": "x" * 2001}, "/comment", "answer.too_long"),
    ({"outcome": "vanish"}, "/outcome", "unknown_outcome"),
]


@pytest.mark.parametrize(("body", "pointer", "code"), FAULTS)
async def test_faults(
    desk: Desk, agent: httpx.AsyncClient, body: dict[str, Any], pointer: str, code: str
) -> None:
    task = (await desk.report(agent))["next_task_id"]
    faults = expect(await agent.post(f"{API}/tasks/{task}/complete", json=body), 422)["errors"]
    assert [(fault["pointer"], fault["code"]) for fault in faults] == [(pointer, code)]


async def test_handing_up_keeps_what_was_right_and_removed_answers_leave(
    desk: Desk, agent: httpx.AsyncClient, tenant: Tenant
) -> None:
    started = await desk.report(agent)
    data = {"hours": 2, "recovered": -5, "remark": "缺配件"}
    body = {"outcome": "hand_up", "data": data, "comment": "缺配件"}
    expect(await agent.post(f"{API}/tasks/{started['next_task_id']}/complete", json=body))
    kept = expect(await desk.admin.get(f"{API}/tickets/{started['id']}"))["data"]
    assert (kept["hours"], kept["remark"], kept.get("recovered")) == (2, "缺配件", None)
    manager = await tenant.sign_in("lu", ["regional_manager"], "east")
    task = await desk.open_task(manager, started["id"])
    without = {"outcome": "done", "data": {**VISIT, "contact_name": "赵先生"}}
    expect(await manager.post(f"{API}/tasks/{task['id']}/complete", json=without))
    assert "remark" not in expect(await desk.admin.get(f"{API}/tickets/{started['id']}"))["data"]


async def test_a_draft_waits_for_its_author_until_the_task_is_done(
    desk: Desk, agent: httpx.AsyncClient, colleague: httpx.AsyncClient
) -> None:
    task = (await desk.report(agent))["next_task_id"]
    shown = expect(await agent.get(f"{API}/tasks/{task}"))
    draft = {"data": {"hours": 2}, "schema_hash": shown["schema_hash"]}
    assert (await agent.put(f"{API}/tasks/{task}/draft", json=draft)).status_code == 204
    assert expect(await agent.get(f"{API}/tasks/{task}"))["draft"] == {"hours": 2}
    assert expect(await colleague.get(f"{API}/tasks/{task}"))["draft"] is None
    expect(await agent.post(f"{API}/tasks/{task}/complete", json=DONE))
    assert expect(await agent.put(f"{API}/tasks/{task}/draft", json=draft), 409)["code"] == "task_closed"


async def test_who_only_looks_gets_no_buttons(desk: Desk, agent: httpx.AsyncClient, tenant: Tenant) -> None:
    task = (await desk.report(agent))["next_task_id"]
    finance = await tenant.sign_in("qian", ["finance"])
    shown = expect(await finance.get(f"{API}/tasks/{task}"))
    assert (shown["actions"], shown["task"]["mine"]) == ([], False)
    assert (await finance.post(f"{API}/tasks/{task}/complete", json=DONE)).status_code == 403
