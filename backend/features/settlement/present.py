"""Booked and foreseen lines on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.db.models import LedgerLine, Region
from backend.features.platform.actor import Actor
from backend.features.settlement.access import sees_whole
from backend.features.settlement.codes import name_codes
from backend.features.settlement.naming import (
    Names,
    describe_rule,
    load_names,
    name_party,
    name_region,
    name_rule,
)
from backend.features.settlement.share import describe_own, find_row, name_component, own_inputs, word_inputs
from backend.messages import render
from backend.settlement.tariff import Tariff


async def present_lines(
    session: AsyncSession,
    rows: Sequence[LedgerLine],
    regions: Mapping[str, Region],
    locale: str,
    *,
    actor: Actor | None,
) -> list[wire.SettlementLine]:
    """Rows as they are, in their order; `regions` is the workspace's tree by any key."""
    if not rows:
        return []
    names = await load_names(session, rows[0].workspace_id, rows, regions.values())
    return [present_line(row, names, locale, actor=actor) for row in rows]


def present_line(row: LedgerLine, names: Names, locale: str, *, actor: Actor | None) -> wire.SettlementLine:
    """One line with its reasons in words, as far as this reader may know them."""
    region = names.regions.get(row.region_id or "")
    whole = sees_whole(actor, region.path if region else row.region_path)
    rule = find_row(names.tariffs.get((row.tariff_id or "", row.tariff_revision or 0)), row.row)
    inputs = (
        dict(row.inputs) if whole or row.tariff_id is None else own_inputs(row.inputs, rule, row.component)
    )
    tariff = names.tariffs.get((row.tariff_id or "", row.tariff_revision or 0))
    reason, by = names.reasons.get(row.posting_id, ("", None))
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
        component_name=name_component(rule, row.component),
        inputs=inputs,
        input_words=word_inputs(tariff, inputs, locale) if tariff else [],
        codes=name_codes(inputs, names.choices.get(row.workflow_id or "", {})),
        why=render(row.formula.get("code", ""), row.formula.get("params", {}), locale),
        formula=_word_rule(tariff, row, locale, whole=whole),
        booked_at=row.booked_at,
        period=row.period,
        day=row.booked_at.astimezone(ZoneInfo(region.zone)).date() if region else None,
        region_path=name_region(names, row.region_id),
        earned_period=row.earned_period,
        kind=names.kinds.get(row.posting_id, "booking"),
        reversal_of=names.reversals.get(row.posting_id),
        reason=reason,
        by=names.members.get(by or ""),
        reversed_by=names.reversed_by.get(row.posting_id),
        side="bearing" if row.counter else "receiving",
    )


def _word_rule(tariff: Tariff | None, row: LedgerLine, locale: str, *, whole: bool) -> str:
    rule = find_row(tariff, row.row)
    if tariff is None or rule is None:
        return ""
    if whole:
        return describe_rule(tariff, row.row, locale)
    return describe_own(tariff, rule, row.component, locale)


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
