"""Sums by region, person, period or service, each with the query that lists exactly its lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.contracts.common import Text
from backend.db.models import LedgerLine, Region, Ticket, Workflow
from backend.features.platform.actor import Actor
from backend.features.settlement.naming import (
    Names,
    list_regions,
    load_departments,
    map_members,
    name_party,
)
from backend.features.settlement.present import add_up
from backend.features.settlement.queries import LineFilter
from backend.messages import render

Grouping = Literal["region", "person", "period", "service", "channel"]


class Sum(NamedTuple):
    """One group of the database: its columns, then the figures."""

    key: tuple[Any, ...]
    currency: str
    amount: int
    lines: int
    tickets: int


class Group(NamedTuple):
    """What an item shows beside its figures."""

    key: str
    label: str
    filters: dict[str, str]
    opens: dict[str, str] | None = None


async def summarize(
    session: AsyncSession, actor: Actor, wanted: LineFilter, by: Grouping, locale: str
) -> wire.Summary:
    """Every line in sight that receives something is in exactly one item."""
    grouper = await _GROUPERS[by](session, actor, wanted, locale)
    columns, group_of = grouper
    gathered: dict[tuple[str, str], tuple[Group, Sum]] = {}
    for found in await _sum_up(session, wanted, columns):
        group = group_of(found)
        place = (group.key, found.currency)
        earlier = gathered.get(place)
        gathered[place] = (group, _join(earlier[1], found) if earlier else found)
    items = [_present(group, total, wanted) for group, total in gathered.values()]
    items.sort(key=lambda item: item.key, reverse=True)
    if by != "period":
        items.sort(key=lambda item: item.amount, reverse=True)
    return wire.Summary(items=items, totals=add_up((item.amount, item.currency) for item in items))


async def _sum_up(session: AsyncSession, wanted: LineFilter, columns: Sequence[Any]) -> list[Sum]:
    statement = (
        select(
            *columns,
            LedgerLine.currency,
            func.sum(LedgerLine.amount),
            func.count(),
            func.count(LedgerLine.ticket_id.distinct()),
        )
        .where(*wanted.clauses, LedgerLine.counter.is_(False))
        .group_by(*columns, LedgerLine.currency)
    )
    if Ticket.channel in columns:
        statement = statement.select_from(LedgerLine).outerjoin(Ticket, Ticket.id == LedgerLine.ticket_id)
    rows = (await session.execute(statement)).all()
    return [
        Sum(tuple(row[:-4]), row[-4], int(row[-3]), row[-2], row[-1]) for row in (tuple(row) for row in rows)
    ]


def _join(one: Sum, other: Sum) -> Sum:
    """Regions of one branch; a ticket belongs to one region, so its count may be added."""
    return one._replace(
        amount=one.amount + other.amount,
        lines=one.lines + other.lines,
        tickets=one.tickets + other.tickets,
    )


def _present(group: Group, total: Sum, wanted: LineFilter) -> wire.SummaryItem:
    filters = {**wanted.query, **group.filters, "currency": total.currency}
    return wire.SummaryItem(
        key=group.key,
        label=group.label,
        amount=total.amount,
        currency=total.currency,
        lines=total.lines,
        tickets=total.tickets,
        filters=filters,
        opens={**wanted.query, **group.opens} if group.opens else None,
    )


Grouper = tuple[Sequence[Any], Callable[[Sum], Group]]


# --- by region ---


async def _by_region(session: AsyncSession, actor: Actor, wanted: LineFilter, locale: str) -> Grouper:
    """The regions one level below the scope, each with all that lies in it; the scope's own lines apart."""
    tree = await list_regions(session, actor.workspace_id)
    by_id = {region.id: region for region in tree}
    by_path = {region.path: region for region in tree}
    scope = wanted.region or _find_scope(actor, tree, by_path)

    def group_of(found: Sum) -> Group:
        region = by_id.get(found.key[0] or "")
        if region is None:
            return Group("", render("sum_without_region", {}, locale), {"placed": "false"})
        shown = _climb(region, scope, by_path)
        name = pick(Text(**shown.name), locale)
        if shown is region and (scope is None or shown.id == scope.id or not _lies_in(region, scope)):
            exact = {"region_id": region.id, "directly": "true"}
            label = render("sum_directly_in", {"name": name}, locale) if _has_below(region, tree) else name
            return Group(f"{region.id}:directly", label, exact)
        below = {"region_id": shown.id}
        return Group(shown.id, name, below, {"by": "region", **below} if _has_below(shown, tree) else None)

    return (LedgerLine.region_id,), group_of


def _find_scope(actor: Actor, tree: Sequence[Region], by_path: dict[str, Region]) -> Region | None:
    """Where the actor's reach begins; the only root when that is everything."""
    reach = actor.reach("settle", "view")
    if reach is not None and reach in by_path:
        return by_path[reach]
    roots = [region for region in tree if region.parent_id is None]
    return roots[0] if len(roots) == 1 else None


def _climb(region: Region, scope: Region | None, by_path: dict[str, Region]) -> Region:
    """The ancestor of the region that lies right below the scope; the region itself when it is not in it."""
    if scope is not None and not _lies_in(region, scope):
        return region
    base = scope.path if scope else "/"
    following = region.path[len(base) :].split("/")[0]
    return by_path.get(f"{base}{following}/", region) if following else region


def _lies_in(region: Region, scope: Region | None) -> bool:
    return scope is None or region.path.startswith(scope.path)


def _has_below(region: Region, tree: Iterable[Region]) -> bool:
    return any(other.parent_id == region.id for other in tree)


# --- by person, period, service ---


async def _by_person(session: AsyncSession, actor: Actor, wanted: LineFilter, locale: str) -> Grouper:
    """Members, and the departments, partners, regions and accounts that are given something."""
    columns = (LedgerLine.party_kind, LedgerLine.party_id)
    people = select(LedgerLine.party_id).where(*wanted.clauses, LedgerLine.party_kind == "member").distinct()
    ids = set((await session.execute(people)).scalars())
    regions = await list_regions(session, actor.workspace_id)
    names = Names(
        members=await map_members(session, actor.workspace_id, ids),
        region_keys={region.key: region for region in regions},
        departments=await load_departments(session, actor.workspace_id),
    )

    def group_of(found: Sum) -> Group:
        kind, key = found.key
        label = name_party(names, kind, key, locale)
        if kind == "member":
            return Group(key, label, {"member_id": key})
        return Group(f"{kind}:{key}", label, {"party": f"{kind}:{key}"})

    return columns, group_of


async def _by_period(session: AsyncSession, actor: Actor, wanted: LineFilter, locale: str) -> Grouper:
    def group_of(found: Sum) -> Group:
        period = found.key[0]
        return Group(period, period, {"period": period})

    return (LedgerLine.period,), group_of


async def _by_service(session: AsyncSession, actor: Actor, wanted: LineFilter, locale: str) -> Grouper:
    """By workflow: what a customer calls a service."""
    statement = select(Workflow.id, Workflow.name).where(Workflow.workspace_id == actor.workspace_id)
    names = {key: Text(**name) for key, name in (await session.execute(statement)).all()}

    def group_of(found: Sum) -> Group:
        key = found.key[0] or ""
        label = pick(names[key], locale) if key in names else render("sum_without_service", {}, locale)
        return Group(key, label, {"workflow_id": key})

    return (LedgerLine.workflow_id,), group_of


async def _by_channel(session: AsyncSession, actor: Actor, wanted: LineFilter, locale: str) -> Grouper:
    """By where tickets came from: a store, a hotline, a mailbox."""

    def group_of(found: Sum) -> Group:
        channel = found.key[0] or ""
        return Group(
            channel, channel or render("sum_without_channel", {}, locale), {"channel": channel or "-"}
        )

    return (Ticket.channel,), group_of


_GROUPERS = {
    "region": _by_region,
    "person": _by_person,
    "period": _by_period,
    "service": _by_service,
    "channel": _by_channel,
}


def pick(text: Text, locale: str) -> str:
    """The reader's language, else the other."""
    return (text.zh or text.en) if locale == "zh" else (text.en or text.zh)
