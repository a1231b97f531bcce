"""Regions: a tree whose lookups fall back to the parent."""

from __future__ import annotations

import msgspec

from backend.contracts.common import Text


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """`path` holds the names from the root to this region; `zone` is an IANA time zone."""

    id: str
    key: str
    parent_id: str | None
    name: Text
    path: list[Text]
    zone: str
    currency: str
    calendar: str | None = None
