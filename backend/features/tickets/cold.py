"""Reading what an archived ticket left in the cold tables, as if it had never moved."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value

from backend.db.models import EVENTS_ARCHIVE, TASKS_ARCHIVE, ArchivedState, Task, Ticket, TicketEvent

_COLD_EVENT: Any = aliased(TicketEvent, EVENTS_ARCHIVE, adapt_on_names=True)
COLD_TASK: Any = aliased(Task, TASKS_ARCHIVE, adapt_on_names=True)


async def fill_state(session: AsyncSession, ticket: Ticket) -> Ticket:
    """The ticket with its state, wherever that stands. Nothing is marked as changed."""
    if ticket.archived_at is not None:
        stored = await session.get_one(ArchivedState, ticket.id)
        set_committed_value(ticket, "state", stored.state)
    return ticket


def events_of(ticket: Ticket) -> Any:
    """TicketEvent, or its twin in the archive."""
    return TicketEvent if ticket.archived_at is None else _COLD_EVENT


def tasks_of(ticket: Ticket) -> Any:
    """Task, or its twin in the archive."""
    return Task if ticket.archived_at is None else COLD_TASK
