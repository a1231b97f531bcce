"""One's own month: totals, days, the newest lines, and how far it is to the next tier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.contracts.common import Text
from backend.db.models import Accumulator, LedgerLine, Region, TariffRevision
from backend.db.models import Tariff as TariffRecord
from backend.features.platform.actor import Actor
from backend.features.settlement.naming import list_regions
from backend.features.settlement.present import add_up, present_lines
from backend.features.settlement.queries import DEFAULT_ZONE, check_period
from backend.features.settlement.tariffs import select_in_force
from backend.messages import render
from backend.settlement.charges import list_parts
from backend.settlement.outlook import list_next_tiers
from backend.settlement.periods import name_period
from backend.settlement.tariff import Tariff

NEWEST = 100


async def show_earnings(
    session: AsyncSession, actor: Actor, period: str | None, now: datetime, locale: str
) -> wire.Earnings:
    """`period` None: the running month of the actor's region. Raises BadRequest (`period_unfit`)."""
    regions = await list_regions(session, actor.workspace_id)
    zones = {region.id: ZoneInfo(region.zone) for region in regions}
    home = zones.get(actor.region_id or "") or _root_zone(regions)
    today = now.astimezone(home).date()
    running = name_period(today, "month")
    chosen = check_period(period) or running
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
        next_tiers=await _look_ahead(session, actor, today, now, locale) if chosen == running else [],
    )


def _root_zone(regions: Sequence[Region]) -> ZoneInfo:
    return ZoneInfo(regions[0].zone if regions else DEFAULT_ZONE)


async def _list_days(
    session: AsyncSession, mine: tuple[object, ...], zones: dict[str, ZoneInfo], home: ZoneInfo
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
        await session.execute(select(*columns).where(*mine))  # type: ignore[arg-type]
    ).all():
        day = booked_at.astimezone(zones.get(region_id or "", home)).date(), currency
        amounts[day] = amounts.get(day, 0) + amount
        tickets.setdefault(day, set()).add(ticket_id)
    return [
        wire.EarningsDay(date=day[0], amount=amounts[day], currency=day[1], tickets=len(tickets[day]))
        for day in sorted(amounts, reverse=True)
    ]


async def _look_ahead(
    session: AsyncSession, actor: Actor, today: date, now: datetime, locale: str
) -> list[wire.TierAhead]:
    """For every sum of the running week, month or quarter that is the actor's alone or shared."""
    periods = {length: name_period(today, length) for length in ("week", "month", "quarter")}
    statement = select(Accumulator).where(
        Accumulator.workspace_id == actor.workspace_id,
        Accumulator.period.in_(periods.values()),
        Accumulator.key.contains(f"member:{actor.member_id}", autoescape=True),
    )
    sums = list((await session.execute(statement.order_by(Accumulator.key))).scalars())
    if not sums:
        return []
    tariffs = {
        record.key: (record, msgspec.convert(revision.document, Tariff))
        for record, revision in await _list_in_force(session, actor, now)
    }
    found: list[wire.TierAhead] = []
    for gathered in sums:
        key, _, rest = gathered.key.partition("|")
        row_id, _, _ = rest.partition("|")
        if key in tariffs and periods[tariffs[key][1].period] == gathered.period:
            found += _describe(*tariffs[key], row_id, gathered, locale)
    return found


async def _list_in_force(
    session: AsyncSession, actor: Actor, now: datetime
) -> Sequence[tuple[TariffRecord, TariffRevision]]:
    rows = (await session.execute(select_in_force(actor.workspace_id, now))).all()
    return [(row[0], row[1]) for row in rows]


def _describe(
    record: TariffRecord, tariff: Tariff, row_id: str, gathered: Accumulator, locale: str
) -> list[wire.TierAhead]:
    row = next((row for row in tariff.rows if row.id == row_id), None)
    if row is None or tariff.accumulation != "period":
        return []
    quantities = {name: Decimal(value) for name, value in gathered.quantities.items()}
    return [
        wire.TierAhead(
            tariff_id=record.id,
            tariff=Text(**record.name),
            row=row.id,
            measure=ahead.measure,
            tier=ahead.tier,
            reached=ahead.reached,
            begins_at=ahead.begins_at,
            missing=ahead.missing,
            rate=ahead.rate,
            next_rate=ahead.next_rate,
            text=render(ahead.words.code, ahead.words.params, locale),
        )
        for ahead in list_next_tiers(tariff, list_parts(row), quantities)
    ]
