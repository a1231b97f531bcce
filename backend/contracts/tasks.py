"""Tasks: human steps that are open for somebody."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from backend.contracts.common import Reference, Text


class OfferedRole(msgspec.Struct, frozen=True, kw_only=True):
    role: str
    label: Text


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is form, approval or rating; a task is either assigned or offered to a role."""

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
    mine: bool = False


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


class CompleteTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    outcome: str
    data: dict[str, Any] = {}
    comment: str | None = None


class TaskCompleted(msgspec.Struct, frozen=True, kw_only=True):
    ticket_id: str
    status: str
    next_task_id: str | None = None
