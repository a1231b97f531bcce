"""Statements about who is there, what they have to do, and where they are reached."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, func, select, union_all

from backend.db.models import TASKS_ARCHIVE, Member, Region, Task, Ticket, User
from backend.runtime.statements import Statement


def _p(name: str) -> Any:
    return bindparam(name)


MEMBERS = Statement(
    select(Member.id, Member.name, Member.roles, Member.skills, Region.path, Member.level, Member.teams)
    .join(Region, Region.id == Member.region_id, isouter=True)
    .where(Member.workspace_id == _p("workspace"), Member.active.is_(True))
    .order_by(Member.id)
)
OPEN_LOAD = Statement(
    select(Task.assignee_id, func.count())
    .where(Task.workspace_id == _p("workspace"), Task.status == "open", Task.assignee_id.is_not(None))
    .group_by(Task.assignee_id)
)
LAST_ASSIGNED = Statement(
    select(func.max(Task.opened_at)).where(
        Task.workspace_id == _p("workspace"), Task.assignee_id == _p("member")
    )
)
"""One look into an index, however many tasks there are."""


def _select_handlers(task: Any) -> Select[Any, Any, Any]:
    """Whoever finished a task of the customer's other tickets; `task` is the table or its archive."""
    return (
        select(task.c.closed_by, Ticket.created_at, task.c.closed_at)
        .join(Ticket, Ticket.id == task.c.ticket_id)
        .where(
            Ticket.workspace_id == _p("workspace"),
            Ticket.customer_key == _p("customer"),
            Ticket.id != _p("ticket"),
            task.c.closed_by.is_not(None),
        )
    )


_HANDLERS = union_all(*map(_select_handlers, (Task.__table__, TASKS_ARCHIVE))).subquery()
LAST_HANDLER = Statement(
    select(_HANDLERS.c.closed_by)
    .order_by(_HANDLERS.c.created_at.desc(), _HANDLERS.c.closed_at.desc())
    .limit(1)
)
ADDRESSES = Statement(
    select(Member.id, Member.name, Member.roles, Region.path, User.email, User.locale)
    .join(User, User.id == Member.user_id)
    .join(Region, Region.id == Member.region_id, isouter=True)
    .where(Member.workspace_id == _p("workspace"), Member.active.is_(True))
    .order_by(Member.id)
)
