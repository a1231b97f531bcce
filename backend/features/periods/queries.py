"""Periods, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import LedgerLine, PeriodClosing, PeriodTotal, Region, SettlementPeriod
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound
from backend.runtime.books.closing import Sums

SEALED = ("closed", "frozen")


class Sum(NamedTuple):
    """One party in a period, both sides, whatever accounts they stand on."""

    party_kind: str
    party_id: str
    currency: str
    received: int
    borne: int
    lines: int


def periods_in_sight(actor: Actor) -> ColumnElement[bool]:
    """Books of units within reach; those of the workspace itself for who reaches everything."""
    reach = actor.reach("settle", "view")
    here = SettlementPeriod.workspace_id == actor.workspace_id
    if reach is None:
        return here & false()
    units = select(Region.id).where(
        Region.workspace_id == actor.workspace_id, Region.path.startswith(reach, autoescape=True)
    )
    whole = true() if reach == "/" else false()
    return here & or_(SettlementPeriod.unit_id.in_(units), whole)


async def list_unit_ids(session: AsyncSession, actor: Actor) -> list[str]:
    """Of units that have periods, whether or not they still keep books of their own."""
    statement = select(SettlementPeriod.unit_id).where(periods_in_sight(actor)).distinct()
    return sorted((await session.execute(statement)).scalars())


def may_settle(actor: Actor, region: Region | None) -> bool:
    """Whether the actor takes decisions about the books of this unit."""
    return actor.may("settle", region.path if region is not None else "/")


async def find_period(session: AsyncSession, actor: Actor, period_id: str) -> SettlementPeriod:
    """Raises NotFound, also for one out of sight."""
    statement = select(SettlementPeriod).where(SettlementPeriod.id == period_id, periods_in_sight(actor))
    period = (await session.execute(statement)).scalar_one_or_none()
    if period is None:
        raise NotFound()
    return period


async def lock_period(session: AsyncSession, actor: Actor, period_id: str) -> SettlementPeriod:
    """The same, held until the transaction ends: bookings into it wait. Raises NotFound, NotAllowed."""
    statement = select(SettlementPeriod).where(SettlementPeriod.id == period_id, periods_in_sight(actor))
    period = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    if period is None:
        raise NotFound()
    region = await session.get(Region, period.unit_id)
    actor.require("settle", region.path if region is not None else "/")
    return period


async def load_closings(
    session: AsyncSession, periods: Iterable[SettlementPeriod]
) -> dict[str, PeriodClosing]:
    """The newest run of each, by period."""
    ids = [period.closing_id for period in periods if period.closing_id]
    if not ids:
        return {}
    statement = select(PeriodClosing).where(PeriodClosing.id.in_(ids))
    return {row.period_id: row for row in (await session.execute(statement)).scalars()}


def select_sums(period: SettlementPeriod) -> Select[str, str, str, int, int, int]:
    """One row a party and currency: from the sealed totals of a closed period, else from its lines as they
    are now."""
    model = PeriodTotal if period.state in SEALED else LedgerLine
    here = (
        PeriodTotal.closing_id == period.closing_id
        if period.state in SEALED
        else LedgerLine.period_id == period.id
    )
    received = func.sum(model.amount).filter(model.counter.is_(False))
    borne = func.sum(model.amount).filter(model.counter.is_(True))
    lines = func.sum(PeriodTotal.lines) if period.state in SEALED else func.count()
    columns = (model.party_kind, model.party_id, model.currency)
    return (
        select(*columns, func.coalesce(received, 0), func.coalesce(borne, 0), lines)
        .where(here)
        .group_by(*columns)
        .order_by(*columns)
    )


def read_sum(row: Sequence[Any]) -> Sum:
    """PostgreSQL sums whole numbers up to decimals."""
    return Sum(row[0], row[1], row[2], int(row[3]), int(row[4]), int(row[5]))


async def list_sums(session: AsyncSession, period: SettlementPeriod) -> list[Sum]:
    """All parties. While it is being closed: as far as the run has come."""
    if period.state != "closing":
        return [read_sum(row) for row in (await session.execute(select_sums(period))).all()]
    closing = await session.get(PeriodClosing, period.closing_id)
    found: dict[tuple[str, str, str], Sum] = {}
    for account, total in Sums(closing.sums if closing is not None else {}).totals.items():
        key = (account.party_kind, account.party_id, account.currency)
        had = found.get(key, Sum(*key, 0, 0, 0))
        received, borne = (0, total.amount) if account.counter else (total.amount, 0)
        found[key] = had._replace(
            received=had.received + received, borne=had.borne + borne, lines=had.lines + total.lines
        )
    return list(found.values())


async def sum_received(
    session: AsyncSession, closings: Iterable[str]
) -> dict[str, tuple[dict[str, int], int]]:
    """By closing: what was received in each currency, and the number of lines."""
    statement = (
        select(
            PeriodTotal.closing_id,
            PeriodTotal.currency,
            func.sum(PeriodTotal.amount).filter(PeriodTotal.counter.is_(False)),
            func.sum(PeriodTotal.lines),
        )
        .where(PeriodTotal.closing_id.in_(list(closings)))
        .group_by(PeriodTotal.closing_id, PeriodTotal.currency)
    )
    found: dict[str, tuple[dict[str, int], int]] = {}
    for closing, currency, amount, lines in (await session.execute(statement)).all():
        sums, count = found.get(closing, ({}, 0))
        found[closing] = ({**sums, currency: int(amount or 0)}, count + int(lines))
    return found


def today_at(zone: str, now: datetime) -> date:
    """The day it is where the unit is."""
    return now.astimezone(ZoneInfo(zone)).date()
