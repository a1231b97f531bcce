"""From a tariff and the facts of a ticket to lines of money.

A tariff that looks at single tickets is its model applied to the ticket. A tariff that accumulates books,
for every ticket, the difference between the model applied to the period's new total and what is booked
already: so the sum of the booked lines equals the model on the total after every ticket, whatever the order,
also when a threshold is crossed (跳档补差) or a ticket is withdrawn. In such a tariff modifiers, too, look at
the period's total, and conditions on single tickets are refused.
"""

from collections.abc import Mapping
from decimal import Decimal, localcontext

from backend.settlement.charges import (
    Portion,
    explain_portion,
    list_measures,
    list_parts,
    price_charge,
    read_quantity,
)
from backend.settlement.lines import Accumulated, CalculatedLine, Calculation
from backend.settlement.matching import RowMatch, match_row
from backend.settlement.modifiers import Evaluate, modify
from backend.settlement.money import EXACT, format_minor, round_amount, split_exact
from backend.settlement.outlook import list_next_tiers
from backend.settlement.periods import accumulate, book_difference
from backend.settlement.tariff import (
    Facts,
    Part,
    Phrase,
    Row,
    SettlementError,
    Tariff,
)


def calculate(
    tariff: Tariff,
    facts: Facts,
    accumulated: Accumulated | None = None,
    *,
    evaluate: Evaluate | None = None,
) -> Calculation:
    """What this ticket books.

    ``accumulated`` is the period's state before it (only for tariffs that accumulate; null means the first
    ticket).
    ``evaluate`` answers the conditions of modifiers.

    Raises SettlementError: no_row, currency_mismatch, measure_missing, quantity_negative,
    quantity_outside_tiers, condition_unavailable.
    """
    with localcontext(EXACT):
        found = _find_row(tariff, facts)
        if tariff.accumulation == "ticket":
            return _calculate_ticket(tariff, found, facts, evaluate)
        return _calculate_period(tariff, found.row, facts, accumulated or Accumulated(), 1)


def withdraw(
    tariff: Tariff, facts: Facts, accumulated: Accumulated, *, row: str | None = None
) -> Calculation:
    """What taking this ticket out of its period books: the difference to the model on the total without it.

    ``accumulated`` includes the ticket, and ``facts`` what it gave to the sums. ``tariff`` is the revision
    that the sums stand under, which need not be the one that the ticket was booked by: they were brought to
    it since. ``row`` names the row they are gathered under; a table that has changed might match another one
    now. Only for tariffs that accumulate; the posting of any other ticket is simply reversed.

    Raises SettlementError: nothing_to_withdraw, no_row, currency_mismatch, quantity_negative.
    """
    with localcontext(EXACT):
        chosen = _find_row(tariff, facts).row if row is None else find_row(tariff, row)
        if tariff.accumulation == "ticket" or accumulated.tickets < 1:
            raise SettlementError("nothing_to_withdraw")
        return _calculate_period(tariff, chosen, facts, accumulated, -1)


def find_row(tariff: Tariff, row_id: str) -> Row:
    """The row of this id. Raises SettlementError `row_gone`."""
    for row in tariff.rows:
        if row.id == row_id:
            return row
    raise SettlementError("row_gone", tariff=tariff.key, row=row_id)


def _find_row(tariff: Tariff, facts: Facts) -> RowMatch:
    if facts.currency != tariff.currency:
        raise SettlementError("currency_mismatch", expected=tariff.currency, given=facts.currency)
    found = match_row(tariff, facts)
    if found is None:
        raise SettlementError("no_row", tariff=tariff.key, region=" / ".join(facts.region_path))
    return found


def _calculate_ticket(
    tariff: Tariff, found: RowMatch, facts: Facts, evaluate: Evaluate | None
) -> Calculation:
    lines, trace = _apply_model(tariff, found.row, facts, evaluate)
    total = format_minor(sum(line.amount for line in lines), tariff.currency)
    return Calculation(
        tariff=tariff.key,
        row=found.row.id,
        lines=_without_empty(lines),
        currency=tariff.currency,
        inputs=_inputs(found.row, facts.quantities),
        trace=(_trace_row(found), *trace, Phrase("trace.total", {"amount": total})),
        next_tiers=list_next_tiers(tariff, list_parts(found.row), facts.quantities),
    )


def _calculate_period(
    tariff: Tariff, row: Row, facts: Facts, before: Accumulated, direction: int
) -> Calculation:
    """All that is known of the ticket goes into the sums, not only what the row reads: another revision may
    read more, and must find the whole period."""
    inputs = _inputs(row, facts.quantities) if direction > 0 else _recall(row, facts.quantities)
    given = {name: value for name, value in facts.quantities.items() if value.is_finite() and value >= 0}
    added = {name: direction * value for name, value in (given | inputs).items()}
    before = _complete(row, before)
    after = accumulate(before, added, direction)
    target: tuple[CalculatedLine, ...] = ()
    trace: tuple[Phrase, ...] = ()
    if after.tickets:
        period_facts = Facts(quantities=after.quantities, currency=facts.currency)
        target, trace = _apply_model(tariff, row, period_facts, None)
    lines = book_difference(tariff, row, before, after, target)
    booked = dict(before.booked)
    for line in lines:
        booked[line.key] = booked.get(line.key, 0) + line.amount
    total = format_minor(sum(line.amount for line in lines), tariff.currency)
    return Calculation(
        tariff=tariff.key,
        row=row.id,
        lines=_without_empty(lines),
        currency=tariff.currency,
        inputs={name: direction * value for name, value in inputs.items()},
        trace=(*trace, Phrase("trace.difference", {"amount": total})),
        accumulated=Accumulated(tickets=after.tickets, quantities=after.quantities, booked=booked),
        next_tiers=list_next_tiers(tariff, list_parts(row), after.quantities) if after.tickets else (),
    )


def _apply_model(
    tariff: Tariff, row: Row, facts: Facts, evaluate: Evaluate | None
) -> tuple[tuple[CalculatedLine, ...], tuple[Phrase, ...]]:
    """The whole row applied to quantities: charge lines (zero ones too), then modifier lines."""
    lines: list[CalculatedLine] = []
    for part in list_parts(row):
        portions = price_charge(part.charge, facts.quantities)
        total = round_amount(sum((portion.exact for portion in portions), Decimal(0)), tariff.rounding)
        shares = split_exact(total, [portion.exact for portion in portions])
        lines += [
            _charge_line(tariff, row, part, portion, amount)
            for portion, amount in zip(portions, shares, strict=True)
        ]
    trace = tuple(line.why for line in lines)
    all_lines, decided = modify(tariff, row, facts, lines, evaluate)
    return all_lines, (*trace, *decided)


def _charge_line(tariff: Tariff, row: Row, part: Part, portion: Portion, amount: int) -> CalculatedLine:
    return CalculatedLine(
        component=part.id,
        kind="charge",
        row=row.id,
        tier=portion.tier,
        measure=portion.measure,
        quantity=portion.quantity,
        rate=portion.rate,
        amount=amount,
        currency=tariff.currency,
        pays=part.pays or row.pays,
        source=part.source or row.source,
        why=explain_portion(tariff, part.charge, portion, amount),
    )


def _inputs(row: Row, quantities: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {measure: read_quantity(quantities, measure) for measure in list_measures(row)}


def _recall(row: Row, quantities: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What a ticket gave to the sums when it was booked; a measure that its rule did not read: nothing."""
    return {measure: quantities.get(measure, Decimal(0)) for measure in list_measures(row)}


def _complete(row: Row, sums: Accumulated) -> Accumulated:
    """A measure that no ticket gave, and that only a later revision reads, begins at nothing."""
    missing = {name: Decimal(0) for name in list_measures(row) if name not in sums.quantities}
    if not missing or not sums.tickets:
        return sums
    return Accumulated(tickets=sums.tickets, quantities={**sums.quantities, **missing}, booked=sums.booked)


def _without_empty(lines: tuple[CalculatedLine, ...]) -> tuple[CalculatedLine, ...]:
    """Lines of zero say nothing, unless there is no other: "8 % of nothing" is still the answer to "why"."""
    return tuple(line for line in lines if line.amount) or lines[:1]


def _trace_row(found: RowMatch) -> Phrase:
    if found.region is None:
        return Phrase("trace.row_anywhere", {"row": found.row.id})
    return Phrase("trace.row_region", {"row": found.row.id, "region": found.region})
