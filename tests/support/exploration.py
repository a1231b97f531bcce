"""Every run there is: all events in all orders with all answers of the conditions, through the real `step`.

Slow and simple on purpose; it knows nothing of markings. States that differ in ids and moments alone are one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

from backend.engine.events import Event, MessageArrived, Started, TaskCompleted, TimerFired
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.state import State, TicketFacts, Token
from backend.engine.step import new_state, step
from backend.graph.structure import reach

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FACTS = TicketFacts(id="t", number="T-1", workflow="test")
MOST_TOKENS = 6
MOST_FIRED = 2


class TooLarge(Exception):
    """More states or branches than are worth looking at."""


class Exploration:
    """What was found: nodes where it got stuck, whether it can circle for ever, what was entered, where two
    branches stood at once. `conditions` are the data fields that edges ask for."""

    def __init__(self, release: Release, conditions: tuple[str, ...] = (), most: int = 400) -> None:
        self.release = release
        self.answers = [dict(zip(conditions, row, strict=True)) for row in _rows(len(conditions))]
        self.most = most
        self.stuck: set[str] = set()
        self.entered: set[str] = set()
        self.doubled: set[str] = set()
        self.before: dict[Hashable, list[Hashable]] = {}
        self.final: list[Hashable] = []
        self._waiting: list[State] = []
        for answers in self.answers:
            state, _ = step(
                release, new_state(FACTS), Started(ticket=FACTS, data={"data": 0, **answers}), NOW
            )
            self._reach(state, None)
        while self._waiting:
            self._expand(self._waiting.pop())
        self.circles = set(self.before) - reach(self.final, self.before)

    def _expand(self, state: State) -> None:
        here = key_of(self.release, state)
        events = list(self._list_events(state))
        if not events:
            self.stuck.update(token.node for token in state.tokens.values())
            self.final.append(here)
        for event, at in events:
            try:
                following, _ = step(self.release, state, event, at)
            except Refused:
                continue
            self._reach(following, here)

    def _reach(self, state: State, origin: Hashable | None) -> None:
        key = key_of(self.release, state)
        known = key in self.before
        self.before.setdefault(key, [])
        if origin is not None:
            self.before[key].append(origin)
        self.entered.update(state.visits)
        if known:
            return
        if len(self.before) > self.most or len(state.tokens) > MOST_TOKENS:
            raise TooLarge
        if any(incident.code == "deadlock_now" for incident in state.incidents.values()):
            self.stuck.update(
                token.node for token in state.tokens.values() if token.wait in {"join", "incident"}
            )
            self.final.append(key)
            return
        if state.incidents:
            raise AssertionError([incident.code for incident in state.incidents.values()])
        if state.status != "running":
            self.final.append(key)
            return
        standing = [token.node for token in state.tokens.values() if token.wait != "join"]
        self.doubled.update(node for node in standing if standing.count(node) > 1)
        self._waiting.append(state)

    def _list_events(self, state: State) -> Iterator[tuple[Event, datetime]]:
        for task in state.tasks.values():
            if task.outcome is None:
                for action, answers in product(task.actions, self.answers):
                    yield TaskCompleted(task=task.id, outcome=action.outcome, member="m", data=answers), NOW
        for timer in state.timers.values():
            if timer.fired < MOST_FIRED:
                yield TimerFired(timer=timer.id), timer.at
        names = {(catch.name, catch.kind) for token in state.tokens.values() for catch in token.catches}
        for name, kind in sorted(names):
            yield MessageArrived(name=name, signal=kind == "signal"), NOW


def _rows(count: int) -> list[tuple[bool, ...]]:
    return list(product((True, False), repeat=count))


def key_of(release: Release, state: State) -> Hashable:
    """All that decides how the ticket can go on, without ids and moments."""
    watched = {
        node
        for other in release.nodes.values()
        if other.type.watches
        for _, node in other.type.nodes(other.config)
    }
    names: dict[str, int] = {}
    rows: list[Any] = []
    tokens = sorted(state.tokens.values(), key=lambda token: (_look(state, token), int(token.id[1:])))
    for token in tokens:
        for scope in token.scopes:
            names.setdefault(scope, len(names))
        rows.append((_look(state, token), tuple(names[scope] for scope in token.scopes)))
    scopes = tuple(
        (names[key], scope.kind, scope.node, scope.passed, len(scope.items))
        for key, scope in sorted(state.scopes.items(), key=lambda item: names.get(item[0], -1))
        if key in names
    )
    seen = frozenset(node for node in watched if state.visits.get(node))
    return state.status, tuple(rows), scopes, seen, bool(state.incidents)


def _look(state: State, token: Token) -> tuple[Any, ...]:
    edge = token.edge if token.wait == "join" else ""
    fired = tuple(sorted((t.port or "", t.fired) for t in state.timers.values() if t.token == token.id))
    path = tuple((state.scopes[scope].node, state.scopes[scope].kind) for scope in token.scopes)
    return token.node, edge or "", token.wait or "", fired, path
