"""The ledger over the API: sums that open down, the export, one's own earnings, who sees what."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.db.models import LedgerLine
from tests.api.conftest import Tenant
from tests.api.service_desk import API, DEFINITION, TARIFF, Desk, expect, monthly, open_desk

GROUPINGS = ("region", "person", "period", "service")


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def book(desk: Desk) -> dict[str, httpx.AsyncClient]:
    """Three visits: two in 上海 by wang, one in 北京 by li. Answers the browsers."""
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    li = await desk.tenant.sign_in("li", ["agent"], "beijing")
    await desk.visit(wang)
    await desk.visit(wang, hours=1, recovered=0)
    await desk.visit(li, "beijing")
    return {"wang": wang, "li": li}


async def summarize(client: httpx.AsyncClient, by: str, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = expect(await client.get(f"{API}/settlement/summary", params={"by": by, **query}))
    return found


def totals(summary: dict[str, Any]) -> dict[str, int]:
    return {item["label"]: item["amount"] for item in summary["items"]}


async def list_lines(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    """All pages, two lines a page."""
    lines: list[dict[str, Any]] = []
    params: dict[str, str] = {**query, "limit": "2"}
    while True:
        page = expect(await client.get(f"{API}/settlement/lines", params=params))
        lines += page["items"]
        if page["next"] is None:
            return lines
        params["cursor"] = page["next"]


async def test_sums_open_down_to_exactly_their_lines(desk: Desk) -> None:
    await book(desk)
    for by in GROUPINGS:
        summary = await summarize(desk.admin, by)
        assert summary["totals"] == [{"amount": 37_000, "currency": "CNY"}]
        seen: list[str] = []
        for item in summary["items"]:
            lines = await list_lines(desk.admin, **item["filters"])
            assert sum(line["amount"] for line in lines) == item["amount"]
            assert len(lines) == item["lines"]
            assert len({line["ticket_id"] for line in lines}) == item["tickets"]
            seen += [line["id"] for line in lines]
        everything = [line["id"] for line in await list_lines(desk.admin)]
        assert sorted(seen) == sorted(everything) and len(set(seen)) == 4


async def test_regions_roll_up_by_level(desk: Desk) -> None:
    await book(desk)
    top = await summarize(desk.admin, "region")
    assert totals(top) == {"east": 29_000, "north": 8_000}
    opened = top["items"][0]["opens"]
    assert totals(await summarize(desk.admin, **opened)) == {"shanghai": 29_000}
    in_chinese = {"accept-language": "zh"}
    answer = await desk.admin.get(f"{API}/settlement/summary?by=region", headers=in_chinese)
    assert set(totals(expect(answer))) == {"华东", "华北"}


async def test_lines_of_the_scope_itself_stand_apart(desk: Desk) -> None:
    boss = await desk.tenant.sign_in("boss", ["agent"], "east")
    await desk.visit(boss, "east")
    await desk.visit(boss, "shanghai")
    east = desk.tenant.regions["east"].id
    summary = await summarize(desk.admin, "region", region_id=east)
    assert totals(summary) == {"east (itself)": 23_000, "shanghai": 23_000}
    for item in summary["items"]:
        assert len(await list_lines(desk.admin, **item["filters"])) == item["lines"] == 2


async def test_a_region_that_moved_takes_its_lines_along(desk: Desk) -> None:
    await book(desk)
    regions = desk.tenant.regions
    move = {"parent_id": regions["north"].id}
    expect(await desk.admin.patch(f"{API}/regions/{regions['shanghai'].id}", json=move))
    summary = await summarize(desk.admin, "region")
    assert totals(summary) == {"north": 37_000}
    assert len(await list_lines(desk.admin, **summary["items"][0]["filters"])) == 4
    for place, count in (("east", 0), ("north", 4)):
        manager = await desk.tenant.sign_in(place, ["regional_manager"], place)
        assert len(await list_lines(manager)) == count


async def test_everybody_sees_their_own_and_managers_their_region(desk: Desk, foreign: Tenant) -> None:
    browsers = await book(desk)
    east = await desk.tenant.sign_in("lu", ["regional_manager"], "east")
    finance = await desk.tenant.sign_in("qian", ["finance"])
    stranger = await foreign.sign_in("admin", ["admin"])
    expected = {
        browsers["wang"]: (3, 29_000),
        browsers["li"]: (1, 8_000),
        east: (3, 29_000),
        finance: (4, 37_000),
        stranger: (0, 0),
    }
    everything = expect(await finance.get(f"{API}/settlement/lines?side=both"))["items"]
    assert len(everything) == 8 and sum(line["amount"] for line in everything) == 0
    for client, (count, amount) in expected.items():
        lines = await list_lines(client)
        assert (len(lines), sum(line["amount"] for line in lines)) == (count, amount)
        for by in GROUPINGS:
            items = (await summarize(client, by))["items"]
            assert sum(item["amount"] for item in items) == amount
        visible = {
            line["id"] for line in expect(await client.get(f"{API}/settlement/lines?side=both"))["items"]
        }
        for line in everything:
            answer = await client.get(f"{API}/settlement/lines/{line['id']}")
            assert answer.status_code == (200 if line["id"] in visible else 404)
    assert {line["side"] for line in await list_lines(browsers["wang"], side="both")} == {"receiving"}
    north = {"region_id": desk.tenant.regions["north"].id}
    for client in (east, stranger, browsers["wang"]):
        assert (await client.get(f"{API}/settlement/lines", params=north)).status_code == 404
    theirs = {"member_id": desk.tenant.members["li"].id}
    assert await list_lines(browsers["wang"], **theirs) == []


async def test_colleagues_money_is_not_on_the_ticket_page(desk: Desk) -> None:
    browsers = await book(desk)
    zhou = await desk.tenant.sign_in("zhou", ["agent"], "shanghai")
    for item in expect(await zhou.get(f"{API}/tickets?view=all"))["items"]:
        assert expect(await zhou.get(f"{API}/tickets/{item['id']}"))["lines"] == []
        own = expect(await browsers["wang"].get(f"{API}/tickets/{item['id']}"))["lines"]
        assert own and {line["party"]["name"] for line in own} == {"wang"}


async def test_a_line_says_why(desk: Desk) -> None:
    await book(desk)
    ticket = expect(await desk.admin.get(f"{API}/tickets?view=all"))["items"][-1]
    for locale, why, rule in (
        ("zh", "工时 3 小时 × ¥60.00 = ¥180.00", "labour：工时每单位 ¥60.00；share：回收金额的 5%"),
        (
            "en",
            "labour 3 hours × ¥60.00 = ¥180.00",
            "labour: ¥60.00 for each unit of labour; share: 5% of recovered",
        ),
    ):
        headers = {"accept-language": locale}
        answer = await desk.admin.get(f"{API}/settlement/lines?ticket_id={ticket['id']}", headers=headers)
        line = next(line for line in expect(answer)["items"] if line["component"] == "labour")
        assert (line["why"], line["formula"], line["number"]) == (why, rule, ticket["number"])
        assert line["inputs"]["hours"] == "3"


async def test_dates_and_filters(desk: Desk) -> None:
    await book(desk)
    today = desk.tenant.site.clock().date()
    assert await list_lines(desk.admin, **{"from": "2020-01-01", "to": "2020-12-31"}) == []
    assert len(await list_lines(desk.admin, **{"from": str(today.replace(day=1).replace(month=1))})) == 4
    assert len(await list_lines(desk.admin, workflow_id=desk.workflow_id)) == 4
    for query in ({"period": "2026-13"}, {"from": "2026-02-01", "to": "2026-01-01"}, {"party": "ghost:x"}):
        assert (await desk.admin.get(f"{API}/settlement/lines", params=query)).status_code == 400


async def test_the_export_equals_the_ledger(desk: Desk) -> None:
    await book(desk)
    answer = await desk.admin.get(f"{API}/settlement/export.csv", headers={"accept-language": "zh"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    async with desk.tenant.site.database.reading() as session:
        booked = list((await session.execute(select(LedgerLine).order_by(LedgerLine.id))).scalars())
    assert [row["分录编号"] for row in rows] == [line.id for line in booked]
    assert [Decimal(row["金额"]) * 100 for row in rows] == [line.amount for line in booked]
    assert {row["区域"] for row in rows} == {"全国 / 华东 / 上海", "全国 / 华北 / 北京"}
    assert {row["方向"] for row in rows} == {"收", "付"}
    agent = await desk.tenant.sign_in("li", ["agent"], "beijing")
    own = (await agent.get(f"{API}/settlement/export.csv")).content.decode("utf-8-sig")
    assert len(own.splitlines()) == 2


async def test_cells_cannot_be_formulas(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    evil = await tenant.sign_in('=cmd|"/c calc"!A1', ["agent"], "shanghai")
    await desk.visit(evil, recovered=0)
    answer = await admin.get(f"{API}/settlement/export.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert '\'=cmd|"/c calc"!A1' in {row["Party"] for row in rows}
    assert {row["Amount"] for row in rows} == {"180.00", "-180.00"}


async def test_earnings_by_day_and_what_is_missing_to_the_next_tier(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    desk = await open_desk(tenant, admin, monthly())
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    await desk.visit(wang, recovered=150_000)
    earned = expect(await wang.get(f"{API}/me/earnings"))
    assert {line["day"] for line in earned["lines"]} == {day["date"] for day in earned["days"]}
    assert earned["totals"] == [{"amount": 7_500, "currency": "CNY"}]
    assert [(day["amount"], day["tickets"]) for day in earned["days"]] == [(7_500, 1)]
    ahead = earned["next_tiers"]
    assert [(tier["missing"], tier["next_rate"]) for tier in ahead] == [("50000", "0.08")]
    assert ahead[0]["text"] == "¥500.00 more recovered reaches ¥2,000.00 and the 8% tier"
    in_chinese = expect(await wang.get(f"{API}/me/earnings", headers={"accept-language": "zh"}))
    assert "¥500.00" in in_chinese["next_tiers"][0]["text"] and "档" in in_chinese["next_tiers"][0]["text"]
    await desk.visit(wang, recovered=100_000)
    crossed = expect(await wang.get(f"{API}/me/earnings"))
    assert crossed["totals"][0]["amount"] == 20_000 and crossed["next_tiers"] == []
    assert any(line["why"].startswith("Change of tier") for line in crossed["lines"])
    other = await tenant.sign_in("zhou", ["agent"], "shanghai")
    nothing = expect(await other.get(f"{API}/me/earnings"))
    assert (nothing["totals"], nothing["lines"], nothing["next_tiers"]) == ([], [], [])
    past = expect(await wang.get(f"{API}/me/earnings?period=2020-01"))
    assert (past["period"], past["days"]) == ("2020-01", [])
    assert (await wang.get(f"{API}/me/earnings?period=soon")).status_code == 400


async def test_departments_are_paid_too(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    row = {
        "id": "inner",
        "charge": {"model": "flat", "amount": 5_000},
        "pays": {"party": "department", "key": "parts"},
        "from": {"party": "department", "key": "service"},
    }
    desk = await open_desk(tenant, admin, {**TARIFF, "rows": [row]})
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    await desk.visit(agent)
    items = (await summarize(admin, "person"))["items"]
    assert [(item["key"], item["label"], item["amount"]) for item in items] == [
        ("department:parts", "parts (department)", 5_000)
    ]
    assert len(await list_lines(admin, **items[0]["filters"])) == 1
    assert (await summarize(agent, "person"))["items"] == []


async def test_currencies_are_never_added_up(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    async with tenant.site.database.unit_of_work() as session:
        region = await session.merge(tenant.regions["beijing"])
        region.currency = "USD"
    desk = await open_desk(tenant, admin)
    dollars = {**TARIFF, "key": "dollars", "currency": "USD"}
    dollars["rows"] = [
        {"id": "usd", "match": {"region": "beijing"}, "charge": {"model": "flat", "amount": 700}}
    ]
    expect(await admin.post(f"{API}/tariffs", json={"document": dollars}), 201)
    nodes = DEFINITION["graph"]["nodes"]
    settle = {**nodes["n_settle"], "config": {**nodes["n_settle"]["config"], "tariff": "dollars"}}
    definition = {**DEFINITION, "graph": {**DEFINITION["graph"], "nodes": {**nodes, "n_settle": settle}}}
    body = {"name": {"zh": "美", "en": "US"}, "key": "us", "definition": definition}
    workflow = expect(await admin.post(f"{API}/workflows", json=body), 201)["id"]
    expect(await admin.post(f"{API}/workflows/{workflow}/releases", json={"revision": 1, "note": ""}), 201)
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    abroad = await tenant.sign_in("li", ["agent"], "beijing")
    await desk.visit(agent)
    await Desk(tenant, admin, workflow, "").visit(abroad, "beijing")
    summary = await summarize(admin, "period")
    assert summary["totals"] == [
        {"amount": 23_000, "currency": "CNY"},
        {"amount": 700, "currency": "USD"},
    ]
    assert [item["currency"] for item in summary["items"]] == ["CNY", "USD"]


async def test_booked_lines_never_change(desk: Desk) -> None:
    await book(desk)
    for statement in (
        "UPDATE ledger_lines SET amount = 0",
        "DELETE FROM ledger_lines",
        "DELETE FROM postings",
    ):
        with pytest.raises(DBAPIError):
            async with desk.tenant.site.database.unit_of_work() as session:
                await session.execute(text(statement))
