"""Tickets that a migration has still to judge or to move, and how many went which way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Migration, MigrationTicket, Release, Ticket
from backend.engine.release import Release as CompiledRelease
from backend.engine.state import State
from backend.runtime.versions.trips import Trip

MOVED_AT_ONCE = 25
REST_S = 0.0001

_decode_state = msgspec.json.Decoder(State).decode


class RunningTicket(NamedTuple):
    """A ticket's row as the triage wants it."""

    id: str
    release_id: str
    number: str
    title: str
    region_path: str
    state: str
    release_number: int


async def read_next(session: AsyncSession, migration: Migration, most: int) -> list[RunningTicket]:
    """Running tickets of the chosen releases that have no verdict yet."""
    judged = select(MigrationTicket.ticket_id).where(MigrationTicket.migration_id == migration.id)
    statement = (
        select(
            Ticket.id,
            Ticket.release_id,
            Ticket.number,
            Ticket.title,
            Ticket.region_path,
            Ticket.state,
            Release.number,
        )
        .join(Release, Release.id == Ticket.release_id)
        .where(
            Ticket.workspace_id == migration.workspace_id,
            Ticket.workflow_id == migration.workflow_id,
            Ticket.status.in_(("running", "suspended")),
            Release.number.in_(migration.sources),
            Ticket.id.not_in(judged),
        )
        .order_by(Ticket.created_at, Ticket.id)
        .limit(most)
    )
    return [RunningTicket(*row) for row in (await session.execute(statement)).all()]


def triage_batch(
    trip: Trip,
    found: Sequence[RunningTicket],
    releases: dict[str, CompiledRelease],
    target: tuple[str, CompiledRelease],
) -> list[dict[str, Any]]:
    rows = []
    for ticket in found:
        way = trip.way(ticket.release_id, releases[ticket.release_id], *target)
        state = _decode_state(ticket.state)
        verdict = trip.judge(way, state)
        rows.append(
            {
                "ticket_id": ticket.id,
                "number": ticket.number,
                "title": ticket.title,
                "region_path": ticket.region_path,
                "origin_id": ticket.release_id,
                "origin_number": ticket.release_number,
                "standing": sorted({token.node for token in state.tokens.values()}),
                "verdict": verdict.level,
                "findings": msgspec.to_builtins(verdict.findings),
                "status": "checked",
                "version": None,
                "former": None,
            }
        )
        time.sleep(REST_S)
    return rows


async def list_stored(
    session: AsyncSession, migration_id: str, status: str, verdicts: frozenset[str] | None
) -> list[MigrationTicket]:
    statement = select(MigrationTicket).where(
        MigrationTicket.migration_id == migration_id, MigrationTicket.status == status
    )
    if verdicts is not None:
        statement = statement.where(MigrationTicket.verdict.in_(sorted(verdicts)))
    ordered = statement.order_by(MigrationTicket.seq).limit(MOVED_AT_ONCE)
    return list((await session.execute(ordered)).scalars())


async def lock_migration(session: AsyncSession, migration_id: str) -> Migration:
    statement = select(Migration).where(Migration.id == migration_id).with_for_update()
    found: Migration = (await session.execute(statement)).scalar_one()
    return found


async def count(session: AsyncSession, migration_id: str) -> dict[str, int]:
    """Tickets by verdict and by what became of them."""
    statement = (
        select(MigrationTicket.verdict, MigrationTicket.status, func.count())
        .where(MigrationTicket.migration_id == migration_id)
        .group_by(MigrationTicket.verdict, MigrationTicket.status)
    )
    counts: dict[str, int] = {}
    for verdict, status, number in (await session.execute(statement)).all():
        counts[verdict] = counts.get(verdict, 0) + number
        counts[status] = counts.get(status, 0) + number
    return counts
