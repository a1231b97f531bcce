"""Members, regions, jobs, connections, audit, notifications."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.db.models import Connection, Job, Notification, Region
from backend.db.types import new_id
from tests.api.conftest import Tenant


async def test_a_new_member_signs_in_with_the_generated_password(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    body = {
        "name": "王小雨",
        "email": "Wang@Demo.example",
        "roles": ["agent"],
        "region_id": tenant.regions["shanghai"].id,
        "level": "senior",
        "skills": ["paint"],
        "teams": ["qc"],
    }
    unknown = await admin.post("/api/v1/members", json=body)
    assert [fault["pointer"] for fault in unknown.json()["errors"]] == ["/teams/0"]
    team = {"key": "qc", "name": {"zh": "品控组", "en": "Quality"}}
    assert (await admin.post("/api/v1/teams", json=team)).status_code == 201
    created = (await admin.post("/api/v1/members", json=body)).json()
    assert created["teams"] == ["qc"]
    browser = tenant.site.open_client()
    credentials = {"email": "wang@demo.example", "password": created["initial_password"]}
    signed = await browser.post("/api/v1/session", json=credentials)
    assert signed.json()["roles"] == ["agent"]
    again = await admin.post("/api/v1/members", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")
    changed = await admin.patch(f"/api/v1/members/{created['id']}", json={"active": False})
    assert changed.json() == {**created, "active": False, "initial_password": None}
    assert (await browser.get("/api/v1/session")).status_code == 401
    assert (await browser.post("/api/v1/session", json=credentials)).status_code == 401


async def test_a_new_password_signs_the_member_out(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    browser = await tenant.sign_in("agent", ["agent"])
    member = tenant.members["agent"].id
    answer = await admin.patch(f"/api/v1/members/{member}", json={"password": "another long password"})
    assert answer.status_code == 200
    assert (await browser.get("/api/v1/session")).status_code == 401


BAD_MEMBERS: list[tuple[dict[str, Any], str]] = [
    ({"roles": ["boss"]}, "/roles/0"),
    ({"region_id": "nowhere"}, "/region_id"),
    ({"email": "no address"}, "/email"),
    ({"name": "  "}, "/name"),
    ({"password": "short"}, "/password"),
    ({"rights": ["administer"]}, "/rights"),
    ({"workspace_id": "x"}, "/workspace_id"),
    ({"active": True}, "/active"),
]


@pytest.mark.parametrize(("change", "pointer"), BAD_MEMBERS)
async def test_bad_members(admin: httpx.AsyncClient, change: dict[str, Any], pointer: str) -> None:
    body = {"name": "n", "email": "n@demo.example", "roles": ["agent"], **change}
    answer = await admin.post("/api/v1/members", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["agent"]}])
async def test_the_last_administrator_stays(
    tenant: Tenant, admin: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    path = f"/api/v1/members/{tenant.members['admin'].id}"
    assert (await admin.patch(path, json=change)).json()["code"] == "last_administrator"
    assert (await admin.get("/api/v1/session")).status_code == 200


async def test_members_page_and_hide_addresses(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    for at in range(5):
        await tenant.add_member(f"agent{at}", ["agent"])
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await admin.get(f"/api/v1/members?limit=2{cursor and '&cursor=' + cursor}")).json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["next"]
    assert seen == sorted(seen) == ["admin", *(f"agent{at}" for at in range(5))]
    agent = await tenant.sign_in("agent0", ["agent"])
    shown = (await agent.get("/api/v1/members?role=admin")).json()["items"]
    assert [(item["name"], item["email"]) for item in shown] == [("admin", "")]


async def test_regions_move_with_their_branch(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    east, north = tenant.regions["east"], tenant.regions["north"]
    cycle = await admin.patch(f"/api/v1/regions/{tenant.regions['cn'].id}", json={"parent_id": east.id})
    assert cycle.json()["errors"][0]["code"] == "region_cycle"
    itself = await admin.patch(f"/api/v1/regions/{east.id}", json={"parent_id": east.id})
    assert itself.json()["errors"][0]["code"] == "region_cycle"
    moved = await admin.patch(f"/api/v1/regions/{east.id}", json={"parent_id": north.id})
    assert [name["en"] for name in moved.json()["path"]] == ["cn", "north", "east"]
    async with tenant.site.database.reading() as session:
        paths = select(Region.key, Region.path).where(Region.workspace_id == tenant.id)
        found = {key: path for key, path in (await session.execute(paths)).all()}
    assert found["shanghai"] == "/cn/north/east/shanghai/"


async def test_region_inherits_and_takes_a_calendar(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    body = {
        "key": "tokyo",
        "name": {"en": "Tokyo"},
        "parent_id": tenant.regions["east"].id,
        "calendar": {"week": {"1": [["08:00", "20:00"]]}, "holidays": ["2026-10-01"]},
    }
    region = (await admin.post("/api/v1/regions", json=body)).json()
    assert (region["zone"], region["currency"]) == ("Asia/Shanghai", "CNY")
    assert region["name"] == {"zh": "Tokyo", "en": "Tokyo"}
    changed = {"zone": "Asia/Tokyo", "currency": "JPY", "calendar": None}
    answer = await admin.patch(f"/api/v1/regions/{region['id']}", json=changed)
    assert answer.json() == region | changed
    taken = await admin.post("/api/v1/regions", json=body)
    assert taken.json()["code"] == "region_key_taken"


async def test_connections_never_show_their_secret(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    config = {
        "host": "mail.example",
        "sender": "no-reply@demo.example",
        "username": "u",
        "password": "s3cret",
    }
    saved = await admin.put("/api/v1/connections/smtp", json=config)
    assert saved.json()["config"]["password"] == "********"
    shown = (await admin.get("/api/v1/connections/smtp")).json()["config"]
    await admin.put("/api/v1/connections/smtp", json=shown | {"port": 25})
    async with tenant.site.database.reading() as session:
        stored = await session.get_one(Connection, (tenant.id, "smtp"))
    assert (stored.config["password"], stored.config["port"]) == ("s3cret", 25)
    # the stored password goes to no other host
    moved = await admin.put("/api/v1/connections/smtp", json=shown | {"host": "other.example"})
    assert moved.json()["errors"][0]["code"] == "password_of_other_host"
    retyped = shown | {"host": "other.example", "password": "n3w"}
    assert (await admin.put("/api/v1/connections/smtp", json=retyped)).status_code == 200
    assert (await admin.get("/api/v1/connections/carrier-pigeon")).status_code == 404


async def test_mail_server_inside_is_set_once_it_is_listed(admin: httpx.AsyncClient) -> None:
    smtp = {"host": "10.0.0.5", "sender": "a@b.example", "port": 25, "security": "none"}
    refused = await admin.put("/api/v1/connections/smtp", json=smtp)
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/host", "smtp_address_refused")
    ]
    await admin.put("/api/v1/connections/webhook", json={"private_hosts": ["10.0.0.5:25"]})
    assert (await admin.put("/api/v1/connections/smtp", json=smtp)).status_code == 200


BAD_CONNECTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("smtp", {"host": "a b", "sender": "a@b.example"}, "/host"),
    ("smtp", {"host": "127.0.0.1", "sender": "a@b.example"}, "/host"),
    ("smtp", {"host": "localhost", "sender": "a@b.example"}, "/host"),
    ("smtp", {"host": "mail", "sender": "nobody"}, "/sender"),
    ("smtp", {"host": "mail", "sender": "a@b.example", "port": 0}, "/port"),
    ("smtp", {"host": "mail", "sender": "a@b.example", "security": "maybe"}, "/security"),
    ("smtp", {"sender": "a@b.example"}, "/host"),
    ("webhook", {"hosts": ["ok.example", "http://x/"]}, "/hosts/1"),
    ("webhook", {"hosts": "x"}, "/hosts"),
    ("webhook", {"everything": True}, "/everything"),
]


@pytest.mark.parametrize(("kind", "config", "pointer"), BAD_CONNECTIONS)
async def test_bad_connections(
    admin: httpx.AsyncClient, kind: str, config: dict[str, Any], pointer: str
) -> None:
    answer = await admin.put(f"/api/v1/connections/{kind}", json=config)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_only_dead_jobs_are_retried(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    now = tenant.site.clock()
    far = now + timedelta(days=300)
    jobs = {
        status: Job(
            id=new_id(),
            workspace_id=tenant.id,
            key=status,
            kind="webhook",
            status=status,
            due_at=far,
            tries=5,
            created_at=now,
        )
        for status in ("dead", "done")
    }
    async with tenant.site.database.unit_of_work() as session:
        session.add_all(jobs.values())
    shown = (await admin.get("/api/v1/jobs?status=dead")).json()["items"]
    assert [job["id"] for job in shown] == [jobs["dead"].id]
    assert (await admin.post(f"/api/v1/jobs/{jobs['done'].id}/retry")).json()["code"] == "job_not_dead"
    assert (await admin.post(f"/api/v1/jobs/{jobs['dead'].id}/retry")).status_code == 200
    latest = (await admin.get("/api/v1/audit?limit=1")).json()["items"][0]
    assert (latest["action"], latest["subject"]) == ("job.retried", f"job:{jobs['dead'].id}")


async def test_audit_names_who_did_what(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/regions", json={"key": "store", "name": {"zh": "店"}})
    await admin.post("/api/v1/workflows", json={"name": {"zh": "流程"}})
    entries = (await admin.get("/api/v1/audit?limit=2")).json()
    assert [entry["action"] for entry in entries["items"]] == ["workflow.created", "region.created"]
    assert entries["items"][0]["by"]["name"] == "admin"
    assert entries["items"][0]["previous"] == entries["items"][1]["hash"]
    older = (await admin.get(f"/api/v1/audit?limit=2&cursor={entries['next']}")).json()["items"]
    assert older[0]["seq"] == entries["items"][1]["seq"] - 1


async def test_notifications_are_ones_own(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    agent = await tenant.sign_in("agent", ["agent"])
    notes = [
        Notification(
            id=new_id(),
            workspace_id=tenant.id,
            member_id=tenant.members["agent"].id,
            ticket_id="t1",
            code="",
            texts={"zh": f"第 {at} 条", "en": f"Note {at}"},
            created_at=tenant.site.clock(),
        )
        for at in range(3)
    ]
    async with tenant.site.database.unit_of_work() as session:
        session.add_all(notes)
    shown = (await agent.get("/api/v1/notifications?limit=2")).json()
    assert (shown["items"][0]["text"], shown["items"][0]["link"], shown["unread"]) == (
        "Note 2",
        "/tickets/t1",
        3,
    )
    await admin.post("/api/v1/notifications/read", json={"all": True})
    await admin.post("/api/v1/notifications/read", json={"ids": [notes[0].id]})
    assert (await agent.get("/api/v1/notifications")).json()["unread"] == 3
    await agent.post("/api/v1/notifications/read", json={"ids": [notes[0].id]})
    assert (await agent.get("/api/v1/notifications")).json()["unread"] == 2
    assert (await admin.get("/api/v1/notifications")).json() == {"items": [], "unread": 0, "next": None}
