"""In-app notifications of the signed-in member."""

from __future__ import annotations

import datetime
from typing import Annotated

import msgspec
from msgspec import Meta


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

    ids: Annotated[list[Annotated[str, Meta(max_length=36)]], Meta(max_length=500)] = []
    all: bool = False
