"""Reading the audit log and notifications; always inside one workspace."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import administration as wire
from backend.contracts import notifications as notes
from backend.contracts.common import Reference
from backend.db.models import AuditEntry, Member, Notification
from backend.features.platform.actor import Actor
from backend.messages import render


def select_audit(actor: Actor) -> Select[AuditEntry, str]:
    """Entries with the name of who acted, newest first."""
    return (
        select(AuditEntry, Member.name)
        .outerjoin(Member, Member.id == AuditEntry.member_id)
        .where(AuditEntry.workspace_id == actor.workspace_id)
        .order_by(AuditEntry.seq.desc())
    )


def present_entry(row: Row[AuditEntry, str]) -> wire.AuditEntry:
    """One line of the log."""
    entry, name = row
    return wire.AuditEntry(
        id=entry.id,
        seq=entry.seq,
        at=entry.at,
        action=entry.action,
        subject=entry.subject,
        detail=dict(entry.detail),
        hash=entry.hash,
        previous=entry.previous,
        by=Reference(id=entry.member_id, name=name or "") if entry.member_id else None,
    )


def select_notifications(actor: Actor) -> Select[Notification]:
    """One's own, newest first."""
    return (
        select(Notification)
        .where(Notification.workspace_id == actor.workspace_id, Notification.member_id == actor.member_id)
        .order_by(Notification.created_at.desc(), Notification.id.desc())
    )


async def count_unread(session: AsyncSession, actor: Actor) -> int:
    """How many of one's notifications were not read."""
    statement = select(func.count()).where(
        Notification.workspace_id == actor.workspace_id,
        Notification.member_id == actor.member_id,
        Notification.read_at.is_(None),
    )
    return (await session.execute(statement)).scalar_one()


def present_notifications(records: Sequence[Notification], locale: str) -> list[notes.Notification]:
    """In the reader's language."""
    return [
        notes.Notification(
            id=record.id,
            text=_word(record, locale),
            at=record.created_at,
            read=record.read_at is not None,
            link=_link(record),
        )
        for record in records
    ]


def _link(record: Notification) -> str | None:
    """The ticket, or the page that the notice names."""
    if record.ticket_id:
        return f"/tickets/{record.ticket_id}"
    named = str(record.params.get("link") or "")
    return named if named.startswith("/") and not named.startswith("//") else None


def _word(record: Notification, locale: str) -> str:
    if record.texts:
        return record.texts.get(locale) or record.texts.get("zh") or record.texts.get("en") or ""
    return render(record.code, record.params, locale)
