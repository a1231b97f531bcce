"""What the shell must do in the transaction of the step that asked for it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from backend.engine.state import Incident, Job, Task, Timer
from backend.node_sdk import Outgoing, Rung


class OpenTask(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="open_task"):
    """Store the task and tell those it is offered to."""

    task: Task


class UpdateTask(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="update_task"):
    """The assignee, whom it is offered to, or its limit changed. `silent`: nobody need be told."""

    task: Task
    silent: bool = False


class CloseTask(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="close_task"):
    """completed by somebody, timeout, or cancelled because the work moved on without it."""

    task: str
    reason: Literal["completed", "timeout", "cancelled"]
    outcome: str | None = None
    member: str | None = None


class SetTimer(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="set_timer"):
    """Send TimerFired at `at`, never early."""

    timer: Timer


class CancelTimer(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="cancel_timer"):
    """The moment does not matter any more."""

    timer: str


class RunJob(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="run_job"):
    """Do it and answer JobDone or JobFailed."""

    job: Job


class CancelJob(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="cancel_job"):
    """Its answer is not wanted any more."""

    job: str
    kind: str = ""


class Subscribe(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="subscribe"):
    """A token has begun to wait for a message (of this correlation) or a signal. `key` is unique among what
    the ticket waits for at any moment."""

    key: str
    kind: Literal["message", "signal"]
    name: str
    correlation: str = ""
    token: str
    node: str
    lasting: bool = False
    """It takes every message until it is called off; else the first one ends it."""


class Unsubscribe(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="unsubscribe"):
    """It does not wait for it any more."""

    key: str
    kind: Literal["message", "signal"]
    name: str
    correlation: str = ""


class WrittenItem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The item of a list that a node wrote to. Its data may be gone with the list by the end of the step, so
    what stood there before and what was written are told here."""

    scope: str
    group: str
    """The step that goes through the list."""
    number: int
    item: Any
    before: dict[str, Any]
    values: dict[str, Any]


class Written(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="written"):
    """A node wrote these fields. Nothing is to be done; the history of a field names the step by it."""

    node: str
    fields: tuple[str, ...]
    inside: WrittenItem | None = None


class Send(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="send"):
    """Hand this message or signal to whoever waits for it, in this and in other tickets."""

    message: Outgoing
    node: str


class Note(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="note"):
    """A line of the timeline: a message code with params."""

    code: str
    node: str | None = None
    params: dict[str, Any] = {}
    member: str | None = None


class Remind(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="remind"):
    """A rung of a ladder was reached."""

    task: Task
    rung: Rung


class RemindClock(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="remind_clock"):
    """A service level clock reached a step of its ladder; `tasks` are the open ones of the staff."""

    clock: str
    rung: Rung
    tasks: tuple[Task, ...]


class RaiseIncident(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="raise_incident"):
    """A person must look at this node."""

    incident: Incident


class CloseIncident(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="close_incident"):
    """It was dealt with. `job`: the failed one that it was about."""

    incident: str
    job: str | None = None


class Finish(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="finish"):
    """No token is left."""

    status: Literal["completed", "cancelled"]
    result: str | None = None
    error: str | None = None
    """Code with which an end called the run a failure."""


Command = (
    OpenTask
    | UpdateTask
    | CloseTask
    | SetTimer
    | CancelTimer
    | RunJob
    | CancelJob
    | Subscribe
    | Unsubscribe
    | Written
    | Send
    | Note
    | Remind
    | RemindClock
    | RaiseIncident
    | CloseIncident
    | Finish
)
