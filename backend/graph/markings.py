"""The token game without data: what can happen when every condition and every timeout is possible.

A marking is a sorted tuple of abstract tokens. Moves follow the engine's rules for forks, joins and ends (see
`engine.tokens` and `engine.joins`), with the fork's index in the place of a scope's id.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple

from backend.graph.model import Definition
from backend.graph.registry import Registry
from backend.graph.structure import join_forks, list_incoming, list_outgoing, shared_prefix
from backend.node_sdk import JoinRule

MAX_OPTIONAL_EDGES = 8
MAX_TOKENS = 64


class AbstractToken(NamedTuple):
    """`edge` is that of arrival while it waits at a join, else -1. `scopes` are the forks it is inside of."""

    node: int
    edge: int
    waiting: bool
    scopes: tuple[int, ...]


Marking = tuple[AbstractToken, ...]


class Way(NamedTuple):
    """One alternative of leaving a node: the edges taken together, as (edge, target)."""

    edges: tuple[tuple[int, int], ...]


class Net:
    """A graph compiled for the search. Raises UnknownNodeType, msgspec.ValidationError."""

    def __init__(self, definition: Definition, registry: Registry) -> None:
        graph = definition.graph
        self.ids = list(graph.nodes)
        index = {node_id: at for at, node_id in enumerate(self.ids)}
        edge_index = {edge_id: at for at, edge_id in enumerate(graph.edges)}
        incoming, outgoing = list_incoming(graph), list_outgoing(graph)
        types = [registry.get(node.type, node.v) for node in graph.nodes.values()]
        configs: list[Any] = [registry.decode_config(node) for node in graph.nodes.values()]
        self.shapes = [node_type.shape for node_type in types]
        self.terminates = [
            bool(getattr(config, "terminate", False) or getattr(config, "error", "")) for config in configs
        ]
        self.joins = [
            node_type.join_mode(config) if node_type.join_mode else None
            for node_type, config in zip(types, configs, strict=True)
        ]
        self.partial = False
        """Whether some combinations of optional branches were left out."""
        self.incoming = [frozenset(edge_index[edge] for edge in incoming[node]) for node in self.ids]
        forks = [node for node, shape in zip(self.ids, self.shapes, strict=True) if shape == "fork"]
        joins = [node for node, join in zip(self.ids, self.joins, strict=True) if join is not None]
        closing = join_forks(graph, joins, forks)
        self.forks = [frozenset(index[fork] for fork in closing.get(node, ())) for node in self.ids]
        self.ways: list[tuple[Way, ...]] = []
        for node, node_type, config in zip(self.ids, types, configs, strict=True):
            drawn = [(edge_index[key], index[edge.target], bool(edge.when)) for key, edge in outgoing[node]]
            if node_type.fork_mode is None:
                self.ways.append(tuple(Way(((edge, target),)) for edge, target, _ in drawn))
            else:
                self.ways.append(self._fork_ways(drawn, node_type.fork_mode(config)))
        self.starts = [at for at, shape in enumerate(self.shapes) if shape == "start"]

    def _fork_ways(self, drawn: list[tuple[int, int, bool]], mode: str) -> tuple[Way, ...]:
        always = tuple((edge, target) for edge, target, when in drawn if mode == "all" or not when)
        optional = [(edge, target) for edge, target, when in drawn if mode == "any" and when]
        sizes: list[int] = list(range(len(optional) + 1))
        if len(optional) > MAX_OPTIONAL_EDGES:
            self.partial = True
            sizes = [0, 1, 2, len(optional)]
        sets = [always + chosen for size in sizes for chosen in combinations(optional, size)]
        return tuple(Way(edges) for edges in sets if edges)

    # --- moving ---

    def leave(
        self, marking: Marking, token: AbstractToken, way: Way
    ) -> tuple[Marking, tuple[int, ...], bool]:
        """The marking after a token left this way, the nodes it entered, and whether an end cut others
        off."""
        rest = list(marking)
        rest.remove(token)
        scopes = token.scopes
        if self.shapes[token.node] == "fork":
            while scopes and not any(other.scopes[: len(scopes)] == scopes for other in rest):
                scopes = scopes[:-1]
            if len(way.edges) > 1:
                scopes = (*scopes, token.node)
        cut = False
        for edge, target in way.edges:
            if self.shapes[target] == "end":
                if self.terminates[target]:
                    cut = cut or bool(rest)
                    return (), tuple(node for _, node in way.edges), cut
            elif self.joins[target] is not None:
                rest.append(AbstractToken(target, edge, True, scopes))
            else:
                rest.append(AbstractToken(target, -1, False, scopes))
        self._meet(rest)
        return tuple(sorted(rest)), tuple(node for _, node in way.edges), cut

    def _meet(self, tokens: list[AbstractToken]) -> None:
        """Let every complete join go on, until none is."""
        moved = True
        while moved:
            moved = False
            for token in sorted(tokens):
                if token.waiting and self._try_join(tokens, token):
                    moved = True
                    break

    def _try_join(self, tokens: list[AbstractToken], token: AbstractToken) -> bool:
        group = self._group_of(token)
        inside = [other for other in tokens if group is None or _is_inside(other, group)]
        chosen = self._complete(tokens, token, group, inside)
        if not chosen:
            return False
        mode = (self.joins[token.node] or ("all", 1))[0]
        scopes = shared_prefix([other.scopes for other in chosen])
        for other in chosen:
            tokens.remove(other)
            inside.remove(other)
        if group is not None and not (mode == "all" and inside):
            scopes = group[:-1]
            for other in inside:
                tokens.remove(other)
        tokens.append(AbstractToken(token.node, -1, False, scopes))
        return True

    def _group_of(self, token: AbstractToken) -> tuple[int, ...] | None:
        """The scope this join closes, as the path of forks down to it."""
        for depth in range(len(token.scopes), 0, -1):
            if token.scopes[depth - 1] in self.forks[token.node]:
                return token.scopes[:depth]
        return None

    def _complete(
        self,
        tokens: list[AbstractToken],
        token: AbstractToken,
        group: tuple[int, ...] | None,
        inside: list[AbstractToken],
    ) -> list[AbstractToken]:
        mode, n, _ = self.joins[token.node] or JoinRule("all")
        if mode == "any" or (mode == "scope" and group is None):
            return [token]
        waiting = [
            other
            for other in sorted(tokens)
            if other.node == token.node and other.waiting and self._group_of(other) == group
        ]
        if mode == "n":
            return waiting[:n] if len(waiting) >= n else []
        if mode == "scope":
            return waiting if len(waiting) == len(inside) else []
        by_edge = {other.edge: other for other in reversed(waiting)}
        return list(by_edge.values()) if by_edge.keys() >= self.incoming[token.node] else []

    # --- choosing whom to move ---

    def is_private(self, token: AbstractToken) -> bool:
        """Whether moving this token neither cancels others nor depends on when they move."""
        return not any(self._cancels(target) for way in self.ways[token.node] for _, target in way.edges)

    def _cancels(self, node: int) -> bool:
        join = self.joins[node]
        return self.terminates[node] or (join is not None and join[0] in {"any", "n"})


def _is_inside(token: AbstractToken, group: tuple[int, ...]) -> bool:
    return token.scopes[: len(group)] == group


Chooser = Callable[[Net, Marking], list[AbstractToken]]


def choose_every(net: Net, marking: Marking) -> list[AbstractToken]:
    """All tokens that can move: every interleaving."""
    return [token for token in dict.fromkeys(marking) if not token.waiting]


def choose_private(net: Net, marking: Marking) -> list[AbstractToken]:
    """One private token if there is one, since the order of private moves shows nothing new; else all."""
    movable = choose_every(net, marking)
    return next(([token] for token in movable if net.is_private(token)), movable)
