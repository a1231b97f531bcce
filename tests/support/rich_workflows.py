"""Definitions woven at random from everything that the engine can do."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from backend.graph.model import Definition
from tests.support.workflows import CHOICE_TASK, TASK, define

MESSAGE = "called_off"
SIGNAL = "alarm"
HOOK: dict[str, Any] = {"type": "webhook", "config": {"url": "https://a.example"}}
EVENTS: tuple[dict[str, Any], ...] = (
    {"kind": "timer", "after": "PT30M"},
    {"kind": "timer", "after": "PT10M", "every": "PT20M", "times": 3},
    {"kind": "message", "name": MESSAGE},
    {"kind": "signal", "name": SIGNAL},
    {"kind": "error"},
    {"kind": "error", "code": "timeout"},
)
WAITS: tuple[dict[str, Any], ...] = (
    {"mode": "message", "message": MESSAGE},
    {"mode": "signal", "signal": SIGNAL},
    {"mode": "duration", "duration": "PT20M"},
)
HANDLERS: dict[str, Any] = {"u0": TASK, "u1": HOOK}
BLOCKS = ("row", "row", "choice", "split", "race", "interleave", "for_each", "for_each", "loop")
STEPS = ("task", "task", "task", "hook", "wait", "gate", "cancel", "compensate")
Way = tuple[str, str]


@st.composite
def rich_graphs(draw: st.DrawFn) -> Definition:
    """Nested blocks of every kind, with events at steps that lead anywhere, steps that undo, and a few edges
    led astray: most are nearly sound. Drawn from a seed, so that every kind is as likely as any other."""
    return weave(random.Random(draw(st.integers(0, 2**32))))


def weave(chance: random.Random) -> Definition:
    loom = _Loom(chance)
    entry, way = loom.block(chance.randint(1, 4))
    names = list(loom.nodes)
    edges: list[tuple[str, ...]] = [("s", "next", entry), *loom.edges, (*way, "z")]
    for at in range(len(edges)):
        if chance.random() < 0.04:
            edges[at] = (*edges[at][:2], chance.choice([*names, "z"]), *edges[at][3:])
    for name in names:
        edges += [(name, port, chance.choice([*names, "z"])) for port in loom.attach(name)]
    for node in loom.nodes.values():
        loom.name_others(node, names)
    end = {"type": "end", "config": {"terminate": chance.random() < 0.1}}
    return define({"s": "start", "z": end, **HANDLERS, **loom.nodes}, edges)


class _Loom:
    """Blocks under way; each has an entry and one (node, port) by which it is left."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.nodes: dict[str, Any] = {}
        self.edges: list[tuple[str, ...]] = []

    def add(self, node: dict[str, Any]) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes[name] = {**node}
        return name

    def block(self, depth: int) -> tuple[str, Way]:
        kind = self.chance.choice(BLOCKS) if depth else ""
        if kind == "row":
            first, way = self.block(depth - 1)
            second, end = self.block(depth - 1)
            self.edges.append((*way, second))
            return first, end
        if kind == "choice":
            return self.fork(CHOICE_TASK, ["done", "other"], depth, TASK, "done")
        if kind == "loop":
            again = self.add(CHOICE_TASK)
            entry, way = self.block(depth - 1)
            self.edges += [(*way, again), (again, "other", entry)]
            return entry, (again, "done")
        if kind:
            return self.parallel(kind, depth)
        return self.step()

    def parallel(self, kind: str, depth: int) -> tuple[str, Way]:
        modes = ["all", "any", "scope", "scope", "n", "each"]
        config = {"mode": self.chance.choice(modes), "n": 2, "keep_rest": self.chance.random() < 0.5}
        meet = {"type": "join", "config": config}
        if kind != "for_each":
            fork: dict[str, Any] = {"type": kind}
            if kind == "split" and self.chance.random() < 0.4:
                fork["config"] = {"mode": "any"}
            return self.fork(fork, ["next"] * self.chance.randint(2, 3), depth, meet, "next")
        items = {
            "items": self.chance.choice(["data.list", "2", "0", "1"]),
            "into": self.chance.choice(["list", "results"]),
            "sequential": self.chance.random() < 0.5,
            "max": 3,
        }
        return self.fork({"type": kind, "config": items}, ["each"], depth, meet, "next")

    def fork(
        self, opening: dict[str, Any], ports: list[str], depth: int, closing: dict[str, Any], out: str
    ) -> tuple[str, Way]:
        fork, meet = self.add(opening), self.add(closing)
        for at, port in enumerate(ports):
            entry, way = self.block(depth - 1)
            when = ("data.go",) if at and opening.get("config") == {"mode": "any"} else ()
            self.edges += [(fork, port, entry, *when), (*way, meet)]
        return fork, (meet, out)

    def step(self) -> tuple[str, Way]:
        kind = self.chance.choice(STEPS)
        if kind == "task":
            name = self.add(TASK)
            return name, (name, "done")
        if kind == "hook":
            name = self.add(HOOK)
            return name, (name, "ok")
        config = self.chance.choice(WAITS) if kind == "wait" else {}
        name = self.add({"type": kind, "config": {**config}})
        return name, (name, "next")

    def name_others(self, node: dict[str, Any], names: list[str]) -> None:
        """What gates wait for, and what is cancelled or undone."""
        if node["type"] == "gate":
            by_step = self.chance.random() < 0.5
            node["config"] = {"reached": self.chance.choice(names)} if by_step else {"condition": "data.go"}
        elif node["type"] in {"cancel", "compensate"}:
            node["config"] = {"nodes": self.chance.sample(names, min(len(names), self.chance.randint(0, 2)))}

    def attach(self, name: str) -> list[str]:
        """Events at the step and what undoes it; the ports that this adds."""
        node = self.nodes[name]
        if node["type"] not in {"form_task", "webhook", "wait", "gate", "join"} or self.chance.random() < 0.5:
            return []
        if node["type"] != "join" and self.chance.random() < 0.5:
            node["compensation"] = self.chance.choice(list(HANDLERS))
        events = self.chance.sample(EVENTS, self.chance.randint(0, 2))
        node["boundary"] = {
            f"at{at}": {**event, "interrupting": self.chance.random() < 0.5}
            for at, event in enumerate(events)
        }
        return list(node["boundary"])
