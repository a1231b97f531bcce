"""Can every ticket finish, whatever people and clocks do? A bounded search, with counter-examples.

Findings: `deadlock` (a join waits for what cannot come), `gate_never_opens` (a gate waits for a step that can
never be reached any more), `livelock` (a loop without a way out), `dead_node` (drawn, yet no run ever enters
it), `lack_of_synchronisation` (parallel branches run on into the same node, which then runs twice), and as a
warning `improper_completion` (an end stops branches that still work). Several ends of parallel branches are
fine: a ticket finishes when its last token ends.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from backend.graph.model import Definition, Issue, Soundness, Where
from backend.graph.net import Net
from backend.graph.registry import Registry, UnknownNodeType
from backend.graph.search import Search
from backend.graph.structure import find_way, list_outgoing, reach
from backend.graph.validate import label_of

MAX_STATES = 20_000


def check_soundness(
    definition: Definition, registry: Registry, max_states: int = MAX_STATES, every: bool = False
) -> Soundness:
    """The verdict. Not proven when the search ends early or a node cannot be read; unsound beats not proven.

    `every`: look at every order in which branches can move, instead of one for each outcome.
    """
    try:
        net = Net(definition, registry)
    except (UnknownNodeType, msgspec.ValidationError):
        return Soundness(verdict="not_proven", states=0)
    search = Search(net, max_states, every)
    search.run()
    issues = _Findings(definition, net, search).collect()
    verdict: Literal["sound", "unsound", "not_proven"] = "sound"
    if any(issue.severity == "error" for issue in issues):
        verdict = "unsound"
    elif search.ended_early or net.partial or not net.starts:
        verdict = "not_proven"
    return Soundness(verdict=verdict, states=len(search.origin), issues=tuple(issues))


class _Findings:
    """What the search came upon, as issues."""

    def __init__(self, definition: Definition, net: Net, search: Search) -> None:
        self.definition = definition
        self.net = net
        self.search = search
        self.neighbours = {
            node: [edge.target for _, edge in edges]
            for node, edges in list_outgoing(definition.graph).items()
        }

    def collect(self) -> list[Issue]:
        search = self.search
        issues = [
            self._issue("deadlock" if self.net.rules[node].join else "gate_never_opens", node, path)
            for node, path in self._paths(search.deadlocks)
        ]
        issues += [self._issue("livelock", node, path) for node, path in self._paths(search.livelocks)]
        if not issues and not search.ended_early and not self.net.partial:
            issues += [
                self._issue("dead_node", node, self._drawn_way(node)) for node in sorted(self._list_dead())
            ]
        issues += [
            self._issue("lack_of_synchronisation", node, path) for node, path in self._paths(search.doubled)
        ]
        for node, marking in sorted(search.cut_off.items()):
            path = (*search.path_to(marking), self.net.ids[node])
            issues.append(self._issue("improper_completion", node, path, "warning"))
        return issues

    def _paths(self, found: dict[int, Any]) -> list[tuple[int, tuple[str, ...]]]:
        return [(node, self.search.path_to(marking)) for node, marking in sorted(found.items())]

    def _issue(
        self, code: str, node: int, path: tuple[str, ...], severity: Literal["error", "warning"] = "error"
    ) -> Issue:
        node_id = self.net.ids[node]
        params: dict[str, Any] = {"node": label_of(self.definition, node_id)}
        return Issue(code=code, severity=severity, where=Where(node=node_id), params=params, path=path)

    def _list_dead(self) -> set[int]:
        """Nodes that edges lead to and no token reaches; those without are the concern of `validate`."""
        reached = reach([self.net.ids[start] for start in self.net.starts], self.neighbours)
        return {self.net.index[node] for node in reached} - self.search.visited - self.net.handlers

    def _drawn_way(self, node: int) -> tuple[str, ...]:
        ways = (
            find_way(self.net.ids[start], self.net.ids[node], self.neighbours) for start in self.net.starts
        )
        return min(filter(None, ways), key=len, default=())
