"""Routes of settlement periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from litestar import Controller, Router, get, post
from litestar.params import Parameter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import periods as wire
from backend.contracts.common import Page
from backend.db.models import SettlementPeriod
from backend.db.session import Database
from backend.features.periods import present, queries, service
from backend.features.periods.obstacles import Scene, list_obstacles
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.settlement.naming import Names, load_departments, map_members
from backend.runtime.books.units import Tree, read_tree
from backend.runtime.runtime import Runtime
from backend.settlement.calendars import PeriodSpan, next_period

UnitId = Annotated[str | None, Parameter(max_length=36)]
Kind = Annotated[str | None, Parameter(max_length=20, description="Only parties of this kind")]
STATES_WITH_OBSTACLES = ("open", "review")


class UnitController(Controller):
    """Whose books are kept in periods of their own."""

    path = "/settlement/units"
    tags = ("settlement",)

    @get("", guards=[requires("settle", "view", "administer")])
    async def list_units(
        self, actor: Actor, reading: AsyncSession, clock: Clock
    ) -> Page[wire.SettlementUnit]:
        """Units within reach, each with the period of today and the next one; also those that kept books
        once.
        """
        tree, now = await read_tree(reading, actor.workspace_id), clock()
        reach = actor.reach("settle", "view", "administer") or "/"
        units = []
        kept = await queries.list_unit_ids(reading, actor)
        for unit in tree.list_units(now.date(), kept):
            region = tree.find_region(unit.id)
            if (region.path if region is not None else "/").startswith(reach):
                units.append(present.present_unit(unit, tree, now))
        return Page(items=units)


class PeriodController(Controller):
    """Review, close, freeze."""

    path = "/settlement/periods"
    tags = ("settlement",)

    @get("", guards=[requires("settle", "view")])
    async def list_periods(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        clock: Clock,
        locale: str,
        unit_id: UnitId = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.Period]:
        """Periods of the units within reach, the newest first."""
        statement = select(SettlementPeriod).where(queries.periods_in_sight(actor))
        columns = (SettlementPeriod.starts_on, SettlementPeriod.id)
        if unit_id is not None:
            statement = statement.where(SettlementPeriod.unit_id == unit_id)
        if cursor is not None:
            statement = statement.where(after(columns, decode_cursor(cursor, str, str), descending=True))
        ordered = statement.order_by(*(column.desc() for column in columns)).limit(limit + 1)
        rows = list((await reading.execute(ordered)).scalars())
        shown = await _present(reading, actor, rows, clock, locale)
        return make_page(rows, limit, lambda row: shown[row.id], lambda row: (row.starts_on, row.id))

    @get("/{period_id:str}", guards=[requires("settle", "view")])
    async def show_period(
        self, *, period_id: str, actor: Actor, reading: AsyncSession, clock: Clock, locale: str
    ) -> wire.PeriodDetail:
        """Its state, its way there, and what is missing before the close."""
        period = await queries.find_period(reading, actor, period_id)
        return await _detail(reading, actor, period, clock, locale)

    @get("/{period_id:str}/kinds", guards=[requires("settle", "view")])
    async def list_kinds(
        self, period_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> Page[wire.KindTotal]:
        """By kind of account: sealed when the period is closed, as it is now when it is open."""
        period = await queries.find_period(reading, actor, period_id)
        return Page(items=present.present_kinds(await queries.list_sums(reading, period), locale))

    @get("/{period_id:str}/totals", guards=[requires("settle", "view")])
    async def list_totals(
        self,
        *,
        period_id: str,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        kind: Kind = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.PartyTotal]:
        """Party by party: sealed when the period is closed, as they are now when it is open."""
        period = await queries.find_period(reading, actor, period_id)
        statement = queries.select_sums(period)
        columns = list(statement.selected_columns)[:3]
        if kind is not None:
            statement = statement.where(columns[0] == kind)
        if cursor is not None:
            known = decode_cursor(cursor, str, str, str)
            statement = statement.where(after(columns, known, descending=False))
        rows = [queries.read_sum(row) for row in (await reading.execute(statement.limit(limit + 1))).all()]
        names = await _load_names(reading, actor, rows)
        return make_page(
            rows,
            limit,
            lambda row: present.present_party(row, period.id, names, locale),
            lambda row: (row.party_kind, row.party_id, row.currency),
        )

    @post("/{period_id:str}/review", guards=[requires("settle")], status_code=200)
    async def review(
        self, period_id: str, actor: Actor, session: AsyncSession, clock: Clock, locale: str
    ) -> wire.PeriodDetail:
        """Finance looks at it; bookings still go in."""
        period = await queries.lock_period(session, actor, period_id)
        await service.take_step(session, actor, period, "review", now=clock())
        return await _detail(session, actor, period, clock, locale)

    @post("/{period_id:str}/reopening", guards=[requires("settle")], status_code=200)
    async def reopen(
        self,
        *,
        period_id: str,
        data: wire.ReopenPeriod,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> wire.PeriodDetail:
        """Back to review or open, with a reason; also gives up a close that is under way."""
        period = await queries.lock_period(session, actor, period_id)
        await service.reopen(session, actor, period, data, clock())
        return await _detail(session, actor, period, clock, locale)

    @post("/{period_id:str}/freezing", guards=[requires("settle")], status_code=200)
    async def freeze(
        self, period_id: str, actor: Actor, session: AsyncSession, clock: Clock, locale: str
    ) -> wire.PeriodDetail:
        """For good: a frozen period is never opened again."""
        period = await queries.lock_period(session, actor, period_id)
        await service.take_step(session, actor, period, "frozen", now=clock())
        return await _detail(session, actor, period, clock, locale)

    @post("/{period_id:str}/closing", guards=[requires("settle")], status_code=202)
    async def close(
        self,
        *,
        period_id: str,
        data: wire.ClosePeriod,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.PeriodDetail:
        """Begin the close. What comes later counts in the next open period."""
        async with database.unit_of_work() as session:
            period = await queries.lock_period(session, actor, period_id)
            job = await service.begin_close(session, actor, period, data, clock())
            shown = await _detail(session, actor, period, clock, locale)
        await runtime.wake(job)
        return shown

    @post("/{period_id:str}/closing/stop", guards=[requires("settle")], status_code=200)
    async def stop(
        self, period_id: str, actor: Actor, session: AsyncSession, clock: Clock, locale: str
    ) -> wire.PeriodDetail:
        """The run rests; the period stays shut until it goes on or is given up."""
        period = await queries.lock_period(session, actor, period_id)
        await service.stop_close(session, actor, period)
        return await _detail(session, actor, period, clock, locale)

    @post("/{period_id:str}/closing/resume", guards=[requires("settle")], status_code=202)
    async def resume(
        self,
        *,
        period_id: str,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.PeriodDetail:
        """Go on from where it rests."""
        async with database.unit_of_work() as session:
            period = await queries.lock_period(session, actor, period_id)
            job = await service.resume_close(session, actor, period, clock())
            shown = await _detail(session, actor, period, clock, locale)
        await runtime.wake(job)
        return shown


async def _present(
    session: AsyncSession, actor: Actor, rows: Sequence[SettlementPeriod], clock: Clock, locale: str
) -> dict[str, wire.Period]:
    tree, now = await read_tree(session, actor.workspace_id), clock()
    closings = await queries.load_closings(session, rows)
    sealed = [row.closing_id for row in rows if row.state in queries.SEALED and row.closing_id]
    sums = await queries.sum_received(session, sealed)
    return {
        row.id: present.present_period(
            row,
            tree,
            closing=closings.get(row.id),
            sums=sums.get(row.closing_id or "", ({}, 0)) if row.state in queries.SEALED else None,
            now=now,
            locale=locale,
        )
        for row in rows
    }


async def _detail(
    session: AsyncSession, actor: Actor, period: SettlementPeriod, clock: Clock, locale: str
) -> wire.PeriodDetail:
    await session.flush()
    now = clock()
    tree = await read_tree(session, actor.workspace_id)
    shown = (await _present(session, actor, [period], clock, locale))[period.id]
    obstacles = []
    if period.state in STATES_WITH_OBSTACLES:
        scene = Scene(period, tree, queries.today_at(period.zone, now))
        obstacles = await list_obstacles(session, scene)
    region = tree.find_region(period.unit_id)
    members = await map_members(
        session, actor.workspace_id, {step["by"] for step in period.steps if step["by"]}
    )
    return wire.PeriodDetail(
        period=shown,
        obstacles=[present.present_obstacle(obstacle, locale) for obstacle in obstacles],
        steps=present.present_steps(period, members),
        next=present.present_span(_find_next(tree, period)),
        may_settle=queries.may_settle(actor, region),
        sealed=period.state in queries.SEALED,
    )


def _find_next(tree: Tree, period: SettlementPeriod) -> PeriodSpan:
    """The one that what comes too late counts in, unless that is closed too."""
    span = PeriodSpan(period.key, date.fromisoformat(period.starts_on), date.fromisoformat(period.ends_on))
    region = tree.find_region(period.unit_id)
    return next_period(span, tree.as_unit(region).rules if region is not None else ())


async def _load_names(session: AsyncSession, actor: Actor, rows: Sequence[queries.Sum]) -> Names:
    tree = await read_tree(session, actor.workspace_id)
    people = {row.party_id for row in rows if row.party_kind == "member"}
    return Names(
        members=await map_members(session, actor.workspace_id, people),
        region_keys={region.key: region for region in tree.regions},
        departments=await load_departments(session, actor.workspace_id),
    )


ROUTER = Router(path="/", route_handlers=[UnitController, PeriodController])
