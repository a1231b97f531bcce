"""What belongs to a ticket beside its own work: links to others, the history of its fields, corrections."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from backend.contracts.common import NamedReference, Reference, Text
from backend.contracts.tasks import ShownField, TaskAction, TaskForm


class LinkedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """Another ticket as this one's page shows it.

    `kind`: parent, child (started by a step), follows (this one follows it up), follow_up (it follows this
    one up), related. Links that a step made are not `removable`.
    """

    id: str
    ticket_id: str
    number: str
    title: str
    status: str
    workflow: NamedReference
    kind: str
    created_at: datetime.datetime
    removable: bool = False


class LinkTicket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`follow_up`: the named ticket follows this one up."""

    ticket_id: Annotated[str, Meta(max_length=36)]
    kind: Literal["related", "follow_up"] = "related"


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """One field got another value. `before` and `after` are absent for an empty field.

    `cause`: start, task, step, correction, message, repair.
    """

    seq: int
    at: datetime.datetime
    field: str
    label: Text
    cause: str
    by: Reference | None = None
    step: Text | None = None
    before: ShownField | None = None
    after: ShownField | None = None
    item: str = ""
    """Inside a list that is gone through item by item: which of them."""


class FieldHistory(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    items: list[FieldChange]


class CorrectData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Field -> new value; null empties it."""

    data: Annotated[dict[str, Any], Meta(min_length=1, max_length=50)]


class CorrectForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole correction form as it was sent back; what differs from the ticket is corrected."""

    data: dict[str, Any]


class Corrected(msgspec.Struct, frozen=True, kw_only=True):
    """The ticket's answers after it, as this reader sees them."""

    data: dict[str, Any]


class CorrectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that this reader may correct, as one form, with their present values."""

    form: TaskForm
    data: dict[str, Any]
    actions: list[TaskAction]
    schema_hash: str
