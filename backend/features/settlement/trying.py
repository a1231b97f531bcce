"""Trying a tariff on an imagined ticket: the calculation that books, with its trace and nothing written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from backend.contracts import settlement as wire
from backend.db.models import Region
from backend.features.platform.errors import Invalid, invalid_field
from backend.graph.expressions import ExpressionFailed, compile_expression
from backend.messages import render
from backend.settlement.calculation import calculate
from backend.settlement.document import is_bounded
from backend.settlement.lines import Accumulated, Calculation
from backend.settlement.modifiers import Evaluate
from backend.settlement.tariff import Facts, Phrase, SettlementError, Tariff


def try_tariff(
    tariff: Tariff, inputs: wire.TariffInputs, regions: Iterable[Region], now: datetime, locale: str
) -> wire.TariffTried:
    """What such a ticket would book.

    Raises Invalid with the calculation's reason (`settlement.no_row` ...).
    """
    facts = _read_facts(tariff, inputs, regions)
    try:
        earlier = _gather(tariff, facts, inputs.before)
        calculation = calculate(
            tariff, facts, earlier, evaluate=_make_evaluate(inputs, facts, now=now, tariff=tariff)
        )
    except SettlementError as error:
        raise Invalid(f"settlement.{error.code}", params=error.params) from error
    return _present(calculation, locale)


def _read_facts(tariff: Tariff, inputs: wire.TariffInputs, regions: Iterable[Region]) -> Facts:
    path: tuple[str, ...] = ()
    currency = tariff.currency
    if inputs.region is not None:
        region = next((region for region in regions if region.key == inputs.region), None)
        if region is None:
            raise invalid_field("/inputs/region", "unknown_region")
        path = tuple(part for part in region.path.split("/") if part)
        currency = region.currency
    for name, value in (*inputs.quantities.items(), *inputs.before.items()):
        if not is_bounded(value):
            raise invalid_field(
                f"/inputs/quantities/{name}", "settlement.quantity_unfit", value=str(value)[:40]
            )
    for group in ("quantities", "before"):
        for name, value in getattr(inputs, group).items():
            if value < 0:
                pointer = f"/inputs/{group}/{name}"
                raise invalid_field(
                    pointer, "settlement.quantity_negative", measure=name, quantity=str(value)
                )
    return Facts(
        quantities={"tickets": Decimal(1), **inputs.quantities},
        currency=currency,
        attributes={"priority": inputs.priority, **inputs.attributes},
        region_path=path,
    )


def _gather(tariff: Tariff, facts: Facts, before: dict[str, Decimal]) -> Accumulated | None:
    """The period's state after one ticket that brought all of `before`."""
    if tariff.accumulation != "period" or not before:
        return None
    earlier = Facts(
        quantities={**{name: Decimal(0) for name in facts.quantities}, **before},
        currency=facts.currency,
        attributes=facts.attributes,
        region_path=facts.region_path,
    )
    return calculate(tariff, earlier, None).accumulated


def _make_evaluate(inputs: wire.TariffInputs, facts: Facts, *, now: datetime, tariff: Tariff) -> Evaluate:
    """Conditions see the imagined ticket as they see a real one."""
    context: dict[str, Any] = {
        "data": inputs.data,
        "ticket": {
            "priority": inputs.priority,
            "region": inputs.region,
            "region_path": list(facts.region_path),
            "channel": facts.attributes.get("channel") or "",
            "created_at": now,
        },
        "customer": inputs.customer,
        "now": now,
    }

    def evaluate(text: str) -> bool:
        try:
            return compile_expression(text).holds(context)
        except ExpressionFailed as error:
            raise SettlementError("condition_failed", text=text, reason=error.code) from error

    return evaluate


def _present(calculation: Calculation, locale: str) -> wire.TariffTried:
    def word(phrase: Phrase) -> str:
        return render(phrase.code, phrase.params, locale)

    total = calculation.total
    return wire.TariffTried(
        lines=[
            wire.TriedLine(
                component=line.component,
                amount=line.amount,
                currency=line.currency,
                why=word(line.why),
                row=line.row,
                tier=line.tier,
            )
            for line in calculation.lines
        ],
        total=wire.Total(amount=total.amount, currency=total.currency),
        trace=[word(phrase) for phrase in calculation.trace],
        next_tiers=[word(ahead.words) for ahead in calculation.next_tiers],
    )
