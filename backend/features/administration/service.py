"""What everybody does: read their notifications."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts.notifications import MarkRead
from backend.db.models import Notification
from backend.db.session import announce
from backend.features.platform.actor import Actor


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
