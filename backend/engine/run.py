"""The working copy of one step: the next state in the making, its commands, and what nodes may see of it.

Copying is shallow and on purpose: the maps of the state are copied once a step, their values are replaced
when they change and never altered, so the state that `step` was given stays as it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from backend.engine.commands import Command, Note
from backend.engine.overlay import see_data
from backend.engine.release import CompiledNode, Release
from backend.engine.state import State, Token
from backend.graph.expressions import compile_expression


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


class Run(msgspec.Struct):
    """One step under way, on a copy of the state it is given."""

    release: Release
    state: State
    now: datetime
    commands: list[Command] = []
    arrivals: deque[Token] = msgspec.field(default_factory=deque)
    entered: int = 0
    scopes_changed: bool = False
    sequences: list[str] = []
    """Groups of instances whose next item may begin."""
    _context: Sight | None = None

    def __post_init__(self) -> None:
        """Its own maps; given to `replace` at once, which is much faster than assigning them one by one."""
        before = self.state
        self.state = replace(
            before,
            data={**before.data},
            people={**before.people},
            tokens={**before.tokens},
            tasks={**before.tasks},
            timers={**before.timers},
            visits={**before.visits},
            scopes={**before.scopes},
            jobs={**before.jobs},
            incidents={**before.incidents},
        )

    def next_id(self, letter: str) -> str:
        state = self.state
        state.seq = number = state.seq + 1
        return f"{letter}{number}"

    def node_of(self, token: Token) -> CompiledNode:
        return self.release.nodes[token.node]

    def take(self, token: Token) -> Token:
        """A copy of a token of the earlier state that this step may alter, put in its place."""
        mine = self.state.tokens[token.id] = replace(token)
        return mine

    # --- what expressions and nodes see ---

    def context(self) -> Sight:
        """data, ticket, customer, now as CEL sees them; made anew after the ticket's own facts change."""
        if self._context is None:
            self._context = Sight(self.state, self.now, self.state.data)
        return self._context

    def sight_of(self, token: Token) -> Sight:
        """The same for this token: inside an instance, with the data of the instance."""
        if not token.scopes:
            return self.context()
        data = see_data(self.state, token)
        return self.context() if data is self.state.data else Sight(self.state, self.now, data)

    def forget_context(self) -> None:
        self._context = None

    def node_context(self, token: Token) -> TokenContext:
        return TokenContext(self, token)

    # --- small records ---

    def note(self, code: str, node: str | None = None, member: str | None = None, **params: Any) -> None:
        self.commands.append(Note(code=code, node=node, params=params, member=member))

    def change_ticket(self, changes: dict[str, Any]) -> None:
        """Replace facts of the ticket; only `priority` and `title` may change. Raises KeyError for others."""
        for name in changes:
            if name not in {"priority", "title"}:
                raise KeyError(name)
        self.state.ticket = replace(self.state.ticket, **changes)
        self.forget_context()


class Sight(dict[str, Any]):
    """What expressions see of a ticket. The description of `ticket` is made when one first asks for it."""

    __slots__ = ("_state",)

    def __init__(self, state: State, now: datetime, data: Mapping[str, Any]) -> None:
        self["data"] = data
        self["customer"] = state.customer
        self["now"] = now
        self._state = state

    def __missing__(self, root: str) -> Any:
        if root != "ticket":
            raise KeyError(root)
        described = self[root] = describe_ticket(self._state)
        return described


class TokenContext:
    """The NodeContext of a token: reads through to the step under way."""

    __slots__ = ("_run", "_token")

    def __init__(self, run: Run, token: Token) -> None:
        self._run = run
        self._token = token

    @property
    def node(self) -> str:
        return self._token.node

    @property
    def visit(self) -> int:
        return self._token.visit

    @property
    def memo(self) -> Mapping[str, Any]:
        return self._token.memo

    @property
    def data(self) -> Mapping[str, Any]:
        return see_data(self._run.state, self._token)

    @property
    def ticket(self) -> Mapping[str, Any]:
        ticket: Mapping[str, Any] = self._run.context()["ticket"]
        return ticket

    @property
    def customer(self) -> Mapping[str, Any]:
        return self._run.state.customer

    @property
    def people(self) -> Mapping[str, str]:
        return self._run.state.people

    @property
    def visits(self) -> Mapping[str, int]:
        return self._run.state.visits

    @property
    def active(self) -> frozenset[str]:
        return frozenset(token.node for token in self._run.state.tokens.values())

    @property
    def now(self) -> datetime:
        return self._run.now

    def evaluate(self, text: str) -> Any:
        return compile_expression(text).evaluate(self._run.sight_of(self._token))

    def find(self, text: str) -> Any:
        return compile_expression(text).find(self._run.sight_of(self._token))


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
