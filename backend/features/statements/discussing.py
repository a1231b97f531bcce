"""Questions on the wire."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import statements as wire
from backend.contracts.common import Reference
from backend.db.models import Dispute, DisputeMessage, LedgerLine, Ticket
from backend.features.platform.actor import Actor
from backend.features.settlement.naming import Names, list_regions, map_members, name_region
from backend.features.settlement.present import present_lines
from backend.features.statements.disputes import list_acts


async def present_items(
    session: AsyncSession, actor: Actor, disputes: Sequence[Dispute]
) -> list[wire.DisputeItem]:
    """In their order, each with its first words."""
    if not disputes:
        return []
    lines = await _load_lines(session, {dispute.line_id for dispute in disputes})
    tickets = await _load_numbers(session, {each.ticket_id for each in disputes if each.ticket_id})
    first = await _load_first_words(session, [dispute.id for dispute in disputes])
    people = await map_members(session, actor.workspace_id, {dispute.member_id for dispute in disputes})
    regions = {region.id: region for region in await list_regions(session, actor.workspace_id)}
    names = Names(regions=regions)
    return [
        wire.DisputeItem(
            id=dispute.id,
            state=dispute.state,
            answered=dispute.answered,
            by=Reference(id=dispute.member_id, name=people.get(dispute.member_id, "")),
            line_id=dispute.line_id,
            ticket_id=dispute.ticket_id or "",
            number=tickets.get(dispute.ticket_id or "", ""),
            amount=lines[dispute.line_id].amount,
            currency=lines[dispute.line_id].currency,
            expected=dispute.amount,
            text=first.get(dispute.id, ""),
            period=dispute.period,
            region_path=name_region(names, dispute.region_id),
            opened_at=dispute.opened_at,
            updated_at=dispute.updated_at,
        )
        for dispute in disputes
    ]


async def present_detail(
    session: AsyncSession, actor: Actor, dispute: Dispute, locale: str
) -> wire.DisputeDetail:
    """With its line as this reader may see it, and all that was said."""
    row = await session.get_one(LedgerLine, dispute.line_id)
    regions = {region.path: region for region in await list_regions(session, actor.workspace_id)}
    statement = (
        select(DisputeMessage).where(DisputeMessage.dispute_id == dispute.id).order_by(DisputeMessage.id)
    )
    messages = list((await session.execute(statement)).scalars())
    people = await map_members(session, actor.workspace_id, {each.member_id for each in messages})
    return wire.DisputeDetail(
        item=(await present_items(session, actor, [dispute]))[0],
        line=(await present_lines(session, [row], regions, locale, actor=actor))[0],
        messages=[
            wire.DisputeMessage(
                id=each.id,
                by=Reference(id=each.member_id, name=people.get(each.member_id, "")),
                at=each.at,
                kind=each.kind,
                text=each.text,
                mine=each.member_id == actor.member_id,
            )
            for each in messages
        ],
        may=list_acts(actor, dispute),
        correction_id=dispute.correction_id,
    )


async def _load_lines(session: AsyncSession, ids: set[str]) -> dict[str, LedgerLine]:
    found = (await session.execute(select(LedgerLine).where(LedgerLine.id.in_(ids)))).scalars()
    return {line.id: line for line in found}


async def _load_numbers(session: AsyncSession, ids: set[str]) -> dict[str, str]:
    rows = (await session.execute(select(Ticket.id, Ticket.number).where(Ticket.id.in_(ids)))).all()
    return {row[0]: row[1] for row in rows}


async def _load_first_words(session: AsyncSession, ids: Sequence[str]) -> dict[str, str]:
    statement = select(DisputeMessage.dispute_id, DisputeMessage.text).where(
        DisputeMessage.dispute_id.in_(ids), DisputeMessage.kind == "opened"
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}
