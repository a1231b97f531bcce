"""Amounts that wait for somebody to say whose they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, Record, partial_index
from backend.db.types import ID, Json, Moment


class QuarantineItem(Record):
    """One side of a posting that stands on the account `quarantine`."""

    __tablename__ = "quarantine_items"
    __table_args__ = (
        Index("ix_quarantine_items_workspace_state", "workspace_id", "state", "region_path"),
        Index("ix_quarantine_items_posting", "posting_id"),
        partial_index("ix_quarantine_items_ticket", "ticket_id", where="ticket_id IS NOT NULL"),
        partial_index("ix_quarantine_items_order", "order_id", where="order_id IS NOT NULL"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    posting_id: Mapped[str] = mapped_column(
        ID, ForeignKey("postings.id", deferrable=True, initially="DEFERRED")
    )
    """That holds the amount now: a posting that is booked anew takes its open items along."""
    ticket_id: Mapped[str | None] = mapped_column(ID, ForeignKey("tickets.id"))
    order_id: Mapped[str | None] = mapped_column(ID, ForeignKey("orders.id"))
    ref: Mapped[dict[str, Any]] = mapped_column(Json)
    """The tariff's reference nobody stands behind; empty for an order's owner."""
    reason: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(Json)
    candidates: Mapped[list[dict[str, str]]] = mapped_column(Json)
    """Who it could be, the likeliest first: {"kind", "id", "why"}."""
    amount: Mapped[int] = mapped_column(BigInteger)
    """Of this reference: positive waits for who receives it, negative for who bears it."""
    currency: Mapped[str] = mapped_column(String(3))
    region_id: Mapped[str | None] = mapped_column(ID)
    region_path: Mapped[str] = mapped_column(String(600))
    state: Mapped[str] = mapped_column(String(10))
    """`open`, `resolved`, `withdrawn` (its posting was reversed)."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)
    resolved_by: Mapped[str | None] = mapped_column(ID)
    party_kind: Mapped[str | None] = mapped_column(String(20))
    party_id: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(1000), default="")
