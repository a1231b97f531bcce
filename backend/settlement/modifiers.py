"""What comes after the charge: coefficient, deduction, minimum, maximum, tax, subsidy - each as lines of its
own."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import msgspec

from backend.settlement.charges import read_quantity
from backend.settlement.lines import CalculatedLine, Leg
from backend.settlement.money import (
    format_minor,
    format_number,
    format_percentage,
    round_amount,
    split_largest_remainder,
)
from backend.settlement.phrasing import Params, is_urgent_condition, write_measure, write_text
from backend.settlement.tariff import (
    Coefficient,
    Deduction,
    Facts,
    Maximum,
    Minimum,
    Modifier,
    Phrase,
    Row,
    SettlementError,
    Subsidy,
    Tariff,
    Tax,
)

Evaluate = Callable[[str], bool]


def modify(
    tariff: Tariff, row: Row, facts: Facts, lines: Sequence[CalculatedLine], evaluate: Evaluate | None
) -> tuple[tuple[CalculatedLine, ...], tuple[Phrase, ...]]:
    """The lines with those of the row's modifiers behind them, and what was decided on the way.

    Raises SettlementError when a condition stands in the table and nobody can evaluate it.
    """
    all_lines = list(lines)
    trace: list[Phrase] = []
    for modifier in row.modifiers:
        name = write_text(modifier.name, modifier.id)
        if not _holds(modifier.when, evaluate):
            code = "trace.not_urgent" if is_urgent_condition(modifier.when) else "trace.condition_false"
            trace.append(Phrase(code, {"name": name, "when": modifier.when}))
            continue
        read = [line for line in all_lines if _reads(modifier, line)]
        base = sum(line.amount for line in read)
        amount = change_of(modifier, base, facts.quantities, tariff)
        params = describe_change(tariff, modifier, base, amount)
        trace.append(Phrase(f"trace.{_kind(modifier)}", params))
        why = Phrase(f"why.{_kind(modifier)}", params)
        share_out = _take_out if isinstance(modifier, Tax) and modifier.included else _share_out
        all_lines += share_out(modifier, read, amount, why, tariff=tariff, row=row)
    return tuple(all_lines), tuple(trace)


def change_of(modifier: Modifier, base: int, quantities: Mapping[str, Decimal], tariff: Tariff) -> int:
    """What the modifier adds to (or, negative, takes off) ``base`` minor units; an included tax: how much of
    them it is."""
    if isinstance(modifier, Coefficient):
        extra = round_amount(base * (modifier.factor - 1), tariff.rounding)
        return extra if modifier.cap is None else min(extra, modifier.cap)
    if isinstance(modifier, Minimum):
        return max(modifier.amount - base, 0)
    if isinstance(modifier, Maximum):
        return min(modifier.amount - base, 0)
    if isinstance(modifier, Tax):
        share = modifier.rate / Decimal(1 + modifier.rate) if modifier.included else modifier.rate
        return round_amount(base * share, tariff.rounding)
    if isinstance(modifier, Subsidy):
        return modifier.amount + round_amount(base * modifier.rate, tariff.rounding)
    measured = Decimal(0) if modifier.measure is None else read_quantity(quantities, modifier.measure)
    taken = modifier.amount + round_amount(base * modifier.rate + measured, tariff.rounding)
    return -min(taken, max(base, 0))


def describe_change(tariff: Tariff, modifier: Modifier, base: int, amount: int) -> Params:
    """What the sentence about a modifier needs."""
    currency = tariff.currency
    params: Params = {
        "name": write_text(modifier.name, modifier.id),
        "base": format_minor(base, currency),
        "amount": format_minor(amount, currency),
    }
    if isinstance(modifier, Coefficient):
        params["factor"] = format_number(modifier.factor)
    if isinstance(modifier, Minimum | Maximum):
        params["bound"] = format_minor(modifier.amount, currency)
    if isinstance(modifier, Tax | Subsidy | Deduction):
        params["rate"] = format_percentage(modifier.rate)
    if isinstance(modifier, Deduction) and modifier.measure:
        params["measure"] = write_measure(tariff, modifier.measure)
    return params


def _kind(modifier: Modifier) -> str:
    if isinstance(modifier, Tax) and modifier.included:
        return "tax_included"
    return type(modifier).__name__.lower()


def _holds(when: str, evaluate: Evaluate | None) -> bool:
    if not when.strip():
        return True
    if evaluate is None:
        raise SettlementError("condition_unavailable", when=when)
    return evaluate(when)


def _reads(modifier: Modifier, line: CalculatedLine) -> bool:
    return modifier.applies_to is None or line.component in modifier.applies_to


def _take_out(
    modifier: Modifier, read: Sequence[CalculatedLine], amount: int, why: Phrase, *, tariff: Tariff, row: Row
) -> list[CalculatedLine]:
    """An included tax: off the lines that hold it, and as much to the tax's own account."""
    taken = msgspec.structs.replace(modifier, pays=None, source=None)
    lines = [
        msgspec.structs.replace(line, of=line.of or read[0].component if read else None)
        for line in _share_out(taken, read, -amount, why, tariff=tariff, row=row)
    ]
    return [*lines, *_share_out(modifier, read, amount, why, tariff=tariff, row=row)]


def _share_out(
    modifier: Modifier, read: Sequence[CalculatedLine], amount: int, why: Phrase, *, tariff: Tariff, row: Row
) -> list[CalculatedLine]:
    """One line between the modifier's own parties, else one for each pair of parties among the lines it
    reads."""

    def make(leg: Leg, share: int, of: str | None) -> CalculatedLine:
        return CalculatedLine(
            component=modifier.id,
            of=of,
            kind="modifier",
            row=row.id,
            amount=share,
            currency=tariff.currency,
            pays=leg.pays,
            source=leg.source,
            why=why,
        )

    if modifier.pays is not None or modifier.source is not None:
        leg = Leg(pays=modifier.pays or row.pays, source=modifier.source or row.source)
        return [make(leg, amount, None)]
    weights: dict[Leg, int] = {}
    first: dict[Leg, str] = {}
    for line in read:
        weights[line.leg] = weights.get(line.leg, 0) + line.amount
        first.setdefault(line.leg, line.component)
    if not weights:
        weights[Leg(pays=row.pays, source=row.source)] = 0
    shares = split_largest_remainder(amount, [Decimal(max(weight, 0)) for weight in weights.values()])
    alone = len(weights) == 1
    return [
        make(leg, share, None if alone else first[leg]) for leg, share in zip(weights, shares, strict=True)
    ]
