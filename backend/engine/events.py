"""What can happen to a ticket. A stored log is a list of these, so a member never changes its meaning."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from backend.engine.state import TicketFacts


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
    """A named message for whoever waits for it."""

    name: str
    data: dict[str, Any] = {}


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
    """retry: enter the node (or run the job) again. skip: leave by `port`."""

    incident: str
    action: Literal["retry", "skip"] = "retry"
    port: str | None = None
    by: str | None = None


class DataChanged(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="data_changed"):
    """Somebody with the right corrected the ticket outside a task. `set` is a merge patch over data."""

    set: dict[str, Any]
    ticket: dict[str, Any] = {}
    by: str | None = None


class Cancelled(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="cancelled"):
    """The ticket is stopped by hand."""

    reason: str
    by: str | None = None


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
)


class Recorded(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event with its moment, as it is stored: the log of a ticket is a list of these."""

    at: datetime
    event: Event
