"""Statements on the tables of messages and subscriptions."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, literal_column, select, update

from backend.db.models import Message, MessageSubscription, Ticket
from backend.db.types import Json
from backend.runtime.statements import Statement


class ChannelLock(Statement):
    """Held until the end of the transaction. SQLite has one writer anyway."""

    @cached_property
    def only_reads(self) -> bool:
        """A lock taken outside the transaction would be gone at once."""
        return False

    @cached_property
    def sqlite(self) -> str:
        """Reads nothing."""
        return "SELECT :channel"


def _p(name: str) -> Any:
    return bindparam(name)


def _of_channel(model: Any) -> tuple[ColumnElement[bool], ...]:
    return (
        model.workspace_id == _p("workspace"),
        model.name == _p("name"),
        model.correlation == _p("correlation"),
    )


def _waits(*, lasting: bool) -> tuple[ColumnElement[bool], ...]:
    return (
        *_of_channel(MessageSubscription),
        MessageSubscription.kind == "message",
        MessageSubscription.lasting.is_(lasting),
    )


_PLACE = (MessageSubscription.ticket_id, MessageSubscription.key)

LOCK_CHANNEL = ChannelLock(
    select(func.pg_advisory_xact_lock(func.hashtextextended(_p("channel"), literal_column("0"))))
)
TAKE_SUBSCRIPTIONS = Statement(delete(MessageSubscription).where(*_waits(lasting=False)).returning(*_PLACE))
LASTING_SUBSCRIPTIONS = Statement(select(*_PLACE).where(*_waits(lasting=True)))
HEARERS = Statement(
    select(*_PLACE)
    .where(
        MessageSubscription.workspace_id == _p("workspace"),
        MessageSubscription.name == _p("name"),
        MessageSubscription.kind == "signal",
    )
    .order_by(MessageSubscription.id)
)
DROP_SUBSCRIPTION = Statement(
    delete(MessageSubscription)
    .where(MessageSubscription.ticket_id == _p("ticket"), MessageSubscription.key == _p("key"))
    .returning(MessageSubscription.id)
)
KEPT_MESSAGES = Statement(
    select(Message.id, Message.data, Message.expires_at)
    .where(*_of_channel(Message), Message.status == "waiting", Message.expires_at > _p("now"))
    .order_by(Message.created_at, Message.id)
)
GIVE_MESSAGE = Statement(
    update(Message)
    .where(Message.id == _p("id"))
    .values(status="delivered", delivered=bindparam("delivered", type_=Json()))
    .returning(Message.id)
)
FIND_MESSAGE = Statement(
    select(Message.status, Message.delivered).where(
        Message.workspace_id == _p("workspace"), Message.message_id == _p("message")
    )
)

# --- family ---

COUNT_CHILDREN = Statement(select(func.count()).where(Ticket.parent_id == _p("parent")))
CHILD_OF_JOB = Statement(
    select(Ticket.id, Ticket.status).where(Ticket.parent_id == _p("parent"), Ticket.parent_job == _p("job"))
)
TICKET_STATUS = Statement(
    select(Ticket.status).where(Ticket.id == _p("id"), Ticket.workspace_id == _p("workspace"))
)
