"""Booked and foreseen lines on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.db.models import LedgerLine, Region
from backend.features.settlement.codes import name_codes
from backend.features.settlement.naming import (
    Names,
    describe_rule,
    load_names,
    name_party,
    name_region,
    name_rule,
)
from backend.messages import render
from backend.settlement.tariff import Tariff


async def present_lines(
    session: AsyncSession, rows: Sequence[LedgerLine], regions: Mapping[str, Region], locale: str
) -> list[wire.SettlementLine]:
    """Rows as they are, in their order; `regions` is the workspace's tree by any key."""
    if not rows:
        return []
    names = await load_names(session, rows[0].workspace_id, rows, regions.values())
    return [present_line(row, names, locale) for row in rows]


def present_line(row: LedgerLine, names: Names, locale: str) -> wire.SettlementLine:
    """One line with its reasons in words."""
    tariff = names.tariffs.get((row.tariff_id or "", row.tariff_revision or 0))
    return wire.SettlementLine(
        id=row.id,
        posting_id=row.posting_id,
        ticket_id=row.ticket_id or "",
        number=names.tickets.get(row.ticket_id or "", ""),
        account=row.account,
        party=wire.Party(
            kind=row.party_kind,
            id=row.party_id,
            name=name_party(names, row.party_kind, row.party_id, locale),
        ),
        amount=row.amount,
        currency=row.currency,
        component=row.component,
        tariff=_name_tariff(row, tariff, names),
        inputs=dict(row.inputs),
        codes=name_codes(row.inputs, names.choices.get(row.workflow_id or "", {})),
        why=render(row.formula.get("code", ""), row.formula.get("params", {}), locale),
        formula=describe_rule(tariff, row.row, locale) if tariff else "",
        booked_at=row.booked_at,
        period=row.period,
        region_path=name_region(names, row.region_id),
        reversal_of=names.reversals.get(row.posting_id),
        side="bearing" if row.counter else "receiving",
    )


def _name_tariff(row: LedgerLine, tariff: Tariff | None, names: Names) -> wire.TariffUsed | None:
    """None where no tariff made the amount."""
    if row.tariff_id is None or row.tariff_revision is None:
        return None
    return wire.TariffUsed(
        id=row.tariff_id,
        key=names.tariff_keys.get(row.tariff_id, ""),
        revision=row.tariff_revision,
        row=row.row,
        tier=row.tier,
        **name_rule(tariff, row.row),
    )


def add_up(amounts: Iterable[tuple[int, str]]) -> list[wire.Total]:
    """Sums of (amount, currency) by currency."""
    sums: dict[str, int] = {}
    for amount, currency in amounts:
        sums[currency] = sums.get(currency, 0) + amount
    return [wire.Total(amount=amount, currency=currency) for currency, amount in sorted(sums.items())]
