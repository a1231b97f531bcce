"""Orders, imports and rules as they are stored, within the reader's regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import AttributionRule, Member, Order, OrderImport, OrderReturn, Region
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound

BLOCK = 400


def reach_of(actor: Actor) -> str:
    """Where the reader may look at orders."""
    return actor.reach("settle", "view") or "nowhere"


def select_orders(actor: Actor) -> Select[Any]:
    """Within reach, newest first."""
    return (
        select(Order)
        .where(
            Order.workspace_id == actor.workspace_id,
            Order.region_path.startswith(reach_of(actor), autoescape=True),
        )
        .order_by(Order.id.desc())
    )


async def find_order(session: AsyncSession, actor: Actor, order_id: str) -> Order:
    """Raises NotFound."""
    found: Order | None = (
        await session.execute(select_orders(actor).where(Order.id == order_id))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


async def sum_pools(
    session: AsyncSession, actor: Actor
) -> list[tuple[str | None, str | None, str, int, int]]:
    """(owner kind, owner id, currency, amount, orders); no owner: quarantine."""
    statement = (
        select(
            Order.owner_kind,
            Order.owner_id,
            Order.currency,
            func.sum(Order.amount - Order.returned),
            func.count(),
        )
        .where(
            Order.workspace_id == actor.workspace_id,
            Order.region_path.startswith(reach_of(actor), autoescape=True),
            Order.state != "returned",
        )
        .group_by(Order.owner_kind, Order.owner_id, Order.currency)
        .order_by(Order.currency, func.sum(Order.amount - Order.returned).desc())
    )
    return [(row[0], row[1], row[2], int(row[3]), row[4]) for row in (await session.execute(statement)).all()]


def select_imports(actor: Actor) -> Select[OrderImport, str]:
    """With who began them; those that reach no further than the reader."""
    return (
        select(OrderImport, Member.name)
        .outerjoin(Member, Member.id == OrderImport.created_by)
        .where(
            OrderImport.workspace_id == actor.workspace_id,
            OrderImport.region_path.startswith(actor.reach("settle") or "nowhere", autoescape=True),
        )
        .order_by(OrderImport.id.desc())
    )


async def find_import(
    session: AsyncSession, actor: Actor, import_id: str, *, lock: bool = False
) -> tuple[OrderImport, str]:
    """Raises NotFound."""
    statement = select_imports(actor).where(OrderImport.id == import_id)
    if lock:
        statement = statement.with_for_update(of=OrderImport)
    found = (await session.execute(statement)).first()
    if found is None:
        raise NotFound()
    return found[0], found[1] or ""


def select_rules(actor: Actor) -> Select[Any]:
    """Rules that hold or will hold."""
    return (
        select(AttributionRule)
        .outerjoin(Region, Region.id == AttributionRule.region_id)
        .where(AttributionRule.workspace_id == actor.workspace_id, AttributionRule.ended_at.is_(None))
        .order_by(
            func.coalesce(Region.path, ""),
            AttributionRule.store,
            AttributionRule.channel,
            AttributionRule.valid_from,
            AttributionRule.id,
        )
    )


async def load_orders(
    session: AsyncSession, workspace_id: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Order]:
    """By (channel, number)."""
    found: dict[tuple[str, str], Order] = {}
    for at in range(0, len(keys), BLOCK):
        statement = select(Order).where(
            Order.workspace_id == workspace_id,
            tuple_(Order.channel, Order.number).in_(keys[at : at + BLOCK]),
        )
        rows = (await session.execute(statement)).scalars()
        found.update({(row.channel, row.number): row for row in rows})
    return found


async def load_returns(session: AsyncSession, order_ids: Sequence[str]) -> set[tuple[str, str]]:
    """(order, key) of what came back already."""
    found: set[tuple[str, str]] = set()
    for at in range(0, len(order_ids), BLOCK):
        statement = select(OrderReturn.order_id, OrderReturn.key).where(
            OrderReturn.order_id.in_(order_ids[at : at + BLOCK])
        )
        found.update((row[0], row[1]) for row in (await session.execute(statement)).all())
    return found


async def list_stores(session: AsyncSession, workspace_id: str) -> frozenset[str]:
    """That rules or earlier orders name."""
    rules = select(AttributionRule.store).where(
        AttributionRule.workspace_id == workspace_id, AttributionRule.ended_at.is_(None)
    )
    orders = select(Order.store).where(Order.workspace_id == workspace_id).distinct()
    named = set((await session.execute(rules)).scalars()) - {""}
    return frozenset(named | set((await session.execute(orders)).scalars())) if named else frozenset()
