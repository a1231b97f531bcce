"""Jobs and timers, incidents, notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record, partial_index
from backend.db.types import ID, Json, Moment


class Job(Record):
    """Work or a timer that the transaction owes. `fence` rises with each lease: a late worker's result is
    refused."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("ticket_id", "key"),
        Index("ix_jobs_status_due", "status", "due_at"),
        partial_index(
            "ix_jobs_workspace_target_status", "workspace_id", "target", "status", where="target <> ''"
        ),
        partial_index("ix_jobs_finished", "finished_at", where="finished_at IS NOT NULL"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"), index=True)
    ticket_id: Mapped[str | None] = mapped_column(ID, ForeignKey("tickets.id"))
    key: Mapped[str] = mapped_column(String(60))
    """The engine's id of the job or timer inside the ticket."""
    kind: Mapped[str] = mapped_column(String(30))
    """timer, webhook, email, ..."""
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    status: Mapped[str] = mapped_column(String(10))
    """pending, running, done, dead, cancelled."""
    due_at: Mapped[datetime] = mapped_column(Moment)
    priority: Mapped[int] = mapped_column(default=0)
    """0 goes first (timers), then 1 urgent, 2 high, 3 normal, 4 low."""
    target: Mapped[str] = mapped_column(String(255), default="", server_default="")
    """Where it goes: the host of a webhook, `email`; empty for work that stays inside."""
    held: Mapped[str | None] = mapped_column(String(10))
    """Why a pending job waits beyond its moment: `rate` (it has its slot), `busy` (too many at once)."""
    trace: Mapped[str | None] = mapped_column(String(60))
    """W3C traceparent of the transition that made it."""
    tries: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(Text)
    failures: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    """Its last failed tries: {at, code, params}."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class Incident(Record):
    """A node that could not go on, as the operators see it."""

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("ticket_id", "key"),
        Index("ix_incidents_workspace_resolved", "workspace_id", "resolved_at", "at"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    ticket_id: Mapped[str] = mapped_column(ID, ForeignKey("tickets.id"))
    key: Mapped[str] = mapped_column(String(20))
    node: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(80))
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    at: Mapped[datetime] = mapped_column(Moment)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)


class Notification(Record):
    """In-app message. `code` and `params` are rendered in the reader's language; or `texts` when an admin
    wrote it."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_member_created", "member_id", "created_at"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    ticket_id: Mapped[str | None] = mapped_column(ID)
    task_id: Mapped[str | None] = mapped_column(ID)
    code: Mapped[str] = mapped_column(String(80))
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    texts: Mapped[dict[str, str] | None] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
