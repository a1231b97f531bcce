"""A row's rule in words: sentences for the message catalogue, in the order in which the rule is applied."""

from decimal import Decimal

from backend.settlement.charges import list_parts
from backend.settlement.money import format_minor, format_number, format_percentage
from backend.settlement.phrasing import (
    Params,
    is_fraction,
    is_urgent_condition,
    write_measure,
    write_part,
    write_quantity,
    write_rate,
    write_text,
)
from backend.settlement.tariff import (
    TIERED,
    WHOLE_AMOUNT,
    Coefficient,
    Composite,
    Deduction,
    Flat,
    GuaranteePlusExcess,
    Maximum,
    Minimum,
    Modifier,
    Package,
    Phrase,
    Row,
    SimpleCharge,
    Tariff,
    Tax,
    Tier,
    TieredCharge,
)


def describe_row(tariff: Tariff, row: Row) -> tuple[Phrase, ...]:
    """The whole rule of a row: its period, each part's charge with its tiers, then the modifiers."""
    phrases = [Phrase(f"rule.period_{tariff.period}", {})] if tariff.accumulation == "period" else []
    for part in list_parts(row):
        if isinstance(row.charge, Composite):
            phrases.append(Phrase("rule.part", {"part": write_part(part)}))
        phrases += describe_charge(tariff, part.charge)
    phrases += [describe_modifier(tariff, modifier) for modifier in row.modifiers]
    return tuple(phrases)


def describe_charge(tariff: Tariff, charge: SimpleCharge) -> tuple[Phrase, ...]:
    """One sentence, or one for each tier."""
    currency = tariff.currency
    if isinstance(charge, Flat):
        return (Phrase("rule.flat", {"amount": format_minor(charge.amount, currency)}),)
    params: Params = {"measure": write_measure(tariff, charge.measure)}
    if isinstance(charge, Package):
        params["size"] = write_quantity(tariff, charge.measure, charge.size)
        params["price"] = format_minor(charge.price, currency)
        return (Phrase(f"rule.package_{charge.partial}", params),)
    if isinstance(charge, GuaranteePlusExcess):
        params["guarantee"] = format_minor(charge.guarantee, currency)
        params["threshold"] = write_quantity(
            tariff, charge.measure, charge.threshold, money=is_fraction(charge)
        )
        params["rate"] = write_rate(tariff, charge, charge.rate)
        return (Phrase(f"rule.guarantee_{charge.basis}", params),)
    if isinstance(charge, TIERED):
        return tuple(describe_tier(tariff, charge, tier, index) for index, tier in enumerate(charge.tiers))
    params["rate"] = write_rate(tariff, charge, charge.rate)
    return (Phrase("rule.percentage" if is_fraction(charge) else "rule.per_unit", params),)


def describe_tier(tariff: Tariff, charge: TieredCharge, tier: Tier, index: int) -> Phrase:
    """Says which side a bound is on and whether the rate is for the whole amount or for the part inside the
    tier."""
    fraction = is_fraction(charge)

    def write(quantity: Decimal) -> str | dict[str, str]:
        return write_quantity(tariff, charge.measure, quantity, money=fraction)

    params: Params = {
        "measure": write_measure(tariff, charge.measure),
        "from": write(tier.start),
        "rate": write_rate(tariff, charge, tier.rate),
        "flat": format_minor(tier.flat, tariff.currency),
    }
    reading = "whole" if isinstance(charge, WHOLE_AMOUNT) else "marginal"
    shape = "from"
    if tier.end is not None:
        params["to"] = write(tier.end)
        shape = "to" if index == 0 and tier.start == 0 else "between"
    unit = "percentage" if fraction else "per_unit"
    flat = "_flat" if tier.flat else ""
    return Phrase(f"rule.{reading}_{unit}_{shape}_{charge.inclusive}{flat}", params)


def describe_modifier(tariff: Tariff, modifier: Modifier) -> Phrase:
    """What it does to the amount, and when."""
    currency = tariff.currency
    kind = type(modifier).__name__.lower()
    params: Params = {"name": write_text(modifier.name, modifier.id), "when": modifier.when}
    conditional = "_when" if modifier.when.strip() else ""
    if is_urgent_condition(modifier.when):
        conditional = "_urgent"
    if isinstance(modifier, Coefficient):
        params["factor"] = format_number(modifier.factor)
        if modifier.cap is not None:
            params["cap"] = format_minor(modifier.cap, currency)
            kind = "coefficient_capped"
        return Phrase(f"rule.{kind}{conditional}", params)
    if isinstance(modifier, Minimum | Maximum):
        params["amount"] = format_minor(modifier.amount, currency)
        return Phrase(f"rule.{kind}{conditional}", params)
    params["rate"] = format_percentage(modifier.rate)
    params["amount"] = format_minor(getattr(modifier, "amount", 0), currency)
    if isinstance(modifier, Tax) and modifier.included:
        kind = "tax_included"
    elif isinstance(modifier, Deduction) and modifier.measure:
        params["measure"] = write_measure(tariff, modifier.measure)
        kind = "deduction_measure"
    elif getattr(modifier, "amount", 0):
        kind = f"{kind}_both" if modifier.rate else f"{kind}_amount"
    return Phrase(f"rule.{kind}{conditional}", params)
