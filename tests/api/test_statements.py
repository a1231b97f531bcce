"""Statements over the API: page, PDF and spreadsheet say the same, and the ledger agrees to the cent."""

from __future__ import annotations

import io
import re
import zipfile
from decimal import Decimal
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.api.conftest import Tenant
from tests.api.service_desk import API, Desk, expect, open_desk


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def book(desk: Desk) -> dict[str, httpx.AsyncClient]:
    """Two visits in 上海 by wang, one in 北京 by li."""
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    li = await desk.tenant.sign_in("li", ["agent"], "beijing")
    await desk.visit(wang)
    await desk.visit(wang, hours=1, recovered=33_335)
    await desk.visit(li, "beijing")
    return {"wang": wang, "li": li}


async def read_statement(client: httpx.AsyncClient, party: str, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = expect(
        await client.get(f"{API}/statements/statement", params={"party": party, **query})
    )
    return found


async def read_ledger(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    params = {"side": "both", "limit": "200", **query}
    found: list[dict[str, Any]] = expect(await client.get(f"{API}/settlement/lines", params=params))["items"]
    return found


def list_all(statement: dict[str, Any]) -> list[dict[str, Any]]:
    days = [line for day in statement["days"] for ticket in day["tickets"] for line in ticket["lines"]]
    return [*days, *statement["corrections"], *statement["late"]]


async def test_every_statement_is_the_ledger(desk: Desk) -> None:
    await book(desk)
    finance = await desk.tenant.sign_in("qian", ["finance"])
    listed = expect(await finance.get(f"{API}/statements"))
    period = listed["period"]["key"]
    assert listed["periods"] == [period] and listed["period"]["state"] == "open"
    parties = [f"{item['party']['kind']}:{item['party']['id']}" for item in listed["items"]]
    assert len(parties) == len(set(parties)) == 4
    seen: list[str] = []
    for item, party in zip(listed["items"], parties, strict=True):
        statement = await read_statement(finance, party, period=period)
        lines = list_all(statement)
        expected = await read_ledger(finance, party=party)
        assert {line["id"] for line in lines} == {line["id"] for line in expected}
        amount = sum(line["amount"] for line in expected)
        balance = statement["balances"][0]
        assert (balance["opening"], balance["received"] + balance["borne"]) == (0, amount)
        assert balance["closing"] == amount == item["net"]
        assert sum(part["amount"] for part in statement["components"]) == amount
        assert (statement["lines"], item["lines"], statement["omitted"]) == (len(lines), len(lines), 0)
        seen += [line["id"] for line in lines]
    assert sorted(seen) == sorted(line["id"] for line in await read_ledger(finance))
    assert sum(item["net"] for item in listed["items"]) == 0


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_files_say_what_the_page_says(desk: Desk, language: str) -> None:
    browsers = await book(desk)
    wang = desk.tenant.members["wang"].id
    headers = {"accept-language": language}
    query = {"party": f"member:{wang}"}
    answer = await browsers["wang"].get(f"{API}/statements/statement", params=query, headers=headers)
    statement = expect(answer)
    total = statement["balances"][0]["received"]
    assert total == 23_000 + 6_000 + 1_667
    query |= {"period": statement["period"]["key"], "language": language}
    pdf = await browsers["wang"].get(f"{API}/statements/statement.pdf", params=query)
    again = await browsers["wang"].get(f"{API}/statements/statement.pdf", params=query)
    assert pdf.headers["content-type"] == "application/pdf" and pdf.content == again.content
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    title = {"zh": "结算单", "en": "Statement"}[language]
    assert title in text and statement["hash"] in text and "wang" in text
    for amount in (total, *(line["amount"] for line in list_all(statement))):
        assert f"¥{Decimal(amount) / 100:,.2f}" in text, text
    section = text.split({"zh": "明细\n", "en": "Lines\n"}[language])[-1]
    section = section.split({"zh": "计算规则", "en": "Rules"}[language])[0]
    shown = [Decimal(found.replace(",", "")) for found in re.findall(r"^ ?¥([\d,.]+)$", section, re.M)]
    assert sum(shown) == Decimal(total) / 100, text

    xlsx = await browsers["wang"].get(f"{API}/statements/statement.xlsx", params=query)
    sums, lines = load_workbook(io.BytesIO(xlsx.content)).worksheets
    cells = [[cell.value for cell in row] for row in lines.iter_rows(min_row=2)]
    assert sum(Decimal(str(row[6])) for row in cells) == Decimal(total) / 100
    assert {row[15] for row in cells} == {line["id"] for line in list_all(statement)}
    values = [cell.value for row in sums.iter_rows() for cell in row]
    assert statement["hash"] in values and float(Decimal(total) / 100) in values


async def test_the_hash_is_of_the_lines_alone(desk: Desk) -> None:
    """Neither a new name nor another language nor another reader who sees all of it changes it."""
    browsers = await book(desk)
    wang = desk.tenant.members["wang"].id
    before = (await read_statement(browsers["wang"], f"member:{wang}"))["hash"]
    expect(await desk.admin.patch(f"{API}/members/{wang}", json={"name": "王师傅"}))
    for locale in ("zh", "en"):
        desk.admin.headers["accept-language"] = locale
        found = await read_statement(desk.admin, f"member:{wang}")
        assert (found["hash"], found["party"]["name"]) == (before, "王师傅")
    await desk.visit(browsers["wang"])
    assert (await read_statement(browsers["wang"], f"member:{wang}"))["hash"] != before


async def test_opening_is_what_came_before(desk: Desk) -> None:
    browsers = await book(desk)
    wang = f"member:{desk.tenant.members['wang'].id}"
    now = await read_statement(browsers["wang"], wang)
    later = await read_statement(browsers["wang"], wang, period="2099-W07")
    assert later["balances"][0]["opening"] == now["balances"][0]["closing"]
    assert later["balances"][0]["received"] == 0 and later["days"] == []
    assert (later["period"]["starts_on"], later["period"]["ends_on"]) == ("2099-02-09", "2099-02-15")
    assert later["hash"] != now["hash"]
    for unfit in ("2026-13", "2026-W60", "2026-Q5", "2026-02-30", "soon", "0000-01"):
        query = {"party": wang, "period": unfit}
        assert (await browsers["wang"].get(f"{API}/statements/statement", params=query)).status_code == 400


async def test_a_party_reads_only_its_own_part(desk: Desk, foreign: Tenant) -> None:
    browsers = await book(desk)
    wang, li = (f"member:{desk.tenant.members[name].id}" for name in ("wang", "li"))
    east = await desk.tenant.sign_in("lu", ["regional_manager"], "east")
    finance = await desk.tenant.sign_in("qian", ["finance"])
    stranger = await foreign.sign_in("admin", ["admin"])
    sees = {
        browsers["wang"]: {wang},
        browsers["li"]: {li},
        east: {wang},
        finance: {wang, li},
        stranger: set(),
    }
    for client, parties in sees.items():
        for party in (wang, li):
            for path in ("statement", "statement.pdf", "statement.xlsx"):
                query = {"party": party, "period": "2026-11"}
                answer = await client.get(f"{API}/statements/{path}", params=query)
                assert answer.status_code == (200 if party in parties else 404), (path, answer.text[:200])
    own = await read_statement(browsers["wang"], wang)
    assert own["limited_to"] is None
    whole = await read_statement(finance, wang)
    assert own["hash"] == whole["hash"]
    assert "5%" in list_all(whole)[0]["formula"] and "6,000" not in list_all(whole)[0]["formula"]
    labour = next(line for line in list_all(own) if line["component"] == "labour")
    assert "5%" not in labour["formula"] and set(labour["inputs"]) == {"hours", "attributes"}
    assert labour["input_words"] == ["labour 3 hours"]
    shared = next(line for line in list_all(whole) if line["component"] == "labour")
    assert set(shared["input_words"]) == {"labour 3 hours", "recovered ¥1,000.00"}
    assert (await browsers["wang"].get(f"{API}/statements")).status_code == 403
    regional = expect(await east.get(f"{API}/statements"))
    assert {item["party"]["kind"] for item in regional["items"]} == {"member", "region"}
    assert li not in {f"member:{item['party']['id']}" for item in regional["items"]}


async def test_all_statements_of_a_period_in_one_file(desk: Desk) -> None:
    await book(desk)
    finance = await desk.tenant.sign_in("qian", ["finance"])
    listed = expect(await finance.get(f"{API}/statements"))
    query = {"period": listed["period"]["key"], "language": "en"}
    answer = await finance.get(f"{API}/statements/statements.zip", params=query)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == 2 * len(listed["items"]) + 1
        contents = archive.read(names[-1]).decode("utf-8-sig").splitlines()[1:]
        paid = [Decimal(line.split(",")[3]) for line in contents]
        assert sum(paid) == 0 and len(paid) == len(listed["items"])
        pdf = PdfReader(io.BytesIO(archive.read(next(name for name in names if name.endswith(".pdf")))))
        assert "Statement" in pdf.pages[0].extract_text()
    again = await finance.get(f"{API}/statements/statements.zip", params=query | {"period": "2020-01"})
    assert again.status_code == 404
