"""Reading jobs, their overview and their limits; always inside one workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import operations as wire
from backend.db.models import Job, JobLimit, Ticket, Worker
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound, invalid_field
from backend.messages import render
from backend.runtime.upkeep import ALIVE_FOR

UNFINISHED = ("pending", "running", "dead")
HIDDEN = "********"
SECRET = re.compile(r"auth|token|secret|passw|key|cookie|credential|signature", re.IGNORECASE)
PATTERN = re.compile(r"\*|(\*\.)?[a-z0-9]([a-z0-9.:_-]{0,250}[a-z0-9])?")
MOST_GROUPS = 200


def select_jobs(
    actor: Actor, status: str | None, kind: str | None, target: str | None
) -> Select[Job, str | None]:
    """Jobs with the number of their ticket, the latest due first."""
    statement = (
        select(Job, Ticket.number)
        .outerjoin(Ticket, Ticket.id == Job.ticket_id)
        .where(Job.workspace_id == actor.workspace_id)
        .order_by(Job.due_at.desc(), Job.id.desc())
    )
    for column, wanted in ((Job.status, status), (Job.kind, kind), (Job.target, target)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    return statement


def present_job(job: Job, number: str | None, locale: str) -> wire.Job:
    """A line of the list, without its payload."""
    params = job.failures[-1].get("params", {}) if job.failures else {}
    return wire.Job(
        id=job.id,
        kind=job.kind,
        status=job.status,
        due_at=job.due_at,
        tries=job.tries,
        target=job.target,
        held=job.held,
        ticket_id=job.ticket_id,
        number=number,
        error=job.error,
        message=render(job.error, params, locale) if job.error else None,
    )


async def find_job(session: AsyncSession, actor: Actor, job_id: str) -> Row[Job, str | None]:
    """One with its ticket's number. Raises NotFound."""
    statement = select_jobs(actor, None, None, None).where(Job.id == job_id)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def describe_job(job: Job, number: str | None, locale: str) -> wire.JobDetail:
    """All there is to know of it."""
    return wire.JobDetail(
        job=present_job(job, number, locale),
        payload=hide_secrets(job.payload),
        failures=[
            wire.Failure(
                at=msgspec.convert(each["at"], datetime),
                code=each["code"],
                message=render(each["code"], each.get("params", {}), locale),
            )
            for each in job.failures
        ],
        created_at=job.created_at,
        finished_at=job.finished_at,
        lease_until=job.lease_until,
        trace_id=job.trace.split("-")[1] if job.trace else None,
    )


def hide_secrets(value: Any, name: str = "") -> Any:
    """The same with stars for what is named like a secret, at any depth, and for passwords in addresses."""
    if SECRET.search(name) and value not in (None, "", {}, []):
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: hide_secrets(each, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [hide_secrets(each) for each in value]
    if isinstance(value, str):
        return _hide_in_address(value)
    return value


def _hide_in_address(text: str) -> str:
    if "://" not in text:
        return text
    text = re.sub(r"//[^/@\s]+@", f"//{HIDDEN}@", text)
    return re.sub(rf"([?&][^=&\s]*(?:{SECRET.pattern})[^=&\s]*=)[^&\s#]+", rf"\1{HIDDEN}", text, flags=re.I)


async def survey(session: AsyncSession, actor: Actor, now: datetime) -> wire.JobOverview:
    """What waits, who works, and how quickly."""
    mine = Job.workspace_id == actor.workspace_id
    statement = (
        select(Job.status, Job.kind, Job.target, func.count(), func.min(Job.created_at), func.min(Job.due_at))
        .where(mine, Job.status.in_(UNFINISHED))
        .group_by(Job.status, Job.kind, Job.target)
        .order_by(func.count().desc())
        .limit(MOST_GROUPS)
    )
    groups = [
        wire.JobGroup(
            status=status,
            kind=kind,
            target=target,
            count=count,
            oldest_at=oldest,
            next_at=due if status == "pending" else None,
        )
        for status, kind, target, count, oldest, due in (await session.execute(statement)).all()
    ]
    waiting = [group.next_at for group in groups if group.next_at is not None]
    first = min(waiting, default=None)
    return wire.JobOverview(
        groups=groups,
        workers=await list_workers(session, now),
        lag_seconds=max(0.0, (now - first).total_seconds()) if first else 0.0,
        next_at=first,
        done_last_minute=await _count_done(session, actor, now - timedelta(minutes=1)),
        done_last_hour=await _count_done(session, actor, now - timedelta(hours=1)),
    )


async def _count_done(session: AsyncSession, actor: Actor, since: datetime) -> int:
    statement = select(func.count()).where(
        Job.workspace_id == actor.workspace_id, Job.finished_at >= since, Job.status == "done"
    )
    return (await session.execute(statement)).scalar_one()


async def list_workers(session: AsyncSession, now: datetime) -> list[wire.LivingWorker]:
    """Processes of the installation, the youngest first."""
    rows = (await session.execute(select(Worker).order_by(Worker.started_at.desc()).limit(100))).scalars()
    return [
        wire.LivingWorker(
            name=row.name,
            kind=row.kind,
            started_at=row.started_at,
            seen_at=row.seen_at,
            running=row.running,
            alive=now - row.seen_at <= ALIVE_FOR,
        )
        for row in rows
    ]


# --- limits ---


async def list_limits(session: AsyncSession, actor: Actor) -> list[wire.Limit]:
    """By pattern."""
    statement = select(JobLimit).where(JobLimit.workspace_id == actor.workspace_id).order_by(JobLimit.pattern)
    return [present_limit(row) for row in (await session.execute(statement)).scalars()]


def present_limit(row: JobLimit) -> wire.Limit:
    """As it is stored."""
    return wire.Limit(
        id=row.id,
        pattern=row.pattern,
        rate=row.rate,
        seconds=row.seconds,
        at_once=row.at_once,
        tries=row.tries,
        first_s=row.first_s,
        longest_s=row.longest_s,
        updated_at=row.updated_at,
    )


async def save_limit(
    session: AsyncSession, actor: Actor, limit_id: str | None, wanted: wire.SaveLimit, now: datetime
) -> JobLimit:
    """A new one, or a changed one. Raises NotFound, Invalid."""
    pattern = wanted.pattern.strip().lower()
    if not PATTERN.fullmatch(pattern):
        raise invalid_field("/pattern", "limit_pattern_unfit", pattern=wanted.pattern)
    said = (wanted.rate, wanted.at_once, wanted.tries, wanted.first_s, wanted.longest_s)
    if all(value is None for value in said):
        raise invalid_field("/rate", "limit_says_nothing")
    taken = select(JobLimit).where(
        JobLimit.workspace_id == actor.workspace_id, JobLimit.pattern == pattern, JobLimit.id != limit_id
    )
    if (await session.execute(taken)).first() is not None:
        raise invalid_field("/pattern", "limit_pattern_taken", pattern=pattern)
    row = await find_limit(session, actor, limit_id) if limit_id else JobLimit(id=new_id())
    values = {**msgspec.structs.asdict(wanted), "pattern": pattern}
    for name, value in values.items():
        setattr(row, name, value)
    row.workspace_id, row.updated_at = actor.workspace_id, now
    session.add(row)
    await session.flush()
    return row


async def find_limit(session: AsyncSession, actor: Actor, limit_id: str) -> JobLimit:
    """Raises NotFound."""
    statement = select(JobLimit).where(JobLimit.workspace_id == actor.workspace_id, JobLimit.id == limit_id)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound()
    return row
