"""The manifest of a node type: what the palette, the panel, the checker and the engine must know of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from backend.node_sdk.context import NodeContext, Signal
from backend.node_sdk.outcomes import Outcome

ConfigType: TypeAlias = type[msgspec.Struct]  # named here, since the manifest has a field called `type`

Family = Literal["entry", "human", "flow", "automatic", "money"]
"""Colour and group of a node in the palette."""

PortKind = Literal["normal", "timeout", "error"]

Shape = Literal["start", "activity", "choice", "fork", "join", "end"]
"""How tokens pass, as the soundness check sees it.

start: one token out. activity: one in, one out by any one port. choice: one in, one out by any one edge.
fork: one in, one on each edge whose condition holds. join: see `NodeType.join_mode`. end: one in, none out.
"""


ForkMode = Literal["all", "any", "first", "interleaved"]
JoinMode = Literal["all", "any", "n", "scope", "each"]


class JoinRule(NamedTuple):
    """Whom a join waits for; see `outcomes.Join`."""

    mode: JoinMode
    n: int = 1
    keep_rest: bool = False


class Instances(NamedTuple):
    """What a node that begins one way many times calls its items, and where their data is collected."""

    name: str
    into: str
    sequential: bool


class Label(msgspec.Struct, frozen=True):
    """A text in both languages."""

    zh: str
    en: str


class Port(msgspec.Struct, frozen=True):
    """A way out of a node. A `required` port without an edge is a finding."""

    name: str
    label: Label
    kind: PortKind = "normal"
    required: bool = True


class WrittenField(msgspec.Struct, frozen=True):
    """A field of the ticket that a node writes. Without a label people read its path in plain words."""

    path: str
    """`data.x` or `x`."""
    label: Label | None = None
    type: Literal["string", "number", "boolean", "list", "object"] = "string"


def _no_problems(config: Any) -> tuple[tuple[str, str], ...]:
    return ()


class NodeType(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one node type. A published version never changes behaviour: a `version=2` stands
    beside it."""

    type: str
    version: int
    family: Family
    shape: Shape
    label: Label
    help: Label
    icon: str
    """Name of a lucide icon."""
    config: ConfigType
    """A struct whose JSON Schema draws the property panel. Titles: `Meta(extra_json_schema={"x-title":
    {...}})`."""
    config_ui: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    """Config of a freshly dropped node."""
    ports: Callable[[Any], tuple[Port, ...]]
    enter: Callable[[Any, NodeContext], Outcome]
    """Called when a token arrives."""
    resume: Callable[[Any, NodeContext, Signal], Outcome] | None = None
    """Called when what the node waited for has happened. Nodes that never wait have none."""
    describe: Callable[[Any], Label]
    """One line that says what the node will do, shown on its card."""
    join_mode: Callable[[Any], JoinRule] | None = None
    """For shape `join` only."""
    fork_mode: Callable[[Any], ForkMode] | None = None
    """For shape `fork` only: `all` takes every edge, `any` those whose condition holds, `first` every edge
    until one of them moves, `interleaved` every edge one at a time. None together with `instances`."""
    instances: Callable[[Any], Instances] | None = None
    """For shape `fork` only: the node begins its port `each` once for every item (answer Spread)."""
    cuts: Callable[[Any], tuple[str, ...]] | None = None
    """Nodes whose tokens this one cancels (answer Cut)."""
    compensates: Callable[[Any], tuple[str, ...]] | None = None
    """Nodes that this one undoes, none named: all (answer Compensate)."""
    watches: bool = False
    """Whether it may answer Watch, so that the engine asks it again after every event. The soundness check
    reads what it waits for from `nodes`: one at `/reached` must have been entered, one at `/before` must
    not; once that has been, the token leaves by the port `missed`."""
    nodes: Callable[[Any], tuple[tuple[str, str], ...]] = _no_problems
    """(pointer below config, node id) of every node the config names, so that publish can look for them."""
    expressions: Callable[[Any], tuple[tuple[str, str], ...]] = _no_problems
    """(pointer below config, CEL text) of every expression of the config, so that publish can compile
    them."""
    writes: Callable[[Any], tuple[WrittenField, ...]] = lambda config: ()
    """Fields that the node computes or keeps, so that others can be offered them."""
    form: Callable[[Any], str | None] = lambda config: None
    """Key of the form the node shows, if any."""
    problems: Callable[[Any], tuple[tuple[str, str], ...]] = _no_problems
    """(code, pointer) of what the config struct cannot say itself."""
    pauses: bool = False
    """Whether a person or the clock is needed to pass: a cycle without such a node would spin."""
    milestone: bool = False
    """Whether customers see this node as a stage of the progress page unless its config says otherwise."""

    @property
    def waits(self) -> bool:
        """Whether a token may stand here between two events, so that something may happen meanwhile."""
        return self.shape == "join" or self.resume is not None or self.compensates is not None
