"""A statement as a spreadsheet: a sheet of sums and a sheet of every line, amounts as exact numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from backend.contracts import statements as wire
from backend.contracts.settlement import SettlementLine
from backend.features.settlement.naming import pick_text
from backend.features.statements.composing import list_all
from backend.features.statements.words import explain_line, head_facts, name_line
from backend.messages import render
from backend.settlement.money import EXACT, MINOR_UNITS

COLUMNS = (
    ("statement_date", 12),
    ("column_ticket", 16),
    ("column_region", 22),
    ("column_component", 22),
    ("column_why", 60),
    ("column_side", 10),
    ("column_amount", 14),
    ("column_currency", 9),
    ("column_tariff", 24),
    ("column_revision", 9),
    ("column_row", 18),
    ("column_tier", 7),
    ("kind", 10),
    ("earned_period", 12),
    ("column_posting", 38),
    ("column_line", 38),
)
BOLD, HEAD = Font(bold=True), PatternFill("solid", fgColor="F3F6F9")


def write_workbook(statement: wire.Statement, locale: str) -> bytes:
    """XLSX. Texts can never become formulas."""
    book = Workbook(write_only=True)
    _write_sums(book.create_sheet(render("statement_title", {}, locale)), statement, locale)
    _write_lines(book.create_sheet(render("statement_lines", {}, locale)), statement, locale)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def to_number(amount: int, currency: str) -> Decimal:
    """In whole units of the currency, exact."""
    return Decimal(amount).scaleb(-MINOR_UNITS.get(currency, 2), EXACT)


def _cell(sheet: Any, value: Any, *, bold: bool = False, wrap: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        cell.number_format = "#,##0" + ("." + "0" * places if places else "")
    if bold:
        cell.font, cell.fill = BOLD, HEAD
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _add(sheet: Any, *values: Any, bold: bool = False) -> None:
    sheet.append([_cell(sheet, value, bold=bold) for value in values])


def _write_sums(sheet: Any, statement: wire.Statement, locale: str) -> None:
    def text(code: str) -> str:
        return render(code, {}, locale)

    for column, width in zip("ABCDE", (34, 18, 18, 18, 18), strict=True):
        sheet.column_dimensions[column].width = width
    _add(sheet, f"{statement.workspace} · {text('statement_title')}", bold=True)
    for name, value in head_facts(statement, locale):
        _add(sheet, name, value)
    _add(sheet, text("statement_hash"), statement.hash)
    _add(sheet)
    names = ("opening", "received", "borne", "closing")
    _add(sheet, text("column_currency"), *(text(f"statement_{name}") for name in names), bold=True)
    for each in statement.balances:
        amounts = [to_number(getattr(each, name), each.currency) for name in names]
        _add(sheet, each.currency, *amounts)
    _add(sheet)
    _add(sheet, *(text(c) for c in ("column_component", "column_currency", "statement_count")), "", bold=True)
    for component in statement.components:
        amount = to_number(component.amount, component.currency)
        _add(sheet, component.label, component.currency, component.lines, amount)
    if statement.rules:
        _add(sheet)
        _add(sheet, text("statement_rules"), bold=True)
    for rule in statement.rules:
        params = {"tariff": rule.tariff, "revision": rule.revision, "row": rule.row_name}
        _add(sheet, render("statement_rule_name", params, locale), rule.text)


def _write_lines(sheet: Any, statement: wire.Statement, locale: str) -> None:
    sheet.freeze_panes = "A2"
    for at, (_, width) in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + at)].width = width
    _add(sheet, *(render(_head(code), {}, locale) for code, _ in COLUMNS), bold=True)
    zone = ZoneInfo(statement.zone)
    for line in list_all(statement):
        sheet.append([_cell(sheet, value) for value in _values(line, zone, locale)])


def _head(code: str) -> str:
    return code if code.startswith(("column_", "statement_")) else f"statement_column_{code}"


def _values(line: SettlementLine, zone: ZoneInfo, locale: str) -> Sequence[Any]:
    used = line.tariff
    return (
        line.booked_at.astimezone(zone).date(),
        line.number or None,
        " / ".join(pick_text(name, locale) for name in line.region_path) or None,
        name_line(line, locale),
        explain_line(line, locale),
        render(f"side_{line.side}", {}, locale),
        to_number(line.amount, line.currency),
        line.currency,
        (pick_text(used.name, locale) if used.name else used.key) if used else None,
        used.revision if used else None,
        (pick_text(used.row_name, locale) if used.row_name else used.row) if used else None,
        used.tier if used else None,
        render(f"statement_kind_{line.kind}", {}, locale),
        line.earned_period,
        line.posting_id,
        line.id,
    )
