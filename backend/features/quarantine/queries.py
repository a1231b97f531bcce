"""Items of quarantine, within the reader's regions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Accumulator, Member, Order, Posting, QuarantineItem, Region, Ticket
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound, invalid_field

QUARANTINE_HOLDER = "account:quarantine"
"""In the key of sums (`backend.runtime.books.basis.name_place`)."""
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


async def find_shared(session: AsyncSession, workspace_id: str, found: Sequence[Found]) -> set[str]:
    """Ids of open items whose amount comes from sums of a period that quarantine holds more in."""
    waiting = {item.posting_id: item.id for item, *_ in found if item.state == "open"}
    postings = select(Posting.id, Posting.basis).where(Posting.id.in_(waiting), Posting.basis.is_not(None))
    places = {
        row[0]: (row[1]["place"][0], row[1]["place"][1])
        for row in (await session.execute(postings)).all()
        if row[1].get("place") and QUARANTINE_HOLDER in row[1]["place"][0]
    }
    if not places:
        return set()
    sums = select(Accumulator.key, Accumulator.period).where(
        Accumulator.workspace_id == workspace_id,
        Accumulator.tickets > 1,
        tuple_(Accumulator.key, Accumulator.period).in_(list(set(places.values()))),
    )
    many = {(row[0], row[1]) for row in (await session.execute(sums)).all()}
    return {waiting[posting] for posting, place in places.items() if place in many}


async def find_region_path(session: AsyncSession, actor: Actor, region_id: str) -> str:
    """Raises NotFound."""
    statement = select(Region.path).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    path: str | None = (await session.execute(statement)).scalar_one_or_none()
    if path is None:
        raise NotFound()
    return path


def select_open_below(actor: Actor, path: str) -> ColumnElement[bool]:
    """What waits in this region and below it, within reach."""
    below = QuarantineItem.region_path.startswith(path, autoescape=True)
    return and_(in_reach(actor), QuarantineItem.state == "open", below)


async def count_reasons(session: AsyncSession, actor: Actor, path: str) -> Sequence[tuple[str, int]]:
    """(code, open items) below a region, the most frequent first."""
    statement = (
        select(QuarantineItem.reason, func.count())
        .where(select_open_below(actor, path))
        .group_by(QuarantineItem.reason)
        .order_by(func.count().desc(), QuarantineItem.reason)
    )
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def sum_open(session: AsyncSession, actor: Actor, path: str) -> dict[str, int]:
    """What waits to be received below a region, by currency."""
    statement = (
        select(QuarantineItem.currency, func.sum(QuarantineItem.amount))
        .where(select_open_below(actor, path), QuarantineItem.amount > 0)
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
