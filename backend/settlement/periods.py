"""Accumulation over a period: what a ticket adds to the booked sums, explained piece by piece."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from backend.settlement.charges import Portion, explain_portion, list_parts, price_charge
from backend.settlement.lines import Accumulated, CalculatedLine, Leg
from backend.settlement.money import format_minor, round_amount, split_exact
from backend.settlement.phrasing import is_fraction, write_quantity, write_rate
from backend.settlement.tariff import (
    WHOLE_AMOUNT,
    Calendar,
    Part,
    Phrase,
    Row,
    SettlementError,
    Tariff,
    TieredCharge,
)

ONCE_A_PERIOD = frozenset({"why.flat", "why.guarantee"})
"""Amounts that a period counts with its first ticket; each later one is told that they are."""


def name_period(day: date, period: Calendar) -> str:
    """The key of the period a local day lies in: ``2026-W47`` (ISO week), ``2026-11``, ``2026-Q4``."""
    if period == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    if period == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return f"{day.year}-{day.month:02d}"


def accumulate(before: Accumulated, added: Mapping[str, Decimal], tickets: int) -> Accumulated:
    """The sums with one ticket more (or fewer). Raises SettlementError when a sum would fall below zero."""
    sums = dict(before.quantities)
    for measure, value in added.items():
        sums[measure] = sums.get(measure, Decimal(0)) + value
        if sums[measure] < 0:
            raise SettlementError("quantity_negative", measure=measure, quantity=str(sums[measure]))
    return Accumulated(tickets=before.tickets + tickets, quantities=sums, booked=before.booked)


def book_difference(
    tariff: Tariff, row: Row, before: Accumulated, after: Accumulated, target: Sequence[CalculatedLine]
) -> tuple[CalculatedLine, ...]:
    """Lines that bring the booked sums to ``target``, the model applied to the period's total."""
    lines: list[CalculatedLine] = []
    for part in list_parts(row):
        lines += _book_part(tariff, row, part, before, after)
    lines += _book_modifiers(tariff, before, target)
    covered = {line.key for line in (*lines, *target)}
    for key, amount in before.booked.items():
        if amount and key not in covered:
            lines.append(_adjustment(tariff, row, key, -amount, leg=_leg_of(row, key)))
    return tuple(lines)


def _book_part(
    tariff: Tariff, row: Row, part: Part, before: Accumulated, after: Accumulated
) -> list[CalculatedLine]:
    """This ticket's own lines at the tier now reached, then the correction of the tickets before it."""
    old = price_charge(part.charge, before.quantities) if before.tickets else ()
    new = price_charge(part.charge, after.quantities) if after.tickets else ()
    old_total, new_total = (
        round_amount(sum((portion.exact for portion in portions), Decimal(0)), tariff.rounding)
        for portions in (old, new)
    )
    own = _own_portions(part, old, new)
    crossed = isinstance(part.charge, WHOLE_AMOUNT) and _changed_tier(old, new)
    change = new_total - old_total
    exact = sum((portion.exact for portion in own), Decimal(0))
    shares = split_exact(round_amount(exact, tariff.rounding) if crossed else change, [p.exact for p in own])
    leg = _leg_of(row, part.id)
    lines = [
        CalculatedLine(
            component=part.id,
            kind="charge",
            row=row.id,
            tier=portion.tier,
            measure=portion.measure,
            quantity=portion.quantity,
            rate=portion.rate,
            amount=amount,
            currency=tariff.currency,
            pays=leg.pays,
            source=leg.source,
            why=explain_portion(tariff, part.charge, portion, amount),
        )
        for portion, amount in zip(own, shares, strict=True)
    ]
    step = change - sum(shares)
    if step:
        lines.append(_tier_step(tariff, row, part, old[0], new=new[0], amount=step))
    drift = old_total - before.booked.get(part.id, 0)
    if drift:
        lines.append(_adjustment(tariff, row, part.id, drift, leg=leg))
    return lines


def _own_portions(part: Part, old: Sequence[Portion], new: Sequence[Portion]) -> list[Portion]:
    """What the ticket itself changed: portion by portion, new less old; a whole-amount tier counts at its
    new rate."""
    if isinstance(part.charge, WHOLE_AMOUNT) and old and new:
        quantity = (new[0].quantity or Decimal(0)) - (old[0].quantity or Decimal(0))
        rate = new[0].rate or Decimal(0)
        return [msgspec.structs.replace(new[0], quantity=quantity, exact=quantity * rate, flat=0)]
    earlier = {portion.slot: portion for portion in old}
    later = {portion.slot: portion for portion in new}
    own = [_subtract(later.get(slot), earlier.get(slot)) for slot in sorted({*earlier, *later})]
    return [portion for portion in own if portion.exact or portion.quantity] or own[:1]


def _subtract(new: Portion | None, old: Portion | None) -> Portion:
    if old is None:
        assert new is not None
        return new
    quantity = None if old.quantity is None else -old.quantity
    if new is None:
        return msgspec.structs.replace(old, exact=-old.exact, quantity=quantity, flat=-old.flat)
    if new.quantity is not None:
        quantity = new.quantity + (quantity or Decimal(0))
    exact = new.exact - old.exact
    code = f"{new.code}_counted" if new.code in ONCE_A_PERIOD and not exact else new.code
    return msgspec.structs.replace(new, code=code, exact=exact, quantity=quantity, flat=new.flat - old.flat)


def _changed_tier(old: Sequence[Portion], new: Sequence[Portion]) -> bool:
    return bool(old and new) and old[0].tier != new[0].tier


def _tier_step(
    tariff: Tariff, row: Row, part: Part, old: Portion, *, new: Portion, amount: int
) -> CalculatedLine:
    """跳档补差: the tickets before this one, brought from the old tier to the new one."""
    charge = part.charge
    assert isinstance(charge, TieredCharge) and old.quantity is not None
    params = {
        "from_tier": str(old.tier),
        "to_tier": str(new.tier),
        "from_rate": write_rate(tariff, charge, old.rate or Decimal(0)),
        "to_rate": write_rate(tariff, charge, new.rate or Decimal(0)),
        "earlier": write_quantity(tariff, charge.measure, old.quantity, money=is_fraction(charge)),
        "amount": format_minor(amount, tariff.currency),
    }
    return CalculatedLine(
        component=part.id,
        kind="adjustment",
        row=row.id,
        tier=new.tier,
        measure=charge.measure,
        quantity=old.quantity,
        rate=(new.rate or Decimal(0)) - (old.rate or Decimal(0)),
        amount=amount,
        currency=tariff.currency,
        pays=part.pays or row.pays,
        source=part.source or row.source,
        why=Phrase("why.tier_step", params),
    )


def _book_modifiers(
    tariff: Tariff, before: Accumulated, target: Sequence[CalculatedLine]
) -> list[CalculatedLine]:
    """A modifier of a period is booked as the difference to what it came to before."""
    lines = []
    for line in target:
        if line.kind != "modifier":
            continue
        booked = before.booked.get(line.key, 0)
        params = {
            "name": line.why.params.get("name", line.component),
            "target": format_minor(line.amount, tariff.currency),
            "booked": format_minor(booked, tariff.currency),
            "amount": format_minor(line.amount - booked, tariff.currency),
        }
        why = Phrase("why.modifier_period", params) if booked else line.why
        lines.append(msgspec.structs.replace(line, amount=line.amount - booked, why=why))
    return lines


def _adjustment(tariff: Tariff, row: Row, key: str, amount: int, *, leg: Leg) -> CalculatedLine:
    """Brings a component to what the rule says now: it changed in the period, or the last ticket left."""
    component, _, of = key.partition(":")
    return CalculatedLine(
        component=component,
        of=of or None,
        kind="adjustment",
        row=row.id,
        amount=amount,
        currency=tariff.currency,
        pays=leg.pays,
        source=leg.source,
        why=Phrase("why.rule_changed", {"amount": format_minor(amount, tariff.currency)}),
    )


def _leg_of(row: Row, key: str) -> Leg:
    """Between whom the amounts under ``key`` move; the parties of the row when that rule is gone."""
    component, _, of = key.partition(":")
    for named in (*list_parts(row), *row.modifiers):
        if named.id == (of or component):
            return Leg(pays=named.pays or row.pays, source=named.source or row.source)
    return Leg(pays=row.pays, source=row.source)
