"""The search itself: breadth first over markings, with one token alone where orders do not matter.

A token is private when its moves neither cancel others nor depend on when others move: then all orders lead
to the same, and only its own moves are followed (a persistent set). A circle in which others were left out
this way is searched again with all of them, so that nothing is overlooked for ever.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import combinations

from backend.graph.markings import SIBLINGS, AbstractToken, Marking, Move, TooMany, is_absorbed
from backend.graph.net import Net, Way
from backend.graph.structure import find_loops, meet_first, reach, shared_prefix

MAX_TOKENS = 64
MOVES_A_STATE = 4
"""How many moves the search tries at most, for each marking it may see."""
EVENT = -1
"""Stands for a fork where a non-interrupting event sends the second token, which opens no scope."""


class Search:
    """Afterwards: markings by the node they tell of, and the way to each of them."""

    def __init__(self, net: Net, max_states: int, every: bool = False) -> None:
        self.net = net
        self.max_states = max_states
        self.visible, self.later = find_meetings(net)
        self.telling = self.visible.union(*self.later.values())
        self.private = [not every and self._is_private(at) for at in range(len(net.rules))]
        self.keeping = [self._list_keeping(at) for at in range(len(net.rules))]
        self.origin: dict[Marking, tuple[Marking | None, tuple[int, ...]]] = {}
        self.before: dict[Marking, list[Marking]] = {}
        self.narrowed: set[Marking] = set()
        self.waiting: deque[Marking] = deque()
        self.visited: set[int] = set()
        self.final: list[Marking] = []
        self.deadlocks: dict[int, Marking] = {}
        self.livelocks: dict[int, Marking] = {}
        self.doubled: dict[int, Marking] = {}
        self.cut_off: dict[int, Marking] = {}
        self.ended_early = False
        self.moves = 0

    def run(self) -> None:
        """From every start of the graph."""
        for start in self.net.starts:
            seen = self.net.watched.get(start, 0)
            self._reach(Marking((AbstractToken(start, -1, ()),), (), seen), None, (start,))
        self._search()

    def run_from(self, marking: Marking) -> None:
        """From the middle."""
        self._reach(marking, None, ())
        self._search()

    def _search(self) -> None:
        self._look_everywhere()
        first = {node: marking for node, marking in self.doubled.items() if node in self.visible}
        self.doubled = first or self.doubled

    def _look_everywhere(self) -> None:
        self._work_off()
        while not self.ended_early:
            circling = self._list_circling()
            left_out = [marking for marking in circling if marking in self.narrowed]
            if not left_out:
                self._name_livelock(circling)
                return
            for marking in left_out:
                self.narrowed.discard(marking)
                self._follow(marking, marking.tokens)
            self._work_off()

    def path_to(self, marking: Marking) -> tuple[str, ...]:
        """Nodes in the order they are entered."""
        steps: list[tuple[int, ...]] = []
        at: Marking | None = marking
        while at is not None:
            at, entered = self.origin[at]
            steps.append(entered)
        return tuple(self.net.ids[node] for entered in reversed(steps) for node in entered)

    # --- moving on ---

    def _work_off(self) -> None:
        while self.waiting:
            if len(self.origin) > self.max_states or self.moves > MOVES_A_STATE * self.max_states:
                self.ended_early = True
                return
            self._expand(self.waiting.popleft())

    def _expand(self, marking: Marking) -> None:
        if len(marking.tokens) > MAX_TOKENS:
            self._give_up(marking)
            return
        chosen = next((token for token in marking.tokens if self._may_go_alone(marking, token)), None)
        if chosen is not None:
            if len(marking.tokens) > 1:
                self.narrowed.add(marking)
            self._follow(marking, (chosen,))
        elif not self._follow(marking, marking.tokens):
            self._stop(marking)

    def _give_up(self, marking: Marking) -> None:
        """Nothing can be proven any more; what is looked at from here on is only to find more mistakes."""
        if not self.ended_early:
            self.max_states = min(self.max_states, len(self.origin) + self.max_states // 10)
        self.ended_early = True
        self.final.append(marking)

    def _may_go_alone(self, marking: Marking, token: AbstractToken) -> bool:
        if token.edge >= 0 or not self.private[token.node] or self._is_racing(token):
            return False
        if not all(is_absorbed(self.net, marking, token, join) for join in self.keeping[token.node]):
            return False
        looking = self.later and not self.doubled
        if looking and any(self._may_meet(token, other) for other in marking.tokens):
            return False
        rule = self.net.rules[token.node]
        return not rule.reached or any(
            self.net.can_go(token.fired, marking.seen, rule, way) for way in rule.ways
        )

    def _may_meet(self, token: AbstractToken, other: AbstractToken) -> bool:
        """Whether this token is, or gets by its next move, where the other one may find it."""
        if token is other or is_meant(self.net, token, other):
            return False
        shared = shared_prefix([token.scopes, other.scopes])
        fork = shared[-1] // SIBLINGS if shared else EVENT
        near = self.later.get(fork, frozenset())
        if token.loose != other.loose:
            near |= self.later.get(EVENT, frozenset())
        targets = (target for way in self.net.rules[token.node].ways for _, target in way.edges)
        return token.node in near or not near.isdisjoint(targets)

    def _is_racing(self, token: AbstractToken) -> bool:
        net = self.net
        return net.races and any(net.is_race(scope // SIBLINGS) for scope in token.scopes)

    def _follow(self, marking: Marking, tokens: tuple[AbstractToken, ...]) -> bool:
        """Every way these tokens can go; whether there was one."""
        moved = False
        for token in dict.fromkeys(tokens):
            if token.edge >= 0:
                continue
            rule = self.net.rules[token.node]
            if not rule.ways:
                self.final.append(marking)  # an undrawn way: a finding of `validate`
                moved = True
            for way in rule.ways:
                if self.net.can_go(token.fired, marking.seen, rule, way):
                    moved = True
                    self._go(marking, token, way)
        return moved

    def _go(self, marking: Marking, token: AbstractToken, way: Way) -> None:
        self.moves += 1
        move = Move(self.net, marking)
        try:
            move.leave(token, way)
        except TooMany:
            self._give_up(marking)
            return
        if move.cut:
            self.cut_off.setdefault(move.ended_at, marking)
        self._reach(move.result(), marking, tuple(move.entered))

    def _reach(self, marking: Marking, origin: Marking | None, entered: tuple[int, ...]) -> None:
        self.visited.update(entered)
        if origin is not None:
            self.before.setdefault(marking, []).append(origin)
        if marking not in self.origin:
            self.origin[marking] = (origin, entered)
            self.waiting.append(marking)
            if self.telling:
                self._note_doubled(marking)

    # --- what is found ---

    def _stop(self, marking: Marking) -> None:
        self.final.append(marking)
        for token in marking.tokens:
            self.deadlocks.setdefault(token.node, marking)

    def _note_doubled(self, marking: Marking) -> None:
        here = [token for token in marking.tokens if token.edge < 0 and token.node in self.telling]
        for one, other in combinations(here, 2):
            if one.node == other.node and not is_meant(self.net, one, other):
                self.doubled.setdefault(one.node, marking)

    def _list_circling(self) -> list[Marking]:
        stopping = reach(self.final, self.before)
        return [marking for marking in self.origin if marking not in stopping]

    def _name_livelock(self, circling: list[Marking]) -> None:
        """The first marking of a circle from which nothing leads to an end."""
        loops = find_loops(circling, self.before)
        if loops:
            marking = loops[0][0]
            self.livelocks[marking.tokens[0].node] = marking

    # --- which tokens are private ---

    def _is_private(self, node: int) -> bool:
        net, rule = self.net, self.net.rules[node]
        if rule.cuts or rule.before or node in net.fragile or node in self.visible:
            return False
        return not any(self._disturbs(target) for way in rule.ways for _, target in way.edges)

    def _list_keeping(self, node: int) -> frozenset[int]:
        """Joins on the other side that let the rest finish: who comes first matters there."""
        targets = {target for way in self.net.rules[node].ways for _, target in way.edges}
        joins = {target: self.net.rules[target].join for target in targets}
        return frozenset(target for target, join in joins.items() if join is not None and join.keep_rest)

    def _disturbs(self, node: int) -> bool:
        net, rule = self.net, self.net.rules[node]
        if rule.terminates or node in net.fragile or node in net.shutting or node in self.visible:
            return True
        if rule.shape == "end" and net.can_be_cut:
            return True
        return rule.join is not None and rule.join.mode in {"any", "n"} and not rule.join.keep_rest


def is_meant(net: Net, one: AbstractToken, other: AbstractToken) -> bool:
    """Whether two tokens may stand at one node: instances, reminders beside the work, and what a multi-merge
    let through one by one."""
    depth = 0
    for mine, theirs in zip(one.scopes, other.scopes, strict=False):
        if mine != theirs:
            break
        depth += 1
    if depth and net.is_instances(one.scopes[depth - 1] // SIBLINGS):
        return True
    return bool(one.loose & other.loose & (1 << depth + 1) - 1)


def find_meetings(net: Net) -> tuple[frozenset[int], dict[int, frozenset[int]]]:
    """Nodes at which two tokens of one fork, or of a step and its non-interrupting event, may come together
    without a join: where their ways first fall together. The search sees whether they really do.

    And by fork, what lies behind these nodes, where a gate or a cancelled region on the way may keep the
    second token back until the first has gone on: then it is only there that they meet.
    """
    targets: dict[int, list[int]] = {
        at: [target for way in rule.ways for _, target in way.edges] for at, rule in enumerate(net.rules)
    }
    ordering = {
        at for at, rule in enumerate(net.rules) if rule.cuts or any(w.gate is not None for w in rule.ways)
    }
    found: set[int] = set()
    later: dict[int, frozenset[int]] = {}
    for fork, one, other in _list_pairs(net):
        with_one, with_other = reach([one], targets), reach([other], targets)
        common = with_one & with_other
        joins = {at for at in common if net.rules[at].join is not None and fork in net.rules[at].closes}
        first, second = reach([one], targets, joins), reach([other], targets, joins)
        shared = {at for at in first & second if at not in joins and net.rules[at].shape != "end"}
        if not shared:
            continue
        open_ways = {at: [] if at in joins else targets[at] for at in first | second}
        found |= meet_first(one, other, open_ways) & shared
        if not ordering.isdisjoint(first | second):
            key = fork if net.rules[fork].shape == "fork" else EVENT
            later[key] = later.get(key, frozenset()) | shared
    return frozenset(found), later


def _list_pairs(net: Net) -> Iterator[tuple[int, int, int]]:
    """(fork, target, target) of ways that tokens go at the same time."""
    for at, rule in enumerate(net.rules):
        extra = {target for way in rule.ways if way.extra is not None for _, target in way.edges}
        if extra:
            plain = {target for way in rule.ways if way.extra is None for _, target in way.edges}
            yield from ((at, one, other) for one in sorted(extra) for other in sorted(plain))
        if rule.shape == "fork" and not rule.spreads:
            arcs = sorted({arc for way in rule.ways for arc in way.edges})
            yield from ((at, one[1], other[1]) for one, other in combinations(arcs, 2))
