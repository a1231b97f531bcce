"""Tickets, their event log, tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, Record, partial_index
from backend.db.types import ID, Json, Moment


class Ticket(Record):
    """One run of a release. `state` is the engine's State as JSON text; the other columns are for lists."""

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        Index("ix_tickets_workspace_status_created", "workspace_id", "status", "created_at"),
        Index("ix_tickets_workspace_customer", "workspace_id", "customer_key", "created_at"),
        partial_index("ix_tickets_parent", "parent_id", where="parent_id IS NOT NULL"),
        partial_index("ix_tickets_finished", "finished_at", where="finished_at IS NOT NULL"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    workflow_id: Mapped[str] = mapped_column(ID, ForeignKey("workflows.id"), index=True)
    release_id: Mapped[str] = mapped_column(ID, ForeignKey("releases.id"))
    number: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(12))
    """running, suspended, completed, cancelled."""
    priority: Mapped[str] = mapped_column(String(10))
    region_id: Mapped[str | None] = mapped_column(ID, ForeignKey("regions.id"))
    region_path: Mapped[str] = mapped_column(String(600), default="/")
    source: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(60), default="")
    customer: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    customer_key: Mapped[str | None] = mapped_column(String(40))
    """Digits of the customer's phone: finds who served them before."""
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    """Events applied; the next event's seq. Guards against lost updates."""
    tracking_token: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    """The nearest target of a service level clock that runs."""
    created_by: Mapped[str | None] = mapped_column(ID)
    parent_id: Mapped[str | None] = mapped_column(ID)
    """The ticket whose step started this one; no foreign key: its row may come later in the transaction."""
    parent_job: Mapped[str | None] = mapped_column(String(20))
    """The parent's job that waits for the end of this ticket."""
    archived_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when state, log, tasks and jobs stand in the archive; `state` is empty then."""


class TicketEvent(Record):
    """The append-only log: replaying it gives the state. `notes` are the timeline lines this event
    caused."""

    __tablename__ = "ticket_events"
    ticket_id: Mapped[str] = mapped_column(ID, ForeignKey("tickets.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(Moment)
    event: Mapped[dict[str, Any]] = mapped_column(Json)
    notes: Mapped[list[Any]] = mapped_column(Json, default=list)
    member_id: Mapped[str | None] = mapped_column(ID)


class TicketCounter(Record):
    """Last number given out, by year."""

    __tablename__ = "ticket_counters"
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Task(Record):
    """A human step as the queue shows it. `key` is the engine's id of it inside the ticket."""

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("ticket_id", "key"),
        Index("ix_tasks_workspace_status_assignee", "workspace_id", "status", "assignee_id"),
        Index("ix_tasks_workspace_status_role", "workspace_id", "status", "role"),
        Index("ix_tasks_workspace_status_team", "workspace_id", "status", "team"),
        Index("ix_tasks_workspace_assignee_opened", "workspace_id", "assignee_id", "opened_at"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    ticket_id: Mapped[str] = mapped_column(ID, ForeignKey("tickets.id"))
    key: Mapped[str] = mapped_column(String(20))
    node: Mapped[str] = mapped_column(String(80))
    label: Mapped[dict[str, str]] = mapped_column(Json)
    kind: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10))
    """open, completed, timeout, cancelled."""
    offer_to: Mapped[str] = mapped_column(String(10))
    role: Mapped[str | None] = mapped_column(String(60))
    team: Mapped[str | None] = mapped_column(String(60))
    region_path: Mapped[str] = mapped_column(String(600), default="/")
    """Members of the role whose region is a prefix of this path may do it."""
    assignee_id: Mapped[str | None] = mapped_column(ID)
    priority_rank: Mapped[int] = mapped_column(default=2)
    """0 urgent, 1 high, 2 normal, 3 low: the queue's order."""
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[str | None] = mapped_column(ID)
    outcome: Mapped[str | None] = mapped_column(String(60))


class TaskDraft(Record):
    """What somebody has typed and not yet sent, so that another device can go on."""

    __tablename__ = "task_drafts"
    task_id: Mapped[str] = mapped_column(ID, ForeignKey("tasks.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ID)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    schema_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
