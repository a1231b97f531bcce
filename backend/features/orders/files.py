"""Cells of an uploaded file or of pasted text: many lines, read away from the event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial

from backend.contracts.orders import OrderRow
from backend.features.platform import cells as tables
from backend.features.platform.cells import Cells, CellsRefused, Limits
from backend.features.platform.errors import Invalid, TooLarge
from backend.settlement.money import EXACT, MINOR_UNITS

MAX_BYTES = 24 * 1024 * 1024
LIMITS = Limits(lines=200_001, columns=60, unpacked=256 * 1024 * 1024)


def read_content(content: bytes) -> Cells:
    """An XLSX (its first sheet) or a CSV. Raises Invalid (`orders_unreadable`, `orders_too_many`),
    TooLarge."""
    if len(content) > MAX_BYTES:
        raise TooLarge("file_too_large", params={"limit": "24 MiB"})
    return _read(partial(tables.read_file, content))


def read_text(text: str) -> Cells:
    """CSV, or what was copied from a spreadsheet (separated by tabs). Raises Invalid, TooLarge."""
    return _read(partial(tables.read_text, text))


def _read(read: Callable[[Limits], Cells]) -> Cells:
    try:
        return read(LIMITS)
    except CellsRefused as refused:
        if refused.reason == "too_large":
            raise TooLarge("file_too_large", params={"limit": "256 MiB"}) from refused
        params = {"lines": LIMITS.lines - 1, "columns": LIMITS.columns}
        raise Invalid(f"orders_{refused.reason}", params=params) from refused


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
