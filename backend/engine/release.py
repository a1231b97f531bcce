"""A release, compiled once: edge tables, decoded configs, conditions. Every step of its tickets reads from
here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from backend.engine.constant import find_constant
from backend.engine.drafts import draft_tasks
from backend.engine.rating import RATING_FORM
from backend.engine.state import Task
from backend.graph.expressions import Expression, compile_expression
from backend.graph.model import Boundary, Definition, Edge, Form, Node
from backend.graph.ports import list_ports
from backend.graph.registry import Registry
from backend.graph.structure import find_closer, join_forks, list_incoming, list_outgoing
from backend.node_sdk import JoinRule, NodeType

CheckValues = Callable[[Mapping[str, Any]], dict[str, Any] | None]
"""Holds computed values (top-level field -> value) against the forms: params of the incident `value_unfit`
for the first that does not fit; None when all do."""

LEAST_ENTRIES = 1000
"""Automatic entries one event may cause, however small the graph; larger graphs may make four a node."""


class CompiledEdge(msgspec.Struct, frozen=True):
    """An edge with its condition compiled."""

    id: str
    port: str
    target: str
    when: Expression | None


class CompiledNode:
    """A node with all that a token needs to know of it."""

    __slots__ = (
        "boundary",
        "closer",
        "compensation",
        "config",
        "constant",
        "drafts",
        "drawn",
        "edges",
        "enter",
        "forks",
        "id",
        "incoming",
        "is_error_drawn",
        "join",
        "label",
        "ports",
        "resume",
        "straight",
        "type",
        "ways_out",
    )

    def __init__(
        self, node_id: str, node: Node, node_type: NodeType, config: Any, edges: tuple[CompiledEdge, ...]
    ) -> None:
        self.id = node_id
        self.type = node_type
        self.config = config
        self.constant = find_constant(node_type, config)
        """What `enter` answers to every token; None: it has to be asked."""
        self.enter = node_type.enter
        self.resume = node_type.resume
        self.drawn = edges
        """Every edge; `edges` are those that do not begin at a boundary event."""
        self.edges = tuple(edge for edge in edges if edge.port not in node.boundary)
        self.ways_out = list_ports(node_type, config, node)
        self.ports: dict[str, tuple[CompiledEdge, ...]] = {}
        for edge in edges:
            self.ports[edge.port] = (*self.ports.get(edge.port, ()), edge)
        self.straight = {
            port: ways[0]
            for port, ways in {**self.ports, "": self.edges}.items()
            if len(ways) == 1 and ways[0].when is None
        }
        """Ports with one way and nothing to decide. The empty port stands for all of `edges`."""
        self.drafts = draft_tasks(node_id, self.ports, self.constant)
        """The tasks that a constant answer opens."""
        self.is_error_drawn = any(
            port.kind == "error" and port.name in self.ports for port in node_type.ports(config)
        )
        self.join: JoinRule | None = node_type.join_mode(config) if node_type.join_mode else None
        self.boundary: dict[str, Boundary] = node.boundary
        self.compensation = node.compensation
        self.closer: str | None = None
        """For a node that begins one way many times: the join that collects its instances."""
        self.incoming: tuple[str, ...] = ()
        self.forks: frozenset[str] = frozenset()
        self.label: dict[str, str] = {}


class Release:
    """What a ticket is pinned to. Raises UnknownNodeType, msgspec.ValidationError or ExpressionFailed when
    built
    from a definition that was never validated."""

    def __init__(
        self,
        hash: str,
        number: int,
        definition: Definition,
        registry: Registry,
        check_values: CheckValues | None = None,
    ) -> None:
        self.check_values = check_values
        """None: nodes write what they like."""
        self.hash = hash
        self.number = number
        self.definition = definition
        self.registry = registry
        graph = definition.graph
        outgoing = list_outgoing(graph)
        self.nodes: dict[str, CompiledNode] = {}
        for node_id, node in graph.nodes.items():
            edges = tuple(_compile_edge(edge_id, edge) for edge_id, edge in outgoing[node_id])
            node_type = registry.get(node.type, node.v)
            self.nodes[node_id] = CompiledNode(node_id, node, node_type, registry.decode_config(node), edges)
        types = [node.type for node in self.nodes.values()]
        self.has_spreads = any(node_type.instances for node_type in types)
        self.has_watchers = any(node_type.watches for node_type in types)
        modes = {_fork_mode(node) for node in self.nodes.values()}
        self.has_races = "first" in modes
        self.has_turns = "interleaved" in modes
        self.most_entries = max(LEAST_ENTRIES, 4 * len(self.nodes))
        self._relate()
        self.starts = tuple(sorted(key for key, node in self.nodes.items() if node.type.shape == "start"))
        self.title = compile_expression(definition.settings.title) if definition.settings.title else None
        self.clocks = definition.settings.sla

    def form_of(self, task: Task) -> Form | None:
        """The form a task shows; a rating without one of its own gets stars and a comment."""
        if task.form is not None:
            return self.definition.forms.get(task.form)
        return RATING_FORM if task.kind == "rating" else None

    def start_form(self, start: str | None = None) -> Form | None:
        """The form that opens a ticket at this start (None: the first one)."""
        node = self.nodes.get(start or (self.starts[0] if self.starts else ""))
        key = node.type.form(node.config) if node else None
        return self.definition.forms.get(key) if key else None

    def _relate(self) -> None:
        graph = self.definition.graph
        incoming = list_incoming(graph)
        joins = [key for key, node in self.nodes.items() if node.join is not None]
        spreads = [key for key, node in self.nodes.items() if node.type.instances is not None]
        forks = [
            key
            for key, node in self.nodes.items()
            if node.type.shape == "fork" and node.type.instances is None
        ]
        races = [key for key in forks if _fork_mode(self.nodes[key]) == "first"]
        closing = join_forks(graph, joins, forks, spreads, races)
        for spread in spreads:
            self.nodes[spread].closer = find_closer(graph, spread, closing)
        for key, node in self.nodes.items():
            node.incoming = incoming[key]
            node.forks = closing.get(key, frozenset())
            label = graph.nodes[key].label
            node.label = {"zh": label.zh or node.type.label.zh, "en": label.en or node.type.label.en}


def _fork_mode(node: CompiledNode) -> str | None:
    return node.type.fork_mode(node.config) if node.type.fork_mode is not None else None


def _compile_edge(edge_id: str, edge: Edge) -> CompiledEdge:
    when = compile_expression(edge.when) if edge.when else None
    return CompiledEdge(edge_id, edge.port, edge.target, when)
