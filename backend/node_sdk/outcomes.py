"""What a node's function can answer. The engine is the only reader; every answer is plain data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec


class Outgoing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A message for the tickets that wait for its name and correlation, or a signal for all that wait for
    its name. A message that nobody waits for yet is kept for `keep_seconds`."""

    name: str
    correlation: str = ""
    data: dict[str, Any] = {}
    keep_seconds: int = 0
    signal: bool = False


class Go(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="go"):
    """Leave by a port. `set` is merged into data, `ticket` into the ticket's own facts (priority, title,
    ...)."""

    port: str
    set: dict[str, Any] = {}
    ticket: dict[str, Any] = {}
    people: dict[str, str] = {}
    notes: tuple[tuple[str, dict[str, Any]], ...] = ()
    """(message code, params) for the timeline: why it went this way."""
    send: tuple[Outgoing, ...] = ()


class Choose(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="choose"):
    """Leave by the first edge, in `order`, whose condition holds; else the default edge (no condition);
    else an incident."""


class Fork(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="fork"):
    """Open a scope with a token on every edge (`all`) or on those whose condition holds (`any`).

    first: on every edge; the first event that moves one of them cancels the others. interleaved: on every
    edge, but only one of them is worked at a time.
    """

    mode: Literal["all", "any", "first", "interleaved"]


class Join(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="join"):
    """Wait for other tokens. all: one on each incoming edge. any: the first, the rest of the scope is
    cancelled.

    n: the first `n`, the rest is cancelled. scope: every token of the scope that still lives. each: nobody;
    every token goes on by itself.

    With `keep_rest` nothing is cancelled: what comes later is absorbed.
    """

    mode: Literal["all", "any", "n", "scope", "each"]
    n: int = 1
    keep_rest: bool = False


class Spread(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="spread"):
    """Begin the same way once for each item, by the port `each`. Every instance has data of its own above
    the ticket's, with the item as `name` and its number (from 1) as `<name>_no`; the join that closes them
    collects that data in `into` (empty: nowhere)."""

    items: tuple[Any, ...]
    name: str
    into: str = ""
    sequential: bool = False
    limit: int = 200
    """How many instances there may be, those added later included."""


class Watch(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="watch"):
    """Ask again (Signal `changed`) whenever something happened to the ticket. For types with `watches`."""

    memo: dict[str, Any] = {}


class Cut(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="cut"):
    """Cancel whatever stands at these nodes, then leave by `next`."""

    nodes: tuple[str, ...]


class Compensate(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="compensate"):
    """Undo what these nodes did (none named: all), the last first, then leave by `next`."""

    nodes: tuple[str, ...] = ()


class Offer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who may do a task. The runtime resolves it to people; the engine only carries it."""

    to: Literal["role", "member", "customer", "owner", "team", "region"]
    """`region`: anybody who may work where the ticket belongs."""
    role: str | None = None
    member: str | None = None
    team: str | None = None
    scope: Literal["region", "workspace"] = "region"
    """For a role: those of the ticket's region and its ancestors, or of the whole workspace."""


class Rung(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A step of the reminder ladder: at `percent` of the allowed time, remind, escalate, or give the work
    to another role."""

    percent: int
    action: Literal["remind", "escalate", "raise_priority", "reassign"]
    role: str | None = None


class Sla(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Allowed time of a task, in working seconds of the region's calendar or in plain seconds."""

    seconds: int
    working_hours: bool = True
    ladder: tuple[Rung, ...] = ()
    timeout_port: str | None = None
    """When set and drawn, the task closes at 100 % and the token leaves by this port."""


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Until when somebody must have taken the task, and what happens when nobody has."""

    seconds: int
    rung: Rung
    working_hours: bool = True


class TaskAction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A button. `validates`: whether the form must be complete to press it."""

    outcome: str
    zh: str
    en: str
    style: Literal["primary", "secondary", "danger"] = "primary"
    needs_comment: bool = False
    validates: bool = True


class TaskSpec(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A human step to open."""

    kind: Literal["form", "approval", "rating"]
    form: str | None
    offer: Offer
    actions: tuple[TaskAction, ...]
    access: dict[str, Literal["hidden", "readonly", "editable", "required"]] = {}
    """Field access at this node; what is not named is editable."""
    sla: Sla | None = None
    show: tuple[str, ...] = ()
    """Data fields to show beside the form (for approvals: what is being approved)."""
    not_by: tuple[str, ...] = ()
    """Four eyes: node ids, or "creator"; whoever did these may not do this."""
    acknowledge: Acknowledgement | None = None


class Quorum(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When several people decide: any, all, sequential (one after the other), percentage."""

    mode: Literal["any", "all", "sequential", "percentage"] = "any"
    percent: int = 100


class OpenTasks(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="open_tasks"):
    """Open tasks and wait. For a sequence, open one and answer the next OpenTasks when it is closed.

    `memo` is kept on the token and handed back on resume.
    """

    tasks: tuple[TaskSpec, ...]
    memo: dict[str, Any] = {}


class Sleep(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="sleep"):
    """Wait until a moment (None: for the message alone), until a message of this name and correlation
    arrives, or until a signal of this name is given."""

    until: datetime | None = None
    working_seconds: int = 0
    """Instead of `until`: when so much working time of the ticket's region has passed."""
    message: str | None = None
    memo: dict[str, Any] = {}
    correlation: str = ""
    signal: str | None = None


class Call(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="call"):
    """Ask the shell to do something and wait for job_done or job_failed.

    kinds: `settle`, `dispatch`, `resolve_members`, `notify` are done inside the same transaction;
    `webhook`, `email` are jobs with retries. `payload` is JSON.
    """

    job: str
    payload: dict[str, Any]
    memo: dict[str, Any] = {}


class End(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="end"):
    """The token dies here. `terminate` cancels every other token too; so does an `error`, with which the
    whole run counts as failed."""

    terminate: bool = False
    result: str = "completed"
    error: str = ""


class Stay(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="stay"):
    """Not yet: keep waiting (some votes are still missing)."""

    memo: dict[str, Any] = {}


class Fail(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="fail"):
    """Stop with an incident that names this code; params fill the message."""

    code: str
    params: dict[str, Any] = {}


Outcome = (
    Go
    | Choose
    | Fork
    | Spread
    | Join
    | OpenTasks
    | Sleep
    | Watch
    | Call
    | Cut
    | Compensate
    | End
    | Stay
    | Fail
)
