"""Tariffs out to spreadsheets and back: the dry run names every bad cell, and nothing is stored by it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from tests.api.conftest import Tenant
from tests.api.service_desk import API, Desk, expect, monthly, open_desk


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def send(desk: Desk, name: str, content: bytes) -> httpx.Response:
    path = f"{API}/tariffs/{desk.tariff_id}/sheet/file"
    return await desk.admin.post(path, files={"file": (name, content, "application/octet-stream")})


async def paste(desk: Desk, text: str, **more: Any) -> Any:
    return expect(await desk.admin.post(f"{API}/tariffs/{desk.tariff_id}/sheet", json={"text": text, **more}))


async def test_what_is_exported_comes_back_unchanged(desk: Desk) -> None:
    for kind, locale in (("csv", "zh"), ("csv", "en"), ("xlsx", "zh"), ("xlsx", "en")):
        await check_round_trip(desk, kind, {"accept-language": locale})


async def check_round_trip(desk: Desk, kind: str, headers: dict[str, str]) -> None:
    answer = await desk.admin.get(f"{API}/tariffs/{desk.tariff_id}/sheet.{kind}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="visits.{kind}"'
    found = expect(await send(desk, f"visits.{kind}", answer.content))
    assert [problem for problem in found["problems"] if problem["severity"] == "error"] == []
    assert (found["added"], found["changed"], found["removed"]) == ([], [], [])


async def test_the_workbook_opens_as_people_expect(desk: Desk) -> None:
    answer = await desk.admin.get(
        f"{API}/tariffs/{desk.tariff_id}/sheet.xlsx", headers={"accept-language": "en"}
    )
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    head, first, *_ = sheet.iter_rows(values_only=True)
    assert head[:3] == ("Row", "Region", "Service")
    line = dict(zip(head, first, strict=True))
    assert (line["Row"], line["Part"], line["Model"], line["Rate"]) == ("east", "labour", "Per unit", 60)
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"


async def test_a_changed_sheet_becomes_the_next_revision(desk: Desk) -> None:
    lines = (
        "行 区域 计价方式 金额",
        "east east 每单固定 120",
        "anywhere  每单固定 80",
        "north beijing flat 90",
    )
    found = await paste(desk, "\n".join(lines).replace(" ", "\t"))
    assert (found["added"], found["changed"], found["removed"]) == (["north"], ["east"], [])
    body = {"document": found["document"], "base_revision": 1}
    stored = expect(await desk.admin.post(f"{API}/tariffs/{desk.tariff_id}/revisions", json=body), 201)
    amounts = {row["id"]: row["charge"]["amount"] for row in stored["document"]["rows"]}
    assert amounts == {"east": 12_000, "anywhere": 8_000, "north": 9_000}
    assert stored["document"]["measures"], "what a sheet has no column for stays"


async def test_an_edited_document_is_the_base_when_given(desk: Desk) -> None:
    head = "row,model,measure,from,to,rate"
    text = f"{head}\nall,volume_percentage,recovered,0,2000,6\nall,,,2000,,9"
    found = await paste(desk, text, document=monthly())
    assert found["changed"] == ["all"]
    assert [tier["rate"] for tier in found["document"]["rows"][0]["charge"]["tiers"]] == ["0.06", "0.09"]


BAD_CELLS = [
    ("row,model,amount\na,flat,x", "C2", "sheet.number_unreadable"),
    ('row;model;amount\na;flat;"1.234,5"\nb;flat;"1,234.5"', "C2", "sheet.decimal_signs_mixed"),
    ("row,model,amount,region\na,flat,1,mars", "D2", "tariff.region_unknown"),
    ("row,model,measure,rate\na,percentage,recovered,130", "D2", "tariff.rate_over_100"),
    ("row,model,measure,from,to,rate\na,volume,hours,0,5,1\na,,,5,3,1", "E3", "tariff.bounds_not_rising"),
    ("row,model,measure,from,to,rate\na,volume,hours,0,5,1", "E2", "tariff.last_tier_ends"),
    ("row,model,amount\na,flat,-5", "C2", "tariff.negative"),
    ("row,price\na,5", "B1", "sheet.column_unknown"),
    ("", "1", "sheet.sheet_empty"),
]


async def test_every_bad_cell_is_named_in_words(desk: Desk) -> None:
    for text, cell, code in BAD_CELLS:
        found = await paste(desk, text)
        assert found["document"] is None, text
        errors = [problem for problem in found["problems"] if problem["severity"] == "error"]
        assert (cell, code) in [(problem["cell"], problem["code"]) for problem in errors], text
        assert all(problem["message"] and problem["message"] != problem["code"] for problem in errors)
    assert expect(await desk.admin.get(f"{API}/tariffs/{desk.tariff_id}"))["current_revision"] == 1


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (65 * 1024 * 1024))
    return out.getvalue()


def wide() -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.append(list(range(100)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_files_that_are_no_sheets_are_refused(desk: Desk) -> None:
    for name, content, code in (
        ("a.xlsx", b"PK\x03\x04broken", "sheet_unreadable"),
        ("a.csv", b"a\x00b", "sheet_unreadable"),
        ("bomb.xlsx", bomb(), "sheet_too_large"),
        ("wide.xlsx", wide(), "sheet_too_large"),
    ):
        assert expect(await send(desk, name, content), 422)["code"] == code, name


async def test_texts_like_formulas_stay_texts(desk: Desk, admin: httpx.AsyncClient) -> None:
    document = monthly()
    document["rows"][0]["match"] = {"service": '=HYPERLINK("http://x")'}
    body = {"document": document, "base_revision": 1}
    expect(await admin.post(f"{API}/tariffs/{desk.tariff_id}/revisions", json=body), 201)
    csv = (await admin.get(f"{API}/tariffs/{desk.tariff_id}/sheet.csv")).text
    assert "'=HYPERLINK" in csv
    book = (await admin.get(f"{API}/tariffs/{desk.tariff_id}/sheet.xlsx")).content
    sheet = load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    assert sheet["C2"].data_type == "s"
    for content in (csv.encode(), book):
        found = expect(await send(desk, "again", content))
        assert found["changed"] == []
