"""The state of one ticket. Everything is JSON through msgspec; every time is aware UTC.

Ids derive from a counter in the state (`k3` task, `t7` token, `m2` timer, `j4` job, `s1` scope, `i1`
incident), so that
replaying a ticket's events gives the same ids and the same state, bit for bit.

What the state holds is stored without members that have their default, so a default never changes its
meaning.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from backend.node_sdk import Acknowledgement, Offer, Rung, TaskAction


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
    parent: str | None = None
    """Id of the ticket whose step started this one."""
    depth: int = 0
    """How many tickets stand above it."""


WaitKind = Literal["task", "timer", "message", "job", "join", "incident", "condition", "turn", "compensation"]


class Catch(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A message or signal that a step listens to while it waits for something else, and the port it opens."""

    port: str
    kind: Literal["message", "signal"]
    name: str
    correlation: str = ""


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
    correlation: str = ""
    """Which of the messages of that name: the one that carries the same word."""
    signal: str | None = None
    """Name of the signal it waits for."""
    memo: dict[str, Any] = {}
    armed: bool = False
    """Whether the node's boundary events have been set for this visit."""
    catches: tuple[Catch, ...] = ()
    pending: tuple[int, ...] = ()
    """Numbers of the finished steps it has still to undo, the next one last."""
    give: str | None = None
    """Who gets the next task, when it is a single one: the step was returned to them."""
    back: WayBack | None = None
    """Set by a return that wants the work straight back."""
    undoes: str | None = None
    """Id of the token for which it undoes a step; empty: of the ticket that is being cancelled."""


class Scope(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """Opened by a fork; closed by its join.

    race, interleaved, instances: see the outcomes Fork and Spread. branch: one way of a race. instance: one
    item of a `for_each`, with its data. Both have no node, so no join closes them alone.
    """

    id: str
    node: str
    width: int
    """How many tokens it started with."""
    kind: Literal["plain", "race", "branch", "interleaved", "instances", "instance"] = "plain"
    passed: tuple[str, ...] = ()
    """Joins that went on without the rest: what comes later to them is absorbed."""
    items: tuple[Any, ...] = ()
    """instances: what a sequential one has still to begin."""
    outer: tuple[str, ...] = ()
    """instances: the scopes that it was opened in."""
    name: str = ""
    into: str = ""
    sequential: bool = False
    limit: int = 0
    index: int = 0
    """instances: how many were begun or wait to be. instance: which one, from 1."""
    data: dict[str, Any] = {}
    """instance: what stands above the ticket's data for the tokens inside."""


class Done(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A finished step that can be undone: `data` is that of the instance it was done in."""

    node: str
    number: int
    scopes: tuple[str, ...] = ()
    data: dict[str, Any] = {}


class Closing(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The ticket is being cancelled and undoes its steps first."""

    reason: str
    by: str | None = None
    pending: tuple[int, ...] = ()


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
    not_by: tuple[str, ...] = ()
    """Node ids, or "creator": whoever did these may not do this."""
    acknowledge: Acknowledgement | None = None
    added_by: str | None = None
    """Set for a signer whom somebody added."""
    outcome: str | None = None
    """Set when closed but its siblings are still open (votes)."""


class Timer(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """kind wait: wakes the node. due: a task's 100 %. rung: a step of a task's ladder. boundary: an event at
    the node's edge. acknowledge: the task should have been taken. clock: the next mark of a service level
    clock. resume: the end of a suspension. The last two belong to no token (theirs is empty)."""

    id: str
    token: str
    kind: Literal["wait", "due", "rung", "boundary", "acknowledge", "clock", "resume"]
    at: datetime
    task: str | None = None
    rung: Rung | None = None
    working: bool = False
    """Whether it counts working time: it moves when the calendar changes."""
    clock: str | None = None
    port: str | None = None
    """boundary: the way out that it opens."""
    fired: int = 0
    """boundary: how many times before this one."""


class Job(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """Work asked of the shell and not yet answered."""

    id: str
    token: str
    node: str
    kind: str
    payload: dict[str, Any]


class Footprint(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A human step that was reached, with the scopes its token was in."""

    node: str
    scopes: tuple[str, ...] = ()


class WayBack(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where a token goes when the step it was returned to is done, and to whom."""

    node: str
    member: str | None = None


class Clock(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A service level clock. It runs while `running_since` is set; else it is paused, or stopped for ever."""

    target: int
    """Allowed seconds, of working time where the clock counts that."""
    started_at: datetime
    accrued: timedelta = timedelta()
    """What it counted up to `running_since`, in the calendars that held at the time."""
    running_since: datetime | None = None
    pauses: tuple[str, ...] = ()
    """Why it stands: `suspended`, `customer`, or ids of nodes."""
    due_at: datetime | None = None
    """When the target will be reached if nothing changes; only while it runs."""
    stopped_at: datetime | None = None
    breached: bool = False
    fired: int = 0
    """How many steps of its ladder, in the order of their percent, were climbed."""


class HeldTimer(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A timer that stands still, with the time it still had: working time where it counts that."""

    timer: Timer
    left: timedelta


class Suspension(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Nobody works on the ticket for a while; its timers and clocks stand still."""

    since: datetime
    by: str | None = None
    reason: str = ""
    until: datetime | None = None
    """When it goes on by itself."""
    held: tuple[HeldTimer, ...] = ()


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
    error: str | None = None
    """Code with which an end called the whole run a failure."""
    completed: tuple[Done, ...] = ()
    """Finished steps that can be undone and have not been, in their order."""
    closing: Closing | None = None
    handling: dict[str, int] = {}
    """Seconds people spent at each node, from claiming (else opening) a task to completing it."""
    efforts: dict[str, dict[str, int]] = {}
    """Seconds by node and member, only of nodes that more than one person worked (see `credits`)."""
    result: str | None = None
    trail: tuple[Footprint, ...] = ()
    """Human steps that were reached, the latest last and each once in its scopes: where work can be
    returned to. Forgotten when the ticket ends."""
    clocks: dict[str, Clock] = {}
    """By their key in the workflow's settings."""
    suspended: Suspension | None = None
