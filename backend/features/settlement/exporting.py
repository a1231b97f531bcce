"""The ledger as CSV: line by line what is booked, in a form that spreadsheets open well and cannot be
tricked by.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import LedgerLine
from backend.db.session import Database
from backend.features.platform.cells import BOM, defuse
from backend.features.platform.errors import Invalid
from backend.features.settlement.naming import Names, list_regions, load_names, name_party, name_region
from backend.features.settlement.queries import LineFilter, Side, select_lines
from backend.features.settlement.summary import pick
from backend.features.settlement.workbooks import write_xlsx
from backend.messages import render
from backend.settlement.money import EXACT, MINOR_UNITS

CHUNK = 500
COLUMNS = (
    "booked_at",
    "period",
    "ticket",
    "service",
    "region",
    "party_kind",
    "party",
    "side",
    "account",
    "component",
    "amount",
    "currency",
    "tariff",
    "revision",
    "row",
    "tier",
    "why",
    "posting",
    "line",
    "reversal_of",
)
NUMBERS = ("amount", "revision", "tier")
MOST_ROWS = 100_000


async def export_lines(
    database: Database, workspace_id: str, wanted: LineFilter, side: Side, locale: str
) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark, oldest line first, one consistent snapshot, a chunk at a time."""
    header = [render(f"column_{name}", {}, locale) for name in COLUMNS]
    yield (BOM + _write([header])).encode()
    async with database.reading() as session:
        regions = await list_regions(session, workspace_id)
        last = ""
        while True:
            statement = select_lines(wanted, side).where(LedgerLine.id > last).order_by(LedgerLine.id)
            rows = list((await session.execute(statement.limit(CHUNK))).scalars())
            if not rows:
                return
            names = await load_names(session, workspace_id, rows, regions)
            yield _write([_cells(row, names, wanted, locale) for row in rows]).encode()
            last = rows[-1].id
            session.expunge_all()


async def export_workbook(
    session: AsyncSession, workspace_id: str, wanted: LineFilter, side: Side, locale: str
) -> bytes:
    """The same lines as a spreadsheet, amounts as exact numbers. Raises Invalid beyond MOST_ROWS lines."""
    counted = select(func.count()).select_from(select_lines(wanted, side).subquery())
    count = (await session.execute(counted)).scalar_one()
    if count > MOST_ROWS:
        raise Invalid("export_too_large", params={"count": count, "most": MOST_ROWS})
    regions = await list_regions(session, workspace_id)
    numbers = frozenset(at for at, name in enumerate(COLUMNS) if name in NUMBERS)
    cells = [[render(f"column_{name}", {}, locale) for name in COLUMNS]]
    last = ""
    while True:
        statement = select_lines(wanted, side).where(LedgerLine.id > last).order_by(LedgerLine.id)
        rows = list((await session.execute(statement.limit(CHUNK))).scalars())
        if not rows:
            break
        names = await load_names(session, workspace_id, rows, regions)
        cells += [_cells(row, names, wanted, locale, defused=False) for row in rows]
        last = rows[-1].id
        session.expunge_all()
    return await asyncio.to_thread(write_xlsx, cells, numbers, render("ledger_title", {}, locale))


def _cells(
    row: LedgerLine, names: Names, wanted: LineFilter, locale: str, *, defused: bool = True
) -> list[str]:
    service = names.workflows.get(row.workflow_id or "")
    region = " / ".join(pick(name, locale) for name in name_region(names, row.region_id))
    texts = {
        "booked_at": row.booked_at.astimezone(wanted.zone).isoformat(sep=" ", timespec="seconds"),
        "period": row.period,
        "ticket": names.tickets.get(row.ticket_id or "", ""),
        "service": pick(service, locale) if service else "",
        "region": region,
        "party_kind": render(f"kind_{row.party_kind}", {}, locale),
        "party": name_party(names, row.party_kind, row.party_id, locale),
        "side": render("side_bearing" if row.counter else "side_receiving", {}, locale),
        "account": row.account,
        "component": row.component,
        "currency": row.currency,
        "tariff": names.tariff_keys.get(row.tariff_id or "", ""),
        "row": row.row,
        "why": render(row.formula.get("code", ""), row.formula.get("params", {}), locale),
        "posting": row.posting_id,
        "line": row.id,
        "reversal_of": names.reversals.get(row.posting_id) or "",
    }
    numbers = {
        "amount": write_amount(row.amount, row.currency),
        "revision": "" if row.tariff_revision is None else str(row.tariff_revision),
        "tier": "" if row.tier is None else str(row.tier),
    }
    if not defused:
        return [(numbers | texts)[name] for name in COLUMNS]
    return [numbers[name] if name in numbers else defuse(texts[name]) for name in COLUMNS]


def write_amount(amount: int, currency: str) -> str:
    """A plain number in whole units, such as `-1234.50`: a spreadsheet adds it up."""
    return f"{Decimal(amount).scaleb(-MINOR_UNITS.get(currency, 2), EXACT):f}"


def _write(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
