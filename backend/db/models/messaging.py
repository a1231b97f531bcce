"""What tickets wait for from outside, messages that nobody waits for yet, and links between tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment


class MessageSubscription(Record):
    """A token that waits for a message or a signal. `key` is the engine's name of the wait in its ticket.

    The ticket is no foreign key: the row is written before that of a ticket which is just being started.
    """

    __tablename__ = "message_subscriptions"
    __table_args__ = (
        Index("ix_message_subscriptions_channel", "workspace_id", "kind", "name", "correlation"),
        Index("ix_message_subscriptions_ticket", "ticket_id", "key"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    ticket_id: Mapped[str] = mapped_column(ID)
    key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    """message, signal."""
    name: Mapped[str] = mapped_column(String(60))
    correlation: Mapped[str] = mapped_column(String(200), default="")
    node: Mapped[str] = mapped_column(String(80))
    lasting: Mapped[bool] = mapped_column(default=False)
    """Takes every message until it is called off, not only the first."""
    created_at: Mapped[datetime] = mapped_column(Moment)


class Message(Record):
    """A message that is kept until somebody waits for it, or remembered by its sender's id."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("workspace_id", "message_id"),
        Index("ix_messages_channel", "workspace_id", "name", "correlation", "status"),
        Index("ix_messages_kept", "kept_until"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    message_id: Mapped[str | None] = mapped_column(String(200))
    """The sender's own id: the same one twice is one message."""
    name: Mapped[str] = mapped_column(String(60))
    correlation: Mapped[str] = mapped_column(String(200))
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    status: Mapped[str] = mapped_column(String(10))
    """waiting, delivered, dropped."""
    delivered: Mapped[list[str]] = mapped_column(Json)
    """Ids of the tickets that it went to."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    kept_until: Mapped[datetime] = mapped_column(Moment)


class TicketLink(Record):
    """`other_id` is the child, the follow-up or the related ticket of `ticket_id`. As with subscriptions,
    the ticket may be one whose row comes later in the same transaction."""

    __tablename__ = "ticket_links"
    __table_args__ = (
        UniqueConstraint("ticket_id", "other_id", "kind"),
        Index("ix_ticket_links_other", "other_id"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    ticket_id: Mapped[str] = mapped_column(ID)
    other_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(12))
    """child, follow_up, related."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)
