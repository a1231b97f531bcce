"""What administrators do beside members and regions: retry jobs; and everybody: read their notifications."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts.notifications import MarkRead
from backend.db.models import Notification
from backend.db.session import Database, announce
from backend.features.administration.queries import find_job
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotFound
from backend.runtime.audit import append
from backend.runtime.errors import JobGone, Refused
from backend.runtime.runtime import Runtime


async def retry_job(database: Database, runtime: Runtime, actor: Actor, job_id: str) -> None:
    """A dead job is due again, with its tries counted from the beginning. Raises NotFound, Conflict."""
    async with database.reading() as session:
        if await find_job(session, actor, job_id) is None:
            raise NotFound()
    try:
        await runtime.retry_job(actor.workspace_id, job_id, actor.member_id)
    except (JobGone, Refused) as error:
        raise Conflict("job_not_dead") from error
    async with database.unit_of_work() as session:
        await append(session, actor.workspace_id, actor.member_id, "job.retried", f"job:{job_id}", {})


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
    announce(session, actor.workspace_id, "notifications")
