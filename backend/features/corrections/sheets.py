"""The statement of the differences as files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from backend.contracts import corrections as wire
from backend.features.settlement import workbooks
from backend.features.settlement.exporting import write_amount
from backend.features.settlement.summary import pick
from backend.messages import render

COLUMNS = ("party", "region", "period", "earned", "row", "tier", "amount", "currency")
NUMBERS = frozenset({COLUMNS.index("tier"), COLUMNS.index("amount")})


def write_csv(rows: Iterable[wire.Difference], locale: str) -> bytes:
    """UTF-8 with a byte order mark."""
    return workbooks.write_csv(_write_cells(rows, locale), NUMBERS)


async def write_xlsx(rows: Iterable[wire.Difference], locale: str) -> bytes:
    """One sheet; beside the event loop, for it may be long."""
    cells = _write_cells(rows, locale)
    title = render("report.correction_amount", {}, locale)
    return await asyncio.to_thread(workbooks.write_xlsx, cells, NUMBERS, title)


def _write_cells(rows: Iterable[wire.Difference], locale: str) -> list[list[str]]:
    head = [render(f"report.correction_{name}", {}, locale) for name in COLUMNS]
    lines = [
        [
            row.party.name,
            " / ".join(pick(name, locale) for name in row.region_path),
            row.period,
            row.earned_period or "",
            row.row,
            "" if row.tier is None else str(row.tier),
            write_amount(row.amount, row.currency),
            row.currency,
        ]
        for row in rows
    ]
    return [head, *lines]
