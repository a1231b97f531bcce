"""Settlement periods: the calendar of each unit, the books' states, and what a close found.

Days are ISO texts (`2026-11-30`), so that their order as text is their order in time on both databases.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment

DAY = String(10)


class SettlementRule(Record):
    """From which day on a region cuts its own periods, and how. Never moves a period before that day."""

    __tablename__ = "settlement_rules"
    __table_args__ = (UniqueConstraint("region_id", "starts_on"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    region_id: Mapped[str] = mapped_column(ID, ForeignKey("regions.id"))
    starts_on: Mapped[str] = mapped_column(DAY)
    rule: Mapped[dict[str, Any]] = mapped_column(Json)
    """Empty: the parent's from then on."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)


class SettlementPeriod(Record):
    """One stretch of a unit's books. Opened by the first line; periods of a unit never overlap (trigger)."""

    __tablename__ = "settlement_periods"
    __table_args__ = (
        UniqueConstraint("workspace_id", "unit_id", "key"),
        Index("ix_settlement_periods_ends", "workspace_id", "ends_on"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    unit_id: Mapped[str] = mapped_column(ID)
    """The region whose books these are; the workspace's own id for lines without a region."""
    key: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[str] = mapped_column(DAY)
    ends_on: Mapped[str] = mapped_column(DAY)
    """The last day, included."""
    zone: Mapped[str] = mapped_column(String(60))
    """Of the unit, when it was opened."""
    state: Mapped[str] = mapped_column(String(10))
    """open, review, closing, closed, frozen. Lines go into the first two only (trigger)."""
    steps: Mapped[list[Any]] = mapped_column(Json, default=list)
    """Every change of state: {state, at, by, reason}."""
    closing_id: Mapped[str | None] = mapped_column(ID)
    """The newest run of a close."""
    opened_at: Mapped[datetime] = mapped_column(Moment)


class PeriodClosing(Record):
    """One run that closes a period: how far it is, what it has added up and what it found."""

    __tablename__ = "period_closings"
    __table_args__ = (UniqueConstraint("period_id", "run"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    period_id: Mapped[str] = mapped_column(ID, ForeignKey("settlement_periods.id"))
    run: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    """running, stopped, done, failed."""
    cursor: Mapped[str] = mapped_column(String(36), default="")
    """The last posting that is added up."""
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    """Lines in all, counted when it began."""
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    postings: Mapped[int] = mapped_column(BigInteger, default=0)
    worked_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    """Time spent so far, for the estimate of the rest."""
    sums: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Partial sums, so that the work can be taken up again."""
    findings: Mapped[list[Any]] = mapped_column(Json, default=list)
    hash: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of the canonical totals."""
    started_at: Mapped[datetime] = mapped_column(Moment)
    started_by: Mapped[str | None] = mapped_column(ID)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class PeriodTotal(Record):
    """What a party's account came to in a closed period. Never changes (trigger); a period that is reopened
    gets new ones with its next close."""

    __tablename__ = "period_totals"
    closing_id: Mapped[str] = mapped_column(ID, ForeignKey("period_closings.id"), primary_key=True)
    party_kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    party_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    account: Mapped[str] = mapped_column(String(120), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    counter: Mapped[bool] = mapped_column(primary_key=True)
    """True for the bearing side."""
    workspace_id: Mapped[str] = mapped_column(ID)
    period_id: Mapped[str] = mapped_column(ID, ForeignKey("settlement_periods.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int] = mapped_column(BigInteger)
