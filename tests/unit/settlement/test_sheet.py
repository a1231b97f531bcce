"""Tariffs to cells and back, and what is said of cells that cannot be read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from backend.settlement.numerals import MixedSigns, find_decimal_sign, read_number
from backend.settlement.sheet import Cell, name_cell, write_sheet
from backend.settlement.sheet_reading import SheetRead, read_sheet

SALE = {"label": {"zh": "销售额", "en": "sales"}, "kind": "money"}
BASE: dict[str, Any] = {
    "format": "tierflow.tariff/1",
    "key": "commission",
    "name": {"zh": "提成", "en": "Commission"},
    "currency": "CNY",
    "measures": {"sale": SALE, "hours": {"label": {"zh": "工时", "en": "hours"}}},
    "rows": [],
}
HEAD = ["row", "region", "model", "measure", "from", "to", "rate", "amount"]
NAMES = {"column.行": "row", "column.区域": "region", "model.全额比例": "volume_percentage"}
TIERS = [
    ["east", "hd", "volume_percentage", "sale", "0", "50,000", "5%", ""],
    ["", "", "", "", "50000", "", "8", ""],
]


def read(*lines: list[str], head: list[str] | None = None, base: dict[str, Any] | None = None) -> SheetRead:
    return read_sheet([head or HEAD, *lines], base or BASE, NAMES, {"cn": None, "hd": "cn"})


def without_empty(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "match": {name: value for name, value in row["match"].items() if value}}


def errors(found: SheetRead) -> list[tuple[str, str]]:
    return [(p.code, name_cell(p.cell)) for p in found.problems if p.severity == "error"]


def test_tiers_over_several_lines_become_one_row() -> None:
    found = read(*TIERS)
    assert errors(found) == []
    assert found.document is not None
    row = found.document["rows"][0]
    assert row["match"] == {"region": "hd"}
    assert row["charge"] == {
        "model": "volume_percentage",
        "measure": "sale",
        "tiers": [
            {"from": "0", "to": "5000000", "rate": "0.05", "flat": 0},
            {"from": "5000000", "to": None, "rate": "0.08", "flat": 0},
        ],
    }
    assert ("pay_cliff", "E3") in [(p.code, name_cell(p.cell)) for p in found.problems], (
        "a warning, at its cell"
    )


def test_a_sheet_of_every_model_comes_back_as_it_was() -> None:
    lines = [
        ["a", "", "flat", "", "", "", "", "12.5", "", ""],
        ["b", "", "per_unit", "hours", "", "", "80", "", "", ""],
        ["c", "", "package", "hours", "", "", "", "30", "2.5", ""],
        ["d", "", "guarantee_plus_excess", "sale", "10000", "", "3.5", "2000", "", ""],
        ["e", "hd", "graduated", "hours", "0", "10", "1.25", "", "", ""],
        ["e", "", "graduated", "hours", "10", "", "2", "5", "", ""],
        ["f", "", "flat", "", "", "", "", "1", "", "lead"],
        ["f", "", "percentage", "sale", "", "", "2", "", "", "parts"],
    ]
    head = [*HEAD, "size", "part"]
    first = read(*lines, head=head)
    assert first.document is not None, first.problems
    titles = {"column.row": "行", "model.flat": "固定"}
    cells = write_sheet(first.document, titles)
    names = {"column.行": "row", "model.固定": "flat"}
    again = read_sheet(cells, first.document, names, {"cn": None, "hd": "cn"})
    rows = [{**row, "match": {k: v for k, v in row["match"].items() if v}} for row in again.document["rows"]]  # type: ignore[index]
    expected = [
        {**row, "match": {k: v for k, v in row["match"].items() if v}} for row in first.document["rows"]
    ]
    assert rows == expected


def test_what_has_no_column_stays() -> None:
    tax = {"kind": "tax", "id": "vat", "rate": "0.06"}
    old = {
        "id": "east",
        "charge": {"model": "flat", "amount": 1},
        "modifiers": [tax],
        "pays": {"party": "assignee"},
    }
    found = read(["east", "hd", "flat", "", "", "", "", "20"], base={**BASE, "rows": [old]})
    assert found.document is not None
    row = found.document["rows"][0]
    assert row["modifiers"] == [tax]
    assert row["charge"]["amount"] == 2000


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([["a", "", "free", "", "", "", "", ""]], [("model_unknown", "C2")]),
        ([["a", "", "per_unit", "hours", "", "", "x", ""]], [("number_unreadable", "G2")]),
        ([["a", "", "per_unit", "hours", "", "", "", ""]], [("number_missing", "G2")]),
        ([["a", "", "per_unit", "", "", "", "1", ""]], [("measure_missing", "D2")]),
        ([["", "", "flat", "", "", "", "", "1"]], [("row_missing", "A2")]),
        ([["a", "", "flat", "", "", "", "", "1.005"]], [("money_too_fine", "H2")]),
        ([["a", "", "flat", "", "", "", "", "-3"]], [("negative", "H2")]),
        ([["a", "", "percentage", "sale", "", "", "101%", ""]], [("rate_over_100", "G2")]),
        ([["a", "mars", "flat", "", "", "", "", "1"]], [("region_unknown", "B2")]),
        (
            [["a", "", "flat", "", "", "", "", "1.234,5"], ["b", "", "flat", "", "", "", "", "1,234.5"]],
            [("decimal_signs_mixed", "H3"), ("decimal_signs_mixed", "H2")],
        ),
        (
            [["a", "hd", "volume", "hours", "0", "10", "1", ""], ["a", "cn", "", "", "10", "", "2", ""]],
            [("row_contradicts", "B3")],
        ),
        (
            [["a", "", "volume", "hours", "0", "10", "1", ""], ["a", "", "", "", "10", "5", "2", ""]],
            [("bounds_not_rising", "F3")],
        ),
        ([["a", "", "volume", "hours", "0", "10", "1", ""]], [("last_tier_ends", "F2")]),
        (
            [["a", "", "flat", "", "", "", "", "1"], ["a", "", "", "", "", "", "", "2"]],
            [("line_superfluous", "A3")],
        ),
        ([], [("sheet_empty", "1")]),
    ],
)
def test_bad_cells_are_named(lines: list[list[str]], expected: list[tuple[str, str]]) -> None:
    found = read(*lines)
    assert errors(found) == expected
    assert not found.is_whole


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (["行", "区域", "什么"], [("column_unknown", "C1"), ("column_missing", "1")]),
        (["row", "row", "model"], [("column_twice", "B1")]),
    ],
)
def test_bad_heads_are_named(head: list[str], expected: list[tuple[str, str]]) -> None:
    assert errors(read(["a", "", "flat"], head=head)) == expected


@pytest.mark.parametrize(
    ("text", "sign", "number"),
    [
        ("1,234.5", ".", "1234.5"),
        ("1.234,5", ",", "1234.5"),
        ("¥ 50,000", ".", "50000"),
        ("８％", ".", "8"),
        ("１，０００", ".", "1000"),
        ("-0.5", ".", "-0.5"),
        ("1 234", ".", "1234"),
        ("12,34", ".", None),
        ("1.2.3", ".", None),
        ("1,2", ",", "1.2"),
        ("abc", ".", None),
        ("1e9", ".", None),
        ("", ".", None),
    ],
)
def test_numbers_as_people_write_them(text: str, sign: Any, number: str | None) -> None:
    assert read_number(text, sign) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["1,234", "5"], "."),
        (["1.234", "0.5"], "."),
        (["1,234.5"], "."),
        (["1.234,5", "2.000"], ","),
        (["12,5"], ","),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        ([], "."),
    ],
)
def test_the_decimal_sign_of_a_table(texts: list[str], sign: str) -> None:
    assert find_decimal_sign(enumerate(texts)) == sign


def test_mixed_decimal_signs_are_refused() -> None:
    with pytest.raises(MixedSigns) as mixed:
        find_decimal_sign([("A1", "1,5"), ("A2", "1.5")])
    assert set(mixed.value.places) == {"A1", "A2"}


def test_cells_are_called_as_spreadsheets_do() -> None:
    assert [name_cell(Cell(6, column)) for column in (1, 25, 26, 27, -1)] == ["B7", "Z7", "AA7", "AB7", "7"]
