"""The gallery's picture of a graph: its shape in blocks, where a true drawing would be a thin line."""

from __future__ import annotations

from reactpy import html
from reactpy.types import VdomDict

from backend.contracts.tickets import Flow, FlowNode
from frontend.i18n import pick, translate

WIDTH, HEIGHT = 42, 30
STEP_X, STEP_Y = 58, 50
MARGIN = 14
NEAR_X, NEAR_Y = 90.0, 40.0
"""Nodes closer than this (in the canvas' units) share a column or a row."""


def flow_thumbnail(flow: Flow, locale: str, css: str = "w-full h-44") -> VdomDict:
    """Columns and rows keep their order and lose their distances."""
    columns = _steps([node.x for node in flow.nodes], NEAR_X)
    rows = _steps([node.y for node in flow.nodes], NEAR_Y)
    places = {node.id: (columns[node.x] * STEP_X, rows[node.y] * STEP_Y) for node in flow.nodes}
    width = max((x for x, _ in places.values()), default=0) + WIDTH
    height = max((y for _, y in places.values()), default=0) + HEIGHT
    return html.svg(
        {
            "viewBox": f"{-MARGIN} {-MARGIN} {width + 2 * MARGIN} {height + 2 * MARGIN}",
            "className": css,
            "role": "img",
            "aria-label": translate(locale, "shell.flow.picture", count=len(flow.nodes)),
            "preserveAspectRatio": "xMidYMid meet",
        },
        [
            _edge(edge.id, places[edge.source], places[edge.target])
            for edge in flow.edges
            if edge.source in places and edge.target in places
        ],
        [_node(node, places[node.id], locale) for node in flow.nodes],
    )


def _steps(values: list[float], near: float) -> dict[float, int]:
    """Each value with the number of its step; what lies within `near` of the step's first value joins it."""
    found: dict[float, int] = {}
    start, step = None, -1
    for value in sorted(set(values)):
        if start is None or value - start > near:
            start, step = value, step + 1
        found[value] = step
    return found


def _edge(key: str, source: tuple[int, int], target: tuple[int, int]) -> VdomDict:
    x1, y1 = source[0] + WIDTH, source[1] + HEIGHT / 2
    x2, y2 = target[0], target[1] + HEIGHT / 2
    bend = max(12.0, abs(x2 - x1) / 2)
    return html.svg.path(
        {
            "key": f"edge {key}",
            "d": f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}",
            "fill": "none",
            "stroke": "var(--tf-muted)",
            "strokeWidth": 1.5,
            "strokeOpacity": 0.6,
        }
    )


def _node(node: FlowNode, place: tuple[int, int], locale: str) -> VdomDict:
    return html.svg.g(
        {"key": f"node {node.id}"},
        html.title(pick(node.label, locale)),
        html.svg.rect(
            {
                "x": place[0],
                "y": place[1],
                "width": WIDTH,
                "height": HEIGHT,
                "rx": 7,
                "fill": f"var(--family-{node.family})",
                "stroke": f"var(--family-{node.family}-ink)",
                "strokeWidth": 1.25,
            }
        ),
    )
