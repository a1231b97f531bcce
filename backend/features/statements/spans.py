"""When a period of the books begins and ends, by its key alone or by its stored row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts.statements import StatementPeriod
from backend.db.models import SettlementPeriod
from backend.features.platform.errors import BadRequest
from backend.settlement.calendars import PeriodRule, PeriodSpan, find_period

STATES = ("open", "review", "closing", "closed", "frozen")
"""From the least settled one on."""
LONGEST_KEY = 10
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_WEEK = re.compile(r"(\d{4})-W(0[1-9]|[1-4]\d|5[0-3])")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")


def read_key(key: str) -> PeriodSpan:
    """`2026-11`, `2026-W47`, `2026-Q4`, or the first day of a period of one's own, whose end only its row
    knows. Raises BadRequest (`period_unfit`)."""
    try:
        if found := _MONTH.fullmatch(key):
            return find_period(date(int(found[1]), int(found[2]), 1), PeriodRule(kind="month"))
        if found := _WEEK.fullmatch(key):
            day = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return find_period(day, PeriodRule(kind="week"))
        if found := _QUARTER.fullmatch(key):
            first = date(int(found[1]), int(found[2]) * 3 - 2, 1)
            return find_period(first, PeriodRule(kind="quarter"))
        if len(key) == LONGEST_KEY:
            day = date.fromisoformat(key)
            return PeriodSpan(key, day, day)
    except (ValueError, OverflowError) as error:
        raise BadRequest("period_unfit") from error
    raise BadRequest("period_unfit")


def sort_keys(keys: Iterable[str]) -> list[str]:
    """The newest first; keys of different kinds by their first day."""
    return sorted(keys, key=lambda key: (read_key(key).starts, key), reverse=True)


async def describe_period(session: AsyncSession, workspace_id: str, key: str) -> StatementPeriod:
    """Its days and state; a period that has no row yet is open."""
    span = read_key(key)
    statement = select(SettlementPeriod.starts_on, SettlementPeriod.ends_on, SettlementPeriod.state).where(
        SettlementPeriod.workspace_id == workspace_id, SettlementPeriod.key == key
    )
    rows = (await session.execute(statement)).all()
    ends: date | None = span.ends if span.ends > span.starts else None
    if rows:
        ends = max(date.fromisoformat(row[1]) for row in rows)
    state = min((row[2] for row in rows), key=STATES.index, default="open")
    return StatementPeriod(key=key, starts_on=span.starts, ends_on=ends, state=state)
