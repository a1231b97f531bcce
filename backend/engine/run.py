"""The working copy of one step: the next state in the making, its commands, and what nodes may see of it.

Copying is shallow and on purpose: the maps of the state are copied once a step, their values are replaced
when they
change and never altered, so the state that `step` was given stays as it was.
"""

from __future__ import annotations

from collections import deque
from copy import copy
from datetime import datetime
from typing import Any

from backend.engine.model import Command, Note, State, TicketFacts, Token
from backend.engine.release import CompiledNode, Release
from backend.graph.expressions import Expression, compile_expression
from backend.node_sdk import NodeContext


class Refused(Exception):
    """The event cannot apply to this state; nothing has changed.

    `stale` tells the two cases apart: True when the answer simply came too late (a timer that was
    cancelled, a job
    that is not wanted any more, a message nobody waits for) and may be dropped; False when somebody must be
    told
    (`task_closed`, `unknown_outcome`, `already_started`, `not_running`, `incident_closed`, `unknown_port`,
    `timer_early`, `no_start`, `unknown_start`).
    """

    def __init__(self, code: str, *, stale: bool = False, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.stale = stale
        self.params = params


class Run:
    """One step under way."""

    __slots__ = ("_context", "arrivals", "commands", "entered", "now", "release", "scopes_changed", "state")

    def __init__(self, release: Release, state: State, now: datetime) -> None:
        self.release = release
        self.now = now
        self.commands: list[Command] = []
        self.arrivals: deque[Token] = deque()
        self.entered = 0
        self.scopes_changed = False
        self._context: dict[str, Any] | None = None
        state = copy(state)
        state.data = dict(state.data)
        state.people = dict(state.people)
        state.tokens = dict(state.tokens)
        state.tasks = dict(state.tasks)
        state.timers = dict(state.timers)
        state.visits = dict(state.visits)
        state.scopes = dict(state.scopes)
        state.jobs = dict(state.jobs)
        state.incidents = dict(state.incidents)
        self.state = state

    def next_id(self, letter: str) -> str:
        self.state.seq += 1
        return f"{letter}{self.state.seq}"

    def node_of(self, token: Token) -> CompiledNode:
        return self.release.nodes[token.node]

    def take(self, token: Token) -> Token:
        """A copy of a token of the earlier state that this step may alter, put in its place."""
        mine = copy(token)
        self.state.tokens[token.id] = mine
        return mine

    # --- what expressions and nodes see ---

    def context(self) -> dict[str, Any]:
        """data, ticket, customer, now as CEL sees them; rebuilt after the ticket's own facts change."""
        if self._context is None:
            self._context = {
                "data": self.state.data,
                "ticket": describe_ticket(self.state),
                "customer": self.state.customer,
                "now": self.now,
            }
        return self._context

    def forget_context(self) -> None:
        self._context = None

    def evaluate(self, text: str) -> Any:
        return compile_expression(text).evaluate(self.context())

    def find(self, text: str) -> Any:
        return compile_expression(text).find(self.context())

    def holds(self, expression: Expression) -> bool:
        return expression.holds(self.context())

    def node_context(self, token: Token) -> NodeContext:
        context = self.context()
        return NodeContext(
            node=token.node,
            visit=token.visit,
            data=context["data"],
            ticket=context["ticket"],
            customer=context["customer"],
            people=self.state.people,
            now=self.now,
            memo=token.memo,
            evaluate=self.evaluate,
            find=self.find,
        )

    # --- small records ---

    def note(self, code: str, node: str | None = None, member: str | None = None, **params: Any) -> None:
        self.commands.append(Note(code=code, node=node, params=params, member=member))

    def change_ticket(self, changes: dict[str, Any]) -> None:
        """Replace facts of the ticket; only `priority` and `title` may change. Raises KeyError for others."""
        for name in changes:
            if name not in {"priority", "title"}:
                raise KeyError(name)
        facts = self.state.ticket
        self.state.ticket = replace_facts(facts, **changes)
        self.forget_context()


def replace_facts(facts: TicketFacts, **changes: Any) -> TicketFacts:
    fields = {name: getattr(facts, name) for name in facts.__struct_fields__}
    return TicketFacts(**{**fields, **changes})


def describe_ticket(state: State) -> dict[str, Any]:
    facts = state.ticket
    return {
        "id": facts.id,
        "number": facts.number,
        "title": facts.title,
        "priority": facts.priority,
        "workflow": facts.workflow,
        "region": facts.region,
        "region_path": list(facts.region_path),
        "source": facts.source,
        "channel": facts.channel,
        "created_at": facts.created_at,
        "creator": facts.creator,
        "zone": facts.calendar.zone,
        "handling_seconds": state.handling,
    }
