"""The control-flow patterns as data: a small graph, what may happen to it, and what must then stand open.

A file is a `tierflow.pattern/1`. Its graph is written short: a node is its whole JSON or only the name of its
type, where `task` stands for a form step of the role `agent`; an edge is `[source, port, target]` or, with a
condition, `[source, port, target, when]`. Runs are scenarios with a few further events.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from backend.engine.events import DataChanged, TaskClaimed
from backend.engine.expectations import Mismatch
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.scenario import Expect, Scenario, ScenarioStep, TicketStart
from backend.engine.simulation import Player, Unanswered
from backend.engine.state import Calendar, Job, State
from backend.graph.model import Definition
from backend.node_sdk import Label

FOLDER = Path(__file__).resolve().parent
TASK = {"type": "form_task", "config": {"offer": {"to": "role", "role": "agent"}}}


class Expected(Expect, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`at`: every node with a token, once for each; `visits`: how often these nodes were entered."""

    at: tuple[str, ...] | None = None
    visits: dict[str, int] | None = None


class Step(ScenarioStep, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`claim` takes the task of a node; `refused`: the code with which the event must be turned down."""

    change: dict[str, Any] | None = None
    claim: str | None = None
    refused: str | None = None
    expect: Expected = Expected()


class PlayedRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way through the graph."""

    name: Label
    start: dict[str, Any] = {}
    at: datetime | None = None
    expect: Expected = Expected()
    steps: tuple[Step, ...] = ()


class ShortGraph(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See the module."""

    nodes: dict[str, Any]
    edges: tuple[tuple[str, ...], ...]


class Pattern(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`wcp`: its numbers in the list of workflow patterns, where it stands there; `instead_of`: those that
    are not offered as such, and that it does the work of. `soundness`: the verdict; `findings`: the codes of
    what is said of it, warnings too."""

    format: Annotated[str, msgspec.Meta(pattern=r"^tierflow\.pattern/1$")]
    order: int
    wcp: tuple[int, ...] = ()
    instead_of: tuple[int, ...] = ()
    name: Label
    meaning: Label
    graph: ShortGraph
    soundness: Literal["sound", "unsound", "not_proven"] = "sound"
    findings: tuple[str, ...] = ()
    calendar: Calendar = Calendar()
    runs: tuple[PlayedRun, ...]


def load_patterns() -> dict[str, Pattern]:
    """Every case by the name of its file, in their order. Raises msgspec.ValidationError."""
    found = {
        path.stem: msgspec.json.decode(path.read_bytes(), type=Pattern) for path in FOLDER.glob("*.json")
    }
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))


def define(pattern: Pattern) -> Definition:
    """The case's graph, written out."""
    nodes: dict[str, Any] = {}
    for key, written in pattern.graph.nodes.items():
        node = {"type": written} if isinstance(written, str) else dict(written)
        nodes[key] = {**TASK, **node, "type": TASK["type"]} if node["type"] == "task" else node
    edges = {
        f"e{at:02}": {
            "source": edge[0],
            "port": edge[1],
            "target": edge[2],
            "when": edge[3] if len(edge) > 3 else None,
            "order": at,
        }
        for at, edge in enumerate(pattern.graph.edges)
    }
    raw = {"name": msgspec.to_builtins(pattern.name), "graph": {"nodes": nodes, "edges": edges}}
    return msgspec.convert(raw, Definition)


class Nobody:
    """A shell that answers nothing; jobs stay open until the case answers them."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def answer(self, job: Job, state: State, now: datetime) -> Any:
        raise Unanswered

    def calendar(self, region: str | None) -> Calendar:
        return self._calendar

    def region_path(self, region: str | None) -> tuple[str, ...]:
        return ()

    def take_lines(self) -> list[dict[str, Any]]:
        return []


class PatternPlayer(Player):
    """Plays a run; `found` are the differences, each with the place where it was seen."""

    def __init__(self, release: Release, pattern: Pattern, run: PlayedRun) -> None:
        scenario = Scenario(ticket=TicketStart(source="staff", creator="m0"), start=run.start)
        if run.at is not None:
            scenario = msgspec.structs.replace(scenario, at=run.at)
        scenario = msgspec.structs.replace(scenario, steps=run.steps, expect=run.expect)
        super().__init__(release, scenario, Nobody(pattern.calendar))
        self.found: list[tuple[str, Mismatch]] = []

    def _read(self, item: ScenarioStep) -> tuple[str, Callable[[], None]]:
        assert isinstance(item, Step)
        event, act = self._read_further(item) or super()._read(item)
        if item.refused is None:
            return event, act
        code = item.refused
        return f"{event} (refused)", lambda: self._must_refuse(act, code)

    def _read_further(self, item: Step) -> tuple[str, Callable[[], None]] | None:
        if item.change is not None:
            changed = DataChanged(set=item.change, by="m1")
            return "change data", lambda: self._apply(changed)
        if item.claim is not None:
            node = item.claim
            return f"claim {node}", lambda: self._claim(node)
        return None

    def _claim(self, node: str) -> None:
        task = next(task for task in self.state.tasks.values() if task.node == node)
        self._apply(TaskClaimed(task=task.id, member="m1", by="m1"))

    def _must_refuse(self, act: Callable[[], None], code: str) -> None:
        try:
            act()
        except Refused as refused:
            if refused.code != code:
                raise
        else:
            self.found.append((code, Mismatch(what="refused", expected=code, found=None)))

    def _record(self, event: str, act: Callable[[], None], expect: Expect) -> Any:
        played = super()._record(event, act, expect)
        self.found += [(played.event, mismatch) for mismatch in played.mismatches]
        if isinstance(expect, Expected):
            self.found += [(played.event, mismatch) for mismatch in self._compare(expect)]
        return played

    def _compare(self, expect: Expected) -> list[Mismatch]:
        at = tuple(sorted(token.node for token in self.state.tokens.values()))
        found: list[Mismatch] = []
        if expect.at is not None and tuple(sorted(expect.at)) != at:
            found.append(Mismatch(what="at", expected=expect.at, found=at))
        for node, count in (expect.visits or {}).items():
            visits = self.state.visits.get(node, 0)
            if visits != count:
                found.append(Mismatch(what=f"visits.{node}", expected=count, found=visits))
        return found
