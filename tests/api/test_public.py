"""Customers without an account: form, photo, progress, rating."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.conftest import Tenant
from tests.api.service_desk import API, REQUEST, VISIT, Desk, expect, make_photo, open_desk


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def submit(client: httpx.AsyncClient, token: str, **data: Any) -> dict[str, Any]:
    body = {"data": {**REQUEST, **data}}
    answer: dict[str, Any] = expect(await client.post(f"{API}/public/forms/{token}", json=body), 201)
    return answer


async def test_from_the_form_to_the_rating(desk: Desk, tenant: Tenant) -> None:
    token = await desk.add_link()
    customer = tenant.site.open_client()
    form = expect(await customer.get(f"{API}/public/forms/{token}"))
    assert [name["zh"] for name in form["region"]] == ["全国", "华东", "上海"]
    assert form["form"]["schema"]["required"] == ["contact_name", "problem"]
    files = {"file": ("a.jpg", make_photo(), "image/jpeg")}
    photo = expect(await customer.post(f"{API}/public/forms/{token}/files", files=files), 201)
    sent = await submit(customer, token, photos=[photo["id"]])
    assert sent["url"].endswith(f"/t/{sent['tracking_token']}")

    path = f"{API}/public/tickets/{sent['tracking_token']}"
    progress = expect(await customer.get(path))
    assert (progress["number"], progress["task"]) == (sent["number"], None)
    assert [stage["state"] for stage in progress["stages"]][:2] == ["done", "current"]
    assert REQUEST["contact_phone"] not in (await customer.get(path)).text

    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    task = expect(await agent.get(f"{API}/tasks?view=team"))["items"][0]
    assert (await agent.get(f"{API}/files/{photo['id']}")).status_code == 200
    done = {"outcome": "done", "data": VISIT}
    expect(await agent.post(f"{API}/tasks/{task['id']}/complete", json=done))

    asked = expect(await customer.get(path))["task"]
    assert (asked["kind"], asked["label"]["en"]) == ("rating", "How did we do?")
    rating = {"outcome": "rated", "data": {"rating": 6}}
    refused = await customer.post(f"{path}/tasks/{asked['id']}", json=rating)
    assert expect(refused, 422)["errors"][0]["pointer"] == "/data/rating"
    rating["data"] = {"rating": 5, "comment": "很快"}
    finished = expect(await customer.post(f"{path}/tasks/{asked['id']}", json=rating))
    assert (finished["status"], finished["task"]) == ("completed", None)
    again = await customer.post(f"{path}/tasks/{asked['id']}", json=rating)
    assert expect(again, 409)["code"] == "task_closed"
    ticket = expect(await desk.admin.get(f"{API}/tickets/{task['ticket_id']}"))
    assert (ticket["data"]["rating"], ticket["source"], ticket["channel"]) == (5, "customer", "store")
    assert ticket["customer"] == {"name": "赵先生", "phone": "13800000000"}


async def test_repeated_submission_opens_one_ticket(desk: Desk, tenant: Tenant) -> None:
    token = await desk.add_link()
    customer = tenant.site.open_client()
    path, headers = f"{API}/public/forms/{token}", {"idempotency-key": "tap"}
    answers = await asyncio.gather(
        *(customer.post(path, json={"data": REQUEST}, headers=headers) for _ in range(3))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["tracking_token"] for answer in answers}) == 1
    assert len(expect(await desk.admin.get(f"{API}/tickets"))["items"]) == 1


SPOOFED = [
    ("a.jpg", b"<script>alert(1)</script>", "image/jpeg"),
    ("a.jpg", b"MZ\x90\x00" + b"\0" * 200, "image/jpeg"),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "image/svg+xml"),
]


@pytest.mark.parametrize(("name", "content", "claimed"), SPOOFED)
async def test_spoofed_photos_are_refused(
    desk: Desk, tenant: Tenant, name: str, content: bytes, claimed: str
) -> None:
    token = await desk.add_link()
    customer = tenant.site.open_client()
    answer = await customer.post(
        f"{API}/public/forms/{token}/files", files={"file": (name, content, claimed)}
    )
    assert answer.status_code in {415, 422}


async def test_a_photo_belongs_to_the_form_it_was_sent_to(desk: Desk, tenant: Tenant) -> None:
    token, other = await desk.add_link(), await desk.add_link("beijing")
    customer = tenant.site.open_client()
    files = {"file": ("a.jpg", make_photo(), "image/jpeg")}
    photo = expect(await customer.post(f"{API}/public/forms/{other}/files", files=files), 201)
    body = {"data": {**REQUEST, "photos": [photo["id"]]}}
    refused = expect(await customer.post(f"{API}/public/forms/{token}", json=body), 422)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == ("/data/photos", "file_unknown")


@pytest.mark.parametrize(("locale", "message"), [("zh", "请填写此项"), ("en", "Please fill this in")])
async def test_faults_in_the_customers_language(
    desk: Desk, tenant: Tenant, locale: str, message: str
) -> None:
    token = await desk.add_link()
    customer = tenant.site.open_client()
    answer = await customer.post(
        f"{API}/public/forms/{token}", json={"data": {}}, headers={"accept-language": locale}
    )
    faults = expect(answer, 422)["errors"]
    assert [(fault["pointer"], fault["message"]) for fault in faults] == [
        ("/data/contact_name", message),
        ("/data/problem", message),
    ]


async def test_tokens_open_only_their_own(desk: Desk, tenant: Tenant) -> None:
    token = await desk.add_link()
    customer = tenant.site.open_client()
    first, second = await submit(customer, token), await submit(customer, token)
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    for task in expect(await agent.get(f"{API}/tasks?view=team"))["items"]:
        body = {"outcome": "done", "data": VISIT}
        expect(await agent.post(f"{API}/tasks/{task['id']}/complete", json=body))
    mine = f"{API}/public/tickets/{first['tracking_token']}"
    theirs = f"{API}/public/tickets/{second['tracking_token']}"
    task = expect(await customer.get(theirs))["task"]
    rated = {"outcome": "rated", "data": {"rating": 1}}
    assert (await customer.post(f"{mine}/tasks/{task['id']}", json=rated)).status_code == 404
    for unknown in ("nothing", f"{first['tracking_token']}x"):
        assert (await customer.get(f"{API}/public/tickets/{unknown}")).status_code == 404
        assert (await customer.get(f"{API}/public/forms/{unknown}")).status_code == 404


async def test_customers_call_off_what_they_opened(desk: Desk, tenant: Tenant) -> None:
    token = await desk.add_link()
    customer = tenant.site.open_client()
    first, second = await submit(customer, token), await submit(customer, token)
    path = f"{API}/public/tickets/{first['tracking_token']}"
    shown = expect(await customer.get(path))
    opened = shown["stages"][0]["label"]["zh"]
    assert (shown["may_withdraw"], shown["stages"][1]["state"]) == (True, "current")
    done = expect(await customer.post(f"{path}/withdraw", json={"comment": "买到了"}))
    assert (done["status"], done["may_withdraw"], done["task"]) == ("cancelled", False, None)
    assert [stage["label"]["zh"] for stage in done["stages"] if stage["state"] == "done"] == [opened]
    assert expect(await customer.post(f"{path}/withdraw", json={}), 409)["code"] == "not_running"
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    (task,) = expect(await agent.get(f"{API}/tasks?view=team"))["items"]
    assert task["number"] == second["number"]
    found = expect(await desk.admin.get(f"{API}/tickets?view=closed"))["items"]
    told = expect(await desk.admin.get(f"{API}/tickets/{found[0]['id']}", headers={"accept-language": "en"}))
    entry = next(each for each in told["timeline"] if each["kind"] == "withdrawn")
    assert (entry["text"], entry["detail"], entry["actor"]) == ("Withdrawn by the customer", "买到了", None)

    expect(await agent.post(f"{API}/tasks/{task['id']}/complete", json={"outcome": "done", "data": VISIT}))
    late = f"{API}/public/tickets/{second['tracking_token']}"
    assert expect(await customer.get(late))["may_withdraw"] is False
    assert expect(await customer.post(f"{late}/withdraw", json={}), 409)["code"] == "cannot_withdraw"


async def test_customers_do_not_call_off_what_staff_opened(desk: Desk, tenant: Tenant) -> None:
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    opened = await desk.report(agent)
    path = f"{API}/public/tickets/{opened['tracking_url'].rsplit('/', 1)[1]}"
    customer = tenant.site.open_client()
    assert expect(await customer.get(path))["may_withdraw"] is False
    assert (await customer.post(f"{path}/withdraw", json={})).status_code == 403


async def test_too_many_submissions_have_to_wait(desk: Desk, tenant: Tenant) -> None:
    token = await desk.add_link()
    flood = tenant.site.open_client("198.51.100.77")
    statuses = [
        (await flood.post(f"{API}/public/forms/{token}", json={"data": {}})).status_code for _ in range(21)
    ]
    assert statuses == [422] * 20 + [429]
    await submit(tenant.site.open_client("198.51.100.78"), token)
