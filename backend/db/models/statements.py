"""Questions about booked amounts, and what was said about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Moment

OPEN = "state = 'open'"


class Dispute(Record):
    """A member questions one line of the ledger. `amount` is what they hold to be right, if they said so.

    The line's region and period stand here too, for lists and for the period's page: lines never change.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        Index("ix_disputes_workspace_state", "workspace_id", "state", "updated_at"),
        Index("ix_disputes_workspace_period", "workspace_id", "period"),
        Index(
            "uq_disputes_open",
            "line_id",
            "member_id",
            unique=True,
            postgresql_where=text(OPEN),
            sqlite_where=text(OPEN),
        ),
    )
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    line_id: Mapped[str] = mapped_column(ID, ForeignKey("ledger_lines.id"), index=True)
    posting_id: Mapped[str] = mapped_column(ID)
    ticket_id: Mapped[str | None] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), index=True)
    region_id: Mapped[str | None] = mapped_column(ID)
    region_path: Mapped[str] = mapped_column(String(600))
    period: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(20))
    """open, explained, accepted or withdrawn."""
    correction_id: Mapped[str | None] = mapped_column(ID)
    """Of an accepted one: the posting that took the amount back or booked it anew."""
    opened_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    answered: Mapped[bool] = mapped_column(default=False)
    """Whether finance spoke last."""
    closed_by: Mapped[str | None] = mapped_column(ID)


class DisputeMessage(Record):
    """One contribution to the talk about a line; nothing is ever changed in it."""

    __tablename__ = "dispute_messages"
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    dispute_id: Mapped[str] = mapped_column(ID, ForeignKey("disputes.id"), index=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[str] = mapped_column(String(20))
    """opened, message, explained, accepted or withdrawn."""
    text: Mapped[str] = mapped_column(Text)
