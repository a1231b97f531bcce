"""What a party sees of the rule that booked its line: its own part, and nothing of what others are paid."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from backend.contracts.common import Text
from backend.features.settlement.naming import join_phrases
from backend.messages import render
from backend.settlement.charges import list_parts, measure_of
from backend.settlement.phrasing import write_measure, write_quantity
from backend.settlement.tariff import Deduction, Flat, Modifier, Row, Tariff
from backend.settlement.words import describe_row


def find_row(tariff: Tariff | None, row_id: str) -> Row | None:
    """The row of this id in the table."""
    return next((row for row in tariff.rows if row.id == row_id), None) if tariff else None


def describe_own(tariff: Tariff, row: Row, component: str, locale: str) -> str:
    """The rule of one component in words: its charge with the modifiers that change it, or the modifier."""
    for part in list_parts(row):
        if part.id == component:
            kept = tuple(each for each in row.modifiers if _changes(each, component))
            own = msgspec.structs.replace(row, charge=part.charge, modifiers=kept)
            return join_phrases(describe_row(tariff, own), locale)
    for modifier in row.modifiers:
        if modifier.id == component:
            own = msgspec.structs.replace(row, charge=Flat(amount=0), modifiers=(modifier,))
            return join_phrases(describe_row(tariff, own)[-1:], locale)
    return ""


def _changes(modifier: Modifier, component: str) -> bool:
    """Whether its amount is shared among lines of this component."""
    return modifier.pays is None and (modifier.applies_to is None or component in modifier.applies_to)


def own_inputs(inputs: Mapping[str, Any], row: Row | None, component: str) -> dict[str, Any]:
    """The quantities that this component was worked out from, and the attributes that chose the row."""
    if row is None:
        return {}
    own = {measure_of(part.charge) for part in list_parts(row) if part.id == component}
    for modifier in row.modifiers:
        if isinstance(modifier, Deduction) and (modifier.id == component or _changes(modifier, component)):
            own.add(modifier.measure)
    return {name: value for name, value in inputs.items() if name in own or name == "attributes"}


def name_component(row: Row | None, component: str) -> Text | None:
    """What the table calls the part or modifier; None where it has no name."""
    if row is None:
        return None
    named = [*list_parts(row), *row.modifiers]
    name = next((each.name for each in named if each.id == component), None)
    return Text(name.zh, name.en) if name else None


def word_inputs(tariff: Tariff, inputs: Mapping[str, Any], locale: str) -> list[str]:
    """Each quantity by its name and in its unit, such as `fees ¥6,600.00`."""
    found = []
    for measure, value in inputs.items():
        if measure == "attributes" or not isinstance(value, str):
            continue
        try:
            quantity = Decimal(value)
        except InvalidOperation:
            continue
        params = {"name": write_measure(tariff, measure), "value": write_quantity(tariff, measure, quantity)}
        found.append(render("line_input", params, locale))
    return found
