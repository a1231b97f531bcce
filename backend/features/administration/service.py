"""What administrators do beside members and regions: retry jobs; and everybody: read their notifications."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts.notifications import MarkRead
from backend.db.models import Job, Notification
from backend.features.administration.queries import find_job
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotFound
from backend.runtime.audit import append


async def retry_job(session: AsyncSession, actor: Actor, job_id: str, now: datetime) -> Job:
    """A dead job is due again, with its tries counted from the beginning. Raises NotFound, Conflict."""
    job = await find_job(session, actor, job_id)
    if job is None:
        raise NotFound()
    revived = (
        update(Job)
        .where(Job.id == job.id, Job.status == "dead")
        .values(status="pending", tries=0, due_at=now, lease_until=None, error=None)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(revived)).first() is None:
        raise Conflict("job_not_dead")
    await append(session, actor.workspace_id, actor.member_id, "job.retried", f"job:{job.id}", {})
    await session.refresh(job)
    return job


async def mark_read(session: AsyncSession, actor: Actor, request: MarkRead, now: datetime) -> None:
    """One's own notifications; foreign ids change nothing."""
    mine = update(Notification).where(
        Notification.workspace_id == actor.workspace_id,
        Notification.member_id == actor.member_id,
        Notification.read_at.is_(None),
    )
    if not request.all:
        mine = mine.where(Notification.id.in_(request.ids))
    await session.execute(mine.values(read_at=now))
