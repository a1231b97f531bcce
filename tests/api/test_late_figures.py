"""Booking a completed ticket again by other figures, over the API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Tenant
from tests.api.service_desk import API, Desk, expect, open_desk


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def finish(desk: Desk, client: httpx.AsyncClient, **data: Any) -> str:
    """A visit that the customer has rated: nothing of it can be changed any more."""
    ticket = await desk.visit(client, **data)
    token = ticket["tracking_url"].rpartition("/")[2]
    seen = expect(await client.get(f"{API}/public/tickets/{token}"))
    body = {"outcome": "rated", "data": {"rating": 5}}
    path = f"{API}/public/tickets/{token}/tasks/{seen['task']['id']}"
    expect(await client.post(path, json=body))
    assert expect(await client.get(f"{API}/tickets/{ticket['id']}"))["status"] == "completed"
    found: str = ticket["id"]
    return found


async def find_address(client: httpx.AsyncClient, ticket: str) -> str:
    found = expect(await client.get(f"{API}/tickets/{ticket}/postings"))["items"]
    return f"{API}/tickets/{ticket}/postings/{found[-1]['id']}/figures"


async def test_finance_sees_the_difference_then_books_and_all_of_it_is_kept(desk: Desk) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    finance = await desk.tenant.sign_in("qian", ["finance"])
    ticket = await finish(desk, wang)
    address = await find_address(finance, ticket)
    shown = expect(await finance.get(address))
    assert (shown["currency"], shown["decimals"]) == ("CNY", 2)
    assert [(each["name"], each["kind"], float(each["value"])) for each in shown["measures"]] == [
        ("hours", "number", 3),
        ("recovered", "money", 100_000),
    ]
    wanted = {"quantities": {"hours": "5", "recovered": "100000"}}
    foreseen = expect(await finance.post(f"{address}/preview", json=wanted))
    assert [line["amount"] for line in foreseen["before"]] == [18_000, 5_000]
    assert [line["amount"] for line in foreseen["after"]] == [30_000, 5_000]
    assert [(each["party"]["name"], each["amount"]) for each in foreseen["differences"]] == [("wang", 12_000)]
    assert len(expect(await finance.get(f"{API}/tickets/{ticket}/postings"))["items"]) == 1
    done = expect(await finance.post(f"{address}/correction", json={**wanted, "reason": "two hours missing"}))
    assert done["differences"] == foreseen["differences"] and not done["repeated"]
    again = expect(await finance.post(f"{address}/correction", json={**wanted, "reason": "again"}))
    assert again["repeated"]
    assert len(expect(await finance.get(f"{API}/tickets/{ticket}/postings"))["items"]) == 3
    lines = expect(await wang.get(f"{API}/tickets/{ticket}"))["lines"]
    assert sum(line["amount"] for line in lines if line["side"] == "receiving") == 35_000
    new = [line for line in lines if line["kind"] == "rebooking"]
    assert {(line["reason"], line["by"]) for line in new} == {("two hours missing", "qian")}
    (item,) = expect(await finance.get(f"{API}/corrections"))["items"]
    assert (item["kind"], item["reason"], item["created_by"]["en"]) == ("late", "two hours missing", "qian")
    detail = expect(await finance.get(f"{API}/corrections/{item['id']}", headers={"Accept-Language": "en"}))
    assert detail["figures"] == [{"label": "labour", "before": "3 hours", "after": "5 hours"}]
    assert [each["amount"] for each in detail["differences"]] == [12_000]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"quantities": {"miles": 3}}, "/quantities/miles", "figure_unknown"),
        ({"quantities": {"hours": "-1"}}, "/quantities/hours", "figure_negative"),
        ({"quantities": {"recovered": "100.5"}}, "/quantities/recovered", "figure_too_fine"),
        ({"quantities": {"hours": "NaN"}}, "/quantities/hours", "figure_unfit"),
        ({"quantities": {"hours": "1e40"}}, "/quantities/hours", "figure_unfit"),
        ({"attributes": {"colour": "red"}}, "/attributes", None),
        ({"quantity": {"hours": 1}}, "/quantity", None),
    ],
)
async def test_a_figure_that_does_not_fit_is_named(
    desk: Desk, body: dict[str, Any], pointer: str, code: str | None
) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    finance = await desk.tenant.sign_in("qian", ["finance"])
    ticket = (await desk.visit(wang))["id"]
    address = await find_address(finance, ticket)
    for way, sent in (("preview", body), ("correction", {**body, "reason": "x"})):
        answer = await finance.post(f"{address}/{way}", json=sent)
        assert answer.status_code in ({422} if code else {400, 422}), answer.text
        faults = answer.json()["errors"]
        if code is not None:
            assert [(fault["pointer"], fault["code"]) for fault in faults] == [(pointer, code)]
    assert len(expect(await finance.get(f"{API}/tickets/{ticket}/postings"))["items"]) == 1


async def test_who_may_and_for_which_booking(desk: Desk, foreign: Tenant) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    finance = await desk.tenant.sign_in("qian", ["finance"])
    stranger = await foreign.sign_in("bei", ["finance"])
    manager = await desk.tenant.sign_in("lu", ["regional_manager"], "east")
    ticket, other = [(await desk.visit(wang))["id"] for _ in range(2)]
    address = await find_address(finance, ticket)
    wanted = {"quantities": {"hours": 5}, "reason": "x"}
    for client, status in ((wang, 403), (manager, 403), (stranger, 404)):
        assert (await client.get(address)).status_code == status
        assert (await client.post(f"{address}/correction", json=wanted)).status_code == status
    elsewhere = address.replace(ticket, other)
    assert (await finance.post(f"{elsewhere}/correction", json=wanted)).status_code == 404
    assert (await finance.post(f"{address}/correction", json={**wanted, "reason": ""})).status_code == 422
    same = {"quantities": {"hours": 3}}
    refused = expect(await finance.post(f"{address}/preview", json=same), 409)
    assert refused["code"] == "nothing_to_correct"
    expect(await finance.post(f"{address}/correction", json=wanted))
    later = {"quantities": {"hours": 6}, "reason": "x"}
    assert expect(await finance.post(f"{address}/correction", json=later), 409)["code"] == "posting_replaced"
    expect(await finance.post(f"{await find_address(finance, ticket)}/correction", json=later))
