"""A verdict on one ticket, and the reasons that make it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from backend.engine.events import Migrated

Level = Literal["green", "amber", "red"]
Area = Literal["structure", "data", "money"]
RANK: dict[Level, int] = {"green": 0, "amber": 1, "red": 2}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A reason. `node` is one of the old release."""

    area: Area
    level: Level
    code: str
    node: str | None = None
    params: dict[str, Any] = {}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`event` is what to apply; None when the ticket cannot go."""

    level: Level
    findings: tuple[Finding, ...]
    event: Migrated | None
