"""Can a graph come to its end from here? The search of `soundness`, begun in the middle.

A running ticket that is moved to another release stands at nodes, in scopes and before joins of a graph
that was never walked from its start; a graph that is sound from there may still wait for ever from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from backend.graph.markings import SIBLINGS, AbstractToken, Marking, Move, Note, Path, TooMany
from backend.graph.model import Definition
from backend.graph.net import Net
from backend.graph.registry import Registry, UnknownNodeType
from backend.graph.search import Search

MAX_STATES = 5_000

Verdict = Literal["ends", "deadlock", "not_proven"]


class Standing(NamedTuple):
    """A token: its node, the edge of its arrival when it waits at a join, and its scopes from the
    outermost."""

    node: str
    edge: str | None
    scopes: tuple[str, ...]


class Opened(NamedTuple):
    """An open scope: its node (empty for a single way of a race or a single instance), which joins have
    passed it, and how many items it has still to begin."""

    node: str
    kind: str
    passed: tuple[str, ...] = ()
    left: int = 0


class Continuing:
    """One graph; verdicts are kept, since many tickets stand alike."""

    def __init__(self, definition: Definition, registry: Registry) -> None:
        self._edges = {edge: at for at, edge in enumerate(definition.graph.edges)}
        self._known: dict[Marking, tuple[Verdict, str | None]] = {}
        try:
            self._net: Net | None = Net(definition, registry)
        except (UnknownNodeType, msgspec.ValidationError):
            self._net = None

    def judge(
        self, tokens: Sequence[Standing], scopes: Mapping[str, Opened], entered: Iterable[str]
    ) -> tuple[Verdict, str | None]:
        """Whether some order of events leaves tokens waiting for ever, and at which node."""
        net = self._net
        if net is None:
            return "not_proven", None
        try:
            start = self._mark(net, tokens, scopes, entered)
        except TooMany:
            return "not_proven", None
        if start not in self._known:
            self._known[start] = _search(net, start)
        return self._known[start]

    def _mark(
        self, net: Net, tokens: Sequence[Standing], scopes: Mapping[str, Opened], entered: Iterable[str]
    ) -> Marking:
        """Scopes as the search names them: their kind, and a number among those beside each other."""
        paths: dict[tuple[str, ...], Path] = {(): ()}
        places: dict[Path, int] = {}
        notes: dict[Path, Note] = {}
        for token in tokens:
            for depth in range(1, len(token.scopes) + 1):
                key = token.scopes[:depth]
                if key in paths:
                    continue
                opened = scopes[key[-1]]
                kind = {"branch": net.branch, "instance": net.instance}.get(opened.kind)
                number = net.index[opened.node] if kind is None else kind
                place = places[*paths[key[:-1]], number] = places.get((*paths[key[:-1]], number), -1) + 1
                if place >= SIBLINGS:
                    raise TooMany
                paths[key] = (*paths[key[:-1]], number * SIBLINGS + place)
                if opened.passed or opened.left:
                    passed = tuple(sorted(net.index[join] for join in opened.passed if join in net.index))
                    notes[paths[key]] = Note(left=opened.left, passed=passed)
        seen = 0
        for node in entered:
            seen |= net.watched.get(net.index.get(node, -1), 0)
        standing = (
            AbstractToken(
                net.index[token.node],
                self._edges[token.edge] if token.edge is not None else -1,
                paths[token.scopes],
            )
            for token in tokens
        )
        move = Move(net, Marking(tuple(sorted(standing)), tuple(sorted(notes.items())), seen))
        move.meet()  # a join may be complete by its new rule
        return move.result()


def _search(net: Net, start: Marking) -> tuple[Verdict, str | None]:
    search = Search(net, MAX_STATES)
    search.run_from(start)
    if search.deadlocks:
        return "deadlock", net.ids[min(search.deadlocks)]
    return ("not_proven" if search.ended_early or net.partial else "ends"), None
