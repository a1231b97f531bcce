"""Tasks: human steps that are open for somebody."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from backend.contracts.common import Reference, Text


class OfferedRole(msgspec.Struct, frozen=True, kw_only=True):
    """`to` is role, team or region; `role` is the key of the role or team."""

    role: str
    label: Text
    to: str = "role"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is form, approval or rating; a task is either assigned or offered to a role, a team or all of
    the region.

    `may` holds what the reader may do with it beside finishing it: return, sign (add a signer), reassign; it
    is filled where one ticket is shown. `ticket_due_at` is the nearest target of the ticket's own clocks.
    """

    id: str
    ticket_id: str
    number: str
    title: str
    node: str
    label: Text
    kind: str
    priority: str
    opened_at: datetime.datetime
    region_path: list[Text] = []
    assignee: Reference | None = None
    offered_to: OfferedRole | None = None
    due_at: datetime.datetime | None = None
    ticket_due_at: datetime.datetime | None = None
    mine: bool = False
    suspended: bool = False
    may: list[str] = []
    item: str = ""
    """Inside a list that is gone through item by item: which of them."""
    barred: str = ""
    """Why four eyes keep the reader from a task that would otherwise be theirs to do; `mine` is false
    then."""


class BoardColumn(msgspec.Struct, frozen=True, kw_only=True):
    """The open tasks of one step: how many there are, and the most pressing of them."""

    node: str
    label: Text
    count: int
    items: list[Task] = []


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The steps of a workflow in the order in which the work flows."""

    columns: list[BoardColumn]


class TaskForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form projected by rights: hidden fields are absent, read-only ones marked."""

    title: Text
    schema: dict[str, Any]
    ui: dict[str, Any]


class TaskAction(msgspec.Struct, frozen=True, kw_only=True):
    """A button. `style` is primary, secondary or danger; `validates` says whether the form must be valid."""

    outcome: str
    label: Text
    style: str = "primary"
    needs_comment: bool = False
    validates: bool = True


class ShownField(msgspec.Struct, frozen=True, kw_only=True):
    """A field shown for reading beside the form.

    `type` is one of string, number, money, boolean, date, datetime, choice, multi, object, list, photos,
    files;
    `choices` are the chosen ones in words; money is in minor units of `currency`; photos and files are file
    ids.
    """

    path: str
    label: Text
    type: str
    value: Any
    choices: list[Text] = []
    currency: str | None = None


class TaskDetail(msgspec.Struct, frozen=True, kw_only=True):
    task: Task
    form: TaskForm
    data: dict[str, Any]
    actions: list[TaskAction]
    schema_hash: str
    shown: list[ShownField] = []
    draft: dict[str, Any] | None = None


class SaveTaskDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    data: dict[str, Any]
    schema_hash: Annotated[str, Meta(max_length=64)]


class Delegate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    member_id: str


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may do the task."""

    id: str
    name: str
    region: Text | None = None


class ReturnTarget(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier step that the work can be returned to; `direct`: and come straight back from."""

    node: str
    label: Text
    direct: bool
    member: Reference | None = None
    """Who did it."""


class ReturnTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """again: what follows the step is gone through again; direct: the work comes straight back."""

    to: Annotated[str, Meta(max_length=80)]
    comment: Annotated[str, Meta(max_length=2000)]
    resume: Literal["again", "direct"] = "again"


class AddSigner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    member_id: str
    comment: Annotated[str, Meta(max_length=2000)] | None = None


class BulkComplete(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same button on several tasks; `data` goes into the form of each."""

    task_ids: Annotated[list[Annotated[str, Meta(max_length=36)]], Meta(min_length=1, max_length=50)]
    outcome: Annotated[str, Meta(max_length=60)]
    data: dict[str, Any] = {}
    comment: Annotated[str, Meta(max_length=2000)] | None = None


class BulkResult(msgspec.Struct, frozen=True, kw_only=True):
    """How it went with one of them; `message` says why not."""

    task_id: str
    done: bool
    code: str = ""
    message: str = ""


class BulkResults(msgspec.Struct, frozen=True, kw_only=True):
    items: list[BulkResult]
    done: int


class CompleteTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    outcome: str
    data: dict[str, Any] = {}
    comment: str | None = None


class TaskCompleted(msgspec.Struct, frozen=True, kw_only=True):
    ticket_id: str
    status: str
    next_task_id: str | None = None
