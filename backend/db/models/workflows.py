"""Drafts, their edits, releases, entry links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment


class Workflow(Record):
    """A named graph with one draft and many releases."""

    __tablename__ = "workflows"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[dict[str, str]] = mapped_column(Json)
    template: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Draft(Record):
    """The editable state. `revision` rises by one with every edit."""

    __tablename__ = "drafts"
    workflow_id: Mapped[str] = mapped_column(ID, ForeignKey("workflows.id"), primary_key=True)
    workspace_id: Mapped[InWorkspace]
    revision: Mapped[int] = mapped_column(default=1)
    definition: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[str | None] = mapped_column(ID)


class DraftEdit(Record):
    """One accepted merge patch: `revision` is the one that it made."""

    __tablename__ = "draft_edits"
    workflow_id: Mapped[str] = mapped_column(ID, ForeignKey("workflows.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[InWorkspace]
    patch: Mapped[dict[str, Any]] = mapped_column(Json)
    member_id: Mapped[str | None] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(Moment)


class Release(Record):
    """Immutable, by trigger. `hash` is SHA-256 of the canonical JSON of `definition`."""

    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("workflow_id", "number"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    workflow_id: Mapped[str] = mapped_column(ID, ForeignKey("workflows.id"))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    definition: Mapped[str] = mapped_column(Text)
    """Canonical JSON text, kept as text so that its hash can be checked at any time."""
    note: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)


class EntryLink(Record):
    """A public door `/f/<token>` to the latest release of a workflow, for one region and channel."""

    __tablename__ = "entry_links"
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    workflow_id: Mapped[str] = mapped_column(ID, ForeignKey("workflows.id"), index=True)
    region_id: Mapped[str | None] = mapped_column(ID, ForeignKey("regions.id"))
    channel: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str] = mapped_column(String(100), default="")
    token: Mapped[str] = mapped_column(String(64), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
