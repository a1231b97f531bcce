"""Words that a tariff may use in a workspace: what its editor offers instead of codes."""

from __future__ import annotations

from typing import Any

import msgspec

from backend.contracts.common import Text


class NamedCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code as it stands in a tariff, and what people call it."""

    value: str
    label: Text


class WorkStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step at which people work; `node` is what a tariff names it by."""

    workflow: Text
    node: str
    label: Text


class KnownParty(msgspec.Struct, frozen=True, kw_only=True):
    """`party` is department, partner or account."""

    party: str
    key: str


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """`dimensions`: by service, channel, role, level, grade. `measures`: as tariffs declare them, by key."""

    dimensions: dict[str, list[NamedCode]]
    roles: list[NamedCode]
    steps: list[WorkStep]
    parties: list[KnownParty]
    measures: dict[str, dict[str, Any]]
