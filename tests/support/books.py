"""Periods for lines that a test writes by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import SettlementPeriod
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
