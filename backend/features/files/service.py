"""Taking an upload, and who may read it. The public form uses the same steps with another owner."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

import anyio.to_thread
from litestar.datastructures import UploadFile
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import files as wire
from backend.db.models import StoredFile, Ticket
from backend.db.types import new_id
from backend.features.files.sniffing import sniff
from backend.features.files.store import FileStore
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Invalid, NotFound, TooLarge
from backend.features.tickets.access import visible_tickets

MAX_FILE = 10 * 1024 * 1024
MAX_UPLOAD = MAX_FILE + 64 * 1024
"""The request around the file: boundaries and headers."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def clean_file_name(name: str) -> str:
    """The last part of a path, without characters that mean something to a file system or a header; 1 to 120
    long.
    """
    last = re.split(r"[\\/]", name)[-1]
    visible = "".join(
        letter for letter in last if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"}
    )
    cleaned = _UNSAFE.sub("_", unicodedata.normalize("NFC", visible)).strip(" .")
    stem, dot, extension = cleaned.rpartition(".")
    if not stem:
        return cleaned[:120] or "file"
    return f"{stem[: 119 - len(extension[:10])]}{dot}{extension[:10]}"


async def read_upload(upload: UploadFile) -> tuple[str, bytes, str]:
    """Clean name, content, claimed type. Raises TooLarge, Invalid (`file_empty`)."""
    content = await upload.read()
    if len(content) > MAX_FILE:
        raise TooLarge("file_too_large", params={"limit": "10 MiB"})
    if not content:
        raise Invalid("file_empty")
    return clean_file_name(upload.filename or "file"), content, upload.content_type or ""


async def keep_file(store: FileStore, name: str, content: bytes, claimed: str) -> tuple[str, str]:
    """Check and store the bytes; hash and true type. Raises Invalid, UnsupportedContent, OSError."""
    kind = await anyio.to_thread.run_sync(sniff, content, name, claimed)
    digest = await anyio.to_thread.run_sync(store.save, content)
    return digest, kind.media_type


async def record_file(
    session: AsyncSession,
    workspace_id: str,
    owner: str,
    *,
    name: str,
    media_type: str,
    size: int,
    digest: str,
    now: datetime,
    ticket_id: str | None = None,
) -> StoredFile:
    """`owner`: `member:<id>`, `link:<id>` or `ticket:<id>`."""
    record = StoredFile(
        id=new_id(),
        workspace_id=workspace_id,
        name=name,
        media_type=media_type,
        size=size,
        sha256=digest,
        owner=owner,
        ticket_id=ticket_id,
        created_at=now,
    )
    session.add(record)
    await session.flush()
    return record


async def find_readable(session: AsyncSession, actor: Actor, file_id: str) -> StoredFile:
    """A file the actor uploaded, or of a ticket in the actor's sight. Raises NotFound for all others."""
    statement = (
        select(StoredFile)
        .outerjoin(Ticket, Ticket.id == StoredFile.ticket_id)
        .where(
            StoredFile.workspace_id == actor.workspace_id,
            StoredFile.id == file_id,
            or_(StoredFile.owner == f"member:{actor.member_id}", visible_tickets(actor)),
        )
    )
    record = (await session.execute(statement)).scalar_one_or_none()
    if record is None:
        raise NotFound()
    return record


def present_file(record: StoredFile) -> wire.File:
    """As the form island keeps it."""
    return wire.File(
        id=record.id,
        name=record.name,
        media_type=record.media_type,
        size=record.size,
        url=f"/api/v1/files/{record.id}",
    )
