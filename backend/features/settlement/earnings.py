"""One's own period: totals, days, the newest lines, and how far it is to the next tier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.db.models import LedgerLine, Region
from backend.features.platform.actor import Actor
from backend.features.settlement.ahead import look_ahead
from backend.features.settlement.naming import list_regions
from backend.features.settlement.present import add_up, present_lines
from backend.features.settlement.queries import DEFAULT_ZONE, check_period
from backend.features.statements.spans import describe_period, sort_keys
from backend.runtime.books.units import read_tree
from backend.settlement.calendars import find_period_under

NEWEST = 100
MOST_PERIODS = 200


async def show_earnings(
    session: AsyncSession, actor: Actor, period: str | None, now: datetime, locale: str
) -> wire.Earnings:
    """`period` None: the running one of the actor's region. Raises BadRequest (`period_unfit`)."""
    regions = await list_regions(session, actor.workspace_id)
    zones = {region.id: ZoneInfo(region.zone) for region in regions}
    home = zones.get(actor.region_id or "") or _root_zone(regions)
    today = now.astimezone(home).date()
    books = await read_tree(session, actor.workspace_id)
    unit = books.find_unit(books.find_region(actor.region_id or "") or next(iter(regions), None), today)
    running = find_period_under(today, unit.rules)
    chosen = check_period(period) or running.key
    span = await describe_period(session, actor.workspace_id, chosen)
    party = ("member", actor.member_id)
    mine = (
        LedgerLine.workspace_id == actor.workspace_id,
        LedgerLine.party_kind == "member",
        LedgerLine.party_id == actor.member_id,
        LedgerLine.counter.is_(False),
        LedgerLine.period == chosen,
    )
    days = await _list_days(session, mine, zones, home)
    newest = select(LedgerLine).where(*mine).order_by(LedgerLine.id.desc()).limit(NEWEST)
    rows = list((await session.execute(newest)).scalars())
    tree = {region.path: region for region in regions}
    return wire.Earnings(
        period=chosen,
        totals=add_up((day.amount, day.currency) for day in days),
        days=days,
        lines=await present_lines(session, rows, tree, locale, actor=actor),
        next_tiers=await look_ahead(session, actor.workspace_id, party, today, now, locale)
        if chosen == running.key
        else [],
        periods=sort_keys({running.key, chosen, *await _list_periods(session, mine[:-1])}),
        running=running.key,
        starts_on=span.starts_on,
        ends_on=span.ends_on,
    )


async def _list_periods(session: AsyncSession, mine: tuple[ColumnElement[bool], ...]) -> Sequence[str]:
    """Of everything that one ever earned."""
    statement = select(LedgerLine.period).where(*mine).distinct().limit(MOST_PERIODS)
    return (await session.execute(statement)).scalars().all()


def _root_zone(regions: Sequence[Region]) -> ZoneInfo:
    return ZoneInfo(regions[0].zone if regions else DEFAULT_ZONE)


async def _list_days(
    session: AsyncSession, mine: tuple[ColumnElement[bool], ...], zones: dict[str, ZoneInfo], home: ZoneInfo
) -> list[wire.EarningsDay]:
    """A line counts on the day of the region it was booked in; newest day first."""
    columns = (
        LedgerLine.booked_at,
        LedgerLine.region_id,
        LedgerLine.amount,
        LedgerLine.currency,
        LedgerLine.ticket_id,
    )
    amounts: dict[tuple[date, str], int] = {}
    tickets: dict[tuple[date, str], set[str | None]] = {}
    for booked_at, region_id, amount, currency, ticket_id in (
        await session.execute(select(*columns).where(*mine))
    ).all():
        day = booked_at.astimezone(zones.get(region_id or "", home)).date(), currency
        amounts[day] = amounts.get(day, 0) + amount
        tickets.setdefault(day, set()).add(ticket_id)
    return [
        wire.EarningsDay(date=day[0], amount=amounts[day], currency=day[1], tickets=len(tickets[day]))
        for day in sorted(amounts, reverse=True)
    ]
