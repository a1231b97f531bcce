"""Tickets: list, detail with its timeline, tokens and small flow."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from backend.contracts.common import NamedReference, Reference, Text
from backend.contracts.records import LinkedTicket
from backend.contracts.settlement import SettlementLine
from backend.contracts.tasks import ShownField, Task, TaskForm


class CreateTicket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    workflow_id: str
    region_id: str
    data: dict[str, Any]
    customer: Annotated[dict[str, Annotated[str, Meta(max_length=200)]], Meta(max_length=20)] | None = None
    channel: Annotated[str, Meta(max_length=60)] | None = None
    follow_up_of: Annotated[str, Meta(max_length=36)] | None = None
    """Id of a ticket that this one follows up; its customer is taken over unless another is given."""


class StartForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form by which staff open a ticket of a workflow's newest release."""

    form: TaskForm
    schema_hash: str
    data: dict[str, Any] = {}
    """What is known already: the customer of the ticket that is followed up."""


class StartedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that has just been opened; `next_task_id` is what the one who opened it may do next."""

    id: str
    number: str
    status: str
    tracking_url: str
    next_task_id: str | None = None


class TicketRegion(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    path: list[Text]


class TicketItem(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    number: str
    title: str
    status: str
    priority: str
    workflow: NamedReference
    region: TicketRegion
    created_at: datetime.datetime
    finished_at: datetime.datetime | None = None
    due_at: datetime.datetime | None = None


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is done, current or todo."""

    node: str
    label: Text
    state: str
    at: datetime.datetime | None = None


class Token(msgspec.Struct, frozen=True, kw_only=True):
    node: str
    waiting_for: str | None = None
    detail: list[str] = []
    """Messages, signals and tickets that it waits for, in words."""


class ItemGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A list that the step `node` goes through: items begun so far, not yet begun, and still open."""

    id: str
    node: str
    label: Text
    begun: int
    waiting: int
    open: int
    limit: int
    takes_more: bool
    item_schema: dict[str, Any] | None = None
    """What one more item is asked for; absent where the items are only numbered."""


class FlowNode(msgspec.Struct, frozen=True, kw_only=True):
    """A node as the small picture draws it: where it stands, its family and its label."""

    id: str
    family: str
    label: Text
    x: float
    y: float
    icon: str = ""


class FlowEdge(msgspec.Struct, frozen=True, kw_only=True):
    """A way, one that begins at a boundary event, or the line from a step to the one that undoes it."""

    id: str
    source: str
    target: str
    label: Text | None = None
    kind: Literal["way", "boundary", "undo"] = "way"


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    nodes: list[FlowNode]
    edges: list[FlowEdge]


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime.datetime
    kind: str
    text: str
    node: str | None = None
    actor: Reference | None = None
    detail: str | None = None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    node: str
    code: str
    message: str
    at: datetime.datetime


class Suspension(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody works on the ticket; `until` is when it goes on by itself."""

    since: datetime.datetime
    by: Reference | None = None
    reason: str = ""
    until: datetime.datetime | None = None


class ClockMark(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the clock's ladder, or its target (action `target`)."""

    percent: int
    action: str
    text: str
    reached: bool


class ClockSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which nothing changed. `kind` is run, pause or stop; `cause` says in words why it began;
    `end` is absent while it lasts. Working time is what the clock counted in it."""

    start: datetime.datetime
    kind: str
    cause: str
    working_seconds: int
    target_seconds: int
    end: datetime.datetime | None = None
    due_at: datetime.datetime | None = None


class TicketClock(msgspec.Struct, frozen=True, kw_only=True):
    """A service level clock. `state` is running, paused or stopped; `segments` come with the explanation."""

    key: str
    name: Text
    state: str
    target_seconds: int
    accrued_seconds: int
    working_hours: bool
    breached: bool
    started_at: datetime.datetime
    due_at: datetime.datetime | None = None
    stopped_at: datetime.datetime | None = None
    cause: str = ""
    """Why it stands, in words."""
    marks: list[ClockMark] = []
    segments: list[ClockSegment] = []


class TicketClocks(msgspec.Struct, frozen=True, kw_only=True):
    items: list[TicketClock]
    zone: str


class SuspendTicket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(max_length=2000)]
    until: datetime.datetime | None = None


class WithdrawTicket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    comment: Annotated[str, Meta(max_length=2000)] | None = None


class TicketDetail(msgspec.Struct, frozen=True, kw_only=True):
    """`shown` is `data` with its labels, for reading."""

    id: str
    number: str
    title: str
    status: str
    priority: str
    workflow: NamedReference
    release_number: int
    region: TicketRegion
    source: str
    created_at: datetime.datetime
    data: dict[str, Any]
    stages: list[Stage]
    tasks: list[Task]
    tokens: list[Token]
    groups: list[ItemGroup]
    visited: list[str]
    flow: Flow
    timeline: list[TimelineEntry]
    lines: list[SettlementLine]
    incidents: list[Incident]
    channel: str | None = None
    finished_at: datetime.datetime | None = None
    customer: dict[str, Any] | None = None
    tracking_url: str | None = None
    shown: list[ShownField] = []
    links: list[LinkedTicket] = []
    correctable: bool = False
    """Whether the reader may correct fields."""
    due_at: datetime.datetime | None = None
    """The nearest target of a clock that runs."""
    suspended: Suspension | None = None
    clocks: list[TicketClock] = []
    may: list[str] = []
    """What the reader may do with it as a whole: withdraw, suspend, resume."""


class CancelTicket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With `compensate`, steps that can be undone are undone first; the ticket runs on until they are."""

    reason: Annotated[str, Meta(max_length=2000)]
    compensate: bool = False


class AddItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One more item for a step that goes through a list. `group` names which, where one step goes through
    several at the same time."""

    node: Annotated[str, Meta(max_length=64)]
    item: Any
    group: Annotated[str, Meta(max_length=40)] | None = None
