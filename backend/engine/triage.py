"""May this running ticket go on under that release? Green, amber or red, with every reason.

Structure: what stands open must have a counterpart that can take it over. Data: stored answers are held
against the new forms. Money: nothing is booked twice, and nothing is lost without a word. Red is never
migrated; amber is what a person should have looked at. Whatever the triage cannot judge is amber at least.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from backend.engine.calendar import CalendarClosed
from backend.engine.crossing import Crossing
from backend.engine.events import Migrated
from backend.engine.migration import derive_specs, list_unknown, looking_back, pair
from backend.engine.money_triage import KnowsTariff, list_money
from backend.engine.release import CompiledNode
from backend.engine.run import Run
from backend.engine.state import State, Task, Token
from backend.engine.timers import task_moment
from backend.engine.verdicts import RANK, Finding, Level, Verdict
from backend.graph.continuing import Opened, Standing
from backend.node_sdk import TaskSpec

CheckData = Callable[[State], list[Finding]]
"""Holds a ticket's answers against the new forms."""
KNOWN: dict[str, frozenset[str]] = {
    "State": frozenset(
        [
            "ticket",
            "status",
            "seq",
            "version",
            "data",
            "customer",
            "people",
            "tokens",
            "scopes",
            "tasks",
            "timers",
            "jobs",
            "incidents",
            "visits",
            "error",
            "completed",
            "closing",
            "handling",
            "efforts",
            "result",
            "trail",
            "clocks",
            "suspended",
        ]
    ),
    "Token": frozenset(
        [
            "id",
            "node",
            "edge",
            "scopes",
            "visit",
            "wait",
            "since",
            "message",
            "correlation",
            "signal",
            "memo",
            "armed",
            "catches",
            "pending",
            "give",
            "back",
            "undoes",
        ]
    ),
    "Scope": frozenset(
        [
            "id",
            "node",
            "width",
            "kind",
            "passed",
            "items",
            "outer",
            "name",
            "into",
            "sequential",
            "limit",
            "index",
            "data",
        ]
    ),
    "Task": frozenset(
        [
            "id",
            "token",
            "node",
            "kind",
            "form",
            "offer",
            "actions",
            "access",
            "show",
            "assignee",
            "opened_at",
            "claimed_at",
            "due_at",
            "timeout_port",
            "not_by",
            "acknowledge",
            "added_by",
            "outcome",
        ]
    ),
    "Timer": frozenset(["id", "token", "kind", "at", "task", "rung", "working", "clock", "port", "fired"]),
    "Job": frozenset(["id", "token", "node", "kind", "payload"]),
    "Incident": frozenset(["id", "token", "node", "code", "params", "job", "port", "at"]),
}
"""What `migration` takes along with understanding. Anything else is looked at by a person."""


def triage(
    crossing: Crossing, state: State, check_data: CheckData, knows_tariff: KnowsTariff, by: str | None = None
) -> Verdict:
    """The verdict on one ticket. Never raises for what a ticket holds."""
    judge = _Judge(crossing, state)
    findings = judge.list_structure()
    if not any(finding.level == "red" for finding in findings):
        findings += check_data(state)
        findings += list_money(crossing, state, knows_tariff)
    findings = list({msgspec.json.encode(finding): finding for finding in findings}.values())
    level: Level = max((finding.level for finding in findings), key=RANK.__getitem__, default="green")
    event = judge.make_event(by) if level != "red" else None
    return Verdict(level=level, findings=tuple(findings), event=event)


class _Judge:
    def __init__(self, crossing: Crossing, state: State) -> None:
        self.crossing = crossing
        self.old = crossing.old
        self.new = crossing.new
        self.state = state
        self.edges: dict[str, str] = {}
        self.reset: list[str] = []
        self.lags: dict[str, int] = {}

    def make_event(self, by: str | None) -> Migrated:
        crossing = self.crossing
        renamed = {old: new for old, new in crossing.mapping.items() if old != new}
        return Migrated(
            release=crossing.target,
            hash=self.new.hash,
            number=self.new.number,
            origin=crossing.origin,
            mapping=renamed,
            edges=self.edges,
            changed=tuple(sorted(crossing.changed)),
            rearmed=tuple(sorted(crossing.rearmed)),
            clocks=tuple(key for key in crossing.clocks if key in self.state.clocks),
            reset=tuple(self.reset),
            lags=self.lags,
            by=by,
        )

    # --- structure ---

    def list_structure(self) -> list[Finding]:
        state = self.state
        if state.status != "running":
            return [_structure("red", "not_running")]
        if state.closing is not None:
            return [_structure("red", "closing")]
        found = [
            _structure("amber", "unknown_holding", params={"name": name})
            for name in list_unknown(state, KNOWN)
        ]
        for token in state.tokens.values():
            found += self._judge_token(token)
        for scope in state.scopes.values():
            found += self._judge_scope(scope.node, scope.kind)
        found += self._list_memory()
        if not any(finding.level == "red" for finding in found):
            found += self._judge_future()
        return found

    def _judge_token(self, token: Token) -> list[Finding]:
        new = self.crossing.mapping.get(token.node)
        if new is None:
            return [_structure("red", "node_gone", token.node)]
        before, after = self.old.nodes[token.node], self.new.nodes[new]
        if before.type.type != after.type.type or before.type.shape != after.type.shape:
            params = {"old": _name(before), "new": _name(after)}
            return [_structure("red", "type_other", token.node, params)]
        found: list[Finding] = []
        if before.type.version != after.type.version:
            found.append(_structure("amber", "version_other", token.node))
        if new in self.crossing.rearmed and token.armed:
            found.append(_structure("amber", "boundary_changed", token.node))
        if token.wait == "join":
            found += self._judge_join(token, before, after)
        elif new in self.crossing.changed:
            found += self._judge_changed(token, before, after)
        if token.wait == "incident":
            found += self._judge_incident(token, after)
        if token.back is not None and token.back.node not in self.crossing.mapping:
            found.append(_structure("amber", "back_gone", token.node))
        if self.state.suspended is not None and new in self.crossing.changed | self.crossing.rearmed:
            found.append(_structure("red", "suspended", token.node))
        return found

    def _judge_join(self, token: Token, before: CompiledNode, after: CompiledNode) -> list[Finding]:
        found = []
        edge = self.crossing.find_edge(token.edge, after.id)
        if token.edge is not None and edge is None:
            return [_structure("red", "edge_gone", token.node)]
        if edge is not None and edge != token.edge and token.edge is not None:
            self.edges[token.edge] = edge
        if before.join != after.join:
            found.append(_structure("amber", "join_changed", token.node))
        for scope in token.scopes:
            fork = self.state.scopes[scope].node
            closes = fork in before.forks
            if fork and closes != (self.crossing.mapping.get(fork) in after.forks):
                found.append(_structure("red", "join_other_fork", token.node))
        return found

    def _judge_incident(self, token: Token, after: CompiledNode) -> list[Finding]:
        for incident in self.state.incidents.values():
            if incident.token == token.id and incident.port is not None and incident.port not in after.ports:
                return [_structure("amber", "port_gone", token.node, {"port": incident.port})]
        return []

    def _judge_changed(self, token: Token, before: CompiledNode, after: CompiledNode) -> list[Finding]:
        if token.wait == "task":
            return self._judge_tasks(token, before, after)
        code = {"timer": "wait_changed", "message": "wait_changed", "job": "job_changed"}.get(
            token.wait or ""
        )
        return [_structure("amber", code or "step_changed", token.node)]

    def _judge_tasks(self, token: Token, before: CompiledNode, after: CompiledNode) -> list[Finding]:
        tasks = [task for task in self.state.tasks.values() if task.token == token.id]
        if not tasks:
            return []
        known = derive_specs(Run(self.old, self.state, tasks[0].opened_at), token, before, tasks)
        asked = derive_specs(Run(self.new, self.state, tasks[0].opened_at), token, after, tasks)
        pairs = pair(tasks, asked) if asked is not None else None
        if pairs is None:
            return [_structure("red", "tasks_other", token.node)]
        earlier = {task.id: spec for task, spec in (pair(tasks, known) if known is not None else None) or ()}
        found: list[Finding] = []
        if before.config != after.config:
            found.append(_structure("amber", "step_changed", token.node))
        for task, spec in pairs:
            if task.outcome is None:
                found += self._judge_limit(token, task, earlier.get(task.id), spec)
        return found

    def _judge_limit(self, token: Token, task: Task, known: TaskSpec | None, spec: TaskSpec) -> list[Finding]:
        if known is not None and (known.sla, known.acknowledge) == (spec.sla, spec.acknowledge):
            return []
        if known is None and spec.sla is None and task.due_at is None:
            return []
        self.reset.append(task.id)
        lag = self._measure_lag(task, known)
        if lag:
            self.lags[task.id] = lag
        return [_structure("amber", "limit_reset", token.node)]

    def _measure_lag(self, task: Task, known: TaskSpec | None) -> int:
        if known is None or known.sla is None or task.due_at is None:
            return 0
        run = Run(self.old, self.state, task.opened_at)
        try:
            with looking_back(run, task.opened_at):
                planned = task_moment(run, known.sla, 100)
        except CalendarClosed:
            return 0
        return max(0, int((task.due_at - planned).total_seconds()))

    def _judge_scope(self, fork: str, kind: str) -> list[Finding]:
        if not fork:
            return []
        new = self.crossing.mapping.get(fork)
        if new is None:
            return [_structure("red", "fork_gone", fork)]
        before, after = self.old.nodes[fork], self.new.nodes[new]
        if before.type.type != after.type.type or after.type.shape != "fork":
            return [_structure("red", "fork_other", fork)]
        if kind != "plain" and new in self.crossing.changed:
            return [_structure("amber", "block_changed", fork)]
        return []

    def _list_memory(self) -> list[Finding]:
        """Steps behind the ticket that it could be sent back to, or that could be undone."""
        mapping, state = self.crossing.mapping, self.state
        found = [
            _structure("amber", "return_gone", step.node) for step in state.trail if step.node not in mapping
        ]
        for done in state.completed:
            new = mapping.get(done.node)
            if new is None or not self.new.nodes[new].compensation:
                found.append(_structure("amber", "undo_gone", done.node))
        for key in state.clocks:
            if key in self.crossing.clocks:
                found.append(_structure("amber", "clock_changed", params={"clock": self._name_clock(key)}))
            elif key not in self.new.clocks and state.clocks[key].stopped_at is None:
                found.append(_structure("amber", "clock_gone", params={"clock": self._name_clock(key)}))
        return found

    def _name_clock(self, key: str) -> dict[str, str]:
        config = self.old.clocks.get(key) or self.new.clocks.get(key)
        name = config.name if config is not None else None
        return {"zh": (name.zh if name else "") or key, "en": (name.en if name else "") or key}

    def _judge_future(self) -> list[Finding]:
        """Whether the new graph can end from where the tokens would stand."""
        if self.crossing.same_shape:
            return []
        mapping, state = self.crossing.mapping, self.state
        if any(token.undoes is not None or token.wait == "compensation" for token in state.tokens.values()):
            return [_structure("amber", "not_proven")]
        standing = []
        for token in state.tokens.values():
            edge = self.edges.get(token.edge or "", token.edge) if token.wait == "join" else None
            standing.append(Standing(mapping[token.node], edge, token.scopes))
        opened = {
            key: Opened(
                node=mapping.get(scope.node, ""),
                kind=scope.kind,
                passed=tuple(mapping[join] for join in scope.passed if join in mapping),
                left=len(scope.items),
            )
            for key, scope in state.scopes.items()
        }
        entered = [mapping.get(node, node) for node in state.visits]
        verdict, node = self.crossing.continuing.judge(standing, opened, entered)
        if verdict == "deadlock":
            params = {"new": _name(self.new.nodes[node])} if node is not None else {}
            return [_structure("red", "would_deadlock", params=params)]
        return [] if verdict == "ends" else [_structure("amber", "not_proven")]


def _structure(
    level: Level, code: str, node: str | None = None, params: dict[str, Any] | None = None
) -> Finding:
    return Finding(area="structure", level=level, code=code, node=node, params=params or {})


def _name(node: CompiledNode) -> dict[str, str]:
    return node.label
