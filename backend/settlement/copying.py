"""Rows of one region as rows of another, dearer or cheaper by a factor.

Money is multiplied: amounts, prices, guarantees, rates a unit, and what modifiers add, cap or take off in
money. Shares (8 %), coefficients, bounds of tiers and thresholds stay: they say which tickets, not how much.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import msgspec

from backend.settlement.money import EXACT, Rounding, round_amount
from backend.settlement.phrasing import is_fraction
from backend.settlement.tariff import TIERED, Composite, Flat, Package, PerUnit, Row, SimpleCharge, Tariff

AMOUNTS = ("amount", "price", "guarantee", "cap")
Scale = Callable[[Decimal], Decimal]
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


class Copy(NamedTuple):
    """`source` is the index of the row that was copied; `skipped`: the other region has a row for just these
    tickets already."""

    source: int
    row: Row
    skipped: bool


def copy_rows(
    tariff: Tariff,
    from_region: str,
    to_region: str,
    factor: Decimal,
    *,
    rounding: Rounding = "half_up",
    step: int = 1,
) -> tuple[Copy, ...]:
    """Every row for `from_region` itself. Money becomes a multiple of `step` minor units."""
    taken = {row.id for row in tariff.rows}
    matches = {row.match for row in tariff.rows}
    copies = []
    for at, row in enumerate(tariff.rows):
        if row.match.region != from_region:
            continue
        match = msgspec.structs.replace(row.match, region=to_region)
        made = msgspec.structs.replace(
            scale_row(row, factor, rounding=rounding, step=step),
            id=_name(row.id, from_region, to_region, taken),
            match=match,
        )
        skipped = match in matches
        if not skipped:
            taken.add(made.id)
        copies.append(Copy(at, made, skipped))
    return tuple(copies)


def _name(row: str, from_region: str, to_region: str, taken: set[str]) -> str:
    """`east_senior` for `north` is `north_senior`."""
    swapped = row.replace(from_region, to_region) if from_region in row else f"{row}_{to_region}"
    base, number = swapped[:60], 2
    name = base
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def scale_row(row: Row, factor: Decimal, *, rounding: Rounding = "half_up", step: int = 1) -> Row:
    """The row with its money times `factor`."""
    if factor == 1 and step == 1:
        return row

    def scale(value: Decimal) -> Decimal:
        exact = EXACT.divide(EXACT.multiply(value, factor), Decimal(step))
        return Decimal(round_amount(exact, rounding) * step)

    charge: Any
    if isinstance(row.charge, Composite):
        parts = tuple(
            msgspec.structs.replace(part, charge=_scale_charge(part.charge, scale))
            for part in row.charge.parts
        )
        charge = msgspec.structs.replace(row.charge, parts=parts)
    else:
        charge = _scale_charge(row.charge, scale)
    modifiers = tuple(_scale_amounts(modifier, scale) for modifier in row.modifiers)
    return msgspec.structs.replace(row, charge=charge, modifiers=modifiers)


def _scale_charge(charge: SimpleCharge, scale: Scale) -> SimpleCharge:
    scaled = _scale_amounts(charge, scale)
    if isinstance(scaled, (Flat, Package)):
        return scaled
    if isinstance(scaled, TIERED):
        tiers = tuple(
            msgspec.structs.replace(
                tier,
                flat=int(scale(Decimal(tier.flat))),
                rate=tier.rate if is_fraction(scaled) else scale(tier.rate),
            )
            for tier in scaled.tiers
        )
        return msgspec.structs.replace(scaled, tiers=tiers)
    if isinstance(scaled, PerUnit) or not is_fraction(scaled):
        return msgspec.structs.replace(scaled, rate=scale(scaled.rate))
    return scaled


def _scale_amounts(holder: _Struct, scale: Scale) -> _Struct:
    changed = {
        name: int(scale(Decimal(value)))
        for name in AMOUNTS
        if (value := getattr(holder, name, None)) is not None
    }
    return msgspec.structs.replace(holder, **changed)
