"""Reading tickets, tasks and what their pages need; always inside one workspace and the actor's sight."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Select, String, and_, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts.common import Text
from backend.db.models import (
    Incident,
    LedgerLine,
    Member,
    Region,
    Role,
    Task,
    TaskDraft,
    Team,
    Ticket,
    TicketEvent,
    Workflow,
)
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound
from backend.features.settlement.access import lines_in_sight
from backend.features.tickets.access import offered_to, visible_tickets
from backend.features.tickets.cold import COLD_TASK, events_of, fill_state, tasks_of

TaskView = Literal["mine", "team", "all"]
TicketView = Literal["open", "closed", "all"]
UNDER_WAY = ("running", "suspended")


def select_tasks(actor: Actor, view: TaskView) -> Select[Task, Ticket]:
    """Open tasks, for an order by priority, then age (ids are in order of time).

    mine: assigned to the actor. team: offered to one of the actor's roles and not taken. all: of every
    ticket in sight.
    """
    mine = Task.assignee_id == actor.member_id
    waiting = and_(Task.assignee_id.is_(None), offered_to(actor))
    clause = {"mine": mine, "team": waiting, "all": visible_tickets(actor)}[view]
    return (
        select(Task, Ticket)
        .join(Ticket, Ticket.id == Task.ticket_id)
        .where(Task.workspace_id == actor.workspace_id, Task.status == "open", clause)
    )


def select_tickets(
    actor: Actor, view: TicketView, workflow_id: str | None, region_path: str | None, q: str | None
) -> Select[Ticket, Workflow]:
    """Tickets in sight. `q` looks into number, title and the customer."""
    statement = (
        select(Ticket, Workflow)
        .join(Workflow, Workflow.id == Ticket.workflow_id)
        .where(visible_tickets(actor))
    )
    if view != "all":
        statement = statement.where(Ticket.status.in_(UNDER_WAY) == (view == "open"))
    if workflow_id:
        statement = statement.where(Ticket.workflow_id == workflow_id)
    if region_path:
        statement = statement.where(Ticket.region_path.startswith(region_path, autoescape=True))
    if q:
        statement = statement.where(
            or_(
                Ticket.number.icontains(q, autoescape=True),
                Ticket.title.icontains(q, autoescape=True),
                cast(Ticket.customer, String).icontains(q, autoescape=True),
            )
        )
    return statement


async def require_workflow(session: AsyncSession, workspace_id: str, workflow_id: str) -> None:
    """Raises NotFound."""
    statement = select(Workflow.id).where(Workflow.workspace_id == workspace_id, Workflow.id == workflow_id)
    if (await session.execute(statement)).first() is None:
        raise NotFound()


async def find_ticket(session: AsyncSession, actor: Actor, ticket_id: str) -> Ticket:
    """Raises NotFound, also for a ticket out of sight."""
    statement = select(Ticket).where(Ticket.id == ticket_id, visible_tickets(actor))
    ticket = (await session.execute(statement)).scalar_one_or_none()
    if ticket is None:
        raise NotFound()
    return await fill_state(session, ticket)


async def find_task(session: AsyncSession, actor: Actor, task_id: str) -> tuple[Task, Ticket]:
    """A task, open or closed, also of an archived ticket, in sight. Raises NotFound."""
    for task in (Task, COLD_TASK):
        statement = (
            select(task, Ticket)
            .join(Ticket, Ticket.id == task.ticket_id)
            .where(task.id == task_id, visible_tickets(actor))
        )
        row = (await session.execute(statement)).one_or_none()
        if row is not None:
            return row[0], row[1]
    raise NotFound()


async def list_open_tasks(session: AsyncSession, ticket: Ticket) -> list[Task]:
    """The ticket's open tasks, oldest first."""
    statement = select(Task).where(Task.ticket_id == ticket.id, Task.status == "open").order_by(Task.id)
    return list((await session.execute(statement)).scalars())


async def map_task_places(session: AsyncSession, ticket: Ticket) -> dict[str, tuple[str, Text]]:
    """Node and label of every task of the ticket by the engine's id of it."""
    task = tasks_of(ticket)
    statement = select(task.key, task.node, task.label).where(task.ticket_id == ticket.id)
    return {key: (node, Text(**label)) for key, node, label in (await session.execute(statement)).all()}


async def list_called_off(session: AsyncSession, ticket: Ticket, nodes: Iterable[str]) -> set[str]:
    """Those of these steps whose every task was called off."""
    task = tasks_of(ticket)
    statement = select(task.node, task.status).where(
        task.ticket_id == ticket.id, task.node.in_(sorted(nodes))
    )
    rows = (await session.execute(statement)).all()
    return {node for node, _ in rows} - {node for node, status in rows if status != "cancelled"}


async def list_events(session: AsyncSession, ticket: Ticket) -> list[TicketEvent]:
    """The ticket's log in order."""
    event = events_of(ticket)
    statement = select(event).where(event.ticket_id == ticket.id).order_by(event.seq)
    return list((await session.execute(statement)).scalars())


async def list_incidents(session: AsyncSession, ticket: Ticket) -> list[Incident]:
    """What still needs a person."""
    statement = (
        select(Incident)
        .where(Incident.ticket_id == ticket.id, Incident.resolved_at.is_(None))
        .order_by(Incident.id)
    )
    return list((await session.execute(statement)).scalars())


async def list_lines(session: AsyncSession, actor: Actor, ticket: Ticket) -> list[LedgerLine]:
    """What the actor may see of the ticket's booked lines, in the order of booking."""
    statement = select(LedgerLine).where(LedgerLine.ticket_id == ticket.id, lines_in_sight(actor))
    statement = statement.order_by(LedgerLine.id)
    return list((await session.execute(statement)).scalars())


async def find_draft(session: AsyncSession, actor: Actor, task: Task) -> TaskDraft | None:
    """What the actor has typed into this task and not sent."""
    statement = select(TaskDraft).where(TaskDraft.task_id == task.id, TaskDraft.member_id == actor.member_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def map_members(session: AsyncSession, workspace_id: str, ids: Iterable[str | None]) -> dict[str, str]:
    """Names by member id."""
    wanted = {member_id for member_id in ids if member_id}
    if not wanted:
        return {}
    statement = select(Member.id, Member.name).where(
        Member.workspace_id == workspace_id, Member.id.in_(wanted)
    )
    return {member_id: name for member_id, name in (await session.execute(statement)).all()}


async def map_roles(session: AsyncSession, workspace_id: str) -> dict[str, Text]:
    """Names of the workspace's roles by key."""
    statement = select(Role.key, Role.name).where(Role.workspace_id == workspace_id)
    return {key: Text(**name) for key, name in (await session.execute(statement)).all()}


async def map_teams(session: AsyncSession, workspace_id: str) -> dict[str, Text]:
    """Names of the workspace's teams by key."""
    statement = select(Team.key, Team.name).where(Team.workspace_id == workspace_id)
    return {key: Text(**name) for key, name in (await session.execute(statement)).all()}


async def map_regions(session: AsyncSession, workspace_id: str) -> dict[str, Region]:
    """The workspace's regions by path; a tree is small."""
    statement = select(Region).where(Region.workspace_id == workspace_id)
    return {region.path: region for region in (await session.execute(statement)).scalars()}


def name_path(regions: dict[str, Region], path: str) -> list[Text]:
    """`/cn/east/` as the names of 全国 and 华东, from the root."""
    names: list[Text] = []
    prefix = "/"
    for key in path.strip("/").split("/"):
        prefix += f"{key}/"
        if prefix in regions:
            names.append(Text(**regions[prefix].name))
    return names
