"""Small pictures of graphs: what is kept of the drawing, and edges around nodes."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from backend.contracts.common import Text
from backend.contracts.tickets import Flow, FlowNode
from frontend.widgets.flow_grid import Cell, Grid, find_cells

GRID = Grid(width=40, height=30, step_x=60, step_y=50)


def test_order_is_kept_and_distances_are_not() -> None:
    places = [(0.0, 0.0), (40.0, 200.0), (1500.0, 20.0)]
    nodes = [
        FlowNode(id=str(at), family="human", label=Text("步骤", "Step"), x=x, y=y)
        for at, (x, y) in enumerate(places)
    ]
    cells = find_cells(Flow(nodes=nodes, edges=[]))
    assert cells == {"0": (0, 0), "1": (0, 1), "2": (1, 0)}
    assert GRID.size(list(cells.values())) == (100, 80)
    assert find_cells(Flow(nodes=[], edges=[])) == {}
    assert GRID.size([]) == (40, 30)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ((0, 0), (1, 1)),
        ((0, 0), (3, 0)),
        ((0, 1), (3, 0)),
        ((3, 1), (1, 1)),
        ((3, 0), (0, 1)),
        ((2, 1), (2, 0)),
    ],
)
def test_edges_cross_no_node(source: Cell, target: Cell) -> None:
    taken = {(column, row) for column in range(4) for row in range(2)}
    numbers = [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", GRID.route(source, target, taken))]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    assert list(points[0]) == [source[0] * 60 + 40, source[1] * 50 + 15]
    assert list(points[-1]) == [target[0] * 60, target[1] * 50 + 15]
    for (x1, y1), (x2, y2) in pairwise(points):
        for part in range(1, 20):
            x, y = x1 + (x2 - x1) * part / 20, y1 + (y2 - y1) * part / 20
            assert not any(c * 60 < x < c * 60 + 40 and r * 50 < y < r * 50 + 30 for c, r in taken)


def test_a_free_row_is_used() -> None:
    assert GRID.route((0, 0), (3, 0), {(0, 0), (3, 0)}) == "M40 15L180 15"
