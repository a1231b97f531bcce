"""Messages and signals by API; subflows, links, follow-ups, corrections and the history of fields."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import httpx
from sqlalchemy import select

from backend.db.models import Job
from tests.api.conftest import Tenant
from tests.api.service_desk import API, REQUEST, Desk, expect, make_photo
from tests.api.test_tickets import agent, desk
from tests.unit.runtime.world import AWAITING, CHILD, definition

__all__ = ["agent", "desk"]

PARENT = definition(
    {
        "start": ("start", {"form": "f", "sources": ["staff"]}),
        "sub": ("subflow", {"workflow": "", "inputs": [{"field": "problem", "value": "data.problem"}]}),
        "end": ("end", {}),
    },
    ["start>sub", "sub.next>end"],
)


async def publish(admin: httpx.AsyncClient, raw: dict[str, Any], name: str) -> dict[str, Any]:
    """A workflow of this definition, released."""
    body = {"name": {"zh": name, "en": name}, "key": name, "definition": raw}
    workflow: dict[str, Any] = expect(await admin.post(f"{API}/workflows", json=body), 201)
    path = f"{API}/workflows/{workflow['id']}/releases"
    expect(await admin.post(path, json={"revision": 1, "note": ""}), 201)
    return workflow


async def read(tenant: Tenant, model: Any) -> list[Any]:
    async with tenant.site.database.reading() as session:
        return list((await session.execute(select(model))).scalars())


def for_staff(raw: dict[str, Any], **properties: Any) -> dict[str, Any]:
    changed = deepcopy(raw)
    start = next(node for node in changed["graph"]["nodes"].values() if node["type"] == "start")
    start["config"] = {"form": "f", "sources": ["staff"]}
    changed["forms"]["f"]["schema"]["properties"] = properties
    return changed


ORDER = {"type": "string", "maxLength": 20, "title": "订单"}


async def test_message_reaches_the_ticket_that_waits_for_it(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    workflow = await publish(admin, for_staff(AWAITING, order=ORDER), "awaiting")
    region = tenant.regions["shanghai"].id
    body = {"workflow_id": workflow["id"], "region_id": region, "data": {"order": "A-1"}}
    ticket = expect(await admin.post(f"{API}/tickets", json=body), 201)
    shown = expect(await admin.get(f"{API}/tickets/{ticket['id']}"), 200)
    assert shown["tokens"] == [{"node": "wait", "waiting_for": "message", "detail": ["message paid (A-1)"]}]
    message = {"name": "paid", "correlation": "A-1", "data": {"amount": 5}, "id": "m-1"}
    first = expect(await admin.post(f"{API}/messages", json=message), 200)
    assert first == {"delivered": [ticket["id"]], "buffered": False}
    assert expect(await admin.post(f"{API}/messages", json=message), 200) == first
    jobs = [job for job in await read(tenant, Job) if job.kind == "event"]
    assert [job.ticket_id for job in jobs] == [ticket["id"]]
    late = {"name": "paid", "correlation": "A-2", "ttl_seconds": 60}
    assert expect(await admin.post(f"{API}/messages", json=late), 200) == {"delivered": [], "buffered": True}
    keyed = {"idempotency-key": "once"}
    signal = {"name": "storm_over"}
    for _ in range(2):
        answer = await admin.post(f"{API}/signals", json=signal, headers=keyed)
        assert expect(answer, 200) == {"delivered": []}


BAD_MESSAGES: list[dict[str, Any]] = [
    {"name": "Paid"},
    {"name": "paid", "ttl_seconds": -1},
    {"name": "paid", "ttl_seconds": 10**9},
    {"name": "paid", "correlation": "x" * 201},
    {"name": "paid", "data": []},
    {"name": "paid", "more": 1},
    {},
]


async def test_messages_are_checked(admin: httpx.AsyncClient) -> None:
    for body in BAD_MESSAGES:
        answer = await admin.post(f"{API}/messages", json=body)
        assert answer.status_code in {400, 422}, answer.text


async def test_messages_need_the_right_to_run(tenant: Tenant) -> None:
    finance = await tenant.sign_in("finance", ["finance"])
    assert (await finance.post(f"{API}/messages", json={"name": "paid"})).status_code == 403


async def test_messages_stay_in_their_workspace(
    tenant: Tenant, foreign: Tenant, admin: httpx.AsyncClient
) -> None:
    workflow = await publish(admin, for_staff(AWAITING, order=ORDER), "awaiting")
    body = {"workflow_id": workflow["id"], "region_id": tenant.regions["shanghai"].id, "data": {"order": "A"}}
    expect(await admin.post(f"{API}/tickets", json=body), 201)
    stranger = await foreign.sign_in("stranger", ["admin"])
    sent = expect(await stranger.post(f"{API}/messages", json={"name": "paid", "correlation": "A"}), 200)
    assert sent == {"delivered": [], "buffered": True}


async def test_parent_and_child_show_each_other(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    child = await publish(admin, for_staff(CHILD, problem=ORDER), "child")
    raw = for_staff(PARENT, problem=ORDER)
    raw["graph"]["nodes"]["sub"]["config"]["workflow"] = child["key"]
    parent = await publish(admin, raw, "parent")
    body = {"workflow_id": parent["id"], "region_id": tenant.regions["shanghai"].id, "data": {"problem": "x"}}
    ticket = expect(await admin.post(f"{API}/tickets", json=body), 201)
    shown = expect(await admin.get(f"{API}/tickets/{ticket['id']}"), 200)
    (link,) = shown["links"]
    assert (link["kind"], link["number"], link["status"], link["removable"]) == (
        "child",
        f"{ticket['number']}-1",
        "running",
        False,
    )
    assert shown["tokens"][0]["detail"] == [f"ticket {ticket['number']}-1"]
    below = expect(await admin.get(f"{API}/tickets/{link['ticket_id']}"), 200)
    assert [(each["kind"], each["number"]) for each in below["links"]] == [("parent", ticket["number"])]
    answer = await admin.delete(f"{API}/tickets/{ticket['id']}/links/{link['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "link_fixed")


async def test_unknown_and_unpublished_workflows_are_findings(admin: httpx.AsyncClient) -> None:
    draft_only = expect(await admin.post(f"{API}/workflows", json={"name": {"zh": "草", "en": "Draft"}}), 201)
    workflow = expect(await admin.post(f"{API}/workflows", json={"name": {"zh": "父", "en": "Parent"}}), 201)
    revision, found = 1, []
    draft = expect(await admin.get(f"{API}/workflows/{workflow['id']}/draft"), 200)
    revision = draft["revision"]
    for key in ("nowhere", draft_only["key"]):
        patch = {"graph": {"nodes": {"sub": {"type": "subflow", "v": 1, "config": {"workflow": key}}}}}
        headers = {"if-match": f'"{revision}"', "content-type": "application/merge-patch+json"}
        saved = expect(
            await admin.patch(f"{API}/workflows/{workflow['id']}/draft", json=patch, headers=headers), 200
        )
        revision = saved["revision"]
        found += [(each["code"], each["severity"]) for each in saved["findings"] if each["node"] == "sub"]
    assert ("workflow_unknown", "error") in found
    assert ("workflow_unpublished", "warning") in found


async def test_follow_up_carries_the_customer_and_links_go_both_ways(
    desk: Desk, agent: httpx.AsyncClient
) -> None:
    first = await desk.report(agent)
    region = desk.tenant.regions["shanghai"].id
    body = {
        "workflow_id": desk.workflow_id,
        "region_id": region,
        "data": REQUEST,
        "follow_up_of": first["id"],
    }
    second = expect(await agent.post(f"{API}/tickets", json=body), 201)
    above = expect(await agent.get(f"{API}/tickets/{first['id']}"), 200)
    below = expect(await agent.get(f"{API}/tickets/{second['id']}"), 200)
    assert [(each["kind"], each["ticket_id"]) for each in above["links"]] == [("follow_up", second["id"])]
    assert [(each["kind"], each["ticket_id"]) for each in below["links"]] == [("follows", first["id"])]
    address = f"{API}/tickets/{first['id']}/links"
    third = await desk.report(agent)
    linked = expect(await agent.post(address, json={"ticket_id": third["id"]}), 201)
    again = await agent.post(f"{API}/tickets/{third['id']}/links", json={"ticket_id": first["id"]})
    assert (again.status_code, again.json()["code"]) == (409, "link_exists")
    own = await agent.post(address, json={"ticket_id": first["id"]})
    assert own.status_code == 422
    related = next(each for each in linked if each["kind"] == "related")
    removed = await agent.delete(f"{API}/tickets/{third['id']}/links/{related['id']}")
    assert removed.status_code == 204
    assert len(expect(await agent.get(address), 200)) == 1


async def test_foreign_tickets_are_neither_followed_up_nor_linked(
    desk: Desk, foreign: Tenant, agent: httpx.AsyncClient
) -> None:
    first = await desk.report(agent)
    unknown = "00000000-0000-7000-8000-000000000000"
    region = desk.tenant.regions["shanghai"].id
    body = {"workflow_id": desk.workflow_id, "region_id": region, "data": REQUEST, "follow_up_of": unknown}
    assert (await agent.post(f"{API}/tickets", json=body)).status_code == 404
    answer = await agent.post(f"{API}/tickets/{first['id']}/links", json={"ticket_id": unknown})
    assert answer.status_code == 404
    stranger = await foreign.sign_in("stranger", ["admin"])
    assert (await stranger.get(f"{API}/tickets/{first['id']}/history")).status_code == 404


async def test_history_says_who_changed_what_when(desk: Desk, agent: httpx.AsyncClient) -> None:
    ticket = await desk.report(agent)
    address = f"{API}/tickets/{ticket['id']}"
    form = expect(await agent.get(f"{address}/correction"), 200)
    assert set(form["form"]["schema"]["properties"]) == {"hours", "recovered", "remark"}
    patch = expect(await agent.patch(f"{address}/data", json={"data": {"remark": "梯子"}}), 200)
    assert patch["data"]["remark"] == "梯子"
    items = expect(await agent.get(f"{address}/history"), 200)["items"]
    newest = items[0]
    assert (newest["field"], newest["cause"], newest["label"]["zh"]) == ("data.remark", "correction", "备注")
    assert newest["after"]["value"] == "梯子"
    assert "before" not in newest or newest["before"] is None
    assert newest["by"]["name"] == "wang"
    one = expect(await agent.get(f"{address}/history", params={"field": "data.problem"}), 200)["items"]
    assert [(each["cause"], each["after"]["value"]) for each in one] == [("start", REQUEST["problem"])]


BAD_CORRECTIONS: list[tuple[dict[str, Any], str]] = [
    ({"margin": 5}, "field_not_editable"),
    ({"contact_name": "X"}, "field_not_editable"),
    ({"nothing": 5}, "field_unknown"),
    ({"hours": "many"}, "answer.type_number"),
    ({"hours": None}, "answer.required"),
]


async def test_corrections_are_checked(desk: Desk, agent: httpx.AsyncClient) -> None:
    ticket = await desk.report(agent)
    for data, code in BAD_CORRECTIONS:
        answer = await agent.patch(f"{API}/tickets/{ticket['id']}/data", json={"data": data})
        assert answer.status_code == 422, answer.text
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (f"/data/{next(iter(data))}", code)


async def test_hidden_fields_have_no_history(
    desk: Desk, agent: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    ticket = await desk.report(agent)
    address = f"{API}/tickets/{ticket['id']}"
    expect(await admin.patch(f"{address}/data", json={"data": {"margin": 12, "hours": 2}}), 200)
    seen = {each["field"] for each in expect(await agent.get(f"{address}/history"), 200)["items"]}
    assert "data.hours" in seen
    assert "data.margin" not in seen
    everything = {each["field"] for each in expect(await admin.get(f"{address}/history"), 200)["items"]}
    assert "data.margin" in everything


async def test_computed_and_photo_fields_have_names(desk: Desk, admin: httpx.AsyncClient) -> None:
    fields = expect(await admin.get(f"{API}/workflows/{desk.workflow_id}/fields"), 200)["items"]
    types = {field["path"]: field["type"] for field in fields}
    assert types["data.photos"] == "photos"


async def test_photos_are_corrected_like_any_field(
    desk: Desk, admin: httpx.AsyncClient, agent: httpx.AsyncClient
) -> None:
    ticket = await desk.report(agent)
    address = f"{API}/tickets/{ticket['id']}"
    form = expect(await admin.get(f"{address}/correction"))
    assert form["form"]["schema"]["properties"]["photos"]["x-type"] == "photos"
    photo = {"file": ("a.jpg", make_photo(), "image/jpeg")}
    mine, theirs = [
        expect(await client.post(f"{API}/files", files=photo), 201)["id"] for client in (admin, agent)
    ]
    for data in ({"photos": [theirs]}, {"photos": ["0" * 36]}):
        refused = expect(await admin.patch(f"{address}/data", json={"data": data}), 422)
        assert [(each["pointer"], each["code"]) for each in refused["errors"]] == [
            ("/data/photos", "file_unknown")
        ]
    sent = {"data": {**form["data"], "photos": [mine]}}
    assert expect(await admin.post(f"{address}/correction", json=sent))["data"]["photos"] == [mine]
    assert (await agent.get(f"{API}/files/{mine}")).status_code == 200, "it belongs to the ticket now"
    newest = expect(await admin.get(f"{address}/history?field=photos"))["items"][0]
    assert (newest["after"]["type"], newest["after"]["value"]) == ("photos", [mine])
