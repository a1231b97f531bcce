"""Cells of what people upload or paste: XLSX and CSV as spreadsheets write them, within stated limits."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

BOM = "\ufeff"
MAX_CELL = 500

Cells = list[list[str]]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Limits(NamedTuple):
    """`unpacked`: bytes that an XLSX may unpack to; a zip can hold a thousand times its size."""

    lines: int
    columns: int
    unpacked: int


class CellsRefused(Exception):
    """Not a table, or more of one than the limits allow."""

    def __init__(self, reason: Literal["unreadable", "too_many", "too_large"]) -> None:
        super().__init__(reason)
        self.reason = reason


def defuse(text: str) -> str:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def read_file(content: bytes, limits: Limits) -> Cells:
    """Cells of an XLSX (its first sheet, the values that formulas last had) or a CSV. Raises CellsRefused."""
    if content.startswith(b"PK\x03\x04"):
        return _read_xlsx(content, limits)
    return read_text(_decode(content), limits)


def read_text(text: str, limits: Limits) -> Cells:
    """Cells of CSV, or of what was copied from a spreadsheet (separated by tabs). Raises CellsRefused."""
    plain = text.lstrip(BOM)
    if "\x00" in plain:
        raise CellsRefused("unreadable")
    head = plain.partition("\n")[0]
    lines = csv.reader(io.StringIO(plain, newline=""), delimiter=max("\t", ";", ",", key=head.count))
    try:
        return _bound(([_undo_defusing(value) for value in line] for line in lines), limits)
    except csv.Error as error:
        raise CellsRefused("unreadable") from error


def _undo_defusing(value: str) -> str:
    """Our own exports mark texts like formulas with a quote."""
    return value[1:] if value.startswith("'") and defuse(value[1:]) == value else value


def _decode(content: bytes) -> str:
    """UTF-8, else the encoding that Chinese spreadsheets save CSV in."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CellsRefused("unreadable")


def _read_xlsx(content: bytes, limits: Limits) -> Cells:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > limits.unpacked:
                raise CellsRefused("too_large")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return _bound(book.worksheets[0].iter_rows(values_only=True), limits)
    except CellsRefused:
        raise
    except Exception as error:  # a broken file fails in many ways inside the library
        raise CellsRefused("unreadable") from error


def _bound(lines: Iterable[Sequence[Any]], limits: Limits) -> Cells:
    """Empty columns and lines at the end do not count."""
    cells: Cells = []
    for line in lines:
        texts = [_text(value) for value in line]
        while texts and not texts[-1]:
            texts.pop()
        if len(cells) >= limits.lines or len(texts) > limits.columns:
            raise CellsRefused("too_many")
        cells.append(texts)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: Any) -> str:
    """A cell as its reader would type it. Numbers come as what the file wrote: 0.08 and not its neighbour."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()[:MAX_CELL]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    text = repr(value).removesuffix(".0")
    return (format(Decimal(text), "f") if "e" in text else text)[:MAX_CELL]
