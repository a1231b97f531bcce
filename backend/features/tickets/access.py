"""Who sees which tickets and may do which tasks: the same rule as a SQL clause and as a test of one row.

A ticket is seen by those whose region scope holds it and by those who have, or had, a task in it. A task is
done by its assignee; while it has none, by the members of its role whose region covers the ticket's. A role
that is offered the task workspace-wide is stored with the region path `/`, which is nobody's region but
everybody's root.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select

from backend.db.models import TASKS_ARCHIVE, Task, Ticket
from backend.engine.state import Task as EngineTask
from backend.features.platform.actor import Actor

ANYWHERE = "/"


def offered_to(actor: Actor) -> ColumnElement[bool]:
    """Tasks open to one of the actor's roles or teams, or to all of the region, whoever holds them now."""
    clauses = [
        and_(
            Task.role == grant.role,
            or_(Task.region_path == ANYWHERE, Task.region_path.startswith(grant.path, autoescape=True)),
        )
        for grant in actor.grants
    ]
    if actor.teams:
        clauses.append(and_(Task.offer_to == "team", Task.team.in_(actor.teams)))
    reach = actor.reach("run")
    if reach is not None:
        here = Task.region_path.startswith(reach, autoescape=True)
        clauses.append(and_(Task.offer_to == "region", here))
    return or_(*clauses) if clauses else false()


def may_do(actor: Actor, task: Task) -> bool:
    """Whether the actor may finish this task now."""
    if task.status != "open" or task.offer_to == "customer":
        return False
    if task.assignee_id is not None:
        return task.assignee_id == actor.member_id
    return is_offered(actor, task)


def is_offered(actor: Actor, task: Task) -> bool:
    """Whether the task is open to the actor, as `offered_to` says in SQL."""
    return _covers(actor, (task.offer_to, task.role, task.team), task.region_path)


def _covers(actor: Actor, offer: tuple[str, str | None, str | None], region_path: str) -> bool:
    to, role, team = offer
    if to == "team":
        return team in actor.teams
    if to == "region":
        return actor.may("run", region_path)
    return any(
        grant.role == role and (region_path == ANYWHERE or region_path.startswith(grant.path))
        for grant in actor.grants
    )


def may_do_next(actor: Actor, task: EngineTask, ticket_path: str) -> bool:
    """As `may_do`, for a task whose row is only being written."""
    if task.outcome is not None or task.offer.to == "customer":
        return False
    if task.assignee is not None:
        return task.assignee == actor.member_id
    offer = task.offer
    path = ticket_path if offer.scope == "region" or offer.to == "region" else ANYWHERE
    return _covers(actor, (offer.to, offer.role, offer.team), path)


def may_manage(actor: Actor, region_path: str) -> bool:
    """Whether the actor leads the work there: gives tasks to others, lets tickets rest. Administrators,
    editors, and those who both see and do the work of the region."""
    if actor.may("administer") or actor.may("edit", region_path):
        return True
    return any(
        {"view", "run"} <= grant.rights and region_path.startswith(grant.path) for grant in actor.grants
    )


def visible_tickets(actor: Actor) -> ColumnElement[bool]:
    """Tickets of the workspace that the actor may see."""
    took_part = select(Task.ticket_id).where(
        Task.workspace_id == actor.workspace_id,
        or_(Task.assignee_id == actor.member_id, Task.closed_by == actor.member_id, offered_to(actor)),
    )
    worked = select(TASKS_ARCHIVE.c.ticket_id).where(
        TASKS_ARCHIVE.c.workspace_id == actor.workspace_id,
        or_(TASKS_ARCHIVE.c.assignee_id == actor.member_id, TASKS_ARCHIVE.c.closed_by == actor.member_id),
    )
    archived = and_(Ticket.archived_at.is_not(None), Ticket.id.in_(worked))
    own = or_(Ticket.created_by == actor.member_id, Ticket.id.in_(took_part), archived)
    reach = actor.reach("view", "run")
    scoped = Ticket.region_path.startswith(reach, autoescape=True) if reach is not None else false()
    return and_(Ticket.workspace_id == actor.workspace_id, or_(scoped, own))
