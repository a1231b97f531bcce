"""The charge models: what each makes of a quantity, exactly and unrounded, in portions that can be
explained."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from backend.settlement.money import format_minor, format_number
from backend.settlement.phrasing import Params, is_fraction, write_measure, write_quantity, write_rate
from backend.settlement.tariff import (
    WHOLE_AMOUNT,
    Composite,
    Deduction,
    Flat,
    GuaranteePlusExcess,
    Package,
    Part,
    Percentage,
    PerUnit,
    Phrase,
    Row,
    SettlementError,
    SimpleCharge,
    Tariff,
    Tier,
    TieredCharge,
)


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """One explainable piece of a charge.

    ``slot`` tells the pieces of one charge apart, also from one total to the next (the tier's number, or 1
    and 2 for guarantee and excess); ``exact`` is in minor units, not rounded; ``flat`` is the part of it
    that no rate made.
    """

    slot: int
    exact: Decimal
    code: str
    tier: int | None = None
    measure: str | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    flat: int = 0


WHOLE_ROW = "charge"
"""Component id of a charge that has no parts."""


def list_parts(row: Row) -> tuple[Part, ...]:
    """The parts of a row's charge; a charge without parts is one called "charge"."""
    if isinstance(row.charge, Composite):
        return row.charge.parts
    return (Part(id=WHOLE_ROW, charge=row.charge),)


def list_measures(row: Row) -> tuple[str, ...]:
    """The measures a row reads, each once, in order: what the facts of a ticket must hold."""
    read = [measure_of(part.charge) for part in list_parts(row)]
    read += [modifier.measure for modifier in row.modifiers if isinstance(modifier, Deduction)]
    return tuple(dict.fromkeys(measure for measure in read if measure is not None))


def measure_of(charge: SimpleCharge) -> str | None:
    """The measure a charge reads; None for a flat amount."""
    return None if isinstance(charge, Flat) else charge.measure


def read_quantity(quantities: Mapping[str, Decimal], measure: str) -> Decimal:
    """The quantity called ``measure``. Raises SettlementError when it is missing, negative or not finite."""
    quantity = quantities.get(measure)
    if quantity is None:
        raise SettlementError("measure_missing", measure=measure)
    if not quantity.is_finite() or quantity < 0:
        raise SettlementError("quantity_negative", measure=measure, quantity=str(quantity))
    return quantity


def price_charge(charge: SimpleCharge, quantities: Mapping[str, Decimal]) -> tuple[Portion, ...]:
    """The model applied to the quantities: portions whose exact amounts sum to the charge."""
    if isinstance(charge, Flat):
        return (Portion(slot=1, exact=Decimal(charge.amount), code="why.flat", flat=charge.amount),)
    quantity = read_quantity(quantities, charge.measure)
    if isinstance(charge, PerUnit | Percentage):
        return (_price_rate(charge, quantity),)
    if isinstance(charge, Package):
        return (_price_package(charge, quantity),)
    if isinstance(charge, GuaranteePlusExcess):
        return _price_guarantee(charge, quantity)
    if isinstance(charge, WHOLE_AMOUNT):
        return (_price_whole(charge, quantity),)
    return _price_marginal(charge, quantity)


def find_tier(charge: TieredCharge, quantity: Decimal) -> int:
    """Index of the tier that holds ``quantity``; the bound itself belongs to the side the charge states.

    Raises SettlementError when no tier holds it (a table that the linter refuses).
    """
    for index, tier in enumerate(charge.tiers):
        if _holds(charge, index, tier, quantity):
            return index
    raise SettlementError("quantity_outside_tiers", measure=charge.measure, quantity=str(quantity))


def _holds(charge: TieredCharge, index: int, tier: Tier, quantity: Decimal) -> bool:
    if charge.inclusive == "lower":
        return tier.start <= quantity and (tier.end is None or quantity < tier.end)
    above = tier.start < quantity or (index == 0 and tier.start == quantity)
    return above and (tier.end is None or quantity <= tier.end)


def _price_rate(charge: PerUnit | Percentage, quantity: Decimal) -> Portion:
    return Portion(
        slot=1,
        exact=quantity * charge.rate,
        code="why.rate",
        measure=charge.measure,
        quantity=quantity,
        rate=charge.rate,
    )


def _price_package(charge: Package, quantity: Decimal) -> Portion:
    begun = charge.partial == "charged" and quantity % charge.size != 0
    blocks = int(quantity // charge.size) + begun
    return Portion(
        slot=1,
        exact=Decimal(blocks * charge.price),
        code="why.package",
        measure=charge.measure,
        quantity=Decimal(blocks),
        rate=Decimal(charge.price),
    )


def _price_guarantee(charge: GuaranteePlusExcess, quantity: Decimal) -> tuple[Portion, ...]:
    guaranteed = Portion(slot=1, exact=Decimal(charge.guarantee), code="why.guarantee", flat=charge.guarantee)
    excess = max(quantity - charge.threshold, Decimal(0))
    above = Portion(
        slot=2,
        exact=excess * charge.rate,
        code="why.excess",
        measure=charge.measure,
        quantity=excess,
        rate=charge.rate,
    )
    return (guaranteed, above)


def _price_whole(charge: TieredCharge, quantity: Decimal) -> Portion:
    index = find_tier(charge, quantity)
    tier = charge.tiers[index]
    return Portion(
        slot=1,
        exact=quantity * tier.rate + tier.flat,
        code="why.whole_tier",
        tier=index + 1,
        measure=charge.measure,
        quantity=quantity,
        rate=tier.rate,
        flat=tier.flat,
    )


def _price_marginal(charge: TieredCharge, quantity: Decimal) -> tuple[Portion, ...]:
    reached = find_tier(charge, quantity)
    portions = []
    for index, tier in enumerate(charge.tiers[: reached + 1]):
        top = quantity if tier.end is None else min(quantity, tier.end)
        inside = top - tier.start
        portions.append(
            Portion(
                slot=index + 1,
                exact=inside * tier.rate + tier.flat,
                code="why.marginal_tier",
                tier=index + 1,
                measure=charge.measure,
                quantity=inside,
                rate=tier.rate,
                flat=tier.flat,
            )
        )
    return tuple(portions)


def explain_portion(tariff: Tariff, charge: SimpleCharge, portion: Portion, amount: int) -> Phrase:
    """The sentence "why this amount" of one portion."""
    params: Params = {"amount": format_minor(amount, tariff.currency)}
    if portion.measure is None or portion.quantity is None or portion.rate is None:
        return Phrase(portion.code, params)
    fraction = is_fraction(charge)
    params["measure"] = write_measure(tariff, portion.measure)
    params["rate"] = write_rate(tariff, charge, portion.rate)
    params["quantity"] = write_quantity(tariff, portion.measure, portion.quantity, money=fraction)
    if isinstance(charge, Package):
        params["quantity"] = format_number(portion.quantity)
        params["size"] = write_quantity(tariff, portion.measure, charge.size)
    if portion.tier is not None:
        params["tier"] = str(portion.tier)
    if not portion.flat:
        return Phrase(portion.code, params)
    params["flat"] = format_minor(portion.flat, tariff.currency)
    return Phrase(f"{portion.code}_flat", params)
