"""Who sees which money, on every surface at once: lists, single lines, sums, exports, statements, files,
earnings, questions, the ticket. Each must show an actor exactly the lines that are theirs to see."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from tests.api.conftest import Tenant
from tests.api.service_desk import API, Desk, expect, monthly, open_desk

Client = httpx.AsyncClient
Seen = set[str]
"""Ids of ledger lines."""


@pytest.fixture
async def desk(tenant: Tenant, admin: Client) -> Desk:
    return await open_desk(tenant, admin)


async def by_list(client: Client, lines: list[dict[str, Any]]) -> Seen:
    query = {"side": "both", "limit": "200"}
    found = expect(await client.get(f"{API}/settlement/lines", params=query))["items"]
    return {line["id"] for line in found}


async def by_id(client: Client, lines: list[dict[str, Any]]) -> Seen:
    answers = [(line["id"], await client.get(f"{API}/settlement/lines/{line['id']}")) for line in lines]
    assert {answer.status_code for _, answer in answers} <= {200, 404}
    return {key for key, answer in answers if answer.status_code == 200}


async def by_csv(client: Client, lines: list[dict[str, Any]]) -> Seen:
    text = (await client.get(f"{API}/settlement/export.csv")).content.decode("utf-8-sig")
    return {row["Line"] for row in csv.DictReader(io.StringIO(text))}


async def by_xlsx(client: Client, lines: list[dict[str, Any]]) -> Seen:
    content = (await client.get(f"{API}/settlement/export.xlsx")).content
    head, *rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    return {row[head.index("Line")] for row in rows}


async def by_statement(client: Client, lines: list[dict[str, Any]]) -> Seen:
    seen: Seen = set()
    for party in {(line["party"]["kind"], line["party"]["id"]) for line in lines}:
        answer = await client.get(f"{API}/statements/statement", params={"party": ":".join(party)})
        assert answer.status_code in {200, 404}
        if answer.status_code == 200:
            found = answer.json()
            groups = [ticket["lines"] for day in found["days"] for ticket in day["tickets"]]
            seen |= {line["id"] for group in (*groups, found["corrections"], found["late"]) for line in group}
    return seen


async def by_statement_file(client: Client, lines: list[dict[str, Any]]) -> Seen:
    seen: Seen = set()
    for party in {(line["party"]["kind"], line["party"]["id"]) for line in lines}:
        query = {"party": ":".join(party), "period": lines[0]["period"]}
        answer = await client.get(f"{API}/statements/statement.xlsx", params=query)
        assert answer.status_code in {200, 404}
        if answer.status_code == 200:
            rows = load_workbook(io.BytesIO(answer.content)).worksheets[1].iter_rows(min_row=2)
            seen |= {str(row[15].value) for row in rows}
    return seen


async def by_ticket(client: Client, lines: list[dict[str, Any]]) -> Seen:
    seen: Seen = set()
    for ticket_id in {line["ticket_id"] for line in lines}:
        answer = await client.get(f"{API}/tickets/{ticket_id}")
        if answer.status_code == 200:
            seen |= {line["id"] for line in answer.json()["lines"]}
    return seen


async def by_question(client: Client, lines: list[dict[str, Any]]) -> Seen:
    seen: Seen = set()
    for line in lines:
        body = {"line_id": line["id"], "text": "?"}
        answer = await client.post(f"{API}/disputes", json=body)
        assert answer.status_code in {201, 404}
        if answer.status_code == 201:
            seen.add(answer.json()["line"]["id"])
            await client.post(f"{API}/disputes/{answer.json()['item']['id']}/withdrawal")
    return seen


SURFACES: tuple[Callable[[Client, list[dict[str, Any]]], Awaitable[Seen]], ...] = (
    by_list,
    by_id,
    by_csv,
    by_xlsx,
    by_statement,
    by_statement_file,
    by_ticket,
    by_question,
)


async def test_every_surface_shows_the_same_lines(desk: Desk, foreign: Tenant) -> None:
    tenant = desk.tenant
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    li = await tenant.sign_in("li", ["agent"], "beijing")
    await desk.visit(wang)
    await desk.visit(li, "beijing")
    finance = await tenant.sign_in("qian", ["finance"])
    everything = expect(await finance.get(f"{API}/settlement/lines?side=both&limit=200"))["items"]
    members = {name: tenant.members[name].id for name in ("wang", "li")}

    def of(name: str) -> Seen:
        return {line["id"] for line in everything if line["party"]["id"] == members[name]}

    def within(region: str) -> Seen:
        return {line["id"] for line in everything if region in [name["en"] for name in line["region_path"]]}

    actors = {
        "staff": (wang, of("wang")),
        "other staff": (li, of("li")),
        "colleague": (await tenant.sign_in("zhou", ["agent"], "shanghai"), set[str]()),
        "manager": (await tenant.sign_in("lu", ["regional_manager"], "east"), within("east")),
        "finance": (finance, within("cn")),
        "stranger": (await foreign.sign_in("admin", ["admin"]), set[str]()),
    }
    assert len(within("cn")) == len(everything) == 6 and len(within("east")) == 4
    for name, (client, expected) in actors.items():
        for surface in SURFACES:
            seen = await surface(client, everything)
            assert seen == expected, f"{name} by {surface.__name__}"


async def test_screen_export_and_ledger_agree_to_the_cent(desk: Desk) -> None:
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    await desk.visit(wang, recovered=33_335)
    await desk.visit(wang, hours=0.25, recovered=1)
    finance = await desk.tenant.sign_in("qian", ["finance"])
    ledger = expect(await finance.get(f"{API}/settlement/lines?limit=200"))["items"]
    total = sum(line["amount"] for line in ledger)
    for by in ("region", "person", "period", "service", "channel"):
        found = expect(await finance.get(f"{API}/settlement/summary?by={by}"))
        assert sum(item["amount"] for item in found["items"]) == total == found["totals"][0]["amount"]
        for item in found["items"]:
            lines = expect(await finance.get(f"{API}/settlement/lines", params=item["filters"]))["items"]
            assert sum(line["amount"] for line in lines) == item["amount"]
    text = (await finance.get(f"{API}/settlement/export.csv?side=receiving")).content.decode("utf-8-sig")
    exported = [Decimal(row["Amount"]) for row in csv.DictReader(io.StringIO(text))]
    assert sum(exported) * 100 == total
    content = (await finance.get(f"{API}/settlement/export.xlsx?side=receiving")).content
    head, *rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    assert sum(Decimal(str(row[head.index("Amount")])) for row in rows) * 100 == total
    earned = expect(await wang.get(f"{API}/me/earnings"))
    assert earned["totals"] == [{"amount": total, "currency": "CNY"}]
    assert earned["periods"] == [earned["period"]] == [earned["running"]]
    period = earned["period"]
    answer = await finance.get(f"{API}/statements/statements.zip?period={period}&language=en")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        contents = archive.read(archive.namelist()[-1]).decode("utf-8-sig")
    paid = re.findall(r"member,wang,CNY,([\d.]+),", contents)
    assert [Decimal(amount) * 100 for amount in paid] == [total]


async def test_how_far_everybody_on_a_ticket_is_from_the_next_tier(tenant: Tenant, admin: Client) -> None:
    desk = await open_desk(tenant, admin, monthly())
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    ticket = await desk.visit(wang)
    path = f"{API}/settlement/next-tiers?ticket_id={ticket['id']}"
    manager = await tenant.sign_in("lu", ["regional_manager"], "east")
    for client in (wang, manager, await tenant.sign_in("qian", ["finance"])):
        [ahead] = expect(await client.get(path))
        assert ahead["party"]["name"] == "wang"
        assert ahead["next_tiers"][0]["missing"] == "100000"
    colleague = await tenant.sign_in("zhou", ["agent"], "shanghai")
    north = await tenant.sign_in("bei", ["regional_manager"], "north")
    for client in (colleague, north):
        assert expect(await client.get(path)) == []
