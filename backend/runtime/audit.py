"""The audit log: append-only, and each entry's hash covers the one before it, so a missing or altered one
shows."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import AuditEntry
from backend.db.types import encode_moment, new_id

GENESIS = "0" * 64
_encode = msgspec.json.Encoder(order="sorted", decimal_format="string").encode


async def append(  # noqa: PLR0917 - who, what, on what: read in this order everywhere
    session: AsyncSession,
    workspace_id: str,
    member_id: str | None,
    action: str,
    subject: str,
    detail: dict[str, Any],
) -> None:
    """Add an entry in the session's transaction. `action` is `noun.verb`, `subject` is `noun:id`."""
    if session.get_bind().dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended('audit:' || :workspace, 0))")
        await session.execute(lock, {"workspace": workspace_id})
    latest = (
        select(AuditEntry.seq, AuditEntry.hash)
        .where(AuditEntry.workspace_id == workspace_id)
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    )
    row = (await session.execute(latest)).first()
    seq, previous = (row.seq + 1, row.hash) if row else (1, GENESIS)
    entry = AuditEntry(
        id=new_id(),
        workspace_id=workspace_id,
        seq=seq,
        at=session.info["clock"](),
        member_id=member_id,
        action=action,
        subject=subject,
        detail=msgspec.to_builtins(detail),
        previous=previous,
    )
    entry.hash = hash_entry(entry)
    session.add(entry)
    await session.flush()


def hash_entry(entry: AuditEntry) -> str:
    """SHA-256 over everything the entry says and the hash before it."""
    moment: datetime = entry.at
    body = {
        "workspace": entry.workspace_id,
        "seq": entry.seq,
        "at": encode_moment(moment),
        "member": entry.member_id,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous": entry.previous,
    }
    return hashlib.sha256(_encode(body)).hexdigest()


async def find_break(session: AsyncSession, workspace_id: str) -> int | None:
    """Seq of the first entry that does not follow from the one before it; None for a whole chain."""
    entries = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id).order_by(AuditEntry.seq)
    previous, expected = GENESIS, 1
    async for entry in await session.stream_scalars(entries):
        if (entry.seq, entry.previous) != (expected, previous) or entry.hash != hash_entry(entry):
            return expected
        previous, expected = entry.hash, expected + 1
    return None
