"""What customers see and send, without an account."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from backend.contracts.common import Text
from backend.contracts.tasks import ShownField, TaskAction, TaskForm
from backend.contracts.tickets import Stage


class PublicForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form behind an entry link."""

    workspace: str
    workflow_name: Text
    region: list[Text]
    form: TaskForm
    schema_hash: str


class SubmitForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    data: dict[str, Any]


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """Where the customer can follow the ticket."""

    number: str
    tracking_token: str
    url: str


class PublicTask(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer is asked to do now."""

    id: str
    label: Text
    kind: str
    form: TaskForm
    data: dict[str, Any]
    actions: list[TaskAction]
    shown: list[ShownField] = []


class PublicTicket(msgspec.Struct, frozen=True, kw_only=True):
    """Progress by milestones; nothing of the inner data."""

    number: str
    title: Text
    workspace: str
    status: str
    stages: list[Stage]
    task: PublicTask | None = None
    may_withdraw: bool = False
    """Whether the customer, who opened it, may still call it off."""


class WithdrawPublicTicket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    comment: Annotated[str, Meta(max_length=2000)] | None = None


class CompletePublicTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    outcome: str
    data: dict[str, Any] = {}
    comment: Annotated[str, Meta(max_length=2000)] | None = None
