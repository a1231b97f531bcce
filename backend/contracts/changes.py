"""The long poll by which pages learn that something they show has changed."""

from __future__ import annotations

import msgspec


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """`last` is the number to ask `after` next time; `topics` are names such as `tasks` or `ticket:<id>`."""

    last: int
    topics: list[str] = []
