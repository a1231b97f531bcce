"""Column types that mean the same on SQLite and PostgreSQL.

JSON is written by msgspec (TEXT on SQLite, JSONB on PostgreSQL). A moment is aware UTC: TIMESTAMPTZ on
PostgreSQL, and on SQLite a fixed-width ISO text, so that its order as text is its order in time. Ids are
36-character UUIDv7 texts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine
from uuid_utils import uuid7

ID = String(36)

_encode = msgspec.json.Encoder(decimal_format="string").encode
_decode = msgspec.json.Decoder().decode


def new_id() -> str:
    """A fresh UUIDv7 as text: sortable by the moment of its making."""
    return str(uuid7())


def encode_moment(value: datetime) -> str:
    """SQLite's text of an aware moment, e.g. `2026-03-02T01:00:00.000000+00:00`.

    Raises ValueError for a naive one: a moment without a zone is a bug, not a default.
    """
    if value.tzinfo is UTC:
        return value.isoformat(timespec="microseconds")
    if value.tzinfo is None:
        raise ValueError("a stored moment must be aware")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


class Moment(TypeDecorator[datetime]):
    """Aware UTC datetime."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TIMESTAMPTZ, or text on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive moments, write UTC."""
        if value is None:
            return None
        return encode_moment(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Always aware UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """Any JSON value."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSONB with its own (de)serialiser switched off, or text."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """msgspec JSON text on SQLite; builtins on PostgreSQL (the engine's json_serializer writes
        them)."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return msgspec.to_builtins(value)
        return _encode(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Builtins."""
        if value is None or dialect.name == "postgresql":
            return value
        return _decode(value)
