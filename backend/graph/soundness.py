"""Can every ticket finish, whatever people and clocks do? A bounded search over markings, with counter-
examples.

Findings: `deadlock` (a join waits for what cannot come), `livelock` (a loop without a way out), `dead_node`
(drawn,
yet no run ever enters it), `lack_of_synchronisation` (parallel branches run on into the same node, which
then runs
twice), and as a warning `improper_completion` (an end stops branches that still work). Several ends of
parallel
branches are fine: a ticket finishes when its last token ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import msgspec

from backend.graph.markings import (
    MAX_TOKENS,
    AbstractToken,
    Chooser,
    Marking,
    Net,
    choose_private,
)
from backend.graph.model import Definition, Issue, Soundness, Where
from backend.graph.registry import Registry, UnknownNodeType
from backend.graph.structure import find_loops, find_way, list_outgoing, reach
from backend.graph.validate import label_of

MAX_STATES = 20_000


def check_soundness(
    definition: Definition,
    registry: Registry,
    max_states: int = MAX_STATES,
    choose: Chooser = choose_private,
) -> Soundness:
    """The verdict. Not proven when the search ends early or a node cannot be read; unsound beats not
    proven."""
    try:
        net = Net(definition, registry)
    except (UnknownNodeType, msgspec.ValidationError):
        return Soundness(verdict="not_proven", states=0)
    search = Search(net, max_states, choose)
    search.run()
    issues = _name_findings(definition, net, search)
    issues += _find_unsynchronised(definition, net)
    verdict: Literal["sound", "unsound", "not_proven"] = "sound"
    if any(issue.severity == "error" for issue in issues):
        verdict = "unsound"
    elif search.ended_early or net.partial or not net.starts:
        verdict = "not_proven"
    return Soundness(verdict=verdict, states=len(search.origin), issues=tuple(issues))


class Search:
    """Breadth first over markings, so that the first counter-example is a shortest one."""

    def __init__(self, net: Net, max_states: int, choose: Chooser) -> None:
        self.net = net
        self.max_states = max_states
        self.choose = choose
        self.origin: dict[Marking, tuple[Marking | None, tuple[int, ...]]] = {}
        self.before: dict[Marking, list[Marking]] = {}
        self.visited: set[int] = set()
        self.final: list[Marking] = []
        self.deadlocks: dict[int, Marking] = {}
        self.cut_off: dict[int, Marking] = {}
        self.ended_early = False

    def run(self) -> None:
        waiting: deque[Marking] = deque()
        for start in self.net.starts:
            self._reach((AbstractToken(start, -1, False, ()),), None, (start,), waiting)
        while waiting:
            if len(self.origin) > self.max_states:
                self.ended_early = True
                return
            self._expand(waiting.popleft(), waiting)

    def _expand(self, marking: Marking, waiting: deque[Marking]) -> None:
        movable = self.choose(self.net, marking)
        if not movable:
            self._stop(marking)
            return
        if len(marking) > MAX_TOKENS:
            self.ended_early = True
            self.final.append(marking)
            return
        for token in movable:
            if not self.net.ways[token.node]:
                self.final.append(marking)  # an undrawn way: a finding of `validate`
            for way in self.net.ways[token.node]:
                following, entered, cut = self.net.leave(marking, token, way)
                if cut:
                    self.cut_off.setdefault(entered[-1], marking)
                self._reach(following, marking, entered, waiting)

    def _reach(
        self, marking: Marking, origin: Marking | None, entered: tuple[int, ...], waiting: deque[Marking]
    ) -> None:
        self.visited.update(entered)
        if origin is not None:
            self.before.setdefault(marking, []).append(origin)
        if marking not in self.origin:
            self.origin[marking] = (origin, entered)
            waiting.append(marking)

    def _stop(self, marking: Marking) -> None:
        self.final.append(marking)
        for token in marking:
            self.deadlocks.setdefault(token.node, marking)

    def path_to(self, marking: Marking) -> tuple[str, ...]:
        steps: list[tuple[int, ...]] = []
        at: Marking | None = marking
        while at is not None:
            at, entered = self.origin[at]
            steps.append(entered)
        return tuple(self.net.ids[node] for entered in reversed(steps) for node in entered)

    def find_livelocks(self) -> list[Marking]:
        """One marking of each circle from which nothing leads to an end."""
        if self.ended_early:
            return []
        stopping = reach(self.final, self.before)
        circling = [marking for marking in self.origin if marking not in stopping]
        return [loop[0] for loop in find_loops(circling, self.before)]


def _name_findings(definition: Definition, net: Net, search: Search) -> list[Issue]:
    issues = [
        _issue(definition, net, "deadlock", node, search.path_to(marking))
        for node, marking in sorted(search.deadlocks.items())
    ]
    circling = search.find_livelocks()
    if circling:
        first = circling[0]
        issues.append(_issue(definition, net, "livelock", first[0].node, search.path_to(first)))
    if not issues and not search.ended_early and not net.partial:
        issues += [
            _issue(definition, net, "dead_node", node, ())
            for node in sorted(_drawn(definition, net) - search.visited)
        ]
    for node, marking in sorted(search.cut_off.items()):
        path = (*search.path_to(marking), net.ids[node])
        finding = _issue(definition, net, "improper_completion", node, path)
        issues.append(msgspec.structs.replace(finding, severity="warning"))
    return issues


def _drawn(definition: Definition, net: Net) -> set[int]:
    """Nodes that edges lead to; those without are the concern of `validate`."""
    neighbours = {
        node: [edge.target for _, edge in edges] for node, edges in list_outgoing(definition.graph).items()
    }
    reached = reach([net.ids[start] for start in net.starts], neighbours)
    return {at for at, node in enumerate(net.ids) if node in reached}


def _issue(definition: Definition, net: Net, code: str, node: int, path: tuple[str, ...]) -> Issue:
    node_id = net.ids[node]
    params: dict[str, Any] = {"node": label_of(definition, node_id)}
    return Issue(code=code, where=Where(node=node_id), params=params, path=path)


def _find_unsynchronised(definition: Definition, net: Net) -> list[Issue]:
    """Nodes that two branches of one fork can both enter without meeting at a join on the way."""
    targets: Mapping[int, Sequence[int]] = {
        at: [target for way in ways for _, target in way.edges] for at, ways in enumerate(net.ways)
    }
    issues: dict[int, Issue] = {}
    for fork, shape in enumerate(net.shapes):
        if shape != "fork":
            continue
        branches = [target for _, target in sorted({edge for way in net.ways[fork] for edge in way.edges})]
        reached = {target: reach([target], targets) for target in branches}
        for one, other in combinations(branches, 2):
            common = reached[one] & reached[other]
            joins = {node for node in common if net.joins[node] is not None and fork in net.forks[node]}
            first = reach([one], targets, joins)
            second = reach([other], targets, joins)
            met = first & second
            twice = [node for node in sorted(met - joins) if net.shapes[node] != "end"]
            if twice and twice[0] not in issues:
                way = (fork, *find_way(one, twice[0], targets))
                path = tuple(net.ids[node] for node in way)
                issues[twice[0]] = _issue(definition, net, "lack_of_synchronisation", twice[0], path)
    return list(issues.values())
