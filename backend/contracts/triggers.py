"""Triggers with the log of their firings, variants of a workflow, records."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.contracts.common import Reference, Text

Kind = Literal["api", "webhook", "schedule", "event", "record_date", "email", "message"]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Cause = Annotated[str, Meta(min_length=1, max_length=200)]
CustomerData = Annotated[dict[str, Annotated[str, Meta(max_length=200)]], Meta(max_length=20)]


class TriggerKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind on offer; `config_schema` draws its form."""

    kind: str
    label: Text
    summary: Text
    icon: str
    config_schema: dict[str, Any]


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """What starts tickets of a workflow. `url` is a webhook's address; its secret was answered once."""

    id: str
    workflow_id: str
    kind: str
    name: str
    config: dict[str, Any]
    active: bool
    region_id: str | None = None
    url: str | None = None
    has_secret: bool = False
    next_at: datetime.datetime | None = None
    last: Firing | None = None
    secret: str | None = None
    """Only in the answer that made it: shown once."""


class CreateTrigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`password`: of a mailbox. A webhook's secret is made here and answered once."""

    kind: Kind
    name: Name
    config: dict[str, Any] = {}
    region_id: str | None = None
    active: bool = True
    password: Annotated[str, Meta(max_length=500)] | None = None


class UpdateTrigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays; `config` is replaced as a whole."""

    name: Name | UnsetType = UNSET
    config: dict[str, Any] | UnsetType = UNSET
    region_id: str | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET
    password: Annotated[str, Meta(max_length=500)] | UnsetType | None = UNSET


class FiringFault(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the start form that did not take its value."""

    field: str
    label: Text
    message: str


class Firing(msgspec.Struct, frozen=True, kw_only=True):
    """One cause: `outcome` is started, skipped or failed, and `reason` says why in the reader's language."""

    id: str
    cause: str
    at: datetime.datetime
    outcome: str
    code: str
    reason: str
    ticket: Reference | None = None
    """Id and number."""
    faults: list[FiringFault] = []


class FireTrigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same `cause` again gets the first answer again."""

    cause: Cause
    data: dict[str, Any] = {}
    customer: CustomerData | None = None
    region_id: str | None = None


class Fired(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `repeated`: this cause had been answered before."""

    outcome: str
    code: str
    reason: str
    repeated: bool = False
    ticket_id: str | None = None
    number: str | None = None


class TryTrigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sample input: `body` of a delivery, `mail`, `data` of a ticket or record, as the kind asks for."""

    body: Any = None
    mail: dict[str, Any] = {}
    data: dict[str, Any] = {}
    ticket: dict[str, Any] = {}
    customer: dict[str, Any] = {}
    region_id: str | None = None


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A dry run: what would start, or why nothing would."""

    outcome: str
    code: str
    reason: str
    workflow: Text | None = None
    rule: Text | None = None
    region: str | None = None
    data: dict[str, Any] = {}
    customer: dict[str, Any] = {}
    faults: list[FiringFault] = []
    moments: list[datetime.datetime] = []
    """The next moments of a schedule."""


class VariantRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where `when` (CEL over data, ticket, customer) holds, tickets begin in another workflow."""

    id: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
    name: Text
    when: Annotated[str, Meta(min_length=1, max_length=2048)]
    workflow_id: str
    active: bool = True


class Variants(msgspec.Struct, frozen=True, kw_only=True):
    """In order; the first that holds wins, none leaves the workflow itself. `warnings` name rules whose
    target asks for what this workflow's start form does not."""

    rules: list[VariantRule]
    warnings: list[VariantWarning] = []


class VariantWarning(msgspec.Struct, frozen=True, kw_only=True):
    """One thing about a rule that would stand in the way of a ticket."""

    rule: str
    message: str


class SaveVariants(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rules: Annotated[list[VariantRule], Meta(max_length=50)]


class TryVariants(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A start as it might come; `rules` instead of the stored ones, to try before saving."""

    data: dict[str, Any] = {}
    customer: dict[str, Any] = {}
    source: Literal["customer", "staff", "system"] = "customer"
    channel: Annotated[str, Meta(max_length=60)] = ""
    region_id: str | None = None
    rules: Annotated[list[VariantRule], Meta(max_length=50)] | None = None


class RuleVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """`message` says why a rule could not be computed."""

    rule: str
    holds: bool
    message: str | None = None


class TriedVariants(msgspec.Struct, frozen=True, kw_only=True):
    """Which workflow would begin, by which rule, and what its start form would object to."""

    workflow_id: str
    workflow: Text
    rule: str | None
    verdicts: list[RuleVerdict]
    faults: list[FiringFault] = []


class CollectionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a small table that other systems keep here."""

    collection: str
    key: str
    data: dict[str, Any]
    updated_at: datetime.datetime


class PutRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    data: dict[str, Any]
