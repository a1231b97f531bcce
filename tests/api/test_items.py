"""A workflow that goes through a list: data of each item, one more of them, undoing before it is stopped."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Tenant
from tests.api.service_desk import API, expect

FORMS = {
    "report": {
        "title": {"zh": "报修", "en": "Report"},
        "schema": {
            "type": "object",
            "properties": {"rooms": {"type": "array", "items": {"type": "string"}, "maxItems": 9}},
        },
    },
    "visit": {
        "title": {"zh": "检查", "en": "Check"},
        "schema": {
            "type": "object",
            "required": ["note"],
            "properties": {"room": {"type": "string"}, "note": {"type": "string"}},
        },
    },
}
OFFER = {"to": "role", "role": "agent", "scope": "region"}
NODES: dict[str, Any] = {
    "s": {"type": "start", "config": {"form": "report", "sources": ["staff"]}},
    "f": {"type": "for_each", "config": {"items": "data.rooms", "item": "room", "into": "found", "max": 3}},
    "visit": {
        "type": "form_task",
        "label": {"zh": "检查房间", "en": "Check the room"},
        "config": {"form": "visit", "offer": OFFER, "access": {"room": "readonly"}},
        "compensation": "undo",
        "boundary": {
            "off": {
                "kind": "message",
                "name": "called_off",
                "label": {"zh": "客户取消了", "en": "The customer called off"},
            }
        },
    },
    "j": {"type": "join"},
    "sum": {"type": "form_task", "config": {"offer": OFFER}},
    "undo": {"type": "form_task", "config": {"offer": OFFER}},
    "z": {"type": "end"},
}
WAYS = [
    ("s", "next", "f"),
    ("f", "each", "visit"),
    ("visit", "done", "j"),
    ("visit", "off", "j"),
    ("j", "next", "sum"),
    ("sum", "done", "z"),
]


@pytest.fixture
async def agent(tenant: Tenant) -> httpx.AsyncClient:
    return await tenant.sign_in("wang", ["agent"], "shanghai")


@pytest.fixture
async def ticket(tenant: Tenant, admin: httpx.AsyncClient, agent: httpx.AsyncClient) -> str:
    edges = {f"e{at}": {"source": a, "port": port, "target": b} for at, (a, port, b) in enumerate(WAYS)}
    definition = {
        "format": "tierflow.workflow/1",
        "name": {"zh": "查房", "en": "Rooms"},
        "graph": {"format": "tierflow.graph/1", "nodes": NODES, "edges": edges},
        "forms": FORMS,
    }
    body = {"name": definition["name"], "key": "rooms", "definition": definition}
    created = expect(await admin.post(f"{API}/workflows", json=body), 201)
    expect(
        await admin.post(f"{API}/workflows/{created['id']}/releases", json={"revision": 1, "note": ""}), 201
    )
    region = tenant.regions["shanghai"].id
    sent = {"workflow_id": created["id"], "region_id": region, "data": {"rooms": ["101", "102"]}}
    return str(expect(await agent.post(f"{API}/tickets", json=sent), 201)["id"])


async def show(client: httpx.AsyncClient, ticket: str) -> dict[str, Any]:
    found: dict[str, Any] = expect(await client.get(f"{API}/tickets/{ticket}"))
    return found


async def complete(client: httpx.AsyncClient, task: dict[str, Any], data: dict[str, Any]) -> None:
    path = f"{API}/tasks/{task['id']}/complete"
    expect(await client.post(path, json={"outcome": "done", "data": data}))


async def test_each_item_has_its_own_data(
    admin: httpx.AsyncClient, agent: httpx.AsyncClient, ticket: str
) -> None:
    unfit = await agent.post(f"{API}/tickets/{ticket}/items", json={"node": "f", "item": 103})
    assert [fault["pointer"] for fault in expect(unfit, 422)["errors"]] == ["/item"]
    added = await agent.post(f"{API}/tickets/{ticket}/items", json={"node": "f", "item": "103"})
    assert added.status_code == 204
    page = await show(agent, ticket)
    (group,) = page["groups"]
    assert (group["begun"], group["open"], group["takes_more"]) == (3, 3, False)
    assert group["item_schema"] == {"type": "string"}
    assert sorted(task["item"] for task in page["tasks"]) == ["101", "102", "103"]
    queued = expect(await agent.get(f"{API}/tasks?view=team"))["items"]
    assert sorted(task["item"] for task in queued) == ["101", "102", "103"]
    more = await agent.post(f"{API}/tickets/{ticket}/items", json={"node": "f", "item": "104"})
    assert expect(more, 409)["code"] == "too_many_items"
    seen: dict[str, Any] = {}
    for task in page["tasks"]:
        detail = expect(await agent.get(f"{API}/tasks/{task['id']}"))
        seen[detail["data"]["room"]] = task
    assert sorted(seen) == ["101", "102", "103"]
    for room in ("103", "101", "102"):
        await complete(agent, seen[room], {"note": f"fine {room}"})
    told = expect(await admin.get(f"{API}/tickets/{ticket}/history?field=note"))["items"]
    assert [(each["item"], each["by"]["name"] != "", each["after"]["value"]) for each in told] == [
        (room, True, f"fine {room}") for room in ("102", "101", "103")
    ]
    page = await show(admin, ticket)
    assert page["data"]["found"] == [{"note": f"fine {room}"} for room in ("101", "102", "103")]
    assert page["groups"] == []
    gone = await agent.post(f"{API}/tickets/{ticket}/items", json={"node": "f", "item": "105"})
    assert expect(gone, 409)["code"] == "no_instances"


async def test_events_at_a_step_wait_for_their_message(
    admin: httpx.AsyncClient, agent: httpx.AsyncClient, ticket: str
) -> None:
    page = expect(await agent.get(f"{API}/tickets/{ticket}", headers={"accept-language": "en"}))
    assert [token["detail"] for token in page["tokens"]] == [["The customer called off"]] * 2
    sent = {"name": "called_off", "id": "m-1"}
    assert expect(await admin.post(f"{API}/messages", json=sent))["delivered"] == [ticket]


async def test_stopping_undoes_first(agent: httpx.AsyncClient, ticket: str) -> None:
    page = await show(agent, ticket)
    assert "undo" not in page["may"]
    await complete(agent, page["tasks"][0], {"note": "x"})
    assert "undo" in (await show(agent, ticket))["may"]
    stop = {"reason": "no need", "compensate": True}
    assert (await agent.post(f"{API}/tickets/{ticket}/cancel", json=stop)).status_code == 204
    assert (
        expect(await agent.post(f"{API}/tickets/{ticket}/cancel", json=stop), 409)["code"]
        == "already_cancelling"
    )
    page = await show(agent, ticket)
    assert ([task["node"] for task in page["tasks"]], page["status"]) == (["undo"], "running")
    await complete(agent, page["tasks"][0], {})
    assert (await show(agent, ticket))["status"] == "cancelled"


async def test_the_board_has_a_column_for_each_step(
    admin: httpx.AsyncClient, agent: httpx.AsyncClient, ticket: str
) -> None:
    workflow = (await show(admin, ticket))["workflow"]["id"]
    path = f"{API}/workflows/{workflow}/board"
    columns = expect(await agent.get(f"{path}?view=team"))["columns"]
    assert [(each["node"], each["count"]) for each in columns] == [("visit", 2), ("sum", 0), ("undo", 0)]
    assert sorted(each["item"] for each in columns[0]["items"]) == ["101", "102"]
    mine = expect(await agent.get(f"{path}?view=mine"))["columns"]
    assert [each["count"] for each in mine] == [0, 0, 0]
