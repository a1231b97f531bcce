"""The state of one ticket. Everything is JSON through msgspec; every time is aware UTC.

Ids derive from a counter in the state (`k3` task, `t7` token, `m2` timer, `j4` job, `s1` scope, `i1`
incident), so that
replaying a ticket's events gives the same ids and the same state, bit for bit.

What the state holds is stored without members that have their default, so a default never changes its
meaning.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from backend.node_sdk import Offer, Rung, TaskAction


class Calendar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Working hours of a region. `week` maps ISO weekday "1".."7" to [["08:00","20:00"], ...]."""

    zone: str = "Asia/Shanghai"
    week: dict[str, tuple[tuple[str, str], ...]] = {}
    """Empty: around the clock."""
    holidays: tuple[str, ...] = ()
    workdays: tuple[str, ...] = ()
    """Dates (YYYY-MM-DD) that are worked although the week says otherwise (调休)."""


class TicketFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What is known of the ticket beside its data; CEL sees it as `ticket`."""

    id: str
    number: str
    workflow: str
    region: str | None = None
    region_path: tuple[str, ...] = ()
    """Region keys from the root to the leaf."""
    priority: str = "normal"
    title: str = ""
    source: Literal["customer", "staff", "system"] = "staff"
    channel: str = ""
    created_at: datetime | None = None
    creator: str | None = None
    calendar: Calendar = Calendar()


WaitKind = Literal["task", "timer", "message", "job", "join", "incident"]


class Token(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """Where the work stands. A live token always waits for something between two events."""

    id: str
    node: str
    edge: str | None = None
    scopes: tuple[str, ...] = ()
    """Open scopes, outermost first."""
    visit: int = 1
    wait: WaitKind | None = None
    since: datetime
    message: str | None = None
    """Name of the message it waits for, alone or beside a timer."""
    memo: dict[str, Any] = {}


class Scope(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """Opened by a fork; closed by its join."""

    id: str
    node: str
    width: int
    """How many tokens it started with."""


class Task(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """A human step that is or was open. Closed tasks leave the state; the event log and the tables keep
    them."""

    id: str
    token: str
    node: str
    kind: Literal["form", "approval", "rating"]
    form: str | None
    offer: Offer
    actions: tuple[TaskAction, ...]
    access: dict[str, Literal["hidden", "readonly", "editable", "required"]] = {}
    show: tuple[str, ...] = ()
    assignee: str | None = None
    opened_at: datetime
    claimed_at: datetime | None = None
    due_at: datetime | None = None
    timeout_port: str | None = None
    """Port by which the token leaves at `due_at`; None: the task stays open and is only overdue."""
    outcome: str | None = None
    """Set when closed but its siblings are still open (votes)."""


class Timer(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """kind wait: wakes the node. due: a task's 100 %. rung: a step of a task's ladder."""

    id: str
    token: str
    kind: Literal["wait", "due", "rung"]
    at: datetime
    task: str | None = None
    rung: Rung | None = None


class Job(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """Work asked of the shell and not yet answered."""

    id: str
    token: str
    node: str
    kind: str
    payload: dict[str, Any]


class Incident(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """A node that could not go on. `job` holds what to run again, when a job failed."""

    id: str
    token: str
    node: str
    code: str
    params: dict[str, Any] = {}
    job: Job | None = None
    port: str | None = None
    """Set when the node did its work but no way led on: retry leaves by this port and does not work twice."""
    at: datetime


class State(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """All that must be known to go on. `step` never changes the one it is given."""

    ticket: TicketFacts
    status: Literal["new", "running", "completed", "cancelled"] = "new"
    seq: int = 0
    """Last id handed out."""
    version: int = 0
    """Number of events applied."""
    data: dict[str, Any] = {}
    customer: dict[str, Any] = {}
    people: dict[str, str] = {}
    tokens: dict[str, Token] = {}
    scopes: dict[str, Scope] = {}
    tasks: dict[str, Task] = {}
    timers: dict[str, Timer] = {}
    jobs: dict[str, Job] = {}
    incidents: dict[str, Incident] = {}
    visits: dict[str, int] = {}
    """How many tokens entered each node; the picture of where the ticket has been."""
    handling: dict[str, int] = {}
    """Seconds people spent at each node, from claiming (else opening) a task to completing it."""
    result: str | None = None
