"""Workflows: list, draft with its findings, releases, entry links."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.contracts.common import Finding, Number, Reference, Text


class ClockSchema(msgspec.Struct, frozen=True, kw_only=True):
    """What the panel of a service level clock is drawn from."""

    config_schema: dict[str, Any]


class NodeType(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the palette. `icon` is a lucide icon name; `config_schema` draws the property panel.

    `waits`: whether tickets may stand there for a while, so that events may be attached.
    """

    type: str
    v: int
    family: str
    shape: str
    label: Text
    summary: Text
    icon: str
    config_schema: dict[str, Any]
    config_ui: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    ports: list[Port] = []
    waits: bool = False


class NodeTypes(msgspec.Struct, frozen=True, kw_only=True):
    """The palette, and the schema of what may happen at the boundary of any step."""

    items: list[NodeType]
    boundary_schema: dict[str, Any]
    next: str | None = None


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """A way out of a node; `kind` is normal, timeout or error."""

    name: str
    label: Text
    kind: str = "normal"
    required: bool = True


class WorkflowItem(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    key: str
    name: Text
    draft_revision: int
    updated_at: datetime.datetime
    release_number: int | None = None
    open_tickets: int = 0


class CreateWorkflow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`key` is derived from the name when absent; `definition` starts the draft, else start and end."""

    name: Text
    key: Annotated[str, Meta(max_length=60)] | None = None
    definition: dict[str, Any] | None = None


class DerivedNode(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from a node's config: its ports and its one-line summary."""

    ports: list[Port]
    summary: Text


class Soundness(msgspec.Struct, frozen=True, kw_only=True):
    """`verdict` is sound, unsound or not_proven; `states` is how many markings the search saw."""

    verdict: str
    states: int
    elapsed_ms: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    workflow_id: str
    revision: int
    definition: dict[str, Any]
    derived: dict[str, DerivedNode]
    findings: list[Finding]
    soundness: Soundness


class DraftSaved(msgspec.Struct, frozen=True, kw_only=True):
    """`inverse` is the merge patch that undoes the edit."""

    revision: int
    inverse: dict[str, Any]
    derived: dict[str, DerivedNode]
    findings: list[Finding]
    soundness: Soundness


class DraftChange(msgspec.Struct, frozen=True, kw_only=True):
    """One edit of the other side, as a stale revision's answer carries it."""

    revision: int
    by: str
    at: datetime.datetime
    patch: dict[str, Any]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    value: Any
    label: Text


class DataField(msgspec.Struct, frozen=True, kw_only=True):
    """A field that settings may name.

    `type` is string, number, money, boolean, date, datetime, choice, multi or ticket, all of which conditions
    can compare; or photos, files, list, object.
    """

    path: str
    label: Text
    type: str
    choices: list[Choice] = []


class ExpressionText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`scope` trigger: `body`, `mail` and `record` are known beside what steps know."""

    text: Annotated[str, Meta(max_length=100_000)]
    scope: Literal["step", "trigger"] = "step"


class ExpressionCheck(msgspec.Struct, frozen=True, kw_only=True):
    ok: bool
    message: str | None = None


class PublishChange(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    subject: str
    id: str
    label: Text
    detail: str | None = None


class PublishPreview(msgspec.Struct, frozen=True, kw_only=True):
    revision: int
    next_number: int
    blocked: bool
    changes: list[PublishChange]
    findings: list[Finding]


class PublishRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    revision: Number
    note: Annotated[str, Meta(max_length=1000)] = ""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """`definition` is present only where one release is asked for, with what follows from it (`derived`)."""

    id: str
    number: int
    hash: str
    created_at: datetime.datetime
    by: Reference | None = None
    note: str = ""
    definition: dict[str, Any] | None = None
    derived: dict[str, DerivedNode] | None = None


class RestoreRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: Number


class EntryLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link or QR code through which customers open tickets without an account."""

    id: str
    token: str
    url: str
    channel: str
    region_id: str
    active: bool = True
    name: str = ""


class UpdateEntryLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays. A link that is not `active` refuses customers until it is switched on again."""

    active: bool | UnsetType = UNSET
    name: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET


class CreateEntryLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    region_id: str
    channel: Annotated[str, Meta(max_length=60)] = "link"
    name: Annotated[str, Meta(max_length=100)] = ""
