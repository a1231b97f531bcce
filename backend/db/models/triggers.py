"""What starts tickets by itself: triggers and the log of their firings, watched dates, records, variants."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment


class Trigger(Record):
    """Starts tickets of one workflow. `config` is read by `backend.runtime.triggers.config`."""

    __tablename__ = "triggers"
    __table_args__ = (Index("ix_triggers_workspace_kind_active", "workspace_id", "kind", "active"),)
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    workflow_id: Mapped[str] = mapped_column(ID, ForeignKey("workflows.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    """api, webhook, schedule, event, record_date, email, message."""
    name: Mapped[str] = mapped_column(String(100))
    config: Mapped[dict[str, Any]] = mapped_column(Json)
    region_id: Mapped[str | None] = mapped_column(ID, ForeignKey("regions.id"))
    active: Mapped[bool] = mapped_column(default=True)
    token: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of a webhook's address."""
    secret: Mapped[str | None] = mapped_column(String(500))
    """Signs a webhook's deliveries, or opens a mailbox. Goes in, never out."""
    place: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """How far a mailbox has been read."""
    next_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a timed trigger looks again; whoever moves it on is the one who fires."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)


class TriggerFiring(Record):
    """One cause, once: what came of it and why. A failed one may be tried again by the same cause."""

    __tablename__ = "trigger_firings"
    __table_args__ = (
        UniqueConstraint("trigger_id", "cause"),
        Index("ix_trigger_firings_trigger_at", "trigger_id", "at"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    trigger_id: Mapped[str] = mapped_column(ID, ForeignKey("triggers.id", ondelete="CASCADE"))
    cause: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(String(10))
    """started, skipped, failed."""
    ticket_id: Mapped[str | None] = mapped_column(ID, index=True)
    depth: Mapped[int] = mapped_column(default=0)
    """How many tickets before this one were started by events of each other."""
    code: Mapped[str] = mapped_column(String(80))
    params: Mapped[dict[str, Any]] = mapped_column(Json)


class TriggerDate(Record):
    """A date that a trigger watches: one row a ticket or record. Moving the date moves the row."""

    __tablename__ = "trigger_dates"
    __table_args__ = (Index("ix_trigger_dates_trigger_due", "trigger_id", "due_at"),)
    trigger_id: Mapped[str] = mapped_column(
        ID, ForeignKey("triggers.id", ondelete="CASCADE"), primary_key=True
    )
    subject: Mapped[str] = mapped_column(String(130), primary_key=True)
    """`ticket:<id>` or `record:<key>`."""
    date: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime] = mapped_column(Moment)


class CollectionRecord(Record):
    """A row of a small table that other systems keep here: contracts, devices, certificates."""

    __tablename__ = "records"
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"), primary_key=True)
    collection: Mapped[str] = mapped_column(String(60), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class WorkflowVariants(Record):
    """Ordered rules by which a start of this workflow goes to another one."""

    __tablename__ = "workflow_variants"
    workflow_id: Mapped[str] = mapped_column(ID, ForeignKey("workflows.id"), primary_key=True)
    workspace_id: Mapped[InWorkspace]
    rules: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[str | None] = mapped_column(ID)
