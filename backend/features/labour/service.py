"""Entering time, and what projects and rates are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import labour as wire
from backend.db.models import LabourEntry, LabourRate, LabourRun, Project, Region, Workflow
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.labour import queries
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotAllowed, NotFound, invalid_field
from backend.runtime.audit import append
from backend.settlement.money import MINOR_UNITS

OLDEST = timedelta(days=92)
"""Of a day that time is still entered for."""
DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")


async def add_project(
    session: AsyncSession, actor: Actor, request: wire.CreateProject, now: datetime
) -> Project:
    """Raises Conflict (`project_key_taken`), Invalid, NotAllowed."""
    path = await _find_region(session, actor, request.region_id)
    actor.require("settle", path)
    taken = queries.select_projects(actor).where(Project.key == request.key)
    if (await session.execute(taken)).first() is not None:
        raise Conflict("project_key_taken", params={"key": request.key})
    await _check_workflows(session, actor, request.workflows)
    project = Project(
        id=new_id(),
        workspace_id=actor.workspace_id,
        key=request.key,
        name=msgspec.to_builtins(request.name),
        region_id=request.region_id,
        workflows=request.workflows,
        active=True,
        created_at=now,
    )
    session.add(project)
    await session.flush()
    await _note(session, actor, "project.added", f"project:{project.id}", {"key": project.key})
    return project


async def change_project(
    session: AsyncSession, actor: Actor, project_id: str, request: wire.UpdateProject
) -> Project:
    """Raises NotFound, NotAllowed, Invalid."""
    project = await queries.find_project(session, actor, project_id)
    actor.require("settle", await _find_region(session, actor, project.region_id))
    if request.name is not None:
        project.name = msgspec.to_builtins(request.name)
    if request.workflows is not None:
        await _check_workflows(session, actor, request.workflows)
        project.workflows = list(request.workflows)
    if request.active is not None:
        project.active = request.active
    await _note(session, actor, "project.changed", f"project:{project.id}", {"key": project.key})
    return project


async def _find_region(session: AsyncSession, actor: Actor, region_id: str | None) -> str:
    if region_id is None:
        return "/"
    statement = select(Region.path).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    path: str | None = (await session.execute(statement)).scalar_one_or_none()
    if path is None or not actor.may("settle", path):
        raise invalid_field("/region_id", "unknown_region")
    return path


async def _check_workflows(session: AsyncSession, actor: Actor, ids: list[str]) -> None:
    statement = select(Workflow.id).where(Workflow.workspace_id == actor.workspace_id, Workflow.id.in_(ids))
    known = set((await session.execute(statement)).scalars())
    for at, workflow_id in enumerate(ids):
        if workflow_id not in known:
            raise invalid_field(f"/workflows/{at}", "unknown_workflow")


async def add_rate(
    session: AsyncSession, actor: Actor, request: wire.CreateRate, now: datetime
) -> tuple[LabourRate, str]:
    """With the member's name. Raises Invalid, Conflict (`labour_rate_taken`), NotAllowed."""
    place = await queries.find_member_place(session, actor.workspace_id, request.member_id)
    if place is None:
        raise invalid_field("/member_id", "unknown_member")
    actor.require("settle", place[1])
    if request.currency not in MINOR_UNITS:
        raise invalid_field("/currency", "order_currency_unknown", currency=request.currency)
    day = request.valid_from.isoformat()
    taken = select(LabourRate.id).where(
        LabourRate.workspace_id == actor.workspace_id,
        LabourRate.member_id == request.member_id,
        LabourRate.valid_from == day,
    )
    if (await session.execute(taken)).first() is not None:
        raise Conflict("labour_rate_taken")
    rate = LabourRate(
        id=new_id(),
        workspace_id=actor.workspace_id,
        member_id=request.member_id,
        kind=request.kind,
        hourly=request.hourly,
        currency=request.currency,
        valid_from=day,
        created_at=now,
        created_by=actor.member_id,
    )
    session.add(rate)
    detail = {
        "member": request.member_id,
        "hourly": request.hourly,
        "currency": request.currency,
        "from": day,
    }
    await _note(session, actor, "labour_rate.added", f"labour_rate:{rate.id}", detail)
    return rate, place[2]


async def enter_time(session: AsyncSession, actor: Actor, request: wire.EnterTime, now: datetime) -> str:
    """Id of the entry, which waits for a second person. Raises Invalid, NotFound, NotAllowed."""
    project = await queries.find_project(session, actor, request.project_id)
    if not project.active:
        raise invalid_field("/project_id", "project_closed")
    member_id = request.member_id or actor.member_id
    place = await queries.find_member_place(session, actor.workspace_id, member_id)
    if place is None:
        raise invalid_field("/member_id", "unknown_member")
    if member_id != actor.member_id and not actor.may("settle", place[1]):
        raise NotAllowed()
    today = now.astimezone(DEFAULT_ZONE).date()
    if not today - OLDEST <= request.day <= today + timedelta(days=1):
        raise invalid_field("/day", "labour_day_unfit")
    day = request.day.isoformat()
    others = select(LabourEntry.seconds).where(
        LabourEntry.workspace_id == actor.workspace_id,
        LabourEntry.member_id == member_id,
        LabourEntry.day == day,
        LabourEntry.source == "timesheet",
        LabourEntry.state.in_(("entered", "booked")),
    )
    if sum((await session.execute(others)).scalars()) + request.minutes * 60 > 24 * 3600:
        raise invalid_field("/minutes", "labour_day_full")
    entry = LabourEntry(
        id=new_id(),
        workspace_id=actor.workspace_id,
        project_id=project.id,
        member_id=member_id,
        day=day,
        seconds=request.minutes * 60,
        source="timesheet",
        note=request.note.strip(),
        state="entered",
        kind="",
        hourly=0,
        amount=0,
        currency="",
        region_id=place[0],
        region_path=place[1],
        entered_by=actor.member_id,
        entered_at=now,
    )
    session.add(entry)
    announce(session, actor.workspace_id, "labour")
    return entry.id


async def withdraw_entry(session: AsyncSession, actor: Actor, entry_id: str) -> None:
    """One's own, before it was confirmed. Raises NotFound, Conflict."""
    entry = (await queries.find_entry(session, actor, entry_id))[0]
    if actor.member_id not in {entry.member_id, entry.entered_by}:
        raise NotFound()
    if entry.state != "entered":
        raise Conflict("labour_entry_state")
    await session.delete(entry)
    announce(session, actor.workspace_id, "labour")


async def reject_entry(
    session: AsyncSession, actor: Actor, entry_id: str, reason: str, now: datetime
) -> None:
    """Raises NotFound, NotAllowed, Conflict."""
    entry = (await queries.find_entry(session, actor, entry_id))[0]
    actor.require("settle", entry.region_path)
    if entry.state != "entered":
        raise Conflict("labour_entry_state")
    entry.state, entry.reason = "rejected", reason.strip()
    entry.decided_by, entry.decided_at = actor.member_id, now
    await _note(session, actor, "labour_entry.rejected", f"labour_entry:{entry_id}", {"reason": reason})


async def open_run(session: AsyncSession, actor: Actor, month: str, now: datetime) -> LabourRun:
    """Raises Conflict (`labour_run_busy`)."""
    busy = queries.select_runs(actor).where(LabourRun.month == month, LabourRun.state == "running").limit(1)
    if (await session.execute(busy)).first() is not None:
        raise Conflict("labour_run_busy")
    run = LabourRun(
        id=new_id(),
        workspace_id=actor.workspace_id,
        month=month,
        region_path=actor.reach("settle") or "/",
        state="running",
        cursor="",
        done=0,
        booked=0,
        unmatched=0,
        unpriced=[],
        created_at=now,
        created_by=actor.member_id,
    )
    session.add(run)
    await _note(session, actor, "labour.gathered", f"labour_run:{run.id}", {"month": month})
    return run


async def turn_run(session: AsyncSession, actor: Actor, run_id: str, *, on: bool) -> LabourRun:
    """Stop it, or go on. Raises NotFound, Conflict."""
    run = await queries.find_run(session, actor, run_id)
    if run.state != ("stopped" if on else "running"):
        raise Conflict("labour_run_state")
    run.state = "running" if on else "stopped"
    announce(session, actor.workspace_id, "labour")
    return run


async def _note(
    session: AsyncSession, actor: Actor, action: str, subject: str, detail: dict[str, Any]
) -> None:
    await append(session, actor.workspace_id, actor.member_id, action, subject, detail)
    announce(session, actor.workspace_id, "labour")
