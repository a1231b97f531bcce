"""Corrections, what they changed, and what a ticket has booked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Correction, LedgerLine, Posting, Ticket
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound
from backend.runtime.books.differences import FIELDS

MOST_DIFFERENCES = 1_000
"""On the page; the download has them all."""


async def find_ticket(session: AsyncSession, actor: Actor, ticket_id: str) -> Ticket:
    """Raises NotFound, also for one beyond the regions whose money the reader settles."""
    reach = actor.reach("settle")
    statement = select(Ticket).where(Ticket.id == ticket_id, Ticket.workspace_id == actor.workspace_id)
    ticket = (await session.execute(statement)).scalar_one_or_none()
    if ticket is None or reach is None or not ticket.region_path.startswith(reach):
        raise NotFound()
    return ticket


async def find_posting(session: AsyncSession, actor: Actor, posting_id: str) -> Posting:
    """Raises NotFound, also for one beyond the regions whose money the reader settles."""
    reach = actor.reach("settle")
    statement = select(Posting).where(Posting.id == posting_id, Posting.workspace_id == actor.workspace_id)
    posting = (await session.execute(statement)).scalar_one_or_none()
    if posting is None or reach is None:
        raise NotFound()
    paths = select(LedgerLine.region_path).where(LedgerLine.posting_id == posting.id).distinct()
    if not all(path.startswith(reach) for path in (await session.execute(paths)).scalars()):
        raise NotFound()
    return posting


async def list_postings(session: AsyncSession, ticket: Ticket) -> Sequence[Posting]:
    """In the order of booking."""
    statement = select(Posting).where(Posting.ticket_id == ticket.id).order_by(Posting.booked_at, Posting.id)
    return (await session.execute(statement)).scalars().all()


async def sum_postings(session: AsyncSession, ids: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    """What was given by each posting: (amount, currency)."""
    statement = (
        select(LedgerLine.posting_id, func.sum(LedgerLine.amount), LedgerLine.currency)
        .where(LedgerLine.posting_id.in_(list(ids)), LedgerLine.counter.is_(False))
        .group_by(LedgerLine.posting_id, LedgerLine.currency)
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for posting_id, amount, currency in (await session.execute(statement)).all():
        found.setdefault(posting_id, []).append((int(amount), currency))
    return found


async def find_correction(
    session: AsyncSession, actor: Actor, correction_id: str, *, lock: bool = False
) -> Correction:
    """Raises NotFound. A correction may touch every region, so only who settles all of them sees it, or who
    settles that of its one ticket."""
    statement = select(Correction).where(
        Correction.id == correction_id, Correction.workspace_id == actor.workspace_id
    )
    if lock:
        statement = statement.with_for_update()
    correction: Correction | None = (await session.execute(statement)).scalar_one_or_none()
    if correction is None:
        raise NotFound()
    if correction.ticket_id is not None:
        await find_ticket(session, actor, correction.ticket_id)
    elif actor.reach("settle") != "/":
        raise NotFound()
    return correction


async def list_corrections(
    session: AsyncSession, actor: Actor, limit: int, before: tuple[Any, str] | None
) -> Sequence[Correction]:
    """The newest first."""
    reach = actor.reach("settle") or "-"
    statement = select(Correction).where(Correction.workspace_id == actor.workspace_id)
    if reach != "/":
        here = select(Ticket.id).where(
            Ticket.workspace_id == actor.workspace_id, Ticket.region_path.startswith(reach, autoescape=True)
        )
        statement = statement.where(Correction.ticket_id.in_(here))
    if before is not None:
        moment, last = before
        statement = statement.where(
            (Correction.created_at < moment) | ((Correction.created_at == moment) & (Correction.id < last))
        )
    statement = statement.order_by(Correction.created_at.desc(), Correction.id.desc()).limit(limit + 1)
    return (await session.execute(statement)).scalars().all()


async def sum_differences(
    session: AsyncSession, correction: Correction, most: int | None = MOST_DIFFERENCES
) -> list[list[Any]]:
    """What it booked, as `Differences.write` tells it; the greatest first."""
    columns = [getattr(LedgerLine, name) for name in FIELDS]
    amount = func.sum(LedgerLine.amount)
    statement = (
        select(*columns, amount)
        .join(Posting, Posting.id == LedgerLine.posting_id)
        .where(
            Posting.workspace_id == correction.workspace_id,
            Posting.correction_id == correction.id,
            LedgerLine.counter.is_(False),
        )
        .group_by(*columns)
        .having(amount != 0)
        .order_by(func.abs(amount).desc(), *columns)
    )
    rows = (await session.execute(statement.limit(most) if most else statement)).all()
    return [[*row[:-1], int(row[-1])] for row in rows]


async def count_tickets(session: AsyncSession, correction: Correction) -> int:
    """Tickets that it has changed so far."""
    statement = select(func.count(distinct(Posting.ticket_id))).where(
        Posting.workspace_id == correction.workspace_id, Posting.correction_id == correction.id
    )
    return int((await session.execute(statement)).scalar_one())


async def map_numbers(session: AsyncSession, ids: Iterable[str]) -> dict[str, str]:
    """Numbers of tickets by id."""
    statement = select(Ticket.id, Ticket.number).where(Ticket.id.in_(list(ids)))
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}
