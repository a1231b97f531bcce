"""The token game without data: what can happen when every condition, event and timeout is possible.

A marking holds abstract tokens, what open scopes remember, and which of the nodes that gates look at have
been entered. Moves follow the engine's rules (`engine.tokens`, `engine.joins`, `engine.instances`,
`engine.boundaries`); a scope is a number made of its node and of its place among its equals, so that tickets
that differ only in ids are one marking.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from backend.graph.net import Net, Way
from backend.graph.structure import shared_prefix

SIBLINGS = 64
"""How many scopes of one node may be open beside each other before the search gives up."""

Path = tuple[int, ...]
"""Scopes from the outermost in, each `kind of scope * SIBLINGS + place`."""


class AbstractToken(NamedTuple):
    """`edge` is that of arrival while it waits at a join, else -1. `loose`: depths (as bits) at which running
    twice is meant. `fired`: how often each non-interrupting event of this visit came (two bits each)."""

    node: int
    edge: int
    scopes: Path
    loose: int = 0
    fired: int = 0


class Note(NamedTuple):
    """What a scope remembers: instances still to start, and joins that went on while the rest finishes."""

    left: int = 0
    passed: tuple[int, ...] = ()


class Marking(NamedTuple):
    """Sorted, so that equal situations are equal values. `seen`: bits of the nodes that gates look at."""

    tokens: tuple[AbstractToken, ...]
    notes: tuple[tuple[Path, Note], ...] = ()
    seen: int = 0


class TooMany(Exception):
    """More scopes beside each other than the search can tell apart."""


class Move:
    """One move under way; `result` is the marking it leads to."""

    __slots__ = ("cut", "ended_at", "entered", "net", "notes", "seen", "tokens")

    def __init__(self, net: Net, marking: Marking) -> None:
        self.net = net
        self.tokens = list(marking.tokens)
        self.notes = dict(marking.notes)
        self.seen = marking.seen
        self.entered: list[int] = []
        self.ended_at = -1
        self.cut = False
        """Whether an end stopped tokens that were still at work."""

    def result(self) -> Marking:
        if self.notes:
            alive = {path for path in self.notes if any(_is_inside(token, path) for token in self.tokens)}
            notes = tuple(sorted((path, note) for path, note in self.notes.items() if path in alive))
        else:
            notes = ()
        marking = Marking(tuple(sorted(self.tokens)), notes, self.seen)
        if any(scope % SIBLINGS for path in {token.scopes for token in self.tokens} for scope in path):
            return _rename(marking)
        return marking

    # --- arriving ---

    def arrive(self, edge: int, target: int, scopes: Path, loose: int) -> None:
        net = self.net
        self.entered.append(target)
        self.seen |= net.watched.get(target, 0)
        rule = net.rules[target]
        if rule.terminates:
            self.cut = self.cut or bool(self.tokens)
            self.ended_at = target
            self.tokens.clear()
            self.notes.clear()
        elif rule.join is not None:
            self.tokens.append(AbstractToken(target, edge, scopes, loose))
        elif rule.shape != "end":
            self.tokens.append(AbstractToken(target, -1, scopes, loose))

    # --- leaving ---

    def leave(self, token: AbstractToken, way: Way) -> None:
        """Let a token go this way, and every join that is complete by it."""
        rule = self.net.rules[token.node]
        if way.extra is not None:
            self.tokens.remove(token)
            self.tokens.append(token._replace(fired=token.fired + (1 << 2 * way.extra)))
            loose = token.loose | 1 << len(token.scopes)
            for edge, target in way.edges:
                self.arrive(edge, target, token.scopes, loose)
            self.meet()
            return
        self.tokens.remove(token)
        scopes = self._win(token.scopes) if way.wins else token.scopes
        if rule.cuts:
            self._cut(token.scopes, rule.cuts)
        if rule.shape == "fork":
            scopes = self._drop_lonely(scopes)
        if way.instances is not None:
            self._spread(token, scopes, way)
        else:
            if rule.shape == "fork" and len(way.edges) > 1:
                scopes = self._open(scopes, rule.scope)
            self._arrive_all(way, scopes, token.loose, rule.is_race)
        self.meet()

    def _arrive_all(self, way: Way, scopes: Path, loose: int, is_race: bool) -> None:
        for edge, target in way.edges:
            inner = self._open(scopes, self.net.branch) if is_race and len(way.edges) > 1 else scopes
            self.arrive(edge, target, inner, loose)
        if any(self.net.rules[target].terminates for _, target in way.edges):
            self.tokens.clear()

    def _win(self, scopes: Path) -> Path:
        """The first event in a race cancels every other way of it; the race is over for those that stay."""
        for depth, scope in enumerate(scopes, 1):
            if self.net.is_race(scope // SIBLINGS):
                group, branch = scopes[:depth], scopes[: depth + 1]
                self.tokens = [
                    other
                    for other in self.tokens
                    if not _is_inside(other, group) or _is_inside(other, branch)
                ]
                self.notes = {
                    path: note
                    for path, note in self.notes.items()
                    if path[:depth] != group or path[: depth + 1] == branch or path == group
                }
                return self._win(self._lift(scopes, depth))
        return scopes

    def _lift(self, scopes: Path, depth: int) -> Path:
        """Take the race and its way out of the path of every token in it."""
        outer, branch = scopes[: depth - 1], scopes[: depth + 1]
        taken = {other.scopes[depth - 1] for other in self.tokens if _is_beside(other, outer, branch)}
        places: dict[int, int] = {}

        def shorten(path: Path) -> Path:
            if path[: depth + 1] != branch:
                return path
            rest = path[depth + 1 :]
            if not rest:
                return outer
            while places.setdefault(rest[0], rest[0]) in taken:
                places[rest[0]] += 1
            return (*outer, places[rest[0]], *rest[1:])

        self.tokens = [
            other._replace(scopes=shorten(other.scopes), loose=_lower(other.loose, depth))
            if _is_inside(other, branch)
            else other
            for other in self.tokens
        ]
        self.notes = {shorten(path): note for path, note in self.notes.items()}
        return shorten(scopes)

    def _cut(self, scopes: Path, nodes: frozenset[int]) -> None:
        """Tokens at these nodes die, but for those of other instances of the same groups."""
        net = self.net

        def spares(other: Path) -> bool:
            depth = len(shared_prefix([scopes, other]))
            return 0 < depth < min(len(scopes), len(other)) and net.is_instances(
                scopes[depth - 1] // SIBLINGS
            )

        self.tokens = [other for other in self.tokens if other.node not in nodes or spares(other.scopes)]
        self.notes = {
            path: note._replace(left=0)
            if path[-1] // SIBLINGS in nodes and scopes[: len(path) - 1] == path[:-1]
            else note
            for path, note in self.notes.items()
        }

    def _drop_lonely(self, scopes: Path) -> Path:
        """Scopes that this token alone is left of; those of races and instances, and those that a join has
        passed, stay."""
        while scopes and self.net.is_plain(scopes[-1] // SIBLINGS):
            note = self.notes.get(scopes)
            if (note and note.passed) or any(_is_inside(other, scopes) for other in self.tokens):
                break
            scopes = scopes[:-1]
        return scopes

    def _open(self, scopes: Path, kind: int) -> Path:
        depth = len(scopes)
        taken = {
            other.scopes[depth] % SIBLINGS
            for other in self.tokens
            if len(other.scopes) > depth
            and other.scopes[:depth] == scopes
            and other.scopes[depth] // SIBLINGS == kind
        }
        place = next(at for at in range(SIBLINGS + 1) if at not in taken)
        if place == SIBLINGS:
            raise TooMany
        return (*scopes, kind * SIBLINGS + place)

    def _spread(self, token: AbstractToken, scopes: Path, way: Way) -> None:
        """One token an item; in a row, the others wait in the group until the one before has come through."""
        rule = self.net.rules[token.node]
        count = way.instances or 0
        if not count:
            closer = self.net.closers[token.node]
            self.entered.append(closer)
            self.seen |= self.net.watched.get(closer, 0)
            for edge, target in way.edges:
                self.arrive(edge, target, scopes, token.loose)
            return
        group = self._open(scopes, rule.scope)
        if rule.sequential:
            self.notes[group] = Note(left=count - 1)
            count = 1
        for _ in range(count):
            self._begin(group, way.edges[0])

    def _begin(self, group: Path, first: tuple[int, int]) -> None:
        inner = self._open(group, self.net.instance)
        self.arrive(*first, inner, 0)

    # --- joins ---

    def meet(self) -> None:
        """Let every complete join go on and every sequence begin its next item, until nothing moves."""
        while True:
            waiting = sorted(token for token in self.tokens if token.edge >= 0)
            if any(self._try_join(token) for token in waiting):
                continue
            if not (self.notes and self._begin_next()):
                return

    def _try_join(self, token: AbstractToken) -> bool:
        join = self.net.rules[token.node].join
        assert join is not None
        group = self._group_of(token)
        if join.mode == "each":
            self.tokens.remove(token)
            loose = token.loose | 1 << len(token.scopes if group is None else group)
            self.tokens.append(AbstractToken(token.node, -1, token.scopes, loose))
            return True
        note = self.notes.get(group, Note()) if group is not None else Note()
        if token.node in note.passed:
            self.tokens.remove(token)
            return True
        inside = [other for other in self.tokens if group is not None and _is_inside(other, group)]
        chosen = self._complete(token, group, inside, note.left)
        if not chosen:
            return False
        if group is None:
            return self._go_on(token, chosen)
        if join.keep_rest and join.mode in {"any", "n"}:
            self.notes[group] = note._replace(passed=tuple(sorted((*note.passed, token.node))))
            return self._go_on(token, chosen, group[:-1])
        if join.mode == "all" and len(chosen) < len(inside):
            return self._go_on(token, chosen)
        self.tokens = [other for other in self.tokens if other in chosen or not _is_inside(other, group)]
        self.notes = {path: note for path, note in self.notes.items() if path[: len(group)] != group}
        return self._go_on(token, chosen, group[:-1])

    def _begin_next(self) -> bool:
        """In a row: the next instance begins when none is still under way."""
        for group, note in sorted(self.notes.items()):
            busy = any(
                _is_inside(other, group) and (other.edge < 0 or self._group_of(other) != group)
                for other in self.tokens
            )
            if note.left and not busy:
                self.notes[group] = note._replace(left=note.left - 1)
                self._begin(group, self.net.first_of(group[-1] // SIBLINGS))
                return True
        return False

    def _go_on(self, token: AbstractToken, chosen: list[AbstractToken], outer: Path | None = None) -> bool:
        scopes = shared_prefix([other.scopes for other in chosen]) if outer is None else outer
        loose = chosen[0].loose
        for other in chosen:
            self.tokens.remove(other)
            loose &= other.loose
        loose &= (1 << len(scopes) + 1) - 1
        self.tokens.append(AbstractToken(token.node, -1, scopes, loose))
        return True

    def _group_of(self, token: AbstractToken) -> Path | None:
        return find_group(self.net, token.scopes, token.node)

    def _complete(
        self, token: AbstractToken, group: Path | None, inside: list[AbstractToken], left: int = 0
    ) -> list[AbstractToken]:
        rule = self.net.rules[token.node]
        join = rule.join
        assert join is not None
        spread = group is not None and self.net.is_instances(group[-1] // SIBLINGS)
        if (join.mode == "any" and not spread) or (join.mode == "scope" and group is None):
            return [token]
        waiting = [
            other
            for other in sorted(self.tokens)
            if other.node == token.node and other.edge >= 0 and self._group_of(other) == group
        ]
        if spread and group is not None and join.mode in {"any", "n"}:
            instances = list(dict.fromkeys(other.scopes[len(group)] for other in waiting))
            first = instances[: join.n if join.mode == "n" else 1]
            complete = len(first) == (join.n if join.mode == "n" else 1)
            if not complete and (left or len(waiting) < len(inside)):
                return []
            return [other for other in waiting if other.scopes[len(group)] in first]
        if join.mode == "n":
            return waiting[: join.n] if len(waiting) >= join.n else []
        if spread or join.mode == "scope":
            return waiting if len(waiting) == len(inside) and not left else []
        by_edge = {other.edge: other for other in reversed(waiting)}
        return list(by_edge.values()) if by_edge.keys() >= rule.incoming else []


def find_group(net: Net, scopes: Path, join: int) -> Path | None:
    """The scope this join closes, as the path down to it."""
    closing = net.rules[join].closes
    for depth in range(len(scopes), 0, -1):
        if scopes[depth - 1] // SIBLINGS in closing:
            return scopes[:depth]
    return None


def is_absorbed(net: Net, marking: Marking, token: AbstractToken, join: int) -> bool:
    """Whether the join went on without this token, which only ends there."""
    group = find_group(net, token.scopes, join)
    return any(path == group and join in note.passed for path, note in marking.notes)


def _is_inside(token: AbstractToken, group: Path) -> bool:
    return token.scopes[: len(group)] == group


def _lower(loose: int, depth: int) -> int:
    """The bits of depths below two scopes that are taken away."""
    outer = (1 << depth) - 1
    return loose & outer | loose >> 2 & ~outer


def _is_beside(token: AbstractToken, outer: Path, branch: Path) -> bool:
    """Whether it is in another scope right inside `outer` than the one `branch` leads into."""
    depth = len(outer)
    return (
        len(token.scopes) > depth and token.scopes[:depth] == outer and token.scopes[depth] != branch[depth]
    )


def _rename(marking: Marking) -> Marking:
    """Number equal scopes beside each other by what they hold: it does not matter which came first."""
    notes = dict(marking.notes)
    _, tokens, named = _settle(list(marking.tokens), (), notes)
    return Marking(tuple(sorted(tokens)), tuple(sorted(named)), marking.seen)


_Named = tuple[Any, list[AbstractToken], list[tuple[Path, Note]]]


def _settle(tokens: list[AbstractToken], path: Path, notes: dict[Path, Note]) -> _Named:
    """What a scope holds whatever numbers its inner scopes have; its tokens and notes, whose paths begin
    below it, with the numbers they should have."""
    depth = len(path)
    here: list[AbstractToken] = []
    below: dict[int, list[AbstractToken]] = {}
    for token in tokens:
        if len(token.scopes) == depth:
            here.append(token._replace(scopes=()))
        else:
            below.setdefault(token.scopes[depth], []).append(token)
    inner = sorted(
        ((scope // SIBLINGS, _settle(held, (*path, scope), notes)) for scope, held in below.items()),
        key=lambda item: (item[0], item[1][0]),
    )
    own = notes.get(path, Note())
    found = list(here)
    named: list[tuple[Path, Note]] = [((), own)] if path in notes else []
    places: dict[int, int] = {}
    for kind, (_, held, remembered) in inner:
        place = places[kind] = places.get(kind, -1) + 1
        scope = kind * SIBLINGS + place
        found += [token._replace(scopes=(scope, *token.scopes)) for token in held]
        named += [((scope, *at), note) for at, note in remembered]
    key = (tuple(sorted(here)), own, tuple((kind, item[0]) for kind, item in inner))
    return key, found, named
