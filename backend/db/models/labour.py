"""Hours that people worked, and the projects that bear their cost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment

LIVE = "ticket_id IS NOT NULL AND state <> 'reversed'"


class Project(Record):
    """What cost is gathered for. A ticket names it, or its workflow and region do."""

    __tablename__ = "projects"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[dict[str, str]] = mapped_column(Json)
    region_id: Mapped[str | None] = mapped_column(ID, ForeignKey("regions.id"))
    """Null: everywhere."""
    workflows: Mapped[list[str]] = mapped_column(Json)
    """Ids of the workflows whose tickets are of this project; empty: only tickets that name it."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class LabourRate(Record):
    """What an hour of a member costs from a day on."""

    __tablename__ = "labour_rates"
    __table_args__ = (UniqueConstraint("workspace_id", "member_id", "valid_from"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    kind: Mapped[str] = mapped_column(String(10))
    """`full_time` or `part_time`."""
    hourly: Mapped[int] = mapped_column(BigInteger)
    """Minor units an hour."""
    currency: Mapped[str] = mapped_column(String(3))
    valid_from: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)


class LabourEntry(Record):
    """Time of one member for one project on one day."""

    __tablename__ = "labour_entries"
    __table_args__ = (
        Index("ix_labour_entries_workspace_day", "workspace_id", "day", "project_id"),
        Index("ix_labour_entries_member", "workspace_id", "member_id", "day"),
        Index(
            "uq_labour_entries_work",
            "ticket_id",
            "node",
            "member_id",
            unique=True,
            postgresql_where=text(LIVE),
            sqlite_where=text(LIVE),
        ),
    )
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    project_id: Mapped[str] = mapped_column(ID, ForeignKey("projects.id"))
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    day: Mapped[str] = mapped_column(String(10))
    """Local day of the region."""
    seconds: Mapped[int]
    source: Mapped[str] = mapped_column(String(10))
    """`ticket` or `timesheet`."""
    ticket_id: Mapped[str | None] = mapped_column(ID, ForeignKey("tickets.id"))
    node: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(10))
    """`entered`, `booked`, `rejected`, `reversed`."""
    kind: Mapped[str] = mapped_column(String(10))
    hourly: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    region_id: Mapped[str | None] = mapped_column(ID)
    region_path: Mapped[str] = mapped_column(String(600))
    posting_id: Mapped[str | None] = mapped_column(ID, ForeignKey("postings.id"), index=True)
    entered_by: Mapped[str | None] = mapped_column(ID)
    entered_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(ID)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why it was rejected or reversed."""


class LabourRun(Record):
    """Gathering the hours of a month's finished tickets, with how far it has come."""

    __tablename__ = "labour_runs"
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    month: Mapped[str] = mapped_column(String(7))
    region_path: Mapped[str] = mapped_column(String(600))
    state: Mapped[str] = mapped_column(String(10))
    """`running`, `stopped`, `done`."""
    cursor: Mapped[str] = mapped_column(String(36), default="")
    done: Mapped[int]
    booked: Mapped[int]
    unmatched: Mapped[int]
    """Tickets that belong to no project."""
    unpriced: Mapped[list[str]] = mapped_column(Json)
    """Members without a rate on the day of their work."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
