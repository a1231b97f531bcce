"""Incidents are mended one by one and in bulk; jobs are watched, retried and given up; limits are set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.db.models import Ticket
from backend.db.session import Database
from backend.features.operations.jobs import hide_secrets
from backend.graph.registry import Registry
from backend.runtime.runtime import Runtime
from designer_nodes import NODE_TYPES
from tests.api.conftest import Tenant, open_site
from tests.api.service_desk import API, expect, text

FORM = {
    "title": {"zh": "报价", "en": "Quote"},
    "schema": {
        "type": "object",
        "properties": {
            "name": text("姓名"),
            "hours": {"type": "number", "minimum": 0, "title": "工时"},
            "days": {"type": "number", "title": "天数"},
            "cost": {"type": "number", "minimum": 0, "title": "费用"},
        },
    },
    "ui": {},
}


def flow(nodes: dict[str, Any], edges: list[tuple[str, str, str]]) -> dict[str, Any]:
    return {
        "format": "tierflow.workflow/1",
        "name": {"zh": "报价", "en": "Quote"},
        "graph": {
            "format": "tierflow.graph/1",
            "nodes": {
                key: {"type": kind, "label": {"zh": key, "en": key}, "config": config}
                for key, (kind, config) in nodes.items()
            },
            "edges": {
                f"e{at}": {"source": source, "port": port, "target": target, "order": at}
                for at, (source, port, target) in enumerate(edges)
            },
        },
        "forms": {"request": FORM},
        "settings": {},
    }


START = ("start", {"form": "request", "sources": ["staff"]})
QUOTE = flow(
    {
        "s": START,
        "reckon": ("set_fields", {"fields": [{"field": "cost", "value": "data.hours * 60"}]}),
        "z": ("end", {}),
    },
    [("s", "next", "reckon"), ("reckon", "next", "z")],
)
CALL = flow(
    {
        "s": START,
        "call": ("webhook", {"method": "POST", "url": "https://nowhere.invalid/x?token=abc&n=1"}),
        "z": ("end", {}),
    },
    [("s", "next", "call"), ("call", "ok", "z")],
)


async def publish(admin: httpx.AsyncClient, definition: dict[str, Any], key: str) -> str:
    body = {"name": definition["name"], "key": key, "definition": definition}
    workflow = expect(await admin.post(f"{API}/workflows", json=body), 201)
    path = f"{API}/workflows/{workflow['id']}/releases"
    expect(await admin.post(path, json={"revision": 1, "note": ""}), 201)
    found: str = workflow["id"]
    return found


async def open_ticket(tenant: Tenant, admin: httpx.AsyncClient, workflow: str, **data: Any) -> str:
    body = {"workflow_id": workflow, "region_id": tenant.regions["shanghai"].id, "data": data}
    found: str = expect(await admin.post(f"{API}/tickets", json=body), 201)["id"]
    return found


async def stuck(tenant: Tenant, admin: httpx.AsyncClient, count: int = 1) -> tuple[list[str], list[str]]:
    """(tickets, incidents) of quotes without hours, in the same order."""
    workflow = await publish(admin, QUOTE, "quote")
    tickets = [await open_ticket(tenant, admin, workflow, name=str(at)) for at in range(count)]
    items = expect(await admin.get(f"{API}/incidents"))["items"]
    of_ticket = {item["ticket_id"]: item["id"] for item in items}
    return tickets, [of_ticket[ticket] for ticket in tickets]


async def until(check: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    async with asyncio.timeout(15):
        while not await check():
            await asyncio.sleep(0.05)


@pytest.fixture
async def working(tenant: Tenant) -> AsyncIterator[None]:
    """Jobs are executed: on SQLite by the site itself, on PostgreSQL by a worker beside it."""
    if tenant.site.database.dialect == "sqlite":
        yield
        return
    database = Database(tenant.site.database.url)
    runtime = Runtime(database, Registry(NODE_TYPES), kind="worker")
    await runtime.start(run_jobs=True)
    yield
    await runtime.stop()
    await database.dispose()


async def test_incidents_are_grouped_with_cause_and_advice(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    await stuck(tenant, admin, 2)
    groups = expect(await admin.get(f"{API}/incidents/groups"))
    assert groups["total"] == 2
    (group,) = groups["items"]
    assert (group["node"], group["code"], group["count"]) == ("reckon", "expression_missing_field", 2)
    assert "hours" in group["message"]
    assert "required" in group["advice"]
    listed = expect(await admin.get(f"{API}/incidents?code=expression_missing_field&limit=1"))
    assert len(listed["items"]) == 1
    again = expect(await admin.get(f"{API}/incidents?limit=1&cursor={listed['next']}"))
    assert again["items"][0]["id"] != listed["items"][0]["id"]
    assert expect(await admin.get(f"{API}/incidents?node=elsewhere"))["items"] == []


async def test_repairing_the_data_lets_the_step_go_on(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    (ticket,), (incident,) = await stuck(tenant, admin)
    shown = expect(await admin.get(f"{API}/incidents/{incident}"))
    assert list(shown["form"]["schema"]["properties"]) == ["hours", "cost"]
    assert [way["port"] for way in shown["ways"]] == ["next"]
    path = f"{API}/incidents/{incident}/repair"
    refused = await admin.post(path, json={"set": {"hours": -1}})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/set/hours")
    expect(await admin.post(path, json={"set": {"hours": 2}}), 204)
    found = expect(await admin.get(f"{API}/tickets/{ticket}"))
    assert (found["status"], found["data"]["cost"], found["incidents"]) == ("completed", 120, [])
    assert "data_changed" in [entry["kind"] for entry in found["timeline"]]
    assert (await admin.post(path, json={"set": {"hours": 2}})).json()["code"] == "incident_closed"


async def test_skipping_writes_what_the_step_would_have(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    (ticket,), (incident,) = await stuck(tenant, admin)
    path = f"{API}/incidents/{incident}/skip"
    assert (await admin.post(path, json={"port": "nowhere"})).status_code == 422
    expect(await admin.post(path, json={"port": "next", "set": {"cost": 75}}), 204)
    found = expect(await admin.get(f"{API}/tickets/{ticket}"))
    assert (found["status"], found["data"]["cost"]) == ("completed", 75)


async def test_retrying_without_repair_stops_again_and_cancelling_ends_it(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    (ticket,), (incident,) = await stuck(tenant, admin)
    expect(await admin.post(f"{API}/incidents/{incident}/retry"), 204)
    (again,) = expect(await admin.get(f"{API}/incidents"))["items"]
    assert again["id"] != incident
    expect(await admin.post(f"{API}/incidents/{again['id']}/cancel", json={"reason": "wrong"}), 204)
    assert expect(await admin.get(f"{API}/tickets/{ticket}"))["status"] == "cancelled"
    assert expect(await admin.get(f"{API}/incidents"))["items"] == []
    assert len(expect(await admin.get(f"{API}/incidents?status=resolved"))["items"]) == 2


async def run_bulk(admin: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    run: dict[str, Any] = expect(await admin.post(f"{API}{path}", json=body), 202)

    async def is_done() -> bool:
        run.update(expect(await admin.get(f"{API}/bulk-runs/{run['id']}")))
        return run["finished_at"] is not None

    await until(is_done)
    return run


@pytest.mark.parametrize("by", ["filter", "ids"])
async def test_many_are_repaired_in_the_background(
    tenant: Tenant, admin: httpx.AsyncClient, by: str, working: None
) -> None:
    tickets, incidents = await stuck(tenant, admin, 12)
    body: dict[str, Any] = {"action": "repair", "set": {"hours": 1}}
    body |= {"ids": [*incidents, "unknown"]} if by == "ids" else {"filter": {"node": "reckon"}}
    run = await run_bulk(admin, "/incidents/bulk", body)
    assert (run["total"], run["done"], run["failed"]) == (12, 12, 0)
    async with tenant.site.database.reading() as session:
        states = (await session.execute(select(Ticket.status).where(Ticket.id.in_(tickets)))).scalars()
        assert set(states) == {"completed"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"action": "retry"}, "invalid_fields"),
        ({"action": "retry", "ids": [], "filter": {}}, "invalid_fields"),
        ({"action": "retry", "ids": []}, "bulk_finds_nothing"),
        ({"action": "skip", "filter": {}}, "invalid_fields"),
        ({"action": "repair", "filter": {}}, "invalid_fields"),
        ({"action": "cancel", "filter": {}}, "invalid_fields"),
    ],
)
async def test_unfit_bulk_requests_are_refused(
    tenant: Tenant, admin: httpx.AsyncClient, body: dict[str, Any], code: str
) -> None:
    await stuck(tenant, admin)
    answer = await admin.post(f"{API}/incidents/bulk", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_huge_wait_is_an_incident_with_a_clear_cause(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    endless = flow(
        {
            "s": START,
            "w": ("wait", {"mode": "duration", "duration": "P3000000D"}),
            "z": ("end", {}),
        },
        [("s", "next", "w"), ("w", "next", "z")],
    )
    workflow = await publish(admin, endless, "endless")
    await open_ticket(tenant, admin, workflow)
    (found,) = expect(await admin.get(f"{API}/incidents"))["items"]
    assert found["code"] == "date_out_of_range"


async def test_jobs_are_surveyed_opened_and_given_up(database_url: str, tmp_path: Path) -> None:
    async with open_site(database_url, tmp_path, run_jobs=False) as site:
        tenant = await site.open_workspace("own")
        admin = await tenant.sign_in("admin", ["admin"])
        await open_ticket(tenant, admin, await publish(admin, CALL, "call"))
        (job,) = expect(await admin.get(f"{API}/jobs?status=pending&kind=webhook"))["items"]
        overview = expect(await admin.get(f"{API}/jobs/overview"))
        assert [(each["kind"], each["target"], each["count"]) for each in overview["groups"]] == [
            ("webhook", "nowhere.invalid", 1)
        ]
        path = f"{API}/jobs/{job['id']}"
        detail = expect(await admin.get(path))
        assert detail["payload"]["url"] == "https://nowhere.invalid/x?token=********&n=1"
        expect(await admin.post(f"{path}/cancel"))
        (incident,) = expect(await admin.get(f"{API}/incidents"))["items"]
        assert incident["code"] == "job_given_up"
        assert (await admin.post(f"{path}/cancel")).json()["code"] == "job_not_waiting"
        assert expect(await admin.get(f"{API}/jobs?target=nowhere.invalid&status=cancelled"))["items"]


async def test_workers_are_seen(tenant: Tenant, admin: httpx.AsyncClient, working: None) -> None:
    async def is_seen() -> bool:
        workers = expect(await admin.get(f"{API}/jobs/overview"))["workers"]
        return [worker["alive"] for worker in workers] == [True]

    await until(is_seen)


async def test_a_dead_letter_is_buried_when_its_incident_is_dealt_with(
    tenant: Tenant, admin: httpx.AsyncClient, working: None
) -> None:
    workflow = await publish(admin, CALL, "call")
    tickets = [await open_ticket(tenant, admin, workflow) for _ in range(3)]

    async def all_dead() -> bool:
        return len(expect(await admin.get(f"{API}/jobs?status=dead"))["items"]) == 3

    await until(all_dead)
    (group,) = expect(await admin.get(f"{API}/jobs/overview"))["groups"]
    assert (group["status"], group["target"], group["count"]) == ("dead", "nowhere.invalid", 3)
    detail = expect(await admin.get(f"{API}/incidents?limit=1"))["items"][0]
    expect(await admin.post(f"{API}/incidents/{detail['id']}/skip", json={"port": "ok"}), 204)
    assert len(expect(await admin.get(f"{API}/jobs?status=dead"))["items"]) == 2
    run = await run_bulk(admin, "/jobs/bulk", {"action": "retry", "filter": {"status": "dead"}})
    assert (run["done"], run["failed"]) == (2, 0)
    await until(lambda: _count(admin, "/jobs?status=dead", 2))
    assert len(tickets) == 3


async def _count(admin: httpx.AsyncClient, path: str, wanted: int) -> bool:
    return len(expect(await admin.get(f"{API}{path}"))["items"]) == wanted


async def test_limits_are_set_changed_and_removed(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    path = f"{API}/job-limits"
    made = expect(await admin.post(path, json={"pattern": "*.Example.com", "rate": 5, "seconds": 60}), 201)
    assert (made["pattern"], made["rate"]) == ("*.example.com", 5)
    for body in ({"pattern": "*.example.com", "rate": 1}, {"pattern": "a b", "rate": 1}, {"pattern": "x.y"}):
        assert (await admin.post(path, json=body)).status_code == 422
    changed = expect(await admin.put(f"{path}/{made['id']}", json={"pattern": "email", "at_once": 2}))
    assert (changed["pattern"], changed["rate"], changed["at_once"]) == ("email", None, 2)
    assert [each["id"] for each in expect(await admin.get(path))["items"]] == [made["id"]]
    expect(await admin.delete(f"{path}/{made['id']}"), 204)
    assert expect(await admin.get(path))["items"] == []


async def test_incidents_of_other_regions_are_out_of_sight(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    await stuck(tenant, admin)
    for name, roles in (("manager", ["regional_manager"]), ("agent", ["agent"])):
        client = await tenant.sign_in(name, roles, "beijing")
        answer = await client.get(f"{API}/incidents")
        assert answer.status_code == 403 or answer.json()["items"] == []


def test_what_is_named_like_a_secret_is_hidden() -> None:
    payload = {
        "headers": {"Authorization": "Bearer x", "Accept": "*/*"},
        "body": {"items": [{"api_key": "k"}]},
    }
    assert hide_secrets(payload) == {
        "headers": {"Authorization": "********", "Accept": "*/*"},
        "body": {"items": [{"api_key": "********"}]},
    }
