"""Jobs, their limits and the workers; incidents, and acts upon many of them."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from backend.contracts.common import NamedReference, Text
from backend.contracts.tasks import TaskForm

MOST_AT_ONCE = 10_000
Reason = Annotated[str, Meta(max_length=2000)]
Name = Annotated[str, Meta(max_length=255)]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Work or a timer that is owed. `status` is pending, running, done, dead or cancelled; `held` says why a
    pending one waits beyond its moment: `rate` (it has its slot) or `busy` (too many of its target at once).
    """

    id: str
    kind: str
    status: str
    due_at: datetime.datetime
    tries: int
    target: str = ""
    held: str | None = None
    ticket_id: str | None = None
    number: str | None = None
    error: str | None = None
    message: str | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """One failed try."""

    at: datetime.datetime
    code: str
    message: str


class JobDetail(msgspec.Struct, frozen=True, kw_only=True):
    """`payload` without what could be a secret."""

    job: Job
    payload: dict[str, Any]
    failures: list[Failure]
    created_at: datetime.datetime
    finished_at: datetime.datetime | None = None
    lease_until: datetime.datetime | None = None
    trace_id: str | None = None


class JobGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Jobs that are not done, of one state, kind and target."""

    status: str
    kind: str
    target: str
    count: int
    oldest_at: datetime.datetime
    next_at: datetime.datetime | None = None


class LivingWorker(msgspec.Struct, frozen=True, kw_only=True):
    """A process that executes jobs. `alive`: it was seen within the last minute."""

    name: str
    kind: str
    started_at: datetime.datetime
    seen_at: datetime.datetime
    running: int
    alive: bool


class JobOverview(msgspec.Struct, frozen=True, kw_only=True):
    """`lag_seconds`: how long the oldest due job has been waiting."""

    groups: list[JobGroup]
    workers: list[LivingWorker]
    lag_seconds: float
    done_last_minute: int
    done_last_hour: int
    next_at: datetime.datetime | None = None


class ChangedJob(msgspec.Struct, frozen=True, kw_only=True):
    """The job that was retried or given up."""

    id: str


class SaveLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`pattern`: a target, `*.example.com`, or `*`. `rate` starts a `seconds` (1, 60 or 3600). An absent
    value is as the product does it.
    """

    pattern: Annotated[str, Meta(min_length=1, max_length=255)]
    rate: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    seconds: Literal[1, 60, 3600] = 1
    at_once: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    tries: Annotated[int, Meta(ge=1, le=100)] | None = None
    first_s: Annotated[int, Meta(ge=0, le=3600)] | None = None
    longest_s: Annotated[int, Meta(ge=1, le=86_400)] | None = None


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for the targets that a pattern covers."""

    id: str
    pattern: str
    seconds: int
    updated_at: datetime.datetime
    rate: int | None = None
    at_once: int | None = None
    tries: int | None = None
    first_s: int | None = None
    longest_s: int | None = None


class IncidentItem(msgspec.Struct, frozen=True, kw_only=True):
    """A step that could not go on."""

    id: str
    ticket_id: str
    number: str
    title: str
    workflow: NamedReference
    node: str
    label: Text
    code: str
    message: str
    at: datetime.datetime
    resolved_at: datetime.datetime | None = None


class IncidentGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Open incidents with the same cause at the same step. `advice` says what to do."""

    workflow: NamedReference
    node: str
    label: Text
    code: str
    message: str
    advice: str
    count: int
    oldest_at: datetime.datetime
    newest_at: datetime.datetime


class IncidentGroups(msgspec.Struct, frozen=True, kw_only=True):
    """The most frequent first."""

    items: list[IncidentGroup]
    total: int


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A port that leads on from the step."""

    port: str
    label: Text


class IncidentDetail(msgspec.Struct, frozen=True, kw_only=True):
    """`form` and `data` hold the fields that the step looks at; `ways`: where it can be skipped to."""

    incident: IncidentItem
    advice: str
    params: dict[str, Any]
    form: TaskForm
    data: dict[str, Any]
    ways: list[Way]


class SkipIncident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Leave the step by `port`, after writing `set` in its place."""

    port: Name
    set: dict[str, Any] = {}


class RepairIncident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Merge `set` into the ticket's data, then try the step again."""

    set: dict[str, Any]


class CancelIncident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stop the whole ticket."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class IncidentFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open incidents; what is absent is not asked for."""

    workflow_id: Name | None = None
    node: Name | None = None
    code: Name | None = None


class BulkIncidents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `ids` or `filter`. skip needs `port`, repair `set`, cancel `reason`."""

    action: Literal["retry", "skip", "repair", "cancel"]
    ids: Annotated[list[Name], Meta(max_length=MOST_AT_ONCE)] | None = None
    filter: IncidentFilter | None = None
    port: Name | None = None
    set: dict[str, Any] = {}
    reason: Reason = ""


class JobFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Jobs of one state; what else is absent is not asked for."""

    status: Literal["pending", "dead"]
    kind: Name | None = None
    target: Name | None = None


class BulkJobs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `ids` or `filter`. retry: dead ones; cancel: waiting ones."""

    action: Literal["retry", "cancel"]
    ids: Annotated[list[Name], Meta(max_length=MOST_AT_ONCE)] | None = None
    filter: JobFilter | None = None


class BulkRun(msgspec.Struct, frozen=True, kw_only=True):
    """How far an act upon many has come; `failed` are those that could not be done."""

    id: str
    action: str
    total: int
    done: int
    failed: int
    created_at: datetime.datetime
    finished_at: datetime.datetime | None = None
