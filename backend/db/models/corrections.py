"""Corrections of what is booked: one row for each time that somebody set something right."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment


class Correction(Record):
    """A reversal, a late change of one ticket, or a tariff that holds from a moment in the past. What
    it booked are the postings that name it; their sums are the statement of the differences."""

    __tablename__ = "corrections"
    __table_args__ = (Index("ix_corrections_workspace_created", "workspace_id", "created_at"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    kind: Mapped[str] = mapped_column(String(20))
    """reversal, late, returned, retroactive, resolution."""
    state: Mapped[str] = mapped_column(String(12))
    """previewing, ready, running, stopped, done, failed, discarded."""
    reason: Mapped[str] = mapped_column(String(1000), default="")
    ticket_id: Mapped[str | None] = mapped_column(ID)
    tariff_id: Mapped[str | None] = mapped_column(ID, ForeignKey("tariffs.id"))
    revision: Mapped[int | None]
    """Of the tariff, that a retroactive change made."""
    document: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The tariff as it is to be, until it is a revision."""
    effective_from: Mapped[datetime | None] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(String(1000), default="")
    base_revision: Mapped[int | None]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    position: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Behind which posting the run goes on."""
    report: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What a preview found: tickets, differences, problems."""
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    started_by: Mapped[str | None] = mapped_column(ID)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
