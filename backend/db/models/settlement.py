"""Tariffs and the ledger. Amounts are minor units; lines and revisions never change (trigger)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record, partial_index
from backend.db.types import ID, Json, Moment


class Tariff(Record):
    """A named table; its content is in its revisions."""

    __tablename__ = "tariffs"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[dict[str, str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Moment)


class TariffRevision(Record):
    """Immutable. In force from `effective_from` until a later revision's moment."""

    __tablename__ = "tariff_revisions"
    __table_args__ = (UniqueConstraint("tariff_id", "revision"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    tariff_id: Mapped[str] = mapped_column(ID, ForeignKey("tariffs.id"))
    revision: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    effective_from: Mapped[datetime] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)
    approved_by: Mapped[str | None] = mapped_column(ID)
    """The second person, where the workspace asks for one."""


class Posting(Record):
    """A balanced set of lines with one cause. (ticket_id, cause) is unique: booking again books nothing."""

    __tablename__ = "postings"
    __table_args__ = (
        UniqueConstraint("ticket_id", "cause"),
        Index("ix_postings_workspace_booked", "workspace_id", "booked_at"),
        partial_index("ix_postings_correction", "correction_id", where="correction_id IS NOT NULL"),
        Index(
            "uq_postings_cause_alone",
            "workspace_id",
            "cause",
            unique=True,
            postgresql_where=text("ticket_id IS NULL"),
            sqlite_where=text("ticket_id IS NULL"),
        ),
    )
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    ticket_id: Mapped[str | None] = mapped_column(ID, ForeignKey("tickets.id"))
    cause: Mapped[str] = mapped_column(String(80))
    """`<node>:<job key>` of the settle step, or `reversal:<posting id>`, `rebooking:<posting id>`."""
    reversal_of: Mapped[str | None] = mapped_column(ID, ForeignKey("postings.id"))
    booked_at: Mapped[datetime] = mapped_column(Moment)
    lines: Mapped[int]
    """How many lines belong to it: a line more or fewer is refused (trigger)."""
    kind: Mapped[str] = mapped_column(String(20), default="booking", server_default="booking")
    """booking, reversal, rebooking, resolution, import, labour."""
    tariff_id: Mapped[str | None] = mapped_column(ID)
    basis: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """Everything to calculate it again (`backend.runtime.books.basis`); null for reversals, and for what was
    booked before this was kept."""
    correction_id: Mapped[str | None] = mapped_column(ID)
    """The correction that it belongs to."""
    reason: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    booked_by: Mapped[str | None] = mapped_column(ID)
    """The member who asked for it; null for what a workflow booked by itself."""


class LedgerLine(Record):
    """One side of a posting: amount in minor units, positive credits the party's account, negative debits
    it."""

    __tablename__ = "ledger_lines"
    __table_args__ = (
        Index("ix_ledger_lines_workspace_period", "workspace_id", "period", "id"),
        Index("ix_ledger_lines_workspace_party", "workspace_id", "party_kind", "party_id", "booked_at"),
        Index("ix_ledger_lines_period_posting", "period_id", "posting_id"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    posting_id: Mapped[str] = mapped_column(
        ID, ForeignKey("postings.id", deferrable=True, initially="DEFERRED"), index=True
    )
    """Lines are written first and the posting seals them: its trigger checks that they balance."""
    ticket_id: Mapped[str | None] = mapped_column(ID, ForeignKey("tickets.id"), index=True)
    workflow_id: Mapped[str | None] = mapped_column(ID)
    account: Mapped[str] = mapped_column(String(120))
    """`person:<member id>`, `department:<key>`, `region:<key>`, `partner:<key>`, `customer`,
    `tax:<key>`."""
    party_kind: Mapped[str] = mapped_column(String(20))
    party_id: Mapped[str] = mapped_column(String(80))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    component: Mapped[str] = mapped_column(String(80))
    counter: Mapped[bool] = mapped_column(default=False)
    """True for the balancing side, which summaries of what people earn leave out."""
    tariff_id: Mapped[str | None] = mapped_column(ID, ForeignKey("tariffs.id"))
    """Null where no tariff made the amount: an order's own amount, hours at a member's rate."""
    tariff_revision: Mapped[int | None]
    row: Mapped[str] = mapped_column(String(80))
    tier: Mapped[int | None]
    inputs: Mapped[dict[str, Any]] = mapped_column(Json)
    formula: Mapped[dict[str, Any]] = mapped_column(Json)
    """Message code and params of "why this amount"."""
    period: Mapped[str] = mapped_column(String(20))
    """Key of the period of the books that it counts in, such as `2026-11`."""
    period_id: Mapped[str | None] = mapped_column(ID)
    """That period's row: refused unless it is open or in review (trigger)."""
    earned_period: Mapped[str | None] = mapped_column(String(20))
    """Key of the period that the work falls in, where that one took no more lines."""
    region_id: Mapped[str | None] = mapped_column(ID)
    region_path: Mapped[str] = mapped_column(String(600))
    booked_at: Mapped[datetime] = mapped_column(Moment)


class Accumulator(Record):
    """What a period has gathered for one tariff row, component and party: quantity so far and amount
    booked so far."""

    __tablename__ = "accumulators"
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(240), primary_key=True)
    period: Mapped[str] = mapped_column(String(20), primary_key=True)
    tickets: Mapped[int]
    quantities: Mapped[dict[str, Any]] = mapped_column(Json)
    """Measure -> decimal text."""
    booked: Mapped[dict[str, Any]] = mapped_column(Json)
    """Component -> minor units."""
    revision: Mapped[int | None]
    """Of the tariff, that the booked amounts were last brought to."""
