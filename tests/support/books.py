"""Periods for lines that a test writes by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import LedgerLine, Posting, SettlementPeriod
from backend.db.types import new_id
from backend.settlement.calendars import MONTH, find_period


def make_period(workspace_id: str, key: str = "2026-03", **members: Any) -> SettlementPeriod:
    """An open month of the workspace's own unit."""
    span = find_period(date.fromisoformat(f"{key}-01"), MONTH)
    facts: dict[str, Any] = {
        "id": new_id(),
        "workspace_id": workspace_id,
        "unit_id": workspace_id,
        "key": key,
        "starts_on": span.starts.isoformat(),
        "ends_on": span.ends.isoformat(),
        "zone": "Asia/Shanghai",
        "state": "open",
        "opened_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return SettlementPeriod(**{**facts, **members})


async def open_month(session: AsyncSession, workspace_id: str, key: str = "2026-03") -> str:
    """Its id."""
    period = make_period(workspace_id, key)
    session.add(period)
    await session.flush()
    return period.id


async def write_postings(session: AsyncSession, workspace_id: str, tariff_id: str, count: int) -> str:
    """Postings of two lines each, of five members and a pool, in one month; the month's id."""
    period_id = await open_month(session, workspace_id)
    booked_at = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    for at in range(count):
        posting_id, amount = new_id(), 100 + at * 37
        for kind, party, side in (("member", f"m{at % 5}", amount), ("region", "east", -amount)):
            session.add(
                LedgerLine(
                    workspace_id=workspace_id,
                    posting_id=posting_id,
                    account=f"{kind}:{party}",
                    party_kind=kind,
                    party_id=party,
                    amount=side,
                    currency="CNY",
                    component="charge",
                    counter=side < 0,
                    tariff_id=tariff_id,
                    tariff_revision=1,
                    row="r",
                    inputs={},
                    formula={},
                    period="2026-03",
                    period_id=period_id,
                    region_path="/",
                    booked_at=booked_at,
                )
            )
        await session.flush()
        session.add(
            Posting(id=posting_id, workspace_id=workspace_id, cause=f"t:{at}", booked_at=booked_at, lines=2)
        )
    await session.flush()
    return period_id
