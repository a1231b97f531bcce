"""The states of a period, and how it gets from one to the next.

open -> review (finance looks; bookings still go in) -> closing (the run) -> closed -> frozen. Back to open or
review from review and closed, with a reason; never from frozen.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import SettlementPeriod
from backend.db.session import announce
from backend.db.types import encode_moment
from backend.runtime.audit import append

STEPS: dict[str, tuple[str, ...]] = {
    "open": ("review",),
    "review": ("open", "closing"),
    "closing": ("review", "closed"),
    "closed": ("open", "review", "frozen"),
    "frozen": (),
}


class StepRefused(Exception):
    """A period in this state cannot go there."""

    def __init__(self, state: str, wanted: str) -> None:
        super().__init__(f"{state} > {wanted}")
        self.state = state
        self.wanted = wanted


async def move_period(
    session: AsyncSession,
    period: SettlementPeriod,
    state: str,
    *,
    by: str | None,
    now: datetime,
    reason: str = "",
) -> None:
    """The period is locked by this transaction. Raises StepRefused."""
    if state not in STEPS[period.state]:
        raise StepRefused(period.state, state)
    before, period.state = period.state, state
    step = {"state": state, "at": encode_moment(now), "by": by, "reason": reason}
    period.steps = [*period.steps, step]
    await append(
        session,
        period.workspace_id,
        by,
        f"period.{state}",
        f"period:{period.id}",
        {"from": before, "key": period.key, "reason": reason},
    )
    announce(session, period.workspace_id, "settlement", f"period:{period.id}")
