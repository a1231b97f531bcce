"""Cells out of and into files: XLSX and CSV, as spreadsheets write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import partial
from typing import Any

from backend.features.platform import cells as tables
from backend.features.platform.cells import BOM, Cells, CellsRefused, Limits, defuse
from backend.features.platform.errors import Invalid

LIMITS = Limits(lines=10_000, columns=60, unpacked=64 * 1024 * 1024)


def write_csv(cells: Cells, numbers: frozenset[int]) -> bytes:
    """UTF-8 with a byte order mark; ``numbers`` are columns that stay numbers."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(
        [value if at in numbers else defuse(value) for at, value in enumerate(line)] for line in cells
    )
    return (BOM + out.getvalue()).encode()


def write_xlsx(cells: Cells, numbers: frozenset[int], title: str) -> bytes:
    """One sheet with a bold head that stays in sight; texts can never become formulas."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, line in enumerate(cells):
        row: list[Any] = []
        for column, text in enumerate(line):
            cell = WriteOnlyCell(sheet, value=_number(text) if at and column in numbers else text or None)
            if isinstance(cell.value, str):
                cell.data_type = "s"
            if not at:
                cell.font = Font(bold=True)
            row.append(cell)
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _number(text: str) -> Any:
    """Kept as a decimal, so that the file holds the digits that were meant."""
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return text


def read_file(content: bytes) -> Cells:
    """Cells of an XLSX (its first sheet, the values that formulas last had) or a CSV. Raises Invalid
    (`sheet_unreadable`, `sheet_too_large`)."""
    return _read(partial(tables.read_file, content))


def read_text(text: str) -> Cells:
    """Cells of CSV, or of what was copied from a spreadsheet (separated by tabs). Raises Invalid."""
    return _read(partial(tables.read_text, text))


def _read(read: Callable[[Limits], Cells]) -> Cells:
    """Within what a tariff can need."""
    try:
        return read(LIMITS)
    except CellsRefused as refused:
        if refused.reason == "unreadable":
            raise Invalid("sheet_unreadable") from refused
        params = {"lines": LIMITS.lines, "columns": LIMITS.columns}
        raise Invalid("sheet_too_large", params=params) from refused
