"""The manifest of a node type: what the palette, the panel, the checker and the engine must know of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

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
    join_mode: Callable[[Any], tuple[Literal["all", "any", "n", "scope"], int]] | None = None
    """For shape `join` only: mode and n."""
    fork_mode: Callable[[Any], Literal["all", "any"]] | None = None
    """For shape `fork` only: `all` takes every edge, `any` those whose condition holds."""
    expressions: Callable[[Any], tuple[tuple[str, str], ...]] = _no_problems
    """(pointer below config, CEL text) of every expression of the config, so that publish can compile
    them."""
    form: Callable[[Any], str | None] = lambda config: None
    """Key of the form the node shows, if any."""
    problems: Callable[[Any], tuple[tuple[str, str], ...]] = _no_problems
    """(code, pointer) of what the config struct cannot say itself."""
    pauses: bool = False
    """Whether a person or the clock is needed to pass: a cycle without such a node would spin."""
    milestone: bool = False
    """Whether customers see this node as a stage of the progress page unless its config says otherwise."""
