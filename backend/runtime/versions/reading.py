"""Reading what a rehearsal needs: the books, and tickets with their logs, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import (
    EVENTS_ARCHIVE,
    Member,
    Region,
    Rehearsal,
    Release,
    Tariff,
    TariffRevision,
    Ticket,
    TicketEvent,
)
from backend.engine.events import Event, Recorded
from backend.runtime.versions.shadow import Books, TariffRow

_decode_event: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class StoredTicket(NamedTuple):
    """A ticket's row, and its log still as text."""

    id: str
    workflow_id: str
    release_id: str
    number: str
    title: str
    region_path: str
    customer_key: str | None
    events: list[tuple[datetime, str]]


async def read_books(session: AsyncSession, workspace_id: str) -> Books:
    """Everybody (as the statement MEMBERS tells of them), every region and every tariff revision of the
    workspace, those no longer in use included."""
    members = (
        select(Member.id, Member.name, Member.roles, Member.skills, Region.path, Member.level, Member.teams)
        .outerjoin(Region, Region.id == Member.region_id)
        .where(Member.workspace_id == workspace_id)
    )
    regions = select(Region.path, Region.id, Region.zone, Region.currency).where(
        Region.workspace_id == workspace_id
    )
    tariffs = (
        select(
            Tariff.key,
            TariffRevision.effective_from,
            TariffRevision.revision,
            Tariff.id,
            TariffRevision.id,
            cast(TariffRevision.document, Text),
        )
        .join(TariffRevision, TariffRevision.tariff_id == Tariff.id)
        .where(Tariff.workspace_id == workspace_id)
        .order_by(TariffRevision.effective_from.desc(), TariffRevision.revision.desc())
    )
    found: dict[str, list[TariffRow]] = {}
    for row in (await session.execute(tariffs)).all():
        found.setdefault(row[0], []).append(TariffRow(*row))
    return Books(
        members={row[0]: tuple(row) for row in (await session.execute(members)).all()},
        regions={row[0]: tuple(row[1:]) for row in (await session.execute(regions)).all()},
        tariffs={key: tuple(rows) for key, rows in found.items()},
    )


async def list_ticket_ids(session: AsyncSession, rehearsal: Rehearsal) -> list[str]:
    """The last tickets that were there when the rehearsal was asked for, the oldest of them first."""
    statement = (
        select(Ticket.id)
        .where(
            Ticket.workspace_id == rehearsal.workspace_id,
            Ticket.workflow_id == rehearsal.workflow_id,
            Ticket.created_at <= rehearsal.created_at,
            Ticket.region_path.startswith(rehearsal.region_path, autoescape=True),
        )
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(rehearsal.most)
    )
    if rehearsal.since is not None:
        statement = statement.where(Ticket.created_at >= rehearsal.since)
    return list(reversed((await session.execute(statement)).scalars().all()))


async def read_tickets(session: AsyncSession, workspace_id: str, ids: Sequence[str]) -> list[StoredTicket]:
    """In the order of `ids`; one that is gone is left out."""
    columns = (
        Ticket.id,
        Ticket.workflow_id,
        Ticket.release_id,
        Ticket.number,
        Ticket.title,
        Ticket.region_path,
        Ticket.customer_key,
    )
    statement = select(*columns).where(Ticket.workspace_id == workspace_id, Ticket.id.in_(ids))
    found = {row[0]: StoredTicket(*row, []) for row in (await session.execute(statement)).all()}
    await _read_logs(session, TicketEvent.__table__.c, found, list(found))
    cold = [key for key, ticket in found.items() if not ticket.events]
    if cold:
        await _read_logs(session, EVENTS_ARCHIVE.c, found, cold)
    return [found[key] for key in ids if key in found]


async def _read_logs(
    session: AsyncSession, columns: Any, found: dict[str, StoredTicket], ids: list[str]
) -> None:
    """Without turning each row into objects: that is done beside the event loop."""
    statement = (
        select(columns.ticket_id, columns.at, cast(columns.event, Text))
        .where(columns.ticket_id.in_(ids))
        .order_by(columns.ticket_id, columns.seq)
    )
    for ticket_id, at, event in (await session.execute(statement)).all():
        found[ticket_id].events.append((at, event))


def decode_log(ticket: StoredTicket) -> list[Recorded]:
    """The log as values."""
    return [Recorded(at=at, event=_decode_event.decode(event)) for at, event in ticket.events]


async def read_releases(session: AsyncSession, ids: Sequence[str]) -> dict[str, tuple[str, int, str]]:
    """(hash, number, definition) by id."""
    statement = select(Release.id, Release.hash, Release.number, Release.definition).where(
        Release.id.in_(ids)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in (await session.execute(statement)).all()}


async def list_release_ids(session: AsyncSession, workflow_id: str) -> list[str]:
    """Every release of a workflow."""
    return list(
        (await session.execute(select(Release.id).where(Release.workflow_id == workflow_id))).scalars()
    )
