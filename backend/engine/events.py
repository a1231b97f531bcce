"""What can happen to a ticket. A stored log is a list of these, so a member never changes its meaning."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from backend.engine.state import Calendar, State, TicketFacts


class Started(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="started"):
    """The ticket begins at its start node with the data of the start form."""

    ticket: TicketFacts
    data: dict[str, Any] = {}
    customer: dict[str, Any] = {}
    start: str | None = None
    """Which start node; None: the only one."""


class TaskClaimed(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="task_claimed"):
    """Somebody took, released (member None) or was given a task."""

    task: str
    member: str | None
    by: str | None = None


class TaskCompleted(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="task_completed"):
    """A task's button was pressed; `data` is what its form wrote (already validated and projected)."""

    task: str
    outcome: str
    data: dict[str, Any] = {}
    member: str | None = None
    comment: str | None = None


class TimerFired(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="timer_fired"):
    """A timer's moment came. The engine knows whether it waits, is due, or is a rung of a ladder."""

    timer: str


class MessageArrived(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="message"):
    """A named message (or signal) for whoever waits for it.

    `token` is the key of the one subscription it is aimed at (see `backend.engine.subscriptions`); without
    it every token of the ticket that waits for this name, and for this correlation where the event names
    one.
    """

    name: str
    data: dict[str, Any] = {}
    correlation: str = ""
    signal: bool = False
    token: str | None = None


class JobDone(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="job_done"):
    """The shell did what was asked."""

    job: str
    result: Any = None


class JobFailed(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="job_failed"):
    """The shell gave up (after its retries). Leads to the error port if one is drawn, else to an incident."""

    job: str
    code: str
    params: dict[str, Any] = {}


class IncidentResolved(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="incident_resolved"):
    """retry: enter the node (or run the job) again. skip: leave by `port`. `set` is a merge patch over the
    data that the node sees, applied first: what repairs the data, or what the skipped step would have
    written."""

    incident: str
    action: Literal["retry", "skip"] = "retry"
    port: str | None = None
    by: str | None = None
    set: dict[str, Any] = {}


class DataChanged(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="data_changed"):
    """Somebody with the right corrected the ticket outside a task. `set` is a merge patch over data."""

    set: dict[str, Any]
    ticket: dict[str, Any] = {}
    by: str | None = None


class Cancelled(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="cancelled"):
    """The ticket is stopped by hand. With `compensate`, what it did is undone first."""

    reason: str
    by: str | None = None
    compensate: bool = False


class InstanceAdded(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="instance_added"):
    """One more item for a `for_each` that is under way. `scope` names the group where several are."""

    node: str
    item: Any
    by: str | None = None
    scope: str | None = None


class SignerAdded(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="signer_added"):
    """One more person is asked to decide; their vote counts like the others'."""

    task: str
    member: str
    by: str | None = None
    comment: str | None = None


class Returned(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="returned"):
    """A task sends the work back to an earlier human step.

    again: what follows that step is gone through again. direct: the work comes straight back to `by`.
    """

    task: str
    to: str
    by: str | None = None
    comment: str | None = None
    resume: Literal["again", "direct"] = "again"


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="withdrawn"):
    """Who opened the ticket takes it back."""

    by: str | None = None
    comment: str | None = None


class Suspended(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="suspended"):
    """Nobody works on the ticket until it is resumed, or until `until`."""

    by: str | None = None
    reason: str = ""
    until: datetime | None = None


class Resumed(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="resumed"):
    """Work goes on; what was left of every timer runs from now."""

    by: str | None = None


class CalendarChanged(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="calendar_changed"):
    """The working hours of the ticket's region are others from now on."""

    calendar: Calendar


class Migrated(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="migrated"):
    """The ticket goes on under another release of its workflow. It is applied with that release.

    What stands open is kept; `changed` to `lags` say where it has to be fitted to other settings. `former` is
    the state to go back to, when nothing has happened since.
    """

    release: str
    hash: str
    number: int
    origin: str = ""
    """Id of the release before."""
    mapping: dict[str, str] = {}
    """Node of the old release -> node of the new one; what is not named keeps its id."""
    edges: dict[str, str] = {}
    """The same for the edges by which tokens came to the joins where they wait."""
    changed: tuple[str, ...] = ()
    """Nodes of the new release whose settings differ."""
    rearmed: tuple[str, ...] = ()
    """Of these, the ones with other boundary events."""
    clocks: tuple[str, ...] = ()
    """Service level clocks with other settings."""
    reset: tuple[str, ...] = ()
    """Tasks with other time limits."""
    lags: dict[str, int] = {}
    """Seconds by which the clocks of a task had been held up."""
    by: str | None = None
    undo: bool = False
    former: State | None = None


Event = (
    Started
    | TaskClaimed
    | TaskCompleted
    | TimerFired
    | MessageArrived
    | JobDone
    | JobFailed
    | IncidentResolved
    | DataChanged
    | Cancelled
    | InstanceAdded
    | Migrated
    | SignerAdded
    | Returned
    | Withdrawn
    | Suspended
    | Resumed
    | CalendarChanged
)


class Recorded(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event with its moment, as it is stored: the log of a ticket is a list of these."""

    at: datetime
    event: Event
