"""Projects, rates and hours as they are stored, within the reader's regions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.db.models import LabourEntry, LabourRate, LabourRun, Member, Project, Region, Ticket
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound

DECIDER = aliased(Member)
Entry = tuple[LabourEntry, str, dict[str, str], str, str | None, str | None]
"""An entry, its project's key and name, the member's name, the ticket's number, who decided."""


def entries_in_sight(actor: Actor) -> ColumnElement[bool]:
    """Those of the regions where one may settle or look, and one's own."""
    reach = actor.reach("settle", "view")
    own = LabourEntry.member_id == actor.member_id
    scoped = own if reach is None else or_(own, LabourEntry.region_path.startswith(reach, autoescape=True))
    return and_(LabourEntry.workspace_id == actor.workspace_id, scoped)


def select_entries(actor: Actor) -> Select[LabourEntry, str, dict[str, str], str, str, str]:
    """Newest first."""
    return (
        select(LabourEntry, Project.key, Project.name, Member.name, Ticket.number, DECIDER.name)
        .join(Project, Project.id == LabourEntry.project_id)
        .join(Member, Member.id == LabourEntry.member_id)
        .outerjoin(Ticket, Ticket.id == LabourEntry.ticket_id)
        .outerjoin(DECIDER, DECIDER.id == LabourEntry.decided_by)
        .where(entries_in_sight(actor))
        .order_by(LabourEntry.id.desc())
    )


async def list_rows(
    session: AsyncSession, statement: Select[LabourEntry, str, dict[str, str], str, str, str]
) -> list[Entry]:
    """Rows of `select_entries`."""
    rows = (await session.execute(statement)).all()
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows]


async def find_entry(session: AsyncSession, actor: Actor, entry_id: str) -> Entry:
    """Raises NotFound."""
    rows = await list_rows(session, select_entries(actor).where(LabourEntry.id == entry_id))
    if not rows:
        raise NotFound()
    return rows[0]


async def sum_months_projects(session: AsyncSession, actor: Actor, month: str) -> list[tuple[Any, ...]]:
    """(project id, key, name, currency, amount, seconds, amount of part-time, people)."""
    statement = (
        select(
            Project.id,
            Project.key,
            LabourEntry.currency,
            func.sum(LabourEntry.amount),
            func.sum(LabourEntry.seconds),
            func.sum(case((LabourEntry.kind == "part_time", LabourEntry.amount), else_=0)),
            func.count(LabourEntry.member_id.distinct()),
        )
        .join(Project, Project.id == LabourEntry.project_id)
        .where(
            entries_in_sight(actor),
            LabourEntry.state == "booked",
            LabourEntry.day.startswith(month),
        )
        .group_by(Project.id, Project.key, LabourEntry.currency)
        .order_by(func.sum(LabourEntry.amount).desc(), Project.key)
    )
    names = {row.id: row for row in (await session.execute(select_projects(actor))).scalars()}
    rows = (await session.execute(statement)).all()
    return [(row[0], row[1], names[row[0]].name, *row[2:]) for row in rows]


async def count_waiting(session: AsyncSession, actor: Actor, month: str) -> int:
    """Entries that somebody must confirm."""
    statement = select(func.count()).where(
        entries_in_sight(actor), LabourEntry.state == "entered", LabourEntry.day.startswith(month)
    )
    return int((await session.execute(statement)).scalar_one())


def select_projects(actor: Actor) -> Select[Project]:
    """By key."""
    return select(Project).where(Project.workspace_id == actor.workspace_id).order_by(Project.key)


async def find_project(session: AsyncSession, actor: Actor, project_id: str) -> Project:
    """Raises NotFound."""
    statement = select_projects(actor).where(Project.id == project_id)
    found: Project | None = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def select_rates(actor: Actor) -> Select[LabourRate, str]:
    """With the member's name; by name, the newest first."""
    return (
        select(LabourRate, Member.name)
        .join(Member, Member.id == LabourRate.member_id)
        .where(LabourRate.workspace_id == actor.workspace_id)
        .order_by(Member.name, LabourRate.member_id, LabourRate.valid_from.desc())
    )


def select_runs(actor: Actor) -> Select[LabourRun]:
    """Of the reader's reach, newest first."""
    return (
        select(LabourRun)
        .where(
            LabourRun.workspace_id == actor.workspace_id,
            LabourRun.region_path.startswith(actor.reach("settle") or "nowhere", autoescape=True),
        )
        .order_by(LabourRun.id.desc())
    )


async def find_run(session: AsyncSession, actor: Actor, run_id: str) -> LabourRun:
    """Raises NotFound."""
    statement = select_runs(actor).where(LabourRun.id == run_id).with_for_update()
    found: LabourRun | None = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


async def find_member_place(
    session: AsyncSession, workspace_id: str, member_id: str
) -> tuple[str | None, str, str] | None:
    """(region id, its path, name) of an active member; `/` for the whole workspace."""
    statement = (
        select(Region.id, Region.path, Member.name)
        .select_from(Member)
        .outerjoin(Region, Region.id == Member.region_id)
        .where(Member.workspace_id == workspace_id, Member.id == member_id, Member.active.is_(True))
    )
    row = (await session.execute(statement)).first()
    return None if row is None else (row[0], row[1] or "/", row[2])
