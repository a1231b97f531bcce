"""How far a party is from the next tier of the tariffs that sum up over a running period."""

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
from backend.db.models import Accumulator, LedgerLine, SettlementPeriod, TariffRevision
from backend.db.models import Tariff as TariffRecord
from backend.features.platform.actor import Actor
from backend.features.settlement.access import lines_in_sight
from backend.features.settlement.naming import Names, list_regions, load_departments, map_members, name_party
from backend.features.settlement.tariffs import select_in_force
from backend.messages import render
from backend.settlement.charges import list_parts
from backend.settlement.outlook import list_next_tiers
from backend.settlement.periods import name_period
from backend.settlement.tariff import Calendar, Tariff

LENGTHS: tuple[Calendar, ...] = ("week", "month", "quarter")
MOST_PARTIES = 10


async def look_ahead(  # noqa: PLR0917 - whose, when, for whom
    session: AsyncSession,
    workspace_id: str,
    party: tuple[str, str],
    today: date,
    now: datetime,
    locale: str,
) -> list[wire.TierAhead]:
    """For every sum of the running week, month or quarter that is the party's alone or shared."""
    periods: dict[str, set[str]] = {length: {name_period(today, length)} for length in LENGTHS}
    periods["settlement"] = await _list_settlement_periods(session, workspace_id, today)
    statement = select(Accumulator).where(
        Accumulator.workspace_id == workspace_id,
        Accumulator.period.in_(set[str]().union(*periods.values())),
        Accumulator.key.contains(":".join(party), autoescape=True),
    )
    sums = list((await session.execute(statement.order_by(Accumulator.key))).scalars())
    if not sums:
        return []
    tariffs = {
        record.key: (record, msgspec.convert(revision.document, Tariff))
        for record, revision in await _list_in_force(session, workspace_id, now)
    }
    found: list[wire.TierAhead] = []
    for gathered in sums:
        key, _, rest = gathered.key.partition("|")
        row_id, _, _ = rest.partition("|")
        if key in tariffs and gathered.period in periods[tariffs[key][1].period]:
            found += _describe(*tariffs[key], row_id, gathered, locale)
    return found


async def _list_settlement_periods(session: AsyncSession, workspace_id: str, today: date) -> set[str]:
    """Keys of those that the day lies in, whatever region cuts them."""
    statement = select(SettlementPeriod.key).where(
        SettlementPeriod.workspace_id == workspace_id,
        SettlementPeriod.starts_on <= today.isoformat(),
        SettlementPeriod.ends_on >= today.isoformat(),
    )
    return set((await session.execute(statement)).scalars())


async def _list_in_force(
    session: AsyncSession, workspace_id: str, now: datetime
) -> Sequence[tuple[TariffRecord, TariffRevision]]:
    rows = (await session.execute(select_in_force(workspace_id, now))).all()
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


async def look_ahead_of_ticket(
    session: AsyncSession, actor: Actor, ticket_id: str, now: datetime, locale: str
) -> list[wire.PartyAhead]:
    """For everybody whom the ticket has given something that the actor may see."""
    statement = (
        select(
            LedgerLine.party_kind,
            LedgerLine.party_id,
            LedgerLine.tariff_id,
            LedgerLine.row,
            LedgerLine.region_id,
        )
        .where(lines_in_sight(actor), LedgerLine.ticket_id == ticket_id, LedgerLine.counter.is_(False))
        .distinct()
    )
    rules: dict[tuple[str, str], set[tuple[str | None, str]]] = {}
    places: set[str | None] = set()
    for kind, key, tariff_id, row, region_id in (await session.execute(statement)).all():
        rules.setdefault((kind, key), set()).add((tariff_id, row))
        places.add(region_id)
    regions = await list_regions(session, actor.workspace_id)
    zone = next((region.zone for region in regions if region.id in places), "UTC")
    today = now.astimezone(ZoneInfo(zone)).date()
    names = Names(
        members=await map_members(
            session, actor.workspace_id, {key for kind, key in rules if kind == "member"}
        ),
        region_keys={region.key: region for region in regions},
        departments=await load_departments(session, actor.workspace_id),
    )
    found = []
    for (kind, key), booked in list(rules.items())[:MOST_PARTIES]:
        tiers = await look_ahead(session, actor.workspace_id, (kind, key), today, now, locale)
        here = [each for each in tiers if (each.tariff_id, each.row) in booked]
        if here:
            party = wire.Party(kind=kind, id=key, name=name_party(names, kind, key, locale))
            found.append(wire.PartyAhead(party=party, next_tiers=here))
    return found
