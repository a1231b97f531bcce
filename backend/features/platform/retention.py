"""What is kept only for a while: answers to repeated requests, messages, sessions that have ended."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_

from backend.db.models import IdempotencyKey, Message, UserSession
from backend.db.session import Database

KEEP_ANSWERS = timedelta(days=7)
KEEP_SESSIONS = timedelta(days=30)


async def purge(database: Database) -> None:
    """At each start: what nobody can ask for any more goes."""
    now = database.clock()
    async with database.unit_of_work() as session:
        await session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEEP_ANSWERS))
        await session.execute(delete(Message).where(Message.kept_until < now))
        ended = now - KEEP_SESSIONS
        old = or_(UserSession.expires_at < ended, UserSession.revoked_at < ended)
        await session.execute(delete(UserSession).where(old))
