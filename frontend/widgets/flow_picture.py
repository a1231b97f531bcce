"""Pictures of a graph: nodes coloured by family, tokens ringed, visited ones ticked."""

from __future__ import annotations

from collections.abc import Collection

from reactpy import html
from reactpy.types import VdomDict

from backend.contracts.tickets import Flow, FlowEdge, FlowNode
from frontend.i18n import pick, translate
from frontend.widgets.flow_grid import Cell, Grid, find_cells

LARGE = Grid(width=168, height=44, step_x=208, step_y=76, radius=10)
SMALL = Grid(width=42, height=30, step_x=58, step_y=50)
MARGIN = 16
DASHES = {"way": None, "boundary": "7 4", "undo": "2 5"}
LONGEST_LABEL = 9
"""Wide letters that fit into a large node."""


def flow_picture(
    flow: Flow,
    locale: str,
    *,
    tokens: Collection[str] = (),
    visited: Collection[str] = (),
    labels: bool = True,
    css: str = "w-full h-auto",
) -> VdomDict:
    """`tokens` and `visited` are node ids; without `labels` it is small: the shape in blocks."""
    grid = LARGE if labels else SMALL
    cells = find_cells(flow)
    width, height = grid.size(list(cells.values()))
    return html.svg(
        {
            "viewBox": f"{-MARGIN} {-MARGIN} {width + 2 * MARGIN} {height + 2 * MARGIN}",
            "className": css,
            "role": "img",
            "aria-label": translate(locale, "shell.flow.picture", count=len(flow.nodes)),
            "preserveAspectRatio": "xMidYMid meet",
        },
        _draw_edges(flow, grid, cells, visited),
        [
            _draw_node(node, grid, cells[node.id], locale, here=node.id in tokens, done=node.id in visited)
            for node in flow.nodes
        ],
    )


def _draw_edges(flow: Flow, grid: Grid, cells: dict[str, Cell], visited: Collection[str]) -> list[VdomDict]:
    taken = set(cells.values())

    def draw(edge: FlowEdge) -> VdomDict:
        done = edge.source in visited and edge.target in visited
        return html.svg.path(
            {
                "key": f"edge {edge.id}",
                "d": grid.route(cells[edge.source], cells[edge.target], taken),
                "fill": "none",
                "stroke": "var(--color-primary)" if done else "var(--tf-muted)",
                "strokeWidth": 2.5 if done else 1.5,
                "strokeOpacity": 1 if done else 0.55,
                "strokeDasharray": DASHES[edge.kind],
            }
        )

    whole = [edge for edge in flow.edges if edge.source in cells and edge.target in cells]
    return [draw(edge) for edge in whole]


def _draw_node(node: FlowNode, grid: Grid, cell: Cell, locale: str, *, here: bool, done: bool) -> VdomDict:
    name = pick(node.label, locale)
    state = translate(locale, "shell.flow.here" if here else "shell.flow.done") if here or done else ""
    ink = f"var(--family-{node.family}-ink)"
    x, y = grid.corner(cell)
    return html.svg.g(
        {"key": f"node {node.id}"},
        html.title(f"{name} · {state}" if state else name),
        html.svg.rect(
            {
                "x": x,
                "y": y,
                "width": grid.width,
                "height": grid.height,
                "rx": grid.height / 4,
                "fill": f"var(--family-{node.family})",
                "stroke": "var(--color-primary)" if here else ink,
                "strokeWidth": 4 if here else 1.25,
            }
        ),
        _draw_label(grid, x, y, name, ink) if grid is LARGE else None,
        _draw_mark(x + grid.width, y, here) if here or done else None,
    )


def _draw_label(grid: Grid, x: int, y: int, name: str, ink: str) -> VdomDict:
    wide = any(ord(letter) > 0x2E80 for letter in name)
    longest = LONGEST_LABEL if wide else LONGEST_LABEL * 2
    shown = name if len(name) <= longest else f"{name[: longest - 1]}…"
    place = {"x": x + grid.width / 2, "y": y + grid.height / 2 + 5, "textAnchor": "middle"}
    return html.text(place | {"fontSize": 15, "fill": ink}, shown)


def _draw_mark(x: int, y: int, here: bool) -> VdomDict:
    """A tick for done, a dot for where a token stands: never by colour alone."""
    inside = (
        html.svg.circle({"cx": x, "cy": y, "r": 4, "fill": "var(--color-primary-content)"})
        if here
        else html.svg.path(
            {
                "d": f"M{x - 4:g} {y:g}l3 3 5-6",
                "fill": "none",
                "stroke": "var(--color-success-content)",
                "strokeWidth": 2,
            }
        )
    )
    ground = "var(--color-primary)" if here else "var(--color-success)"
    return html.svg.g(html.svg.circle({"cx": x, "cy": y, "r": 9, "fill": ground}), inside)
