"""Icons: lucide 1.75 (ISC licence), drawn inline. `icons.json` holds the shapes of those in use."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from reactpy import html
from reactpy.types import VdomDict

FAMILIES = ("entry", "human", "flow", "automatic", "money")
UNKNOWN = "circle"


@cache
def load_shapes() -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Icon name -> shapes, a shape being an SVG tag and its attributes."""
    found: dict[str, list[tuple[str, dict[str, str]]]] = json.loads(
        Path(__file__).with_name("icons.json").read_text("utf-8")
    )
    return found


def icon(name: str, size: int = 18, css: str = "") -> VdomDict:
    """A decorative icon in the colour of its text; an unknown name draws a circle."""
    shapes = load_shapes()
    return html.svg(
        {
            "viewBox": "0 0 24 24",
            "width": size,
            "height": size,
            "fill": "none",
            "stroke": "currentColor",
            "strokeWidth": 1.75,
            "strokeLinecap": "round",
            "strokeLinejoin": "round",
            "aria-hidden": "true",
            "className": f"shrink-0 {css}",
        },
        *(getattr(html.svg, tag)(dict(attributes)) for tag, attributes in shapes.get(name, shapes[UNKNOWN])),
    )


def node_icon(name: str, family: str, size: int = 16) -> VdomDict:
    """A node's icon on the tint of its family."""
    known = family if family in FAMILIES else "flow"
    return html.span(
        {
            "className": f"inline-flex items-center justify-center rounded-field size-7 bg-family-{known} "
            f"text-family-{known}-ink"
        },
        icon(name, size),
    )
