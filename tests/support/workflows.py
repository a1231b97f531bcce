"""Definitions for tests: written short, or drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
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


def define(nodes: dict[str, Any], edges: Sequence[tuple[str, ...]], **parts: Any) -> Definition:
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
    """`keep_any` and `keep_n` let the rest finish."""
    if mode.startswith("keep_"):
        return {"type": "join", "config": {"mode": mode.removeprefix("keep_"), "n": n, "keep_rest": True}}
    return {"type": "join", "config": {"mode": mode, "n": n}}


PLAIN_KINDS = ("task", "choice", "split", "split_any", "join", "join", "end")
WIDE_KINDS = (
    *("task", "task", "choice", "split", "split_any", "race", "interleave"),
    *("join", "join", "join", "for_each", "gate", "cancel", "end"),
)


@st.composite
def wild_graphs(draw: st.DrawFn, most: int = 7, kinds: tuple[str, ...] = PLAIN_KINDS) -> Definition:
    """Small graphs without any order: most of them are unsound, in every way there is."""
    count = draw(st.integers(2, most))
    drawn = draw(st.lists(st.sampled_from(kinds), min_size=count, max_size=count))
    names = [f"n{at}" for at in range(count)]
    wild = _Wild(draw, names, wide=kinds is not PLAIN_KINDS)
    wild.nodes = {"s": "start", "z": {"type": "end", "config": {"terminate": draw(st.booleans())}}}
    wild.edges = [("s", "next", names[0])]
    for name, kind in zip(names, drawn, strict=True):
        wild.add(name, kind)
    return define(wild.nodes, wild.edges)


def wide_graphs(most: int = 5) -> st.SearchStrategy[Definition]:
    """Small graphs without any order, of everything that the engine knows."""
    return wild_graphs(most=most, kinds=WIDE_KINDS)


class _Wild:
    """A random graph in the making."""

    def __init__(self, draw: st.DrawFn, names: list[str], wide: bool) -> None:
        self.draw = draw
        self.names = names
        self.wide = wide
        self.targets = st.sampled_from([*names, "z"])
        self.nodes: dict[str, Any] = {}
        self.edges: list[tuple[str, ...]] = []

    def add(self, name: str, kind: str) -> None:
        draw, targets = self.draw, self.targets
        if kind == "end":
            self.nodes[name] = "end"
        elif kind == "join":
            modes = (*MODES, "each", "keep_any", "keep_n") if self.wide else MODES
            self.nodes[name] = join(draw(st.sampled_from(modes)))
            self.edges.append((name, "next", draw(targets)))
        elif kind in {"split", "split_any", "race", "interleave"}:
            self._add_fork(name, kind)
        elif kind == "choice":
            self.nodes[name] = CHOICE_TASK
            self.edges += [(name, "done", draw(targets)), (name, "other", draw(targets))]
        elif kind == "for_each":
            sequential = draw(st.booleans())
            items = f"(data.{name}_a ? 1 : 0) + (data.{name}_b ? 1 : 0)"
            self.nodes[name] = {"type": "for_each", "config": {"items": items, "sequential": sequential}}
            self.edges.append((name, "each", draw(targets)))
        elif kind == "gate":
            self._add_gate(name)
        elif kind == "cancel":
            cut = draw(st.lists(st.sampled_from(self.names), min_size=1, max_size=2, unique=True))
            self.nodes[name] = {"type": "cancel", "config": {"nodes": cut}}
            self.edges.append((name, "next", draw(targets)))
        else:
            self._add_task(name)

    def _add_fork(self, name: str, kind: str) -> None:
        config = {"split": {"mode": "all"}, "split_any": {"mode": "any"}}.get(kind, {})
        self.nodes[name] = {"type": kind.removesuffix("_any"), "config": config}
        ways = self.draw(st.lists(self.targets, min_size=2, max_size=3))
        when = "data.go" if kind == "split_any" else ""
        self.edges += [
            (name, "next", way, when) if at else (name, "next", way) for at, way in enumerate(ways)
        ]

    def _add_gate(self, name: str) -> None:
        config = {"reached": self.draw(st.sampled_from(self.names))}
        self.edges.append((name, "next", self.draw(self.targets)))
        if self.draw(st.booleans()):
            config["before"] = self.draw(st.sampled_from(self.names))
            self.edges.append((name, "missed", self.draw(self.targets)))
        self.nodes[name] = {"type": "gate", "config": config}

    def _add_task(self, name: str) -> None:
        self.nodes[name] = dict(TASK)
        self.edges.append((name, "done", self.draw(self.targets)))
        events = ("none", "timer", "again", "message") if self.wide else ("none",)
        event = self.draw(st.sampled_from(events))
        if event != "none":
            self.nodes[name]["boundary"] = {"late": BOUNDARIES[event]}
            self.edges.append((name, "late", self.draw(self.targets)))


BOUNDARIES: dict[str, dict[str, Any]] = {
    "timer": {"kind": "timer", "after": "PT1H"},
    "again": {"kind": "timer", "after": "PT1H", "every": "PT1H", "times": 2, "interrupting": False},
    "message": {"kind": "message", "name": "called"},
}


def unhurried(definition: Definition) -> tuple[Definition, tuple[str, ...]]:
    """With a step before every node that passes tokens on by itself, and a data field of its own behind every
    condition: then each move is an event that can come at any time. The names of these fields too."""
    graph = definition.graph
    nodes: dict[str, Any] = {key: msgspec.to_builtins(node) for key, node in graph.nodes.items()}
    edges: list[tuple[str, ...]] = []
    spreads = [key for key, node in graph.nodes.items() if node.type == "for_each"]
    conditions = [f"{key}_{letter}" for key in spreads for letter in "ab"]
    for at, edge in enumerate(graph.edges.values()):
        when: tuple[str, ...] = ()
        if edge.when:
            conditions.append(f"c{at}")
            when = (f"data.c{at}",)
        if graph.nodes[edge.source].type == "form_task" or graph.nodes[edge.target].type == "form_task":
            edges.append((edge.source, edge.port, edge.target, *when))
            continue
        nodes[f"x{at}"] = TASK
        edges += [(edge.source, edge.port, f"x{at}", *when), (f"x{at}", "done", edge.target)]
    return define(nodes, edges), tuple(conditions)


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
