"""Cells of an uploaded file or of pasted text: many lines, read away from the event loop."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from backend.contracts.orders import OrderRow
from backend.features.platform.errors import Invalid, TooLarge
from backend.features.settlement.workbooks import defuse
from backend.settlement.money import EXACT, MINOR_UNITS

MAX_BYTES = 24 * 1024 * 1024
MAX_UNPACKED = 256 * 1024 * 1024
"""Bytes that an XLSX may unpack to: a zip can hold a thousand times its size."""
MAX_LINES = 200_001
MAX_COLUMNS = 60
MAX_CELL = 500

Cells = list[list[str]]


def read_content(content: bytes) -> Cells:
    """An XLSX (its first sheet) or a CSV. Raises Invalid (`orders_unreadable`, `orders_too_many`),
    TooLarge."""
    if len(content) > MAX_BYTES:
        raise TooLarge("file_too_large", params={"limit": "24 MiB"})
    return _read_xlsx(content) if content.startswith(b"PK\x03\x04") else read_text(_decode(content))


def read_text(text: str) -> Cells:
    """CSV, or what was copied from a spreadsheet (separated by tabs). Raises Invalid."""
    plain = text.lstrip("\ufeff")
    if "\x00" in plain:
        raise Invalid("orders_unreadable")
    head = plain.partition("\n")[0]
    lines = csv.reader(io.StringIO(plain, newline=""), delimiter=max("\t", ";", ",", key=head.count))
    try:
        return _bound([_undo_defusing(value) for value in line] for line in lines)
    except csv.Error as error:
        raise Invalid("orders_unreadable") from error


def spell_rows(rows: Iterable[OrderRow]) -> Cells:
    """Rows of a program as the cells of a file, so that one reader checks both."""
    known = list(rows)
    others = sorted({name for row in known for name in row.attributes})
    head = ["number", "channel", "store", "region", "amount", "currency", "date", "status", *others]
    return [
        head,
        *(
            [
                row.number,
                row.channel,
                row.store,
                row.region,
                _spell_amount(row),
                row.currency,
                row.ordered_at.isoformat(),
                row.status,
                *(row.attributes.get(name, "") for name in others),
            ]
            for row in known
        ),
    ]


def _spell_amount(row: OrderRow) -> str:
    digits = MINOR_UNITS.get(row.currency.upper(), 2)
    return f"{Decimal(row.amount).scaleb(-digits, EXACT):f}"


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
    raise Invalid("orders_unreadable")


def _read_xlsx(content: bytes) -> Cells:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise TooLarge("file_too_large", params={"limit": "256 MiB"})
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return _bound(book.worksheets[0].iter_rows(values_only=True))
    except (Invalid, TooLarge):
        raise
    except Exception as error:  # a broken file fails in many ways inside the library
        raise Invalid("orders_unreadable") from error


def _bound(lines: Iterable[Sequence[Any]]) -> Cells:
    cells: Cells = []
    for line in lines:
        texts = [_text(value) for value in line]
        while texts and not texts[-1]:
            texts.pop()
        if len(cells) >= MAX_LINES or len(texts) > MAX_COLUMNS:
            raise Invalid("orders_too_many", params={"lines": MAX_LINES - 1, "columns": MAX_COLUMNS})
        cells.append(texts)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: Any) -> str:
    """A cell as its reader would type it; numbers as the file wrote them."""
    if isinstance(value, str):
        return value.strip()[:MAX_CELL]
    if value is None:
        return ""
    if isinstance(value, (datetime, date)):
        plain = value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value
        return plain.isoformat()
    text = repr(value)
    if "e" in text.lower():
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")[:MAX_CELL]
