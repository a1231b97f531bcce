"""What operators set and watch: limits of targets, living workers, runs over many incidents, the archive."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.models.jobs import Incident, Job
from backend.db.models.tickets import Task, Ticket, TicketEvent
from backend.db.types import ID, Json, Moment


class JobLimit(Record):
    """How fast, how many at once and how often the jobs of a target are tried. Null: as the product
    does it."""

    __tablename__ = "job_limits"
    __table_args__ = (UniqueConstraint("workspace_id", "pattern"),)
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    pattern: Mapped[str] = mapped_column(String(255))
    """A target (`api.example.com`, `email`), `*.example.com` for every host below it, `*` for all others."""
    rate: Mapped[int | None]
    """Starts a `seconds`, spread evenly; every target that the pattern covers has its own."""
    seconds: Mapped[int] = mapped_column(default=1)
    at_once: Mapped[int | None]
    tries: Mapped[int | None]
    first_s: Mapped[int | None]
    longest_s: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(Moment)


class JobPace(Record):
    """When the next job of a target may start. Locked by who claims one, so that all processes keep one
    pace."""

    __tablename__ = "job_paces"
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"), primary_key=True)
    target: Mapped[str] = mapped_column(String(255), primary_key=True)
    free_at: Mapped[datetime] = mapped_column(Moment)


class Worker(Record):
    """A process that executes jobs, as it last said of itself."""

    __tablename__ = "workers"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    """serve, worker."""
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    running: Mapped[int] = mapped_column(default=0)


class BulkRun(Record):
    """One act upon many incidents or jobs, done in the background."""

    __tablename__ = "bulk_runs"
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    action: Mapped[str] = mapped_column(String(20))
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    ids: Mapped[list[str]] = mapped_column(Json, default=list)
    """What it is about, fixed when it was asked for."""
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class ArchivedState(Record):
    """The engine's state of an archived ticket; its row in `tickets` stays as the directory's entry."""

    __tablename__ = "tickets_archive"
    ticket_id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ID, index=True)
    state: Mapped[str] = mapped_column(Text)
    archived_at: Mapped[datetime] = mapped_column(Moment)


def _twin(model: type[Record]) -> Table:
    """A table of the same columns without references, for rows that have become cold."""
    table = model.__table__
    assert isinstance(table, Table)
    columns = [
        Column(each.name, each.type, primary_key=each.primary_key, nullable=each.nullable)
        for each in table.columns
    ]
    twin = Table(f"{table.name}_archive", Record.metadata, *columns)
    if next(column.name for column in table.primary_key) != "ticket_id":
        Index(f"ix_{twin.name}_ticket_id", twin.c.ticket_id)
    return twin


TASKS_ARCHIVE = _twin(Task)
Index("ix_tasks_archive_workspace_assignee", TASKS_ARCHIVE.c.workspace_id, TASKS_ARCHIVE.c.assignee_id)
Index("ix_tasks_archive_workspace_closed_by", TASKS_ARCHIVE.c.workspace_id, TASKS_ARCHIVE.c.closed_by)
EVENTS_ARCHIVE = _twin(TicketEvent)
JOBS_ARCHIVE = _twin(Job)
INCIDENTS_ARCHIVE = _twin(Incident)

WHOLE_STATE = func.coalesce(
    func.nullif(Ticket.state, ""),
    select(ArchivedState.state).where(ArchivedState.ticket_id == Ticket.id).scalar_subquery(),
)
"""A ticket's state, wherever it stands."""
