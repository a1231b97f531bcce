"""Audit log, idempotency keys, files, connections."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment


class AuditEntry(Record):
    """Append-only (trigger) and hash-chained per workspace: `hash` covers the entry and `previous`."""

    __tablename__ = "audit_entries"
    __table_args__ = (UniqueConstraint("workspace_id", "seq"),)
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    member_id: Mapped[str | None] = mapped_column(ID)
    action: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class IdempotencyKey(Record):
    """The first answer to a keyed POST. The same key with another body is refused."""

    __tablename__ = "idempotency_keys"
    scope: Mapped[str] = mapped_column(String(120), primary_key=True)
    """Who and where: member id or public token, with method and path hashed."""
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    response: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)


class StoredFile(Record):
    """An upload; the bytes lie in the data folder under their SHA-256."""

    __tablename__ = "files"
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    owner: Mapped[str] = mapped_column(String(120))
    """`member:<id>`, `link:<entry link id>` or `ticket:<id>`: who uploaded, until a ticket names the
    file."""
    ticket_id: Mapped[str | None] = mapped_column(ID, ForeignKey("tickets.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Connection(Record):
    """How to reach the outside: `smtp`, `webhook` (allow-list)."""

    __tablename__ = "connections"
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    config: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(Moment)
