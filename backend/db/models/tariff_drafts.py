"""Drafts of tariffs on their way to a revision, and drafts tried over past tickets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment, new_id


class TariffDraft(Record):
    """The one draft of a tariff. It is gone once it was published."""

    __tablename__ = "tariff_drafts"
    tariff_id: Mapped[str] = mapped_column(ID, ForeignKey("tariffs.id"), primary_key=True)
    workspace_id: Mapped[InWorkspace]
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    base_revision: Mapped[int]
    """The revision that its authors started from; 0 for a tariff without any."""
    etag: Mapped[str] = mapped_column(ID, default=new_id)
    """A new one with every change."""
    authors: Mapped[list[str]] = mapped_column(Json, default=list)
    """Members who edited it, none of whom may approve it."""
    state: Mapped[str] = mapped_column(String(12), default="editing")
    """editing, submitted."""
    note: Mapped[str] = mapped_column(String(1000), default="")
    effective_from: Mapped[datetime | None] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[str] = mapped_column(ID)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_by: Mapped[str | None] = mapped_column(ID)
    comment: Mapped[str] = mapped_column(String(1000), default="")
    """Why it was sent back the last time."""
    rejected_at: Mapped[datetime | None] = mapped_column(Moment)
    rejected_by: Mapped[str | None] = mapped_column(ID)


class TariffBacktest(Record):
    """A document tried over what a tariff has booked."""

    __tablename__ = "tariff_backtests"
    __table_args__ = (Index("ix_tariff_backtests_tariff_created", "tariff_id", "created_at"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    tariff_id: Mapped[str] = mapped_column(ID, ForeignKey("tariffs.id"))
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    """Days of booking in UTC, both included."""
    region_path: Mapped[str] = mapped_column(String(600), default="/")
    status: Mapped[str] = mapped_column(String(12))
    """pending, running, stopped, done, failed."""
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[str] = mapped_column(String(80), default="")
    """The last posting that is stored: `<moment> <id>`."""
    report: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    sums: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What the periods have gathered so far, so that the work can be taken up again."""
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class TariffBacktestTicket(Record):
    """What the document makes of one posting; only those that differ, or cannot be worked out, are kept."""

    __tablename__ = "tariff_backtest_tickets"
    __table_args__ = (
        Index("ix_tariff_backtest_tickets_size", "backtest_id", "verdict", "size", "posting_id"),
    )
    backtest_id: Mapped[str] = mapped_column(
        ID, ForeignKey("tariff_backtests.id", ondelete="CASCADE"), primary_key=True
    )
    posting_id: Mapped[str] = mapped_column(ID, primary_key=True)
    ticket_id: Mapped[str | None] = mapped_column(ID)
    verdict: Mapped[str] = mapped_column(String(12))
    """moved, unmatched."""
    currency: Mapped[str] = mapped_column(String(3))
    before: Mapped[int] = mapped_column(BigInteger)
    after: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    """The difference without its sign."""
    region_path: Mapped[str] = mapped_column(String(600))
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
