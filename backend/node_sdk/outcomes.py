"""What a node's function can answer. The engine is the only reader; every answer is plain data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec


class Go(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="go"):
    """Leave by a port. `set` is merged into data, `ticket` into the ticket's own facts (priority, title,
    ...)."""

    port: str
    set: dict[str, Any] = {}
    ticket: dict[str, Any] = {}
    people: dict[str, str] = {}
    notes: tuple[tuple[str, dict[str, Any]], ...] = ()
    """(message code, params) for the timeline: why it went this way."""


class Choose(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="choose"):
    """Leave by the first edge, in `order`, whose condition holds; else the default edge (no condition);
    else an incident."""


class Fork(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="fork"):
    """Open a scope with a token on every edge (`all`) or on those whose condition holds (`any`)."""

    mode: Literal["all", "any"]


class Join(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="join"):
    """Wait for other tokens. all: one on each incoming edge. any: the first, the rest of the scope is
    cancelled.

    n: the first `n`, the rest is cancelled. scope: every token of the scope that still lives.
    """

    mode: Literal["all", "any", "n", "scope"]
    n: int = 1


class Offer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who may do a task. The runtime resolves it to people; the engine only carries it."""

    to: Literal["role", "member", "customer", "owner"]
    role: str | None = None
    member: str | None = None
    scope: Literal["region", "workspace"] = "region"
    """For a role: those of the ticket's region and its ancestors, or of the whole workspace."""


class Rung(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A step of the reminder ladder: at `percent` of the allowed time, remind or escalate."""

    percent: int
    action: Literal["remind", "escalate", "raise_priority"]
    role: str | None = None


class Sla(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Allowed time of a task, in working seconds of the region's calendar or in plain seconds."""

    seconds: int
    working_hours: bool = True
    ladder: tuple[Rung, ...] = ()
    timeout_port: str | None = None
    """When set and drawn, the task closes at 100 % and the token leaves by this port."""


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
    """Wait until a moment (None: for the message alone) or until a message of this name arrives."""

    until: datetime | None = None
    message: str | None = None
    memo: dict[str, Any] = {}


class Call(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="call"):
    """Ask the shell to do something and wait for job_done or job_failed.

    kinds: `settle`, `dispatch`, `resolve_members`, `notify` are done inside the same transaction;
    `webhook`, `email` are jobs with retries. `payload` is JSON.
    """

    job: str
    payload: dict[str, Any]
    memo: dict[str, Any] = {}


class End(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="end"):
    """The token dies here. `terminate` cancels every other token too."""

    terminate: bool = False
    result: str = "completed"


class Stay(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="stay"):
    """Not yet: keep waiting (some votes are still missing)."""

    memo: dict[str, Any] = {}


class Fail(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="fail"):
    """Stop with an incident that names this code; params fill the message."""

    code: str
    params: dict[str, Any] = {}


Outcome = Go | Choose | Fork | Join | OpenTasks | Sleep | Call | End | Stay | Fail
