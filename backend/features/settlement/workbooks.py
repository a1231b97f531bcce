"""Cells out of and into files: XLSX and CSV, as spreadsheets write them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from backend.features.platform.errors import Invalid

BOM = "\ufeff"
MAX_LINES = 10_000
MAX_COLUMNS = 60
MAX_CELL = 500
MAX_UNPACKED = 64 * 1024 * 1024
"""Bytes that an XLSX may unpack to: a zip can hold a thousand times its size."""

Cells = list[list[str]]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def defuse(text: str) -> str:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{text}" if text.startswith(_FORMULA) else text


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
    return _read_xlsx(content) if content.startswith(b"PK\x03\x04") else read_text(_decode(content))


def read_text(text: str) -> Cells:
    """Cells of CSV, or of what was copied from a spreadsheet (separated by tabs). Raises Invalid."""
    if "\x00" in text:
        raise Invalid("sheet_unreadable")
    head = text.lstrip("\ufeff").partition("\n")[0]
    separator = max("\t", ";", ",", key=head.count)
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator)
    try:
        return _bounded([_undo_defusing(value) for value in line] for line in lines)
    except csv.Error as error:
        raise Invalid("sheet_unreadable") from error


def _undo_defusing(value: str) -> str:
    """Our own export marks texts like formulas with a quote."""
    return value[1:] if value.startswith("'") and defuse(value[1:]) == value else value


def _decode(content: bytes) -> str:
    """UTF-8, else the encoding that Chinese spreadsheets save CSV in."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("sheet_unreadable")


def _read_xlsx(content: bytes) -> Cells:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise Invalid("sheet_too_large", params=_limits())
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        return _bounded(sheet.iter_rows(values_only=True))
    except Invalid:
        raise
    except Exception as error:  # a broken file fails in many ways inside the library
        raise Invalid("sheet_unreadable") from error


def _bounded(lines: Iterable[Sequence[Any]]) -> Cells:
    """Raises Invalid beyond what a tariff can need; empty columns at the end do not count."""
    cells: Cells = []
    for line in lines:
        texts = [_text(value) for value in line]
        while texts and not texts[-1]:
            texts.pop()
        if len(cells) >= MAX_LINES or len(texts) > MAX_COLUMNS:
            raise Invalid("sheet_too_large", params=_limits())
        cells.append(texts)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: Any) -> str:
    """A cell as its reader would type it. Numbers come as what the file wrote: 0.08 and not its neighbour."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    text = repr(value) if not isinstance(value, str) else value
    text = text.removesuffix(".0") if not isinstance(value, str) else text
    if "e" in text and not isinstance(value, str):
        from decimal import Decimal

        text = format(Decimal(text), "f")
    return text[:MAX_CELL]


def _limits() -> dict[str, Any]:
    return {"lines": MAX_LINES, "columns": MAX_COLUMNS}
