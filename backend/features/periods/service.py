"""The steps that finance takes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import periods as wire
from backend.db.models import Job, PeriodClosing, SettlementPeriod
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.periods import queries
from backend.features.periods.obstacles import Scene, list_obstacles
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict
from backend.runtime.audit import append
from backend.runtime.books.closing import KIND as CLOSING
from backend.runtime.books.states import StepRefused, move_period
from backend.runtime.books.units import read_tree


async def take_step(
    session: AsyncSession,
    actor: Actor,
    period: SettlementPeriod,
    state: str,
    *,
    now: datetime,
    reason: str = "",
) -> None:
    """The period is locked. Raises Conflict (`period_step_refused`)."""
    try:
        await move_period(session, period, state, by=actor.member_id, now=now, reason=reason)
    except StepRefused as refused:
        raise Conflict(
            "period_step_refused", params={"period": period.key}, extras={"state": refused.state}
        ) from refused


async def begin_close(
    session: AsyncSession, actor: Actor, period: SettlementPeriod, data: wire.ClosePeriod, now: datetime
) -> str:
    """From here on the period takes no lines. Answers the job's id. Raises Conflict (`period_obstacles`,
    `period_step_refused`)."""
    if period.state == "review":
        await _check_obstacles(session, actor, period, data, now)
    await take_step(session, actor, period, "closing", now=now)
    last = select(func.max(PeriodClosing.run)).where(PeriodClosing.period_id == period.id)
    closing = PeriodClosing(
        id=new_id(),
        workspace_id=period.workspace_id,
        period_id=period.id,
        run=((await session.execute(last)).scalar_one() or 0) + 1,
        status="running",
        started_at=now,
        started_by=actor.member_id,
    )
    session.add(closing)
    period.closing_id = closing.id
    return await _add_job(session, closing, now)


async def _add_job(session: AsyncSession, closing: PeriodClosing, now: datetime) -> str:
    """In the same transaction: a process that dies right after it loses nothing."""
    job = Job(
        id=new_id(),
        workspace_id=closing.workspace_id,
        key=CLOSING,
        kind=CLOSING,
        payload={"closing": closing.id},
        status="pending",
        due_at=now,
        created_at=now,
    )
    session.add(job)
    await session.flush()
    return job.id


async def _check_obstacles(
    session: AsyncSession, actor: Actor, period: SettlementPeriod, data: wire.ClosePeriod, now: datetime
) -> None:
    tree = await read_tree(session, actor.workspace_id)
    scene = Scene(period, tree, queries.today_at(period.zone, now))
    left = [
        obstacle.code
        for obstacle in await list_obstacles(session, scene)
        if obstacle.severity == "acknowledge" and obstacle.code not in data.acknowledged
    ]
    if left:
        raise Conflict("period_obstacles", extras={"obstacles": left})


async def stop_close(session: AsyncSession, actor: Actor, period: SettlementPeriod) -> None:
    """The run rests where it is; the period stays shut. Raises Conflict (`period_not_closing`)."""
    closing = await _find_run(session, period)
    closing.status = "stopped"
    await _note(session, actor, period, "period.close_stopped")


async def resume_close(session: AsyncSession, actor: Actor, period: SettlementPeriod, now: datetime) -> str:
    """Go on from where it rests, or where its process died. Answers the job's id. Raises Conflict
    (`period_not_closing`)."""
    closing = await _find_run(session, period)
    closing.status = "running"
    await _note(session, actor, period, "period.close_resumed")
    return await _add_job(session, closing, now)


async def give_up_close(
    session: AsyncSession, actor: Actor, period: SettlementPeriod, reason: str, now: datetime
) -> None:
    """Back to review: lines may come in again, so what was added up is worth nothing."""
    closing = await _find_run(session, period)
    closing.status, closing.finished_at, closing.sums = "stopped", now, {}
    await take_step(session, actor, period, "review", now=now, reason=reason)


async def reopen(
    session: AsyncSession, actor: Actor, period: SettlementPeriod, data: wire.ReopenPeriod, now: datetime
) -> None:
    """Raises Conflict (`period_step_refused`: a frozen one stays frozen)."""
    if period.state == "closing":
        await give_up_close(session, actor, period, data.reason, now)
        return
    await take_step(session, actor, period, data.to, now=now, reason=data.reason)


async def _find_run(session: AsyncSession, period: SettlementPeriod) -> PeriodClosing:
    closing = await session.get(PeriodClosing, period.closing_id) if period.closing_id else None
    if closing is None or period.state != "closing":
        raise Conflict("period_not_closing")
    return closing


async def _note(session: AsyncSession, actor: Actor, period: SettlementPeriod, action: str) -> None:
    await session.flush()
    await append(
        session, actor.workspace_id, actor.member_id, action, f"period:{period.id}", {"key": period.key}
    )
    announce(session, actor.workspace_id, "settlement", f"period:{period.id}")
