"""Items of quarantine, within the reader's regions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Member, Order, QuarantineItem, Region, Ticket
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound, invalid_field

Found = tuple[QuarantineItem, str | None, str | None, str | None]
"""An item, the number of its ticket, that of its order, and who resolved it."""


def in_reach(actor: Actor) -> ColumnElement[bool]:
    """Where the reader may settle or look."""
    reach = actor.reach("settle", "view") or "nowhere"
    return and_(
        QuarantineItem.workspace_id == actor.workspace_id,
        QuarantineItem.region_path.startswith(reach, autoescape=True),
    )


def select_items(actor: Actor) -> Select[QuarantineItem, str, str, str]:
    """Newest first."""
    return (
        select(QuarantineItem, Ticket.number, Order.number, Member.name)
        .outerjoin(Ticket, Ticket.id == QuarantineItem.ticket_id)
        .outerjoin(Order, Order.id == QuarantineItem.order_id)
        .outerjoin(Member, Member.id == QuarantineItem.resolved_by)
        .where(in_reach(actor))
        .order_by(QuarantineItem.id.desc())
    )


async def find_item(session: AsyncSession, actor: Actor, item_id: str) -> Found:
    """Raises NotFound."""
    row = (await session.execute(select_items(actor).where(QuarantineItem.id == item_id))).first()
    if row is None:
        raise NotFound()
    return (row[0], row[1], row[2], row[3])


async def find_region_path(session: AsyncSession, actor: Actor, region_id: str) -> str:
    """Raises NotFound."""
    statement = select(Region.path).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    path: str | None = (await session.execute(statement)).scalar_one_or_none()
    if path is None:
        raise NotFound()
    return path


async def count_reasons(session: AsyncSession, actor: Actor) -> Sequence[tuple[str, int]]:
    """(code, open items), the most frequent first."""
    statement = (
        select(QuarantineItem.reason, func.count())
        .where(in_reach(actor), QuarantineItem.state == "open")
        .group_by(QuarantineItem.reason)
        .order_by(func.count().desc(), QuarantineItem.reason)
    )
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def sum_open(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """What waits to be received, by currency."""
    statement = (
        select(QuarantineItem.currency, func.sum(QuarantineItem.amount))
        .where(in_reach(actor), QuarantineItem.state == "open", QuarantineItem.amount > 0)
        .group_by(QuarantineItem.currency)
    )
    return {row[0]: int(row[1]) for row in (await session.execute(statement)).all()}


async def check_party(session: AsyncSession, actor: Actor, kind: str, key: str) -> str:
    """Its name. Raises Invalid for a member or region that is not there."""
    if kind == "member":
        people = select(Member.name).where(Member.workspace_id == actor.workspace_id, Member.id == key)
        name: str | None = (await session.execute(people)).scalar_one_or_none()
        if name is None:
            raise invalid_field("/party/id", "unknown_member")
        return name
    if kind == "region":
        regions = select(Region.key).where(Region.workspace_id == actor.workspace_id, Region.key == key)
        if (await session.execute(regions)).first() is None:
            raise invalid_field("/party/id", "unknown_region")
    return key
