"""Tickets that belong together: parent and child, follow-ups (售前、售中、售后), related ones."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import records as wire
from backend.contracts.common import NamedReference, Text
from backend.db.models import Ticket, TicketLink, Workflow
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotFound, invalid_field
from backend.features.tickets import queries
from backend.features.tickets.access import visible_tickets

MOST_LINKS = 200
INWARD = {"child": "parent", "follow_up": "follows", "related": "related"}
"""What a link is called from its other end."""


async def list_links(session: AsyncSession, actor: Actor, ticket: Ticket) -> list[wire.LinkedTicket]:
    """Both directions, oldest first; of tickets in the actor's sight."""
    other = or_(
        and_(TicketLink.ticket_id == ticket.id, Ticket.id == TicketLink.other_id),
        and_(TicketLink.other_id == ticket.id, Ticket.id == TicketLink.ticket_id),
    )
    statement = (
        select(TicketLink, Ticket, Workflow)
        .join(Ticket, other)
        .join(Workflow, Workflow.id == Ticket.workflow_id)
        .where(TicketLink.workspace_id == actor.workspace_id, visible_tickets(actor))
        .order_by(TicketLink.id)
        .limit(MOST_LINKS)
    )
    return [
        wire.LinkedTicket(
            id=link.id,
            ticket_id=found.id,
            number=found.number,
            title=found.title,
            status=found.status,
            workflow=NamedReference(id=workflow.id, name=Text(**workflow.name)),
            kind=link.kind if link.ticket_id == ticket.id else INWARD[link.kind],
            created_at=link.created_at,
            removable=link.kind != "child",
        )
        for link, found, workflow in (await session.execute(statement)).all()
    ]


async def add_link(session: AsyncSession, actor: Actor, ticket: Ticket, request: wire.LinkTicket) -> None:
    """Both tickets must be in sight. Raises NotFound, Invalid, Conflict (`link_exists`)."""
    other = await queries.find_ticket(session, actor, request.ticket_id)
    if other.id == ticket.id:
        raise invalid_field("/ticket_id", "link_to_itself")
    ends = (ticket.id, other.id)
    known = select(TicketLink.id).where(
        TicketLink.ticket_id.in_(ends), TicketLink.other_id.in_(ends), TicketLink.kind == request.kind
    )
    if (await session.execute(known)).first() is not None:
        raise Conflict("link_exists")
    count = select(func.count()).where(
        or_(TicketLink.ticket_id == ticket.id, TicketLink.other_id == ticket.id)
    )
    if (await session.execute(count)).scalar_one() >= MOST_LINKS:
        raise Conflict("too_many_links", params={"limit": MOST_LINKS})
    link = TicketLink(
        id=new_id(),
        workspace_id=actor.workspace_id,
        ticket_id=ticket.id,
        other_id=other.id,
        kind=request.kind,
        created_at=session.info["clock"](),
        created_by=actor.member_id,
    )
    session.add(link)
    announce(session, actor.workspace_id, f"ticket:{ticket.id}", f"ticket:{other.id}")


async def remove_link(session: AsyncSession, ticket: Ticket, link_id: str) -> None:
    """From either end. Raises NotFound, Conflict (`link_fixed`)."""
    link = await session.get(TicketLink, link_id)
    if link is None or ticket.id not in (link.ticket_id, link.other_id):
        raise NotFound()
    if link.kind == "child":
        raise Conflict("link_fixed")
    await session.delete(link)
    announce(session, ticket.workspace_id, f"ticket:{link.ticket_id}", f"ticket:{link.other_id}")
