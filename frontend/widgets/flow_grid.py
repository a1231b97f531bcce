"""Places and edges of small pictures: columns and rows in the drawn order, and edges that cross no node.

Columns and rows are a grid with free gaps between them. An edge that is no short step to the right runs in
these gaps alone, so that ways back and long ways stay readable.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from backend.contracts.tickets import Flow, FlowNode

NEAR_X, NEAR_Y = 90.0, 40.0
"""Nodes closer than this (in the canvas' units) share a column or a row."""

Cell = tuple[int, int]
Point = tuple[float, float]


class Grid(msgspec.Struct, frozen=True):
    """Sizes in the picture's units: a node's box, and from one box to the next."""

    width: int
    height: int
    step_x: int
    step_y: int
    radius: int = 6

    def corner(self, cell: Cell) -> Cell:
        """Upper left corner of the node in this cell."""
        return cell[0] * self.step_x, cell[1] * self.step_y

    def size(self, cells: Sequence[Cell]) -> Cell:
        """Width and height of a picture with these cells."""
        corners = [self.corner(cell) for cell in cells]
        width = max((x for x, _ in corners), default=0) + self.width
        return width, max((y for _, y in corners), default=0) + self.height

    def route(self, source: Cell, target: Cell, taken: set[Cell]) -> str:
        """The `d` of the edge's path; `taken` are the cells of all nodes."""
        x1, y1 = self.corner(source)[0] + self.width, self._middle(source[1])
        x2, y2 = self.corner(target)[0], self._middle(target[1])
        if target[0] - source[0] == 1:
            bend = (x2 - x1) / 2
            return f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
        gap = (self.step_x - self.width) / 2
        lane = self._lane(source, target, taken)
        turns = [(x1 + gap, y1), (x1 + gap, lane), (x2 - gap, lane), (x2 - gap, y2)]
        return _draw_turns([(x1, y1), *turns, (x2, y2)], self.radius)

    def _middle(self, row: int) -> float:
        return row * self.step_y + self.height / 2

    def _lane(self, source: Cell, target: Cell, taken: set[Cell]) -> float:
        """Height of the long part: along a row that is free in between, else in the gap beside the source."""
        between = range(source[0] + 1, target[0])
        if between:
            for row in (source[1], target[1]):
                if not any((column, row) in taken for column in between):
                    return self._middle(row)
        gap = (self.step_y - self.height) / 2
        above = target[1] < source[1]
        return source[1] * self.step_y + (-gap if above else self.height + gap)


def find_cells(flow: Flow) -> dict[str, Cell]:
    """Column and row of each node: order is kept, distances are not."""
    columns = _steps([node.x for node in flow.nodes], NEAR_X)
    rows = _steps([node.y for node in flow.nodes], NEAR_Y)
    return {node.id: _cell(node, columns, rows) for node in flow.nodes}


def _cell(node: FlowNode, columns: dict[float, int], rows: dict[float, int]) -> Cell:
    return columns[node.x], rows[node.y]


def _steps(values: list[float], near: float) -> dict[float, int]:
    """Each value with the number of its step; what lies within `near` of the step's first value joins it."""
    found: dict[float, int] = {}
    start, step = None, -1
    for value in sorted(set(values)):
        if start is None or value - start > near:
            start, step = value, step + 1
        found[value] = step
    return found


def _draw_turns(points: list[Point], radius: float) -> str:
    """Straight parts with rounded corners; points on one line are joined."""
    kept = [points[0]]
    for here, after in zip(points[1:], [*points[2:], None], strict=True):
        before = kept[-1]
        if here == before or (after is not None and _in_line(before, here, after)):
            continue
        kept.append(here)
    drawn = [f"M{kept[0][0]:g} {kept[0][1]:g}"]
    for before, here, after in zip(kept, kept[1:], kept[2:], strict=False):
        into, out = _towards(here, before, radius), _towards(here, after, radius)
        drawn.append(f"L{into[0]:g} {into[1]:g}Q{here[0]:g} {here[1]:g} {out[0]:g} {out[1]:g}")
    return "".join([*drawn, f"L{kept[-1][0]:g} {kept[-1][1]:g}"])


def _in_line(before: Point, here: Point, after: Point) -> bool:
    return before[0] == here[0] == after[0] or before[1] == here[1] == after[1]


def _towards(start: Point, end: Point, radius: float) -> Point:
    """The point `radius` away from `start`, or half way when `end` is near."""
    length = abs(end[0] - start[0]) + abs(end[1] - start[1])
    share = min(radius, length / 2) / length if length else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
