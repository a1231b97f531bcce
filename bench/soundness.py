"""P13: the soundness check, as it runs at every edit of a draft and before it is published.

Workflows as people draw them, of 10, 50, 200 and 1,000 nodes: rows of human steps with choices, parallel and
inclusive parts under every kind of join, loops, races, steps for each item, and reminders at the boundary of
some steps. Three of each size, one of which has a mistake in its middle. Milliseconds of one check with all
its findings, the median of five; the verdict and how many markings were looked at stand beside it.
"""

from __future__ import annotations

import random
import statistics
import time
from typing import Any

import msgspec

from backend.graph.model import Definition, Soundness
from backend.graph.registry import Registry
from backend.graph.soundness import check_soundness
from designer_nodes import NODE_TYPES

REGISTRY = Registry(NODE_TYPES)
SIZES = (10, 50, 200, 1000)
GOAL_NODES, GOAL_MS = 200, 1000
ROUNDS = 5
Way = tuple[str, str]
"""A node and the port by which what follows is reached."""


class Drawing:
    """A workflow in the making: blocks one after the other."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.nodes: dict[str, Any] = {}
        self.edges: list[tuple[str, str, str, str | None]] = []

    def add(self, kind: str, **config: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes[name] = {"type": kind, "config": config}
        return name

    def link(self, way: Way, target: str, when: str | None = None) -> None:
        self.edges.append((*way, target, when))

    def task(self, before: Way | None, *buttons: str) -> str:
        named = [{"name": name, "label": {"zh": name, "en": name}} for name in buttons]
        node = self.add("form_task", offer={"to": "role", "role": "agent"}, buttons=named)
        if before is not None:
            self.link(before, node)
        return node

    def block(self, before: Way) -> Way:
        drawn = self.chance.choice(
            (
                *(self.row, self.row, self.choice, self.parallel, self.parallel, self.inclusive, self.loop),
                *(self.race, self.items, self.reminder),
            )
        )
        return drawn(before)

    def row(self, before: Way) -> Way:
        for _ in range(self.chance.randint(1, 3)):
            before = (self.task(before), "done")
        return before

    def choice(self, before: Way) -> Way:
        choice, meet = self.add("decision"), self.task(None)
        self.link(before, choice)
        for at in range(3):
            step = self.task(None)
            self.link((choice, "next"), step, f"data.kind == '{at}'" if at else None)
            self.link((step, "done"), meet)
        return meet, "done"

    def branches(self, fork: str, join: str, when: str | None = None) -> None:
        for at in range(self.chance.randint(2, 4)):
            first = self.task(None)
            self.link((fork, "next"), first, when if at else None)
            self.link(self.row((first, "done")), join)

    def parallel(self, before: Way) -> Way:
        mode = self.chance.choice(("all", "any", "n", "scope"))
        keep = self.chance.random() < 0.3 and mode in {"any", "n"}
        fork, join = self.add("split", mode="all"), self.add("join", mode=mode, n=2, keep_rest=keep)
        self.link(before, fork)
        self.branches(fork, join)
        return join, "next"

    def inclusive(self, before: Way) -> Way:
        fork, join = self.add("split", mode="any"), self.add("join", mode="scope")
        self.link(before, fork)
        self.branches(fork, join, "data.more == true")
        return join, "next"

    def race(self, before: Way) -> Way:
        fork, meet = self.add("race"), self.task(None)
        self.link(before, fork)
        self.branches(fork, meet)
        return meet, "done"

    def loop(self, before: Way) -> Way:
        first = self.task(before)
        again = self.task(self.row((first, "done")), "again")
        self.link((again, "again"), first)
        return again, "done"

    def items(self, before: Way) -> Way:
        sequential = self.chance.random() < 0.5
        each = self.add("for_each", items="data.devices", sequential=sequential)
        join = self.add("join", mode="scope")
        self.link(before, each)
        self.link(self.row((self.task((each, "each")), "done")), join)
        return join, "next"

    def reminder(self, before: Way) -> Way:
        step = self.task(before)
        notice, end = self.task((step, "late")), self.add("end")
        self.nodes[step]["boundary"] = {"late": {"kind": "timer", "after": "PT1H", "interrupting": False}}
        self.link((notice, "done"), end)
        return step, "done"

    def mistake(self, before: Way) -> Way:
        """A parallel part of which one branch may never come to the join."""
        fork, join, end = self.add("split", mode="all"), self.add("join", mode="all"), self.add("end")
        self.link(before, fork)
        good, bad = self.task((fork, "next")), self.task((fork, "next"), "give_up")
        self.link((good, "done"), join)
        self.link((bad, "done"), join)
        self.link((bad, "give_up"), end)
        return join, "next"


def draw(size: int, seed: int) -> Definition:
    """A workflow of about `size` nodes; every third has a mistake."""
    drawing = Drawing(seed)
    way: Way = (drawing.add("start"), "next")
    wrong = seed % 3 == 2
    while len(drawing.nodes) < size - 1:
        if wrong and len(drawing.nodes) >= size // 2:
            way, wrong = drawing.mistake(way), False
        room = size - len(drawing.nodes)
        way = drawing.block(way) if room > 12 else (drawing.task(way), "done")
    drawing.link(way, drawing.add("end"))
    edges = {
        f"e{at}": {"source": source, "port": port, "target": target, "when": when, "order": at}
        for at, (source, port, target, when) in enumerate(drawing.edges)
    }
    raw = {"name": {"zh": "", "en": ""}, "graph": {"nodes": drawing.nodes, "edges": edges}}
    return msgspec.convert(raw, Definition)


def measure(definition: Definition) -> tuple[float, Soundness]:
    """Milliseconds of processor time, the median."""
    taken: list[float] = []
    for _ in range(ROUNDS):
        started = time.process_time()
        found = check_soundness(definition, REGISTRY)
        taken.append((time.process_time() - started) * 1000)
    return statistics.median(taken), found


def main() -> None:
    worst = 0.0
    for size in SIZES:
        for seed in range(3):
            definition = draw(size, seed)
            taken, found = measure(definition)
            nodes = len(definition.graph.nodes)
            print(f"{nodes:5} nodes: {taken:8.1f} ms, {found.verdict}, {found.states} markings")
            if size == GOAL_NODES:
                worst = max(worst, taken)
    word = "met" if worst < GOAL_MS else "missed"
    print(f"P13 soundness: {worst:.0f} ms at worst at {GOAL_NODES} nodes, goal {GOAL_MS} ms: {word}")


if __name__ == "__main__":
    main()
