"""The tiers of a charge as a line: what is paid over the quantity, with each jump marked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from reactpy import html
from reactpy.types import VdomDict

from frontend.pages.tariffs.words import WHOLE, number, show_amount, show_quantity, show_rate
from frontend.session import Shell

WIDTH, HEIGHT = 420, 190
LEFT, BOTTOM, TOP = 16, 34, 26
LABEL = 62
"""Room that the label of a bound needs; where bounds stand closer, only the first is named."""
BEYOND = Decimal("1.4")
"""How far past the last bound the line goes on."""


class Stretch(NamedTuple):
    """One tier: what is paid at its begin (after a jump) and at its end, in minor units."""

    start: Decimal
    end: Decimal
    pays_first: Decimal
    pays_last: Decimal
    rate: object


def work_out(charge: Mapping[str, Any]) -> list[Stretch]:
    """The pay of each tier by the same rule as the calculation: whole amounts jump, marginal ones bend."""
    tiers = charge.get("tiers") or []
    whole = charge.get("model") in WHOLE
    found: list[Stretch] = []
    reached = Decimal(0)
    for tier in tiers:
        start = number(tier.get("from"))
        given = tier.get("to")
        last = start * BEYOND if start else Decimal(100)
        end = number(given) if given is not None else last
        rate, flat = number(tier.get("rate")), number(tier.get("flat"))
        if whole:
            first, final = start * rate + flat, end * rate + flat
        else:
            first = reached + flat
            final = first + (end - start) * rate
            reached = final
        found.append(Stretch(start, max(end, start), first, final, tier.get("rate")))
    return found


def tier_drawing(
    charge: Mapping[str, Any], measures: Mapping[str, Any], currency: str, shell: Shell
) -> VdomDict | None:
    """None for a charge without tiers."""
    stretches = work_out(charge)
    if not stretches:
        return None
    measure = measures.get(str(charge.get("measure"))) or {}
    far = max(each.end for each in stretches) or Decimal(1)
    high = max(max(each.pays_first, each.pays_last) for each in stretches) or Decimal(1)

    def x(value: Decimal) -> float:
        return LEFT + float(value / far) * (WIDTH - 2 * LEFT)

    def y(value: Decimal) -> float:
        return HEIGHT - BOTTOM - float(value / high) * (HEIGHT - BOTTOM - TOP)

    model = str(charge.get("model"))
    axis = {"stroke": "var(--color-base-300)", "strokeWidth": 1}
    return html.svg(
        {
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "className": "w-full h-auto",
            "role": "img",
            "aria-label": shell.t("tariffs.drawing"),
        },
        html.svg.line(axis | {"x1": LEFT, "x2": WIDTH - LEFT, "y1": HEIGHT - BOTTOM, "y2": HEIGHT - BOTTOM}),
        html.svg.line(axis | {"x1": LEFT, "x2": LEFT, "y1": TOP, "y2": HEIGHT - BOTTOM}),
        [
            html.svg.line(
                {
                    "key": f"line {at}",
                    "x1": f"{x(each.start):.1f}",
                    "y1": f"{y(each.pays_first):.1f}",
                    "x2": f"{x(each.end):.1f}",
                    "y2": f"{y(each.pays_last):.1f}",
                    "stroke": "var(--color-primary)",
                    "strokeWidth": 3,
                    "strokeLinecap": "round",
                }
            )
            for at, each in enumerate(stretches)
        ],
        [
            _label(
                f"rate {at}",
                ((x(each.start) + x(each.end)) / 2, (y(each.pays_first) + y(each.pays_last)) / 2 - 10),
                show_rate(model, each.rate, currency, shell),
                "var(--tf-muted)",
            )
            for at, each in enumerate(stretches)
        ],
        [
            _bound(
                f"jump {at}",
                (x(each.start), y(before.pays_last), y(each.pays_first)),
                shell.t(
                    "tariffs.jump", amount=show_amount(each.pays_first - before.pays_last, currency, shell)
                ),
            )
            for at, (before, each) in enumerate(pairwise(stretches))
            if each.pays_first != before.pays_last
        ],
        [
            _label(
                f"bound {at}",
                (x(each.start), HEIGHT - BOTTOM + 20),
                show_quantity(measure, each.start, currency, shell),
                "var(--tf-muted)",
            )
            for at, each in enumerate(stretches)
            if each.start and (not at or x(each.start) - x(stretches[at - 1].start) >= LABEL)
        ],
    )


def _bound(key: str, place: tuple[float, float, float], words: str) -> VdomDict:
    """A dashed line where the pay jumps, with by how much; `place` is x, y before, y after."""
    across, below, above = place
    return html.svg.g(
        {"key": key},
        html.svg.line(
            {
                "x1": f"{across:.1f}",
                "x2": f"{across:.1f}",
                "y1": f"{below:.1f}",
                "y2": f"{above:.1f}",
                "stroke": "var(--color-warning)",
                "strokeWidth": 2,
                "strokeDasharray": "4 4",
            }
        ),
        _label("words", (across + 6, (below + above) / 2 + 4), words, "var(--color-warning)", "start"),
    )


def _label(key: str, place: tuple[float, float], text: str, ink: str, anchor: str = "middle") -> VdomDict:
    where = {"key": key, "x": f"{place[0]:.1f}", "y": f"{place[1]:.1f}", "textAnchor": anchor}
    return html.text(where | {"fontSize": 13, "fill": ink}, text)
