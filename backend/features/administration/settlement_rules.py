"""How a region cuts the periods of its books: from the next one on, never the ones that stand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Region, SettlementPeriod, SettlementRule
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import invalid_field
from backend.runtime.books.units import read_tree
from backend.settlement.calendars import FIRST_DAY, PeriodRule, PeriodRuleInvalid, read_rule, write_rule


async def set_rule(  # noqa: PLR0917 - whose, what, from when: read in this order
    session: AsyncSession,
    actor: Actor,
    region: Region,
    document: dict[str, Any] | None,
    starts: date | None,
    now: datetime,
) -> None:
    """`starts` None: as soon as no period that stands is touched. Raises Invalid (a rule that makes no
    calendar; `period_overlaps` for a day within a period that stands)."""
    rule = _read(document)
    if write_rule(rule) == region.settlement and starts is None:
        return
    standing = await _find_last_standing(session, actor.workspace_id, region, now)
    earliest = date.fromisoformat(standing.ends_on) + timedelta(days=1) if standing else FIRST_DAY
    if standing is not None and starts is not None and starts < earliest:
        raise invalid_field("/settlement_from", "period_overlaps", period=standing.key, ends=standing.ends_on)
    chosen = (starts or earliest).isoformat()
    await session.execute(
        delete(SettlementRule).where(
            SettlementRule.region_id == region.id, SettlementRule.starts_on >= chosen
        )
    )
    session.add(
        SettlementRule(
            id=new_id(),
            workspace_id=actor.workspace_id,
            region_id=region.id,
            starts_on=chosen,
            rule=write_rule(rule),
            created_at=now,
            created_by=actor.member_id,
        )
    )
    region.settlement = write_rule(rule)
    await session.flush()


def _read(document: dict[str, Any] | None) -> PeriodRule | None:
    try:
        return read_rule(document or {})
    except PeriodRuleInvalid as error:
        pointer = f"/settlement/{error.field}" if error.field else "/settlement"
        raise invalid_field(pointer, error.code, **error.params) from error


async def _find_last_standing(
    session: AsyncSession, workspace_id: str, region: Region, now: datetime
) -> SettlementPeriod | None:
    """The last period that a new rule must not touch: of its own books, or the running one of the books that
    it has been part of so far."""
    today = now.astimezone(ZoneInfo(region.zone)).date()
    unit = (await read_tree(session, workspace_id)).find_unit(region, today)
    running = and_(SettlementPeriod.unit_id == unit.id, SettlementPeriod.ends_on >= today.isoformat())
    statement = (
        select(SettlementPeriod)
        .where(
            SettlementPeriod.workspace_id == workspace_id,
            or_(SettlementPeriod.unit_id == region.id, running),
        )
        .order_by(SettlementPeriod.ends_on.desc())
        .limit(1)
    )
    found: SettlementPeriod | None = (await session.execute(statement)).scalar_one_or_none()
    return found


async def map_starts(session: AsyncSession, workspace_id: str) -> dict[str, date]:
    """From which day each region's newest rule holds; absent where it always has."""
    statement = (
        select(SettlementRule.region_id, SettlementRule.starts_on)
        .where(SettlementRule.workspace_id == workspace_id)
        .order_by(SettlementRule.starts_on)
    )
    found = {key: date.fromisoformat(day) for key, day in (await session.execute(statement)).all()}
    return {key: day for key, day in found.items() if day > FIRST_DAY}
