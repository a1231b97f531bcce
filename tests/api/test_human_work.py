"""Teams, returning, signers, withdrawing, resting, bulk completion, and service level clocks by the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backend.db.session import Database
from backend.graph.registry import Registry
from backend.runtime.runtime import Runtime
from designer_nodes import NODE_TYPES
from tests.api.conftest import Tenant
from tests.api.service_desk import API, expect

DAYS = {str(day): [["09:00", "18:00"]] for day in range(1, 6)}
NOTE = {
    "title": {"zh": "记录", "en": "Note"},
    "schema": {"type": "object", "properties": {"note": {"type": "string"}}},
}


def step_of(label: str, **config: Any) -> dict[str, Any]:
    offer = config.pop("offer", {"to": "role", "role": "agent", "scope": "region"})
    kind = config.pop("type", "form_task")
    form = {"form": "note"} if kind == "form_task" else {}
    return {"type": kind, "label": {"zh": label, "en": label}, "config": {**form, "offer": offer, **config}}


class Office:
    """A published workflow: visit, check (by a team), approve (by a manager)."""

    def __init__(self, tenant: Tenant, admin: httpx.AsyncClient) -> None:
        self.tenant = tenant
        self.admin = admin
        self.workflow_id = ""

    async def publish(self, **settings: Any) -> None:
        definition = {
            "format": "tierflow.workflow/1",
            "name": {"zh": "巡检", "en": "Inspection"},
            "graph": {
                "format": "tierflow.graph/1",
                "nodes": {
                    "s": {"type": "start", "config": {"form": "note", "sources": ["staff"]}},
                    "visit": step_of("Visit"),
                    "check": step_of("Check", offer={"to": "team", "team": "qc"}, not_by=["visit"]),
                    "ok": step_of(
                        "Approve", type="approval", offer={"to": "role", "role": "regional_manager"}
                    ),
                    "z": {"type": "end"},
                },
                "edges": {
                    "e1": {"source": "s", "port": "next", "target": "visit"},
                    "e2": {"source": "visit", "port": "done", "target": "check"},
                    "e3": {"source": "check", "port": "done", "target": "ok"},
                    "e4": {"source": "ok", "port": "approved", "target": "z"},
                    "e5": {"source": "ok", "port": "rejected", "target": "z"},
                },
            },
            "forms": {"note": NOTE},
            "settings": settings,
        }
        body = {"name": definition["name"], "key": "inspection", "definition": definition}
        created = expect(await self.admin.post(f"{API}/workflows", json=body), 201)
        self.workflow_id = created["id"]
        path = f"{API}/workflows/{created['id']}/releases"
        expect(await self.admin.post(path, json={"revision": 1, "note": ""}), 201)

    async def open(self, client: httpx.AsyncClient, region: str = "shanghai") -> dict[str, Any]:
        body = {"workflow_id": self.workflow_id, "region_id": self.tenant.regions[region].id, "data": {}}
        started: dict[str, Any] = expect(await client.post(f"{API}/tickets", json=body), 201)
        return started

    async def show(self, ticket_id: str, client: httpx.AsyncClient | None = None) -> dict[str, Any]:
        found: dict[str, Any] = expect(await (client or self.admin).get(f"{API}/tickets/{ticket_id}"))
        return found

    async def task(self, ticket_id: str, client: httpx.AsyncClient | None = None) -> dict[str, Any]:
        (task,) = (await self.show(ticket_id, client))["tasks"]
        found: dict[str, Any] = task
        return found

    async def finish(self, client: httpx.AsyncClient, ticket_id: str, outcome: str = "done") -> None:
        task = await self.task(ticket_id)
        expect(await client.post(f"{API}/tasks/{task['id']}/complete", json={"outcome": outcome}))


@pytest.fixture
async def office(tenant: Tenant, admin: httpx.AsyncClient) -> Office:
    office = Office(tenant, admin)
    body = {"key": "qc", "name": {"zh": "品控组", "en": "Quality"}}
    expect(await admin.post(f"{API}/teams", json=body), 201)
    await office.publish()
    return office


@pytest.fixture
async def agent(tenant: Tenant) -> httpx.AsyncClient:
    return await tenant.sign_in("wang", ["agent"], "shanghai")


@pytest.fixture
async def checker(tenant: Tenant, office: Office) -> httpx.AsyncClient:
    client = await tenant.sign_in("zhou", ["agent"], "beijing")
    (team,) = expect(await office.admin.get(f"{API}/teams"))["items"]
    body = {"members": [tenant.members["zhou"].id, (await tenant.add_member("sun", ["agent"], "east")).id]}
    changed = expect(await office.admin.patch(f"{API}/teams/{team['id']}", json=body))
    assert [member["name"] for member in changed["members"]] == ["sun", "zhou"]
    return client


@pytest.fixture
async def manager(tenant: Tenant) -> httpx.AsyncClient:
    return await tenant.sign_in("lu", ["regional_manager"], "east")


async def test_a_team_shares_a_queue_whatever_its_regions(
    office: Office, agent: httpx.AsyncClient, checker: httpx.AsyncClient
) -> None:
    ticket = await office.open(agent)
    await office.finish(agent, ticket["id"])
    (seen,) = expect(await checker.get(f"{API}/tasks?view=team"))["items"]
    assert seen["offered_to"] == {"role": "qc", "to": "team", "label": {"zh": "品控组", "en": "Quality"}}
    assert expect(await agent.get(f"{API}/tasks?view=team"))["items"] == []
    assert expect(await checker.post(f"{API}/tasks/{seen['id']}/claim"))["mine"]
    await office.finish(checker, ticket["id"])
    assert (await office.task(ticket["id"]))["node"] == "ok"


async def test_four_eyes_and_who_may_be_handed_the_task(
    office: Office, agent: httpx.AsyncClient, checker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    (team,) = expect(await office.admin.get(f"{API}/teams"))["items"]
    wang = office.tenant.members["wang"].id
    members = [wang, *(member["id"] for member in team["members"])]
    expect(await office.admin.patch(f"{API}/teams/{team['id']}", json={"members": members}))
    ticket = await office.open(agent)
    await office.finish(agent, ticket["id"])
    task = await office.task(ticket["id"], agent)
    refused = expect(await agent.post(f"{API}/tasks/{task['id']}/claim"), 409)
    assert refused["code"] == "four_eyes" and "Visit" in refused["detail"]
    assert (task["mine"], task["barred"], task["may"]) == (False, refused["detail"], [])
    (queued,) = expect(await agent.get(f"{API}/tasks?view=team"))["items"]
    assert (queued["mine"], queued["barred"]) == (False, refused["detail"])
    detail = expect(await agent.get(f"{API}/tasks/{task['id']}"))
    assert (detail["actions"], detail["task"]["barred"]) == ([], refused["detail"])
    (free,) = expect(await checker.get(f"{API}/tasks?view=team"))["items"]
    assert (free["mine"], free["barred"]) == (True, "")
    path = f"{API}/tasks/{task['id']}/candidates"
    assert [who["name"] for who in expect(await manager.get(path))["items"]] == ["sun", "zhou"]
    assert [who["name"] for who in expect(await manager.get(f"{path}?q=zh"))["items"]] == ["zhou"]
    handing = f"{API}/tasks/{task['id']}/delegate"
    unfit = expect(await manager.post(handing, json={"member_id": wang}), 422)
    assert unfit["errors"][0]["code"] == "member_unfit"
    sun = office.tenant.members["sun"].id
    assert expect(await manager.post(handing, json={"member_id": sun}))["assignee"]["id"] == sun


async def test_returning_again_and_directly(
    office: Office, agent: httpx.AsyncClient, checker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    ticket = await office.open(agent)
    await office.finish(agent, ticket["id"])
    await office.finish(checker, ticket["id"])
    task = await office.task(ticket["id"], manager)
    assert task["may"] == ["return", "sign", "reassign"]
    targets = expect(await manager.get(f"{API}/tasks/{task['id']}/returns"))["items"]
    assert [(each["node"], each["direct"], each["member"]["name"]) for each in targets] == [
        ("check", True, "zhou"),
        ("visit", True, "wang"),
    ]
    path = f"{API}/tasks/{task['id']}/return"
    empty = expect(await manager.post(path, json={"to": "visit", "comment": " "}), 422)
    assert empty["errors"][0]["pointer"] == "/comment"
    assert expect(await manager.post(path, json={"to": "ok", "comment": "x"}), 409)["code"] == "cannot_return"
    assert (await agent.post(path, json={"to": "visit", "comment": "x"})).status_code == 403
    expect(await manager.post(path, json={"to": "visit", "comment": "照片不清楚", "resume": "direct"}))
    again = await office.task(ticket["id"], agent)
    assert (again["node"], again["assignee"]["name"], again["mine"]) == ("visit", "wang", True)
    await office.finish(agent, ticket["id"])
    back = await office.task(ticket["id"], manager)
    assert (back["node"], back["assignee"]["name"]) == ("ok", "lu")
    body = {"to": "visit", "comment": "再来一次"}
    expect(await manager.post(f"{API}/tasks/{back['id']}/return", json=body))
    await office.finish(agent, ticket["id"])
    shown = await office.show(ticket["id"])
    assert shown["tasks"][0]["node"] == "check"
    told = [(entry["text"], entry["detail"]) for entry in shown["timeline"] if entry["kind"] == "returned"]
    assert told == [
        ("Returned “Approve” to “Visit”, to come straight back", "照片不清楚"),
        ("Returned “Approve” to “Visit”", "再来一次"),
    ]


async def test_one_more_signer(
    office: Office, agent: httpx.AsyncClient, checker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    finance = await office.tenant.sign_in("qian", ["finance"])
    ticket = await office.open(agent)
    await office.finish(agent, ticket["id"])
    await office.finish(checker, ticket["id"])
    task = await office.task(ticket["id"], manager)
    names = expect(await manager.get(f"{API}/tasks/{task['id']}/candidates?purpose=sign"))["items"]
    assert {"qian", "wang"} <= {who["name"] for who in names}
    body = {"member_id": office.tenant.members["qian"].id, "comment": "请财务确认"}
    assert (await manager.post(f"{API}/tasks/{task['id']}/signers", json=body)).status_code == 204
    twice = await manager.post(f"{API}/tasks/{task['id']}/signers", json=body)
    assert expect(twice, 422)["errors"][0]["code"] == "member_unfit"
    expect(await manager.post(f"{API}/tasks/{task['id']}/complete", json={"outcome": "approved"}))
    shown = await office.show(ticket["id"], finance)
    assert (shown["status"], [each["mine"] for each in shown["tasks"]]) == ("running", [True])
    signing = f"{API}/tasks/{shown['tasks'][0]['id']}/complete"
    expect(await finance.post(signing, json={"outcome": "approved"}))
    shown = await office.show(ticket["id"])
    assert shown["status"] == "completed"
    texts = [entry["text"] for entry in shown["timeline"]]
    assert "Asked qian to sign “Approve” as well" in texts
    assert "2 of 2 approved, 0 rejected" in texts


async def test_one_approver_is_told_once(
    office: Office, agent: httpx.AsyncClient, checker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    ticket = await office.open(agent)
    for client in (agent, checker):
        await office.finish(client, ticket["id"])
    await office.finish(manager, ticket["id"], "approved")
    texts = [entry["text"] for entry in (await office.show(ticket["id"]))["timeline"]]
    assert "“Approve”: Approved" in texts and not any("of 1" in text for text in texts)


async def test_who_opened_a_ticket_takes_it_back_until_somebody_worked_on_it(
    office: Office, agent: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    first, second = await office.open(agent), await office.open(agent)
    assert (await office.show(first["id"], agent))["may"] == ["withdraw"]
    assert (await manager.post(f"{API}/tickets/{first['id']}/withdraw", json={})).status_code == 403
    assert (
        await agent.post(f"{API}/tickets/{first['id']}/withdraw", json={"comment": "建错了"})
    ).status_code == 204
    shown = await office.show(first["id"])
    assert (shown["status"], shown["tasks"]) == ("cancelled", [])
    await office.finish(agent, second["id"])
    refused = expect(await agent.post(f"{API}/tickets/{second['id']}/withdraw", json={}), 409)
    assert refused["code"] == "cannot_withdraw"


async def test_a_ticket_rests_and_goes_on(
    office: Office, agent: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    ticket = await office.open(agent)
    path = f"{API}/tickets/{ticket['id']}"
    assert (await agent.post(f"{path}/suspend", json={"reason": "x"})).status_code == 403
    assert expect(await manager.post(f"{path}/suspend", json={"reason": ""}), 422)["code"] == "invalid_fields"
    assert (await manager.post(f"{path}/suspend", json={"reason": "等配件"})).status_code == 204
    shown = await office.show(ticket["id"], manager)
    assert (shown["status"], shown["suspended"]["reason"], shown["may"]) == (
        "suspended",
        "等配件",
        ["resume"],
    )
    (listed,) = expect(await manager.get(f"{API}/tickets?view=open"))["items"]
    assert listed["status"] == "suspended"
    done = await agent.post(f"{API}/tasks/{shown['tasks'][0]['id']}/complete", json={"outcome": "done"})
    assert expect(done, 409)["detail"] == "This ticket is suspended; resume it before going on."
    assert (await manager.post(f"{path}/resume")).status_code == 204
    assert expect(await manager.post(f"{path}/resume"), 409)["code"] == "not_suspended"
    await office.finish(agent, ticket["id"])


async def test_many_at_once_and_each_for_itself(office: Office, agent: httpx.AsyncClient) -> None:
    tickets = [await office.open(agent) for _ in range(3)]
    ids = [(await office.task(ticket["id"], agent))["id"] for ticket in tickets]
    expect(await agent.post(f"{API}/tasks/{ids[1]}/complete", json={"outcome": "done"}))
    body = {"task_ids": [*ids, ids[0]], "outcome": "done"}
    headers = {"idempotency-key": "many"}
    answer = expect(await agent.post(f"{API}/tasks/bulk-complete", json=body, headers=headers))
    assert [(item["task_id"], item["done"]) for item in answer["items"]] == [
        (ids[0], True),
        (ids[1], False),
        (ids[2], True),
    ]
    assert (answer["items"][1]["code"], answer["done"]) == ("task_closed_by", 2)
    assert answer["items"][1]["message"] == "wang has just finished this step."
    assert expect(await agent.post(f"{API}/tasks/bulk-complete", json=body, headers=headers)) == answer
    body = {"task_ids": [ids[0].replace("-", "0")], "outcome": "done"}
    unknown = expect(await agent.post(f"{API}/tasks/bulk-complete", json=body))
    assert unknown["items"][0]["code"] == "not_found"


CLOCKS = {
    "first_response": {"targets": {"normal": "PT30M"}, "stops_at": "first_response", "working_hours": False},
    "resolution": {"targets": {"normal": "PT8H"}, "working_hours": False},
}


async def test_every_run_and_pause_has_its_cause(
    tenant: Tenant, admin: httpx.AsyncClient, agent: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    office = Office(tenant, admin)
    expect(
        await admin.post(f"{API}/teams", json={"key": "qc", "name": {"zh": "品控组", "en": "Quality"}}), 201
    )
    await office.publish(sla=CLOCKS)
    ticket = await office.open(agent)
    path = f"{API}/tickets/{ticket['id']}"
    assert (await office.show(ticket["id"]))["due_at"] is not None
    tenant.site.clock.shift += timedelta(minutes=10)
    await office.finish(agent, ticket["id"])
    expect(await manager.post(f"{path}/suspend", json={"reason": "等客户"}), 204)
    tenant.site.clock.shift += timedelta(hours=2)
    expect(await manager.post(f"{path}/resume"), 204)
    tenant.site.clock.shift += timedelta(hours=1)
    clocks = {clock["key"]: clock for clock in expect(await manager.get(f"{path}/clocks"))["items"]}
    response, resolution = clocks["first_response"], clocks["resolution"]
    assert (response["state"], response["accrued_seconds"] // 60, response["breached"]) == (
        "stopped",
        10,
        False,
    )
    assert [segment["cause"] for segment in response["segments"]] == [
        "It began",
        "Staff acted for the first time",
    ]
    assert (resolution["state"], resolution["accrued_seconds"] // 60) == ("running", 70)
    told = [(each["kind"], each["cause"], each["working_seconds"] // 60) for each in resolution["segments"]]
    assert told == [
        ("run", "It began", 10),
        ("pause", "The ticket was suspended", 0),
        ("run", "The ticket was resumed", 60),
    ]
    zh = expect(await manager.get(f"{path}/clocks", headers={"accept-language": "zh"}))["items"]
    assert [clock["name"]["zh"] for clock in zh] == ["首次响应", "解决时限"]
    assert zh[1]["segments"][1]["cause"] == "工单挂起"


@pytest.fixture
async def jobs(tenant: Tenant) -> AsyncIterator[None]:
    """On PostgreSQL a worker beside the site; on SQLite the site executes them itself."""
    if tenant.site.database.dialect == "sqlite":
        yield
        return
    database = Database(tenant.site.database.url)
    runtime = Runtime(database, Registry(NODE_TYPES), kind="worker")
    await runtime.start(run_jobs=True)
    yield
    await runtime.stop()
    await database.dispose()


@pytest.mark.usefixtures("jobs")
async def test_new_working_hours_reach_the_tickets_of_the_region_and_below(
    tenant: Tenant, admin: httpx.AsyncClient, agent: httpx.AsyncClient
) -> None:
    office = Office(tenant, admin)
    expect(
        await admin.post(f"{API}/teams", json={"key": "qc", "name": {"zh": "品控组", "en": "Quality"}}), 201
    )
    await office.publish(sla={"resolution": {"targets": {"normal": "PT8H"}}})
    here, elsewhere = await office.open(agent), await office.open(admin, "beijing")
    before = {ticket["id"]: (await office.show(ticket["id"]))["due_at"] for ticket in (here, elsewhere)}
    east = tenant.regions["east"].id
    calendar = {"week": {"7": [["10:00", "11:00"]]}}
    expect(await admin.patch(f"{API}/regions/{east}", json={"calendar": calendar}))
    for _ in range(200):
        after = await office.show(here["id"])
        if after["due_at"] != before[here["id"]]:
            break
        await asyncio.sleep(0.1)
    (clock,) = expect(await admin.get(f"{API}/tickets/{here['id']}/clocks"))["items"]
    assert after["due_at"] > before[here["id"]] and clock["segments"][-1]["kind"] == "run"
    assert "region's working hours changed" in after["timeline"][-1]["text"]
    assert (await office.show(elsewhere["id"]))["due_at"] == before[elsewhere["id"]]
