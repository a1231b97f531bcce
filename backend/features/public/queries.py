"""Finding what a public token opens. A token is the only key: 32 random bytes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import EntryLink, Region, StoredFile, Task, Ticket, TicketEvent, Workflow, Workspace
from backend.features.platform.errors import Conflict, NotFound
from backend.features.tickets.cold import events_of, fill_state


async def find_link(session: AsyncSession, token: str) -> EntryLink:
    """Raises NotFound, Conflict (`link_closed`)."""
    link = (await session.execute(select(EntryLink).where(EntryLink.token == token))).scalar_one_or_none()
    if link is None:
        raise NotFound()
    if not link.active:
        raise Conflict("link_closed")
    return link


async def find_ticket(session: AsyncSession, token: str) -> Ticket:
    """Raises NotFound."""
    statement = select(Ticket).where(Ticket.tracking_token == token)
    ticket = (await session.execute(statement)).scalar_one_or_none()
    if ticket is None:
        raise NotFound()
    return await fill_state(session, ticket)


async def find_customer_task(session: AsyncSession, ticket: Ticket) -> Task | None:
    """The oldest open task that waits for the customer."""
    statement = (
        select(Task)
        .where(Task.ticket_id == ticket.id, Task.status == "open", Task.offer_to == "customer")
        .order_by(Task.id)
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def find_task(session: AsyncSession, ticket: Ticket, task_id: str) -> Task:
    """A task of the customer's on this ticket, open or not. Raises NotFound."""
    statement = select(Task).where(
        Task.id == task_id, Task.ticket_id == ticket.id, Task.offer_to == "customer"
    )
    task = (await session.execute(statement)).scalar_one_or_none()
    if task is None:
        raise NotFound()
    return task


async def list_events(session: AsyncSession, ticket: Ticket) -> list[TicketEvent]:
    """The log, for the moments of the stages."""
    event = events_of(ticket)
    statement = select(event).where(event.ticket_id == ticket.id).order_by(event.seq)
    return list((await session.execute(statement)).scalars())


async def find_file(session: AsyncSession, ticket: Ticket, file_id: str) -> StoredFile:
    """A file of the ticket. Raises NotFound."""
    statement = select(StoredFile).where(
        StoredFile.id == file_id,
        StoredFile.workspace_id == ticket.workspace_id,
        StoredFile.ticket_id == ticket.id,
    )
    record = (await session.execute(statement)).scalar_one_or_none()
    if record is None:
        raise NotFound()
    return record


async def name_workspace(session: AsyncSession, workspace_id: str) -> str:
    """The workspace's name, which customers know as the company's."""
    return (await session.get_one(Workspace, workspace_id)).name


async def find_workflow(session: AsyncSession, workflow_id: str) -> Workflow:
    """The workflow of a link or ticket."""
    return await session.get_one(Workflow, workflow_id)


async def list_region_names(session: AsyncSession, region_id: str | None) -> list[dict[str, str]]:
    """From the root down to the region."""
    names: list[dict[str, str]] = []
    while region_id is not None:
        region = await session.get_one(Region, region_id)
        names.append(region.name)
        region_id = region.parent_id
    return names[::-1]


async def find_region_path(session: AsyncSession, region_id: str | None) -> str:
    """`/cn/east/`; `/` for no region."""
    region = await session.get(Region, region_id) if region_id else None
    return region.path if region is not None else "/"
