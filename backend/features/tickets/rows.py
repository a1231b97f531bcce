"""Open tasks as lines of a list, with what only the ticket's state knows of them."""

from __future__ import annotations

from collections.abc import Iterable

from backend.contracts import tasks as wire
from backend.db.models import Task, Ticket
from backend.features.platform.actor import Actor
from backend.features.tickets.detail import read_state
from backend.features.tickets.permissions import complete_line
from backend.features.tickets.present import Names, present_task
from backend.features.tickets.sight import find_sight
from backend.runtime.runtime import Runtime

TELLING = ('"not_by"', '"instance"')
"""A stored state leaves out what has its default: one without these words has nothing to tell of its tasks
and need not be read."""


async def present_rows(
    runtime: Runtime, actor: Actor, rows: Iterable[tuple[Task, Ticket]], names: Names, locale: str
) -> list[wire.Task]:
    """In the order given: each with its item, and with why four eyes keep the reader from it, if they do."""
    lines = []
    for task, ticket in rows:
        line = present_task(actor, task, ticket, names)
        if any(word in ticket.state for word in TELLING):
            release, state = await runtime.release(ticket.release_id), read_state(ticket)
            sight = find_sight(actor, ticket, release, state)
            line = complete_line(line, task, release, state, actor=actor, sight=sight, locale=locale)
        lines.append(line)
    return lines
