"""Teams: people who share a queue."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.contracts.common import Reference, Text

Members = Annotated[list[str], Meta(max_length=1000)]


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """Workflows name it by its key."""

    id: str
    key: str
    name: Text
    members: list[Reference] = []


class CreateTeam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`members` are member ids."""

    key: Annotated[str, Meta(min_length=1, max_length=60)]
    name: Text
    members: Members = []


class UpdateTeam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays; `members` replaces all of them."""

    name: Text | UnsetType = UNSET
    members: Members | UnsetType = UNSET
