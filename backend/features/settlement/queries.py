"""Booked lines by filter.

A sum and the list behind it are made of the same clauses, so they cannot differ.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from litestar.params import Parameter
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import LedgerLine, Region, Ticket
from backend.features.platform.actor import Actor
from backend.features.platform.errors import BadRequest, NotFound
from backend.features.settlement.access import in_branch, lines_in_sight

Side = Literal["receiving", "bearing", "both"]
DEFAULT_ZONE = "Asia/Shanghai"
PARTY_KINDS = ("member", "department", "partner", "region", "account", "project")
_PERIOD = re.compile(r"\d{4}-((0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?|W(0[1-9]|[1-4]\d|5[0-3])|Q[1-4])")
"""A month, the first day of a custom one, an ISO week, a quarter."""


class LineFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list, a sum or an export is about; `query` is the same as it stood in the address."""

    query: dict[str, str]
    clauses: tuple[ColumnElement[bool], ...]
    region: Region | None = None
    zone: ZoneInfo = ZoneInfo(DEFAULT_ZONE)


Day = date | None
Name = Annotated[str | None, Parameter(max_length=120)]


async def read_filter(
    *,
    actor: Actor,
    reading: AsyncSession,
    region_id: Name = None,
    directly: Annotated[bool, Parameter(description="Only the region itself, nothing below it")] = False,
    placed: Annotated[bool, Parameter(description="False: only lines without a region")] = True,
    member_id: Name = None,
    party: Annotated[str | None, Parameter(max_length=120, description="Such as `department:sales`")] = None,
    period: Annotated[str | None, Parameter(max_length=20, description="Such as `2026-11`")] = None,
    period_id: Annotated[str | None, Parameter(max_length=36, description="One unit's period")] = None,
    first: Annotated[Day, Parameter(query="from", description="First day, in the region's zone")] = None,
    last: Annotated[Day, Parameter(query="to", description="Last day, included")] = None,
    ticket_id: Name = None,
    workflow_id: Name = None,
    currency: Annotated[str | None, Parameter(max_length=3)] = None,
    channel: Annotated[str | None, Parameter(max_length=120, description="`-`: tickets without one")] = None,
) -> LineFilter:
    """The query of an address as clauses. Raises NotFound for a region out of sight, BadRequest."""
    region = await _find_region(reading, actor, region_id) if region_id else None
    zone = await _find_zone(reading, actor, region)
    given = {
        "region_id": region_id,
        "directly": "true" if directly else None,
        "placed": None if placed else "false",
        "member_id": member_id,
        "party": party,
        "period": period,
        "period_id": period_id,
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
        "ticket_id": ticket_id,
        "workflow_id": workflow_id,
        "currency": currency,
        "channel": channel,
    }
    clauses = [lines_in_sight(actor), *_date_clauses(first, last, zone)]
    if region is not None:
        exact = LedgerLine.region_id == region.id
        clauses.append(exact if directly else in_branch(actor.workspace_id, region.path))
    if channel is not None:
        clauses.append(_in_channel(actor.workspace_id, "" if channel == "-" else channel))
    if not placed:
        clauses.append(LedgerLine.region_id.is_(None))
    kind, key = _read_party(party)
    for column, value in (
        (LedgerLine.party_kind, "member" if member_id else None),
        (LedgerLine.party_id, member_id),
        (LedgerLine.party_kind, kind),
        (LedgerLine.party_id, key),
        (LedgerLine.period, check_period(period)),
        (LedgerLine.period_id, period_id),
        (LedgerLine.ticket_id, ticket_id),
        (LedgerLine.workflow_id, workflow_id),
        (LedgerLine.currency, currency),
    ):
        if value is not None:
            clauses.append(column == value)
    query = {name: value for name, value in given.items() if value is not None}
    return LineFilter(query=query, clauses=tuple(clauses), region=region, zone=zone)


def _in_channel(workspace_id: str, channel: str) -> ColumnElement[bool]:
    """Lines of the tickets that came this way; what belongs to no ticket came no way at all."""
    of_tickets = LedgerLine.ticket_id.in_(
        select(Ticket.id).where(Ticket.workspace_id == workspace_id, Ticket.channel == channel)
    )
    return of_tickets if channel else or_(of_tickets, LedgerLine.ticket_id.is_(None))


def check_period(period: str | None) -> str | None:
    """Raises BadRequest (`period_unfit`)."""
    if period is not None and not _PERIOD.fullmatch(period):
        raise BadRequest("period_unfit")
    return period


def _read_party(party: str | None) -> tuple[str | None, str | None]:
    if party is None:
        return None, None
    kind, colon, key = party.partition(":")
    if kind not in PARTY_KINDS or not colon:
        raise BadRequest("invalid_parameter", extras={"parameter": "party"})
    return kind, key


def _date_clauses(first: date | None, last: date | None, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """Whole days of the zone, both ends included."""
    if first and last and last < first:
        raise BadRequest("dates_reversed")
    clauses: list[ColumnElement[bool]] = []
    if first and first > date.min:
        clauses.append(LedgerLine.booked_at >= datetime.combine(first, time(), zone))
    if last and last < date.max:
        clauses.append(LedgerLine.booked_at < datetime.combine(last + timedelta(days=1), time(), zone))
    return clauses


async def _find_region(session: AsyncSession, actor: Actor, region_id: str) -> Region:
    """One within reach, or with lines of one's own in it."""
    statement = select(Region).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    region = (await session.execute(statement)).scalar_one_or_none()
    if region is None:
        raise NotFound()
    reach = actor.reach("settle", "view")
    if reach is None or not region.path.startswith(reach):
        here = in_branch(actor.workspace_id, region.path)
        found = await session.execute(select(LedgerLine.id).where(lines_in_sight(actor), here).limit(1))
        if found.first() is None:
            raise NotFound()
    return region


async def _find_zone(session: AsyncSession, actor: Actor, region: Region | None) -> ZoneInfo:
    """The region's, else the actor's region's, else the root's."""
    if region is not None:
        return ZoneInfo(region.zone)
    statement = select(Region.zone).where(Region.workspace_id == actor.workspace_id)
    if actor.region_id is not None:
        statement = statement.where(Region.id == actor.region_id)
    zone = (await session.execute(statement.order_by(Region.path).limit(1))).scalar_one_or_none()
    return ZoneInfo(zone or DEFAULT_ZONE)


def select_lines(wanted: LineFilter, side: Side = "receiving") -> Select[LedgerLine]:
    """Without order. `receiving` is what summaries count: what people and departments are given."""
    statement = select(LedgerLine).where(*wanted.clauses)
    return statement if side == "both" else statement.where(LedgerLine.counter.is_(side == "bearing"))


async def find_line(session: AsyncSession, actor: Actor, line_id: str) -> LedgerLine:
    """Raises NotFound, also for a line out of sight."""
    statement = select(LedgerLine).where(LedgerLine.id == line_id, lines_in_sight(actor))
    line = (await session.execute(statement)).scalar_one_or_none()
    if line is None:
        raise NotFound()
    return line
