"""How many questions about a period's amounts are not decided yet."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Dispute, LedgerLine


async def count_open(session: AsyncSession, workspace_id: str, *, period_id: str) -> int:
    """Of one unit's period: a close shows it, so that nobody freezes books that are being talked about."""
    statement = (
        select(func.count())
        .select_from(Dispute)
        .join(LedgerLine, LedgerLine.id == Dispute.line_id)
        .where(
            Dispute.workspace_id == workspace_id,
            Dispute.state == "open",
            LedgerLine.period_id == period_id,
        )
    )
    return (await session.execute(statement)).scalar_one()
