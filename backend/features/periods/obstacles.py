"""What stands in the way of a close, or should be looked at before it.

One function each, in the order they are shown. To add one: a function and its place in `CHECKS`; its text is
`period.obstacle.<code>`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Dispute, Incident, LedgerLine, QuarantineItem, SettlementPeriod, Ticket
from backend.runtime.books.units import Tree

MONEY_CODES = (
    "already_booked",
    "amount_too_large",
    "condition_failed",
    "condition_unavailable",
    "currency_mismatch",
    "measure_missing",
    "no_tariff",
    "no_tariff_row",
    "party_unresolved",
    "quantity_negative",
    "quantity_outside_tiers",
    "quantity_unfit",
    "row_gone",
    "tariff_invalid",
)
"""Incidents of settle steps: a ticket whose money is not booked yet."""


class Obstacle(msgspec.Struct, frozen=True):
    """`severity` is acknowledge or warning."""

    code: str
    severity: str
    count: int
    link: str | None = None


class Scene(NamedTuple):
    """What a check looks at."""

    period: SettlementPeriod
    tree: Tree
    today: date

    def tickets(self) -> ColumnElement[bool]:
        """Tickets of the unit's regions."""
        day = date.fromisoformat(self.period.ends_on)
        regions = [region.id for region in self.tree.list_regions_of(self.period.unit_id, day)]
        here: ColumnElement[bool] = Ticket.region_id.in_(regions)
        if self.tree.find_region(self.period.unit_id) is None:
            here = or_(here, Ticket.region_id.is_(None))
        return here & (Ticket.workspace_id == self.period.workspace_id)

    def end(self) -> datetime:
        """The first moment after the period."""
        following = date.fromisoformat(self.period.ends_on) + timedelta(days=1)
        return datetime.combine(following, time(), ZoneInfo(self.period.zone))


async def _count(session: AsyncSession, model: type, *clauses: ColumnElement[bool]) -> int:
    found: int = (await session.execute(select(func.count()).select_from(model).where(*clauses))).scalar_one()
    return found


async def _not_over(session: AsyncSession, scene: Scene) -> Obstacle:
    """Lines may still be earned in it."""
    missing = max(0, (date.fromisoformat(scene.period.ends_on) - scene.today).days + 1)
    return Obstacle("not_over", "acknowledge", missing)


async def _earlier_open(session: AsyncSession, scene: Scene) -> Obstacle:
    period = scene.period
    earlier = (
        SettlementPeriod.workspace_id == period.workspace_id,
        SettlementPeriod.unit_id == period.unit_id,
        SettlementPeriod.starts_on < period.starts_on,
        SettlementPeriod.state.in_(("open", "review", "closing")),
    )
    return Obstacle("earlier_open", "warning", await _count(session, SettlementPeriod, *earlier))


async def _quarantined(session: AsyncSession, scene: Scene) -> Obstacle:
    here = select(LedgerLine.id).where(
        LedgerLine.posting_id == QuarantineItem.posting_id, LedgerLine.period_id == scene.period.id
    )
    waiting = (
        QuarantineItem.workspace_id == scene.period.workspace_id,
        QuarantineItem.state == "open",
        here.exists(),
    )
    count = await _count(session, QuarantineItem, *waiting)
    return Obstacle("quarantined", "acknowledge", count, "/settlement/quarantine")


async def _disputed(session: AsyncSession, scene: Scene) -> Obstacle:
    here = select(LedgerLine.id).where(
        LedgerLine.id == Dispute.line_id, LedgerLine.period_id == scene.period.id
    )
    open_ones = (
        Dispute.workspace_id == scene.period.workspace_id,
        Dispute.state == "open",
        here.exists(),
    )
    count = await _count(session, Dispute, *open_ones)
    return Obstacle("disputed", "acknowledge", count, "/settlement/disputes")


async def _unbooked(session: AsyncSession, scene: Scene) -> Obstacle:
    open_ones = (
        Incident.workspace_id == scene.period.workspace_id,
        Incident.resolved_at.is_(None),
        Incident.code.in_(MONEY_CODES),
        Incident.at < scene.end(),
        Incident.ticket_id.in_(select(Ticket.id).where(scene.tickets())),
    )
    count = await _count(session, Incident, *open_ones)
    return Obstacle("unbooked", "acknowledge", count, "/admin/incidents")


async def _running(session: AsyncSession, scene: Scene) -> Obstacle:
    under_way = (
        scene.tickets(),
        Ticket.status.in_(("running", "suspended")),
        Ticket.created_at < scene.end(),
    )
    count = await _count(session, Ticket, *under_way)
    return Obstacle("running", "warning", count, "/tickets?view=open")


Check = Callable[[AsyncSession, Scene], Awaitable[Obstacle]]
CHECKS: tuple[Check, ...] = (_not_over, _quarantined, _disputed, _unbooked, _earlier_open, _running)


async def list_obstacles(session: AsyncSession, scene: Scene) -> list[Obstacle]:
    """What there is of each."""
    found = [await check(session, scene) for check in CHECKS]
    return [obstacle for obstacle in found if obstacle.count]
