"""The figures that a late change keeps, as they were and as they are, in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import corrections as wire
from backend.features.settlement.naming import load_tariffs
from backend.messages import render
from backend.settlement.phrasing import write_measure, write_quantity


async def present_changes(
    session: AsyncSession, report: Mapping[str, Any], locale: str
) -> list[wire.FigureChange]:
    """Of the row of a correction; none for one that changed no figures."""
    if "before" not in report:
        return []
    place = (report["tariff"], report["revision"])
    tariff = (await load_tariffs(session, {place})).get(place)
    before, after = report["before"], report["after"]

    def say(value: Any) -> str:
        return render("figure", {"value": value}, locale)

    def write(name: str, value: str | None) -> str:
        if value is None or tariff is None:
            return value or ""
        return say(write_quantity(tariff, name, Decimal(value)))

    quantities = [
        wire.FigureChange(
            label=say(write_measure(tariff, name)) if tariff is not None else name,
            before=write(name, before["quantities"].get(name)),
            after=write(name, value),
        )
        for name, value in after["quantities"].items()
    ]
    attributes = [
        wire.FigureChange(
            label=render(f"figure.{name}", {}, locale),
            before=before["attributes"].get(name) or "",
            after=value or "",
        )
        for name, value in after["attributes"].items()
    ]
    return quantities + attributes
