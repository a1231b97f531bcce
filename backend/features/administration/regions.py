"""The region tree: adding, moving, and what a region must look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from babel.numbers import list_currencies
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import regions as wire
from backend.contracts.common import Text
from backend.db.models import Job, Region, Task, Ticket
from backend.db.types import new_id
from backend.engine.state import Calendar
from backend.features.administration.settlement_rules import map_starts, set_rule
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotFound, invalid_field
from backend.runtime.audit import append
from backend.runtime.jobs.calendars import KIND as CALENDARS
from backend.settlement.calendars import FIRST_DAY

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
MAX_PATH = 600
CONCERNS_CLOCKS = {"zone", "calendar", "parent_id"}
DEFAULT_ZONE, DEFAULT_CURRENCY = "Asia/Shanghai", "CNY"


async def list_regions(session: AsyncSession, actor: Actor) -> list[wire.Region]:
    """The whole tree, parents first; names of the path come along. Regions are no secret inside a
    workspace.
    """
    statement = select(Region).where(Region.workspace_id == actor.workspace_id).order_by(Region.path)
    regions = list((await session.execute(statement)).scalars())
    names = {region.path: region.name for region in regions}
    starts = await map_starts(session, actor.workspace_id)
    return [present_region(region, names, starts) for region in regions]


async def find_region(session: AsyncSession, workspace_id: str, region_id: str) -> Region | None:
    """A region of this workspace."""
    statement = select(Region).where(Region.workspace_id == workspace_id, Region.id == region_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def show_region(session: AsyncSession, region: Region) -> wire.Region:
    """One region with the names of its path."""
    above = select(Region.path, Region.name).where(
        Region.workspace_id == region.workspace_id, Region.path.in_(split_path(region.path))
    )
    names = {path: name for path, name in (await session.execute(above)).all()}
    return present_region(region, names, await map_starts(session, region.workspace_id))


def split_path(path: str) -> list[str]:
    """`/cn/east/` as [`/cn/`, `/cn/east/`]."""
    keys = path.strip("/").split("/")
    return ["/" + "/".join(keys[: at + 1]) + "/" for at in range(len(keys))]


def present_region(
    region: Region, names: Mapping[str, Mapping[str, str]], starts: Mapping[str, date]
) -> wire.Region:
    """`names`: region path -> name, at least of the ancestors; `starts`: since when rules of periods hold."""
    return wire.Region(
        id=region.id,
        key=region.key,
        parent_id=region.parent_id,
        name=Text(**region.name),
        path=[Text(**names[path]) for path in split_path(region.path) if path in names],
        zone=region.zone,
        currency=region.currency,
        calendar=region.calendar or None,
        settlement=region.settlement or None,
        settlement_from=starts.get(region.id),
    )


async def add_region(
    session: AsyncSession, actor: Actor, request: wire.CreateRegion, now: datetime
) -> Region:
    """Raises Invalid, Conflict (`region_key_taken`)."""
    if not KEY.fullmatch(request.key):
        raise invalid_field("/key", "region_key_invalid")
    parent = await _find_parent(session, actor.workspace_id, request.parent_id)
    taken = select(Region.id).where(Region.workspace_id == actor.workspace_id, Region.key == request.key)
    if (await session.execute(taken)).first() is not None:
        raise Conflict("region_key_taken", params={"key": request.key})
    region = Region(
        id=new_id(),
        workspace_id=actor.workspace_id,
        key=request.key,
        parent_id=parent.id if parent else None,
        path=_make_path(parent, request.key),
        name=_check_name(request.name),
        zone=_check_zone(request.zone or (parent.zone if parent else DEFAULT_ZONE)),
        currency=_check_currency(request.currency or (parent.currency if parent else DEFAULT_CURRENCY)),
        calendar=_check_calendar(request.calendar),
        settlement={},
    )
    session.add(region)
    await session.flush()
    if request.settlement:
        await set_rule(session, actor, region, request.settlement, FIRST_DAY, now)
    await append(
        session,
        actor.workspace_id,
        actor.member_id,
        "region.created",
        f"region:{region.id}",
        {"key": region.key},
    )
    return region


async def change_region(
    session: AsyncSession, actor: Actor, region_id: str, change: wire.UpdateRegion, now: datetime
) -> tuple[Region, str | None]:
    """Raises NotFound, Invalid (also `region_cycle`). A moved region takes its branch along; tickets under
    way hear of new working hours from the job whose id is answered.
    """
    region = await find_region(session, actor.workspace_id, region_id)
    if region is None:
        raise NotFound()
    if not isinstance(change.name, msgspec.UnsetType):
        region.name = _check_name(change.name)
    if not isinstance(change.zone, msgspec.UnsetType):
        region.zone = _check_zone(change.zone)
    if not isinstance(change.currency, msgspec.UnsetType):
        region.currency = _check_currency(change.currency)
    if not isinstance(change.calendar, msgspec.UnsetType):
        region.calendar = _check_calendar(change.calendar)
    if not isinstance(change.parent_id, msgspec.UnsetType) and change.parent_id != region.parent_id:
        await _move(session, region, change.parent_id)
    if not isinstance(change.settlement, msgspec.UnsetType):
        await set_rule(session, actor, region, change.settlement, change.settlement_from, now)
    await session.flush()
    job = _make_job(region, now) if CONCERNS_CLOCKS.intersection(_list_changed(change)) else None
    if job is not None:
        session.add(job)
    detail = {"changed": sorted(_list_changed(change))}
    await append(
        session, actor.workspace_id, actor.member_id, "region.changed", f"region:{region.id}", detail
    )
    return region, job.id if job is not None else None


def _make_job(region: Region, now: datetime) -> Job:
    return Job(
        id=new_id(),
        workspace_id=region.workspace_id,
        key=CALENDARS,
        kind=CALENDARS,
        payload={"path": region.path},
        status="pending",
        due_at=now,
        created_at=now,
    )


def _list_changed(change: wire.UpdateRegion) -> list[str]:
    named = msgspec.structs.asdict(change).items()
    return [name for name, value in named if value is not msgspec.UNSET and name != "settlement_from"]


async def _move(session: AsyncSession, region: Region, parent_id: str | None) -> None:
    parent = await _find_parent(session, region.workspace_id, parent_id)
    if parent is not None and parent.path.startswith(region.path):
        raise invalid_field("/parent_id", "region_cycle")
    before, after = region.path, _make_path(parent, region.key)
    branch = select(Region).where(
        Region.workspace_id == region.workspace_id, Region.path.startswith(before, autoescape=True)
    )
    for moved in list((await session.execute(branch)).scalars()):
        moved.path = after + moved.path[len(before) :]
        if len(moved.path) > MAX_PATH:
            raise invalid_field("/parent_id", "region_too_deep")
    region.parent_id = parent.id if parent else None
    await _move_work(session, region.workspace_id, before, after)


async def _move_work(session: AsyncSession, workspace_id: str, before: str, after: str) -> None:
    """Tickets and tasks stay in the reach of those who see the branch; booked lines keep the path of their
    day.
    """
    for table in (Ticket, Task):
        path = after + func.substr(table.region_path, len(before) + 1)
        branch = table.region_path.startswith(before, autoescape=True)
        moved = update(table).where(table.workspace_id == workspace_id, branch).values(region_path=path)
        await session.execute(moved.execution_options(synchronize_session=False))


async def _find_parent(session: AsyncSession, workspace_id: str, parent_id: str | None) -> Region | None:
    if parent_id is None:
        return None
    parent = await find_region(session, workspace_id, parent_id)
    if parent is None:
        raise invalid_field("/parent_id", "unknown_region")
    return parent


def _make_path(parent: Region | None, key: str) -> str:
    path = f"{parent.path if parent else '/'}{key}/"
    if len(path) > MAX_PATH:
        raise invalid_field("/parent_id", "region_too_deep")
    return path


def _check_name(name: Text) -> dict[str, str]:
    zh, en = name.zh.strip(), name.en.strip()
    if not (zh or en):
        raise invalid_field("/name", "name_required")
    if max(len(zh), len(en)) > 100:
        raise invalid_field("/name", "name_too_long", limit=100)
    return {"zh": zh or en, "en": en or zh}


def _check_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise invalid_field("/zone", "unknown_zone", zone=zone)
    return str(ZoneInfo(zone))


def _check_currency(currency: str) -> str:
    if currency not in list_currencies():
        raise invalid_field("/currency", "unknown_currency", currency=currency)
    return currency


def _check_calendar(calendar: dict[str, Any] | None) -> dict[str, Any]:
    """As `backend.engine.state.Calendar`, without its zone, which is the region's."""
    if not calendar:
        return {}
    try:
        known = msgspec.convert({**calendar, "zone": DEFAULT_ZONE}, Calendar)
    except msgspec.ValidationError as error:
        raise invalid_field("/calendar", "calendar_invalid") from error
    days = {"1", "2", "3", "4", "5", "6", "7"}
    clock = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
    spans = [span for day in known.week.values() for span in day]
    if set(known.week) - days or not all(
        clock.fullmatch(a) and clock.fullmatch(b) and a < b for a, b in spans
    ):
        raise invalid_field("/calendar/week", "calendar_invalid")
    date = re.compile(r"\d{4}-\d{2}-\d{2}")
    if not all(date.fullmatch(day) for day in (*known.holidays, *known.workdays)):
        raise invalid_field("/calendar", "calendar_invalid")
    kept: dict[str, Any] = msgspec.to_builtins(known)
    kept.pop("zone")
    return kept
