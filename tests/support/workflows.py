"""Definitions for tests: written short, or drawn at random."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from backend.engine.release import Release
from backend.graph.canonical import content_hash
from backend.graph.model import Definition
from backend.graph.registry import Registry
from designer_nodes import NODE_TYPES

REGISTRY = Registry(NODE_TYPES)

TASK: dict[str, Any] = {"type": "form_task", "config": {"offer": {"to": "role", "role": "agent"}}}
CHOICE_TASK: dict[str, Any] = {
    "type": "form_task",
    "config": {
        "offer": {"to": "role", "role": "agent"},
        "buttons": [{"name": "other", "label": {"zh": "另", "en": "Other"}, "needs_comment": False}],
    },
}
MODES = ("all", "any", "scope", "n")


def define(nodes: dict[str, Any], edges: list[tuple[str, ...]], **parts: Any) -> Definition:
    """`edges` are "a.port b" style tuples: (source, port, target[, when]). A node may be just its type."""
    raw = {
        "name": {"zh": "测试", "en": "Test"},
        "graph": {
            "nodes": {key: {"type": node} if isinstance(node, str) else node for key, node in nodes.items()},
            "edges": {
                f"e{at:02}": {
                    "source": edge[0],
                    "port": edge[1],
                    "target": edge[2],
                    "when": edge[3] if len(edge) > 3 else None,
                    "order": at,
                }
                for at, edge in enumerate(edges)
            },
        },
        **parts,
    }
    return msgspec.convert(raw, Definition)


def release_of(definition: Definition) -> Release:
    return Release(content_hash(definition), 1, definition, REGISTRY)


def join(mode: str, n: int = 2) -> dict[str, Any]:
    return {"type": "join", "config": {"mode": mode, "n": n}}


@st.composite
def wild_graphs(draw: st.DrawFn) -> Definition:
    """Small graphs without any order: most of them are unsound, in every way there is."""
    count = draw(st.integers(2, 7))
    kinds = draw(
        st.lists(
            st.sampled_from(["task", "choice", "split", "split_any", "join", "join", "end"]),
            min_size=count,
            max_size=count,
        )
    )
    nodes: dict[str, Any] = {"s": "start", "z": {"type": "end", "config": {"terminate": draw(st.booleans())}}}
    names = [f"n{at}" for at in range(count)]
    edges: list[tuple[str, ...]] = [("s", "next", names[0])]
    targets = st.sampled_from([*names, "z"])
    for name, kind in zip(names, kinds, strict=True):
        if kind == "end":
            nodes[name] = "end"
        elif kind == "join":
            nodes[name] = join(draw(st.sampled_from(MODES)))
            edges.append((name, "next", draw(targets)))
        elif kind in {"split", "split_any"}:
            nodes[name] = {"type": "split", "config": {"mode": "any" if kind == "split_any" else "all"}}
            ways = draw(st.lists(targets, min_size=2, max_size=3))
            when = "data.go" if kind == "split_any" else ""
            edges += [(name, "next", way, when) if at else (name, "next", way) for at, way in enumerate(ways)]
        elif kind == "choice":
            nodes[name] = CHOICE_TASK
            edges += [(name, "done", draw(targets)), (name, "other", draw(targets))]
        else:
            nodes[name] = TASK
            edges.append((name, "done", draw(targets)))
    return define(nodes, edges)


class _Builder:
    def __init__(self) -> None:
        self.nodes: dict[str, Any] = {}
        self.edges: list[tuple[str, ...]] = []

    def add(self, node: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes[name] = node
        return name

    def block(self, draw: st.DrawFn, depth: int) -> tuple[str, tuple[str, str]]:
        """A block's first node, and the (node, port) by which it is left."""
        kind = draw(st.sampled_from(["task", "row", "choice", "parallel", "loop"] if depth else ["task"]))
        if kind == "row":
            first, way = self.block(draw, depth - 1)
            second, end = self.block(draw, depth - 1)
            self.edges.append((*way, second))
            return first, end
        if kind == "choice":
            choice, meet = self.add(CHOICE_TASK), self.add(TASK)
            for port in ("done", "other"):
                entry, way = self.block(draw, depth - 1)
                self.edges += [(choice, port, entry), (*way, meet)]
            return choice, (meet, "done")
        if kind == "parallel":
            mode = draw(st.sampled_from(MODES))
            fork, meet = self.add("split"), self.add(join(mode))
            for _ in range(draw(st.integers(2, 3))):
                entry, way = self.block(draw, depth - 1)
                self.edges += [(fork, "next", entry), (*way, meet)]
            return fork, (meet, "next")
        if kind == "loop":
            again = self.add(CHOICE_TASK)
            entry, way = self.block(draw, depth - 1)
            self.edges += [(*way, again), (again, "other", entry)]
            return entry, (again, "done")
        task = self.add(TASK)
        return task, (task, "done")


@st.composite
def tidy_graphs(draw: st.DrawFn) -> Definition:
    """Well-structured graphs: rows, choices, parallels with every kind of join, loops. All of them are
    sound."""
    builder = _Builder()
    entry, way = builder.block(draw, 3)
    edges: list[tuple[str, ...]] = [("s", "next", entry), *builder.edges, (*way, "z")]
    return define({"s": "start", **builder.nodes, "z": "end"}, edges)
