"""Can a graph come to its end from here? The search of `soundness`, begun in the middle.

A running ticket that is moved to another release stands at nodes, in scopes and before joins of a graph that was
never walked from its start; a graph that is sound from there may still wait for ever from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from backend.graph.markings import MAX_TOKENS, AbstractToken, Marking, Net, choose_private
from backend.graph.model import Definition
from backend.graph.registry import Registry, UnknownNodeType

MAX_STATES = 5_000

Standing = tuple[str, str | None, tuple[str, ...]]
"""A token: its node, the edge of its arrival when it waits at a join, and the forks it is inside of."""
Verdict = Literal["ends", "deadlock", "not_proven"]


class Continuing:
    """One graph; verdicts are kept, since many tickets stand alike."""

    def __init__(self, definition: Definition, registry: Registry) -> None:
        self._edges = {edge: at for at, edge in enumerate(definition.graph.edges)}
        self._known: dict[Marking, tuple[Verdict, str | None]] = {}
        try:
            self._net: Net | None = Net(definition, registry)
        except (UnknownNodeType, msgspec.ValidationError):
            self._net = None

    def judge(self, tokens: Sequence[Standing]) -> tuple[Verdict, str | None]:
        """Whether some order of events leaves tokens waiting for ever, and at which node."""
        net = self._net
        if net is None:
            return "not_proven", None
        index = {node: at for at, node in enumerate(net.ids)}
        standing = [
            AbstractToken(
                index[node],
                self._edges[edge] if edge is not None else -1,
                edge is not None,
                tuple(index[fork] for fork in forks),
            )
            for node, edge, forks in tokens
        ]
        net._meet(standing)  # a join may be complete by its new rule
        marking = tuple(sorted(standing))
        if marking not in self._known:
            self._known[marking] = self._search(net, marking)
        return self._known[marking]

    def _search(self, net: Net, start: Marking) -> tuple[Verdict, str | None]:
        seen, waiting = {start}, [start]
        while waiting:
            if len(seen) > MAX_STATES:
                return "not_proven", None
            marking = waiting.pop()
            movable = choose_private(net, marking)
            if not movable and marking:
                return "deadlock", net.ids[marking[0].node]
            if len(marking) > MAX_TOKENS:
                return "not_proven", None
            for token in movable:
                for way in net.ways[token.node]:
                    following = net.leave(marking, token, way)[0]
                    if following not in seen:
                        seen.add(following)
                        waiting.append(following)
        return ("not_proven" if net.partial else "ends"), None
