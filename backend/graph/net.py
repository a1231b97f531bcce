"""A graph compiled for the search of markings: what every node does to tokens, with numbers for ids."""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

from backend.graph.model import Boundary, Definition, Node
from backend.graph.registry import Registry
from backend.graph.structure import find_closer, join_forks, list_incoming, list_outgoing
from backend.node_sdk import JoinRule, NodeType

MAX_OPTIONAL_EDGES = 8
MOST_INSTANCES = 4
"""Instances that are told apart at most, where a join waits for that many."""
MOST_REPEATS = 2
"""How often a non-interrupting event comes in one visit, where it may come again and again."""

Arc = tuple[int, int]
"""An edge and the node it leads to."""


class Way(NamedTuple):
    """One alternative of leaving a node: the edges taken together.

    `wins`: leaving is an event from outside, which decides a race. `extra`: number of the non-interrupting
    boundary event by which a second token leaves while the first stays, `most` how often. `instances`: how
    many items there are. `gate`: whether this is the way of a gate that opens (True) or was missed (False).
    """

    edges: tuple[Arc, ...]
    wins: bool = False
    extra: int | None = None
    most: int = 0
    instances: int | None = None
    gate: bool | None = None


class Rule(NamedTuple):
    """How tokens pass a node. `scope` is the kind of scope a fork opens."""

    shape: str
    ways: tuple[Way, ...] = ()
    join: JoinRule | None = None
    incoming: frozenset[int] = frozenset()
    closes: frozenset[int] = frozenset()
    terminates: bool = False
    scope: int = -1
    is_race: bool = False
    spreads: bool = False
    sequential: bool = False
    cuts: frozenset[int] = frozenset()
    reached: int = 0
    """Bit of the node that must have been entered before this gate opens."""
    before: int = 0
    """Bit of the node that must not have been entered."""


class Net:
    """Raises UnknownNodeType, msgspec.ValidationError."""

    def __init__(self, definition: Definition, registry: Registry) -> None:
        graph = definition.graph
        self.ids = list(graph.nodes)
        self.index = {node_id: at for at, node_id in enumerate(self.ids)}
        self.instance = len(self.ids)
        """The kind of the scope of a single instance."""
        self.branch = len(self.ids) + 1
        """The kind of the scope of one way of a race."""
        self.partial = False
        """Whether some combinations were left out."""
        self._edges = {edge_id: at for at, edge_id in enumerate(graph.edges)}
        self._outgoing = list_outgoing(graph)
        incoming = list_incoming(graph)
        types = {key: registry.get(node.type, node.v) for key, node in graph.nodes.items()}
        configs: dict[str, Any] = {key: registry.decode_config(node) for key, node in graph.nodes.items()}
        joins = {
            key: node_type.join_mode(configs[key]) for key, node_type in types.items() if node_type.join_mode
        }
        forks = [
            key
            for key, node_type in types.items()
            if node_type.shape == "fork" and node_type.instances is None
        ]
        spreads = [key for key, node_type in types.items() if node_type.instances is not None]
        self._graph = graph
        races = [key for key in forks if (mode := types[key].fork_mode) and mode(configs[key]) == "first"]
        self._closing = join_forks(graph, joins, forks, spreads, races)
        self._joins = joins
        self.watched = self._find_watched(types, configs)
        """Nodes that gates look at, each with its bit."""
        self.races = any(
            node_type.fork_mode is not None and node_type.fork_mode(configs[key]) == "first"
            for key, node_type in types.items()
        )
        self.closers: dict[int, int] = {}
        """The join that a node's instances are collected by."""
        self.rules: list[Rule] = []
        for key, node in graph.nodes.items():
            rule = self._read(key, node, types[key], configs[key])
            join_rule = rule._replace(
                join=joins.get(key),
                incoming=frozenset(self._edges[edge] for edge in incoming[key]),
                closes=frozenset(self.index[fork] for fork in self._closing.get(key, ())),
            )
            self.rules.append(join_rule)
        self.starts = [at for at, rule in enumerate(self.rules) if rule.shape == "start"]
        self.handlers = frozenset(
            self.index[node.compensation]
            for node in graph.nodes.values()
            if node.compensation is not None and node.compensation in self.index
        )
        self.can_be_cut = any(rule.terminates for rule in self.rules)
        """Whether an end stops others: then it matters whether they have ended before."""
        self.fragile = frozenset(at for rule in self.rules for at in rule.cuts)
        """Nodes at which a token may be cancelled from elsewhere."""
        shut = {rule.before for rule in self.rules}
        self.shutting = frozenset(at for at, bit in self.watched.items() if bit in shut)
        """Nodes that shut a gate when they are entered."""

    # --- reading ---

    def _find_watched(self, types: dict[str, NodeType], configs: dict[str, Any]) -> dict[int, int]:
        named = {
            self.index[other]
            for key, node_type in types.items()
            if node_type.watches
            for _, other in node_type.nodes(configs[key])
            if other in self.index
        }
        return {at: 1 << bit for bit, at in enumerate(sorted(named))}

    def _read(self, key: str, node: Node, node_type: NodeType, config: Any) -> Rule:
        error = getattr(config, "error", "") or ""
        rule = Rule(
            shape=node_type.shape,
            terminates=node_type.shape == "end" and bool(getattr(config, "terminate", False) or error),
            scope=self.index[key],
            cuts=self._known(node_type.cuts(config)) if node_type.cuts else frozenset(),
        )
        if node_type.instances is not None:
            sequential = node_type.instances(config).sequential
            return rule._replace(spreads=True, sequential=sequential, ways=self._instance_ways(key))
        if node_type.fork_mode is not None:
            mode = node_type.fork_mode(config)
            drawn = [edge for edge in self._drawn(key) if edge[3] not in node.boundary]
            return rule._replace(is_race=mode == "first", ways=self._fork_ways(drawn, mode))
        if node_type.watches:
            named = dict(node_type.nodes(config))
            rule = rule._replace(
                reached=self._bit(named.get("/reached")), before=self._bit(named.get("/before"))
            )
        return rule._replace(ways=self._single_ways(key, node, node_type))

    def _known(self, nodes: tuple[str, ...]) -> frozenset[int]:
        return frozenset(self.index[key] for key in nodes if key in self.index)

    def _bit(self, node: str | None) -> int:
        return self.watched.get(self.index.get(node, -1), 0) if node else 0

    def _drawn(self, key: str) -> list[tuple[int, int, bool, str]]:
        return [
            (self._edges[edge_id], self.index[edge.target], bool(edge.when), edge.port)
            for edge_id, edge in self._outgoing[key]
        ]

    # --- ways ---

    def _single_ways(self, key: str, node: Node, node_type: NodeType) -> tuple[Way, ...]:
        """One edge at a time. A step that may answer at once or ask somebody wins a race or does not."""
        extras = [name for name, boundary in node.boundary.items() if not boundary.interrupting]
        ways: list[Way] = []
        for edge, target, _, port in self._drawn(key):
            arcs = ((edge, target),)
            if port in extras:
                most = _repeats(node.boundary[port])
                ways.append(Way(arcs, extra=extras.index(port), most=most))
                continue
            outside = node_type.family == "human" or port in node.boundary
            gate = port != "missed" if node_type.watches and port not in node.boundary else None
            ways.append(Way(arcs, wins=outside, gate=gate))
            if self.races and node_type.shape == "activity" and not outside:
                ways.append(Way(arcs, wins=True, gate=gate))
        return tuple(ways)

    def _fork_ways(self, drawn: list[tuple[int, int, bool, str]], mode: str) -> tuple[Way, ...]:
        always = tuple((edge, target) for edge, target, when, _ in drawn if mode != "any" or not when)
        optional = [(edge, target) for edge, target, when, _ in drawn if mode == "any" and when]
        sizes: list[int] = list(range(len(optional) + 1))
        if len(optional) > MAX_OPTIONAL_EDGES:
            self.partial = True
            sizes = [0, 1, 2, len(optional)]
        sets = [always + chosen for size in sizes for chosen in combinations(optional, size)]
        return tuple(Way(edges) for edges in sets if edges)

    def _instance_ways(self, key: str) -> tuple[Way, ...]:
        """None, one, two of the items, or as many as a join asks for; without any the join's own way."""
        closers = [join for join, forks in self._closing.items() if key in forks]
        most = max([2, *(self._joins[join].n for join in closers if self._joins[join].mode == "n")])
        if most > MOST_INSTANCES:
            self.partial = True
            most = MOST_INSTANCES
        drawn = [(edge, target) for edge, target, _, _ in self._drawn(key)]
        ways = [Way((arc,), instances=count) for arc in drawn for count in range(1, most + 1)]
        closer = find_closer(self._graph, key, self._closing)
        if closer is not None:
            self.closers[self.index[key]] = self.index[closer]
            ways += [Way(((edge, target),), instances=0) for edge, target, _, _ in self._drawn(closer)]
        return tuple(ways)

    # --- asking ---

    def can_go(self, token_fired: int, seen: int, rule: Rule, way: Way) -> bool:
        """Whether this way is open now: gates look at where the ticket has been, events come so often."""
        if way.gate is not None:
            missed = bool(rule.before & seen)
            return missed != way.gate and (missed or rule.reached & seen == rule.reached)
        return way.extra is None or token_fired >> 2 * way.extra & 3 < way.most

    def is_race(self, kind: int) -> bool:
        return kind < self.instance and self.rules[kind].is_race

    def is_instances(self, kind: int) -> bool:
        return kind < self.instance and self.rules[kind].spreads

    def is_plain(self, kind: int) -> bool:
        """Whether it is the scope of an ordinary fork."""
        return kind < self.instance and not self.rules[kind].is_race and not self.rules[kind].spreads

    def first_of(self, node: int) -> Arc:
        """The way every instance of this node begins."""
        return next(way.edges[0] for way in self.rules[node].ways if way.instances)


def _repeats(boundary: Boundary) -> int:
    """How often it may come while the token stays: once for a single timer."""
    if boundary.kind == "timer" and (boundary.every is None or boundary.times == 1):
        return 1
    return MOST_REPEATS
