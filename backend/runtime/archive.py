"""Closed tickets that have become cold: their state, log, tasks, jobs and incidents move to tables of
their own.

The ticket's row in `tickets` stays as the directory's entry, with an empty state: numbers, tracking links,
lists, search and the books' references are as they were. What moves keeps its ids. A batch is one
transaction, so a killed process leaves each ticket either here or there; and the database itself lets an
event leave the log only when it stands identically in the archive (decision 0011).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, delete, exists, insert, or_, select, update

from backend.db.models import (
    EVENTS_ARCHIVE,
    INCIDENTS_ARCHIVE,
    JOBS_ARCHIVE,
    TASKS_ARCHIVE,
    ArchivedState,
    Incident,
    Job,
    Task,
    TaskDraft,
    Ticket,
    TicketEvent,
)
from backend.runtime.errors import TicketUnknown
from backend.runtime.scripts import Driver, Script, ask
from backend.runtime.statements import Statement

BATCH = 50
"""Tickets of one transaction: the writer of SQLite is held for some tens of milliseconds."""
PAUSE_S = 0.05

TWINS: tuple[tuple[Any, Table], ...] = (
    (TicketEvent, EVENTS_ARCHIVE),
    (Task, TASKS_ARCHIVE),
    (Job, JOBS_ARCHIVE),
    (Incident, INCIDENTS_ARCHIVE),
)
_p = bindparam
_WORKSPACE = bindparam("workspace", type_=Ticket.__table__.c.workspace_id.type)

LIST_COLD = Statement(
    select(Ticket.id)
    .where(
        Ticket.finished_at < _p("before"),
        or_(Ticket.status == "completed", Ticket.status == "cancelled"),
        Ticket.archived_at.is_(None),
        or_(
            _p("workspace", type_=Ticket.workspace_id.type).is_(None), Ticket.workspace_id == _p("workspace")
        ),
        ~exists().where(Job.ticket_id == Ticket.id, or_(Job.status == "pending", Job.status == "running")),
    )
    .order_by(Ticket.finished_at)
    .limit(_p("limit"))
    .with_for_update(skip_locked=True, of=Ticket)
)
"""Tickets that somebody works at just now are left for the next time."""
COPY_STATE = Statement(
    insert(ArchivedState).from_select(
        ["ticket_id", "workspace_id", "state", "archived_at"],
        select(Ticket.id, Ticket.workspace_id, Ticket.state, _p("now", type_=Ticket.finished_at.type)).where(
            Ticket.id == _p("ticket")
        ),
    )
)
EMPTY_TICKET = Statement(
    update(Ticket).where(Ticket.id == _p("ticket")).values(state="", archived_at=_p("now"))
)
DROP_DRAFTS = Statement(
    delete(TaskDraft).where(TaskDraft.task_id.in_(select(Task.id).where(Task.ticket_id == _p("ticket"))))
)
FIND_STATE = Statement(
    select(ArchivedState.ticket_id)
    .where(ArchivedState.ticket_id == _p("ticket"), ArchivedState.workspace_id == _p("workspace"))
    .with_for_update()
)
FILL_TICKET = Statement(
    update(Ticket)
    .where(Ticket.id == _p("ticket"))
    .values(
        state=select(ArchivedState.state).where(ArchivedState.ticket_id == _p("ticket")).scalar_subquery(),
        archived_at=None,
    )
)
DROP_STATE = Statement(delete(ArchivedState).where(ArchivedState.ticket_id == _p("ticket")))


@cache
def _moves(*, back: bool) -> tuple[tuple[Statement, Statement], ...]:
    """(copy, delete) for each pair of tables."""
    pairs = []
    for model, twin in TWINS:
        hot: Table = model.__table__
        source, target = (twin, hot) if back else (hot, twin)
        names = [column.name for column in source.columns]
        rows = select(*(source.c[name] for name in names)).where(source.c.ticket_id == _p("ticket"))
        copy = Statement(insert(target).from_select(names, rows))
        pairs.append((copy, Statement(delete(source).where(source.c.ticket_id == _p("ticket")))))
    return tuple(pairs)


async def archive(
    driver: Driver,
    clock: Callable[[], datetime],
    before: datetime,
    *,
    workspace_id: str | None = None,
    told: Callable[[int], None] = lambda moved: None,
) -> int:
    """Move every ticket that closed before that moment, batch by batch; answers how many. `told` hears
    after each batch how many it is so far."""
    moved = 0
    while True:
        count = await driver.run(move_batch(before, clock(), workspace_id))
        moved += count
        told(moved)
        if count < BATCH:
            return moved
        await asyncio.sleep(PAUSE_S)


def move_batch(before: datetime, now: datetime, workspace_id: str | None = None) -> Script[int]:
    """One transaction's worth; how many tickets it was."""
    rows = yield from ask(LIST_COLD, before=before, workspace=workspace_id, limit=BATCH)
    for row in rows:
        yield from _move(row[0], now)
    return len(rows)


def _move(ticket_id: str, now: datetime) -> Script[None]:
    yield from ask(COPY_STATE, ticket=ticket_id, now=now)
    yield from ask(DROP_DRAFTS, ticket=ticket_id)
    for copy, remove in _moves(back=False):
        yield from ask(copy, ticket=ticket_id)
        yield from ask(remove, ticket=ticket_id)
    yield from ask(EMPTY_TICKET, ticket=ticket_id, now=now)


def restore(workspace_id: str, ticket_id: str) -> Script[None]:
    """Bring one ticket back as it was. Raises TicketUnknown when the archive has none of this id."""
    if not (yield from ask(FIND_STATE, ticket=ticket_id, workspace=workspace_id)):
        raise TicketUnknown(ticket_id)
    yield from ask(FILL_TICKET, ticket=ticket_id)
    for copy, remove in _moves(back=True):
        yield from ask(copy, ticket=ticket_id)
        yield from ask(remove, ticket=ticket_id)
    yield from ask(DROP_STATE, ticket=ticket_id)
