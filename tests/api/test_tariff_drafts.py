"""Drafts of tariffs: nothing books before it is published, and with four eyes somebody else publishes it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.conftest import Tenant
from tests.api.service_desk import API, TARIFF, Desk, expect, open_desk
from tests.api.test_tariffs import change

DEARER = change("rows/0/charge/parts/0/charge/rate", "7000")
BROKEN = change("rows/0/charge/parts/0/charge/rate", "-1")


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


@pytest.fixture
async def pair(desk: Desk, tenant: Tenant) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """Two who may approve each other, in a workspace that asks for it."""
    expect(await desk.admin.patch(f"{API}/tariff-settings", json={"four_eyes": True}))
    li = await tenant.sign_in("li", ["finance"])
    return li, await tenant.sign_in("he", ["finance"])


async def save(
    client: httpx.AsyncClient, desk: Desk, document: dict[str, Any] = DEARER, etag: str | None = None
) -> dict[str, Any]:
    body = {"document": document, "base_revision": 1, "etag": etag}
    saved: dict[str, Any] = expect(await client.put(f"{API}/tariffs/{desk.tariff_id}/draft", json=body))
    return saved


async def post(client: httpx.AsyncClient, desk: Desk, act: str, **body: Any) -> httpx.Response:
    return await client.post(f"{API}/tariffs/{desk.tariff_id}/draft/{act}", json=body)


async def read(client: httpx.AsyncClient, desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = expect(await client.get(f"{API}/tariffs/{desk.tariff_id}"))
    return found


async def test_a_draft_is_kept_with_its_errors_and_published_without(desk: Desk, tenant: Tenant) -> None:
    saved = await save(desk.admin, desk, BROKEN)
    assert {finding["code"] for finding in saved["findings"]} >= {"negative"}
    refused = expect(await post(desk.admin, desk, "submission", etag=saved["draft"]["etag"]), 422)
    assert refused["errors"][0]["pointer"] == "/document/rows/0/charge/parts/0/charge/rate"
    saved = await save(desk.admin, desk, DEARER, saved["draft"]["etag"])
    found = await read(desk.admin, desk)
    assert (found["document"], found["draft"]["document"]) == (TARIFF, DEARER)
    assert expect(await desk.admin.get(f"{API}/tariffs"))["items"][0]["draft"] == "editing"
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    assert {line["tariff"]["revision"] for line in (await desk.visit(agent))["lines"]} == {1}
    sent = expect(await post(desk.admin, desk, "submission", etag=saved["draft"]["etag"], note="更高"))
    assert (sent["current_revision"], sent["draft"], sent["document"]) == (2, None, DEARER)
    assert (sent["revisions"][0]["note"], sent["revisions"][0]["author"]) == ("更高", "admin")
    assert {line["tariff"]["revision"] for line in (await desk.visit(agent))["lines"]} == {2}


async def test_edits_of_two_people_never_overwrite_each_other(desk: Desk, tenant: Tenant) -> None:
    li = await tenant.sign_in("li", ["finance"])
    first = await save(desk.admin, desk)
    path = f"{API}/tariffs/{desk.tariff_id}/draft"
    for etag in (None, "00000000-0000-7000-8000-000000000000"):
        body = {"document": BROKEN, "base_revision": 1, "etag": etag}
        stale = expect(await li.put(path, json=body), 409)
        assert (stale["code"], stale["current_etag"]) == ("stale_draft", first["draft"]["etag"])
    second = await save(li, desk, DEARER, first["draft"]["etag"])
    assert {author["name"] for author in second["draft"]["authors"]} == {"admin", "li"}
    stale = expect(await post(desk.admin, desk, "submission", etag=first["draft"]["etag"]), 409)
    assert stale["code"] == "stale_draft"
    assert (await read(li, desk))["draft"]["document"] == DEARER
    racing = [{"document": DEARER, "base_revision": 1, "etag": second["draft"]["etag"]}] * 2
    answers = await asyncio.gather(*(li.put(path, json=body) for body in racing))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_draft_of_an_older_revision_must_be_looked_at_again(desk: Desk) -> None:
    saved = await save(desk.admin, desk)
    other = change("rows/1/charge/amount", 9_000)
    body = {"document": other, "base_revision": 1}
    expect(await desk.admin.post(f"{API}/tariffs/{desk.tariff_id}/revisions", json=body), 201)
    assert (await read(desk.admin, desk))["draft"]["stale"]
    stale = expect(await post(desk.admin, desk, "submission", etag=saved["draft"]["etag"]), 409)
    assert (stale["code"], stale["current_revision"]) == ("stale_base", 2)
    body = {"document": DEARER, "base_revision": 2, "etag": saved["draft"]["etag"]}
    path = f"{API}/tariffs/{desk.tariff_id}/draft"
    again = expect(await desk.admin.put(path, json=body))
    assert not again["draft"]["stale"]
    assert expect(await desk.admin.put(path, json={**body, "base_revision": 7}), 409)["code"] == "stale_draft"
    expect(await post(desk.admin, desk, "submission", etag=again["draft"]["etag"]))
    expect(await desk.admin.delete(path), 404)


async def test_a_second_person_approves(
    desk: Desk, tenant: Tenant, pair: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    li, he = pair
    body = {"document": DEARER, "base_revision": 1}
    direct = await li.post(f"{API}/tariffs/{desk.tariff_id}/revisions", json=body)
    assert expect(direct, 409)["code"] == "tariff_needs_approval"
    etag = (await save(li, desk))["draft"]["etag"]
    early = expect(await post(he, desk, "approval", etag=etag), 409)
    assert early["code"] == "tariff_draft_editing"
    sent = expect(await post(li, desk, "submission", etag=etag, note="涨价"))
    assert (sent["current_revision"], sent["draft"]["state"], sent["four_eyes"]) == (1, "submitted", True)
    assert not sent["draft"]["may_approve"] and (await read(he, desk))["draft"]["may_approve"]
    etag = sent["draft"]["etag"]
    own = expect(await post(li, desk, "approval", etag=etag), 403)
    assert own["code"] == "own_tariff_draft" and own["detail"]
    locked = {"document": BROKEN, "base_revision": 1, "etag": etag}
    answer = await he.put(f"{API}/tariffs/{desk.tariff_id}/draft", json=locked)
    assert expect(answer, 409)["code"] == "tariff_draft_submitted"
    note = expect(await he.get(f"{API}/notifications"))["items"][0]
    assert note["link"] == f"/settlement/tariffs/{desk.tariff_id}" and "涨价" in note["text"]
    assert expect(await li.get(f"{API}/notifications"))["items"] == []
    done = expect(await post(he, desk, "approval", etag=etag))
    newest = done["revisions"][0]
    assert (done["in_force"], newest["author"], newest["approved_by"]["name"]) == (2, "li", "he")
    assert "he" in expect(await li.get(f"{API}/notifications"))["items"][0]["text"]
    expect(await post(he, desk, "approval", etag=etag), 404)


async def test_sent_back_with_a_reason_and_who_helped_cannot_approve(
    desk: Desk, pair: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    li, he = pair
    await desk.tenant.add_member("wu", ["finance"])
    etag = (await save(li, desk))["draft"]["etag"]
    etag = expect(await post(li, desk, "submission", etag=etag))["draft"]["etag"]
    expect(await post(he, desk, "rejection", etag=etag, comment=""), 422)
    expect(await post(he, desk, "rejection", etag=etag, comment="  "), 422)
    expect(await post(li, desk, "rejection", etag=etag, comment="x"), 403)
    back = expect(await post(he, desk, "rejection", etag=etag, comment="太高了"))["draft"]
    assert (back["state"], back["comment"], back["rejected_by"]["name"]) == ("editing", "太高了", "he")
    assert "太高了" in expect(await li.get(f"{API}/notifications"))["items"][0]["text"]
    cheaper = change("rows/0/charge/parts/0/charge/rate", "6500")
    etag = (await save(he, desk, cheaper, back["etag"]))["draft"]["etag"]
    etag = expect(await post(li, desk, "submission", etag=etag))["draft"]["etag"]
    assert expect(await post(he, desk, "approval", etag=etag), 403)["code"] == "own_tariff_draft"
    expect(await desk.admin.delete(f"{API}/tariffs/{desk.tariff_id}/draft/submission"), 204)
    etag = (await read(li, desk))["draft"]["etag"]
    assert expect(await post(desk.admin, desk, "submission", etag=etag))["draft"]["submitted_by"]
    etag = (await read(li, desk))["draft"]["etag"]
    for client in (li, he, desk.admin):
        assert expect(await post(client, desk, "approval", etag=etag), 403)["code"] == "own_tariff_draft"


async def test_nobody_is_left_to_approve(desk: Desk) -> None:
    expect(await desk.admin.patch(f"{API}/tariff-settings", json={"four_eyes": True}))
    etag = (await save(desk.admin, desk))["draft"]["etag"]
    assert expect(await post(desk.admin, desk, "submission", etag=etag), 409)["code"] == "no_approver"
    assert (await read(desk.admin, desk))["draft"]["state"] == "editing"


async def test_a_new_tariff_waits_for_approval_too(
    desk: Desk, pair: tuple[httpx.AsyncClient, httpx.AsyncClient]
) -> None:
    li, he = pair
    made = expect(await li.post(f"{API}/tariffs", json={"document": {**TARIFF, "key": "fresh"}}), 201)
    assert (made["current_revision"], made["in_force"], made["revisions"]) == (0, None, [])
    path = f"{API}/tariffs/{made['id']}"
    assert expect(await he.get(path))["document"]["key"] == "fresh"
    expect(await he.post(f"{path}/try", json={"inputs": {}}))
    assert {
        item["key"]: item["current_revision"] for item in expect(await li.get(f"{API}/tariffs"))["items"]
    }["fresh"] == 0
    assert expect(await li.delete(f"{path}/draft"), 409)["code"] == "tariff_draft_needed"
    etag = made["draft"]["etag"]
    etag = expect(await li.post(f"{path}/draft/submission", json={"etag": etag}))["draft"]["etag"]
    assert expect(await he.post(f"{path}/draft/approval", json={"etag": etag}))["in_force"] == 1


SHAPES: list[tuple[dict[str, Any], str]] = [
    ({}, "/document/format"),
    ({**TARIFF, "key": "else"}, "/document/key"),
    ({**TARIFF, "rows": "x"}, "/document/rows"),
    ({**TARIFF, "rows": [1]}, "/document/rows"),
    ({**TARIFF, "rows": [{}] * 2_001}, "/document/rows"),
]


@pytest.mark.parametrize(("document", "pointer"), SHAPES)
async def test_what_is_no_tariff_is_no_draft(desk: Desk, document: dict[str, Any], pointer: str) -> None:
    body = {"document": document, "base_revision": 1}
    refused = expect(await desk.admin.put(f"{API}/tariffs/{desk.tariff_id}/draft", json=body), 422)
    assert refused["errors"][0]["pointer"] == pointer
    assert (await read(desk.admin, desk))["draft"] is None


async def test_who_may(desk: Desk, tenant: Tenant) -> None:
    manager = await tenant.sign_in("m", ["regional_manager"], "east")
    finance = await tenant.sign_in("li", ["finance"])
    body = {"document": DEARER, "base_revision": 1}
    expect(await manager.put(f"{API}/tariffs/{desk.tariff_id}/draft", json=body), 403)
    expect(await finance.patch(f"{API}/tariff-settings", json={"four_eyes": True}), 403)
    assert expect(await manager.get(f"{API}/tariff-settings")) == {"four_eyes": False}
    await save(finance, desk)
    assert expect(await manager.get(f"{API}/tariffs/{desk.tariff_id}/draft"))["draft"]["document"] == DEARER
    expect(await finance.delete(f"{API}/tariffs/{desk.tariff_id}/draft"), 204)
    assert (await read(finance, desk))["draft"] is None
