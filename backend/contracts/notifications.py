"""In-app notifications of the signed-in member."""

from __future__ import annotations

import datetime

import msgspec


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is in the reader's language; `link` is a path of the frontend or None."""

    id: str
    text: str
    at: datetime.datetime
    read: bool = False
    link: str | None = None


class Notifications(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Notification]
    unread: int
    next: str | None = None


class MarkRead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Either the ids, or `all`."""

    ids: list[str] = []
    all: bool = False
