"""Graph v1 and the definition around it, as values.

The JSON is the format of drafts, releases, templates and export alike. Maps are keyed by id, so that edits of
different nodes never touch the same key and an RFC 7396 merge patch is the language of every edit.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from backend.graph.clocks import ClockConfig
from backend.node_sdk import Label


class Position(msgspec.Struct, frozen=True):
    """Canvas coordinates in pixels."""

    x: float
    y: float


class Boundary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What may happen to a step while it waits, and leads out of it by a port of its own.

    timer: `after` some time (plain or working), or at the date in `field`; then again `every` so often,
    `times` in all. message, signal: of this `name` (and correlation, CEL). error: the step's incident or
    failed job, of this `code` or any. Interrupting, the step is called off; else a further branch begins and
    the step goes on.
    """

    kind: Literal["timer", "message", "signal", "error"]
    label: Label = Label("", "")
    interrupting: bool = True
    after: timedelta | None = None
    working_hours: bool = False
    """Whether `after` and `every` count working time of the ticket's region."""
    field: str = ""
    direction: Literal["before", "after"] = "before"
    offset: timedelta | None = None
    time_of_day: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"
    every: timedelta | None = None
    times: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    name: str = ""
    correlation: str = ""
    code: str = ""


class Node(msgspec.Struct, frozen=True):
    """One step. `config` is decoded by the node type's own struct."""

    type: str
    v: int = 1
    label: Label = Label("", "")
    config: dict[str, Any] = {}
    position: Position = Position(0, 0)
    boundary: dict[str, Boundary] = {}
    """By the name of the port that each adds to those of the node's type."""
    compensation: str | None = None
    """Id of the step that undoes this one; it stands apart, and no edge leads to it."""


class Edge(msgspec.Struct, frozen=True):
    """Leaves `port` of `source`. `when` is CEL; `order` ranks the edges of one port."""

    source: str
    port: str
    target: str
    when: str | None = None
    order: int = 0
    label: Label | None = None


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """Nodes and edges by id."""

    format: Literal["tierflow.graph/1"] = "tierflow.graph/1"
    nodes: dict[str, Node] = {}
    edges: dict[str, Edge] = {}


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form: JSON Schema 2020-12 plus uiSchema."""

    title: Label = Label("", "")
    schema: dict[str, Any] = {}
    ui: dict[str, Any] = {}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for the whole workflow."""

    title: str = ""
    """CEL text that names a ticket; empty: the workflow's name."""
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    tariff_policy: Literal["at_completion", "at_creation"] = "at_completion"
    withdraw: Literal["never", "before_first_task", "any_time"] = "before_first_task"
    """Until when whoever opened a ticket may take it back."""
    sla: dict[str, ClockConfig] = {}
    """Service level clocks by key, such as `first_response` and `resolution`."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft holds and a release freezes."""

    format: Literal["tierflow.workflow/1"] = "tierflow.workflow/1"
    name: Label = Label("", "")
    graph: Graph = Graph()
    forms: dict[str, Form] = {}
    settings: Settings = Settings()


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """What a finding concerns; all empty: the whole workflow."""

    node: str | None = None
    edge: str | None = None
    form: str | None = None
    pointer: str | None = None
    """JSON pointer into the definition."""


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """A finding: a stable code with the params of its message, where, and the path that shows it."""

    code: str
    severity: Literal["error", "warning"] = "error"
    where: Where = Where()
    params: dict[str, Any] = {}
    path: tuple[str, ...] = ()
    """Node ids in the order a token visits them."""
    fix: dict[str, Any] | None = None
    """A merge patch over the definition that mends it, when there is an obvious one."""
    fix_code: str = ""
    """What the fix does, when that differs from case to case; else the finding's own code stands for it."""


class Soundness(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict of the bounded search."""

    verdict: Literal["sound", "unsound", "not_proven"]
    states: int
    issues: tuple[Issue, ...] = ()
