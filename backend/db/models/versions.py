"""Rehearsals of drafts, and migrations of running tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment


class Rehearsal(Record):
    """Recorded tickets run through a draft as it was when this was asked for."""

    __tablename__ = "rehearsals"
    __table_args__ = (Index("ix_rehearsals_workflow_created", "workflow_id", "created_at"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    workflow_id: Mapped[str] = mapped_column(ID, ForeignKey("workflows.id"))
    revision: Mapped[int]
    definition: Mapped[str] = mapped_column(Text)
    """The draft as canonical JSON."""
    most: Mapped[int]
    """How many tickets were asked for, the newest first."""
    since: Mapped[datetime | None] = mapped_column(Moment)
    region_path: Mapped[str] = mapped_column(String(600), default="/")
    status: Mapped[str] = mapped_column(String(12))
    """pending, running, done, cancelled, failed."""
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Counts, times and money so far."""
    sums: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Sums of periods on both sides, so that the work can be taken up again."""
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class RehearsalTicket(Record):
    """What the draft would have made of one ticket."""

    __tablename__ = "rehearsal_tickets"
    __table_args__ = (Index("ix_rehearsal_tickets_verdict", "rehearsal_id", "verdict", "seq"),)
    rehearsal_id: Mapped[str] = mapped_column(
        ID, ForeignKey("rehearsals.id", ondelete="CASCADE"), primary_key=True
    )
    ticket_id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ID)
    seq: Mapped[int]
    number: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(300))
    region_path: Mapped[str] = mapped_column(String(600))
    release_number: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(12))
    """unchanged, rerouted, stuck, invalid, ended, unreadable."""
    pays_otherwise: Mapped[bool] = mapped_column(default=False)
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class Migration(Record):
    """Running tickets on their way to another release of their workflow."""

    __tablename__ = "migrations"
    __table_args__ = (Index("ix_migrations_workflow_created", "workflow_id", "created_at"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    workflow_id: Mapped[str] = mapped_column(ID, ForeignKey("workflows.id"))
    target_id: Mapped[str] = mapped_column(ID, ForeignKey("releases.id"))
    target_number: Mapped[int]
    sources: Mapped[list[int]] = mapped_column(Json, default=list)
    """Numbers of the releases that tickets come from."""
    mapping: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Node of an old release -> node of the new one; what is not named keeps its id."""
    amber: Mapped[bool] = mapped_column(default=False)
    """Whether tickets with something to look at go too."""
    status: Mapped[str] = mapped_column(String(12))
    """checking, ready, running, stopped, done, undoing, undone, failed."""
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class MigrationTicket(Record):
    """One ticket's verdict, and what became of it."""

    __tablename__ = "migration_tickets"
    __table_args__ = (
        Index("ix_migration_tickets_verdict", "migration_id", "verdict", "seq"),
        Index("ix_migration_tickets_status", "migration_id", "status", "seq"),
    )
    migration_id: Mapped[str] = mapped_column(
        ID, ForeignKey("migrations.id", ondelete="CASCADE"), primary_key=True
    )
    ticket_id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ID)
    seq: Mapped[int]
    number: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(300))
    region_path: Mapped[str] = mapped_column(String(600))
    origin_id: Mapped[str] = mapped_column(ID)
    """The release the ticket came from."""
    origin_number: Mapped[int]
    standing: Mapped[list[str]] = mapped_column(Json, default=list)
    verdict: Mapped[str] = mapped_column(String(8))
    """green, amber, red."""
    findings: Mapped[list[Any]] = mapped_column(Json, default=list)
    status: Mapped[str] = mapped_column(String(12))
    """checked, migrated, left, undone, kept."""
    version: Mapped[int | None]
    """Of the ticket right after it was migrated."""
    former: Mapped[str | None] = mapped_column(Text)
    """The state before, as JSON: the way back."""
