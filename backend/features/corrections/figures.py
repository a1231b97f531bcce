"""Figures of one booking that finance corrects: what there is, whether what is wanted fits, the preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import corrections as wire
from backend.contracts.common import Text
from backend.contracts.settlement import Party
from backend.features.corrections.present import load_line_names, present_lines
from backend.features.platform.actor import Actor
from backend.features.platform.errors import FieldError, Invalid
from backend.features.settlement.naming import Names, name_party
from backend.messages import render
from backend.runtime.books.desk import Corrected
from backend.runtime.books.figures import Figures, Ground
from backend.settlement.document import is_bounded
from backend.settlement.money import MINOR_UNITS
from backend.settlement.phrasing import write_measure
from backend.settlement.tariff import DIMENSIONS, Tariff


def present_figures(ground: Ground, posting_id: str) -> wire.PostingFigures:
    """The measures of the tariff, and the attributes that its rows look at."""
    basis, tariff = ground.basis, ground.tariff
    named: dict[str, set[str]] = {name: set() for name in DIMENSIONS}
    for row in tariff.rows:
        for name, code in row.match.values():
            named[name].add(code)
    return wire.PostingFigures(
        posting_id=posting_id,
        tariff_name=Text(zh=tariff.name.zh, en=tariff.name.en),
        currency=tariff.currency,
        decimals=MINOR_UNITS.get(tariff.currency, 2),
        measures=[
            wire.Figure(
                name=name,
                label=Text(zh=measure.label.zh, en=measure.label.en),
                kind=measure.kind,
                unit=Text(zh=measure.unit.zh, en=measure.unit.en) if measure.unit else None,
                value=basis.quantities.get(name),
            )
            for name, measure in tariff.measures.items()
        ],
        attributes=[
            wire.Feature(name=name, value=basis.attributes.get(name), choices=sorted(codes))
            for name, codes in named.items()
            if codes
        ],
    )


def check_figures(ground: Ground, wanted: wire.ChangeFigures) -> Figures:
    """What is other than booked. Raises Invalid that names each figure which does not fit."""
    tariff, basis = ground.tariff, ground.basis
    errors: list[FieldError] = []
    changed: dict[str, Decimal] = {}
    for name, value in wanted.quantities.items():
        known = name in basis.quantities and basis.quantities[name] == value
        if known:
            continue
        code = _find_fault(tariff, name, value)
        if code is not None:
            params = {
                "name": write_measure(tariff, name[:60]),
                "value": str(value)[:40],
                "currency": tariff.currency,
                "digits": MINOR_UNITS.get(tariff.currency, 2),
            }
            errors.append(FieldError(f"/quantities/{name}", code, params))
        changed[name] = value
    if errors:
        raise Invalid(errors=errors)
    given: dict[str, str | None] = {name: value or None for name, value in wanted.attributes.items()}
    attributes = {name: value for name, value in given.items() if basis.attributes.get(name) != value}
    return Figures(changed, attributes)


def _find_fault(tariff: Tariff, name: str, value: Decimal) -> str | None:
    measure = tariff.measures.get(name)
    if measure is None:
        return "figure_unknown"
    if not is_bounded(value):
        return "figure_unfit"
    if value < 0:
        return "figure_negative"
    if measure.kind == "money" and value != value.to_integral_value():
        return "figure_too_fine"
    return None


async def present_preview(
    session: AsyncSession, actor: Actor, done: Corrected, locale: str
) -> wire.FiguresPreview:
    """Of lines that receive; what is borne is the other side of the same amounts."""
    names = await load_line_names(session, actor, [*done.before, *done.after])
    return wire.FiguresPreview(
        before=_tell(done.before, names, locale),
        after=_tell(done.after, names, locale),
        differences=await present_lines(session, actor, done.lines, locale),
        repeated=done.repeated,
    )


def _tell(lines: Iterable[Mapping[str, Any]], names: Names, locale: str) -> list[wire.FiguresLine]:
    return [
        wire.FiguresLine(
            party=Party(
                kind=line["party_kind"],
                id=line["party_id"],
                name=name_party(names, line["party_kind"], line["party_id"], locale),
            ),
            amount=line["amount"],
            currency=line["currency"],
            why=render(line["formula"].get("code", ""), line["formula"].get("params", {}), locale),
        )
        for line in lines
        if not line["counter"]
    ]
