"""Regions: a tree whose lookups fall back to the parent."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

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
    calendar: dict[str, Any] | None = None
    """Working hours; None: the parent's."""
    settlement: dict[str, Any] | None = None
    """How its books are cut into periods; None: they are kept with the parent's."""
    settlement_from: datetime.date | None = None
    """The day from which that holds; None: it always has."""


class CreateRegion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`zone` and `currency` default to the parent's."""

    key: Annotated[str, Meta(min_length=1, max_length=60)]
    name: Text
    parent_id: str | None = None
    zone: Annotated[str, Meta(max_length=60)] | None = None
    currency: Annotated[str, Meta(max_length=3)] | None = None
    calendar: dict[str, Any] | None = None
    settlement: dict[str, Any] | None = None


class UpdateRegion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays. A new parent moves the whole branch. A new `settlement` holds from
    `settlement_from`, else from the next period on: those that stand are never moved."""

    name: Text | UnsetType = UNSET
    parent_id: str | UnsetType | None = UNSET
    zone: Annotated[str, Meta(max_length=60)] | UnsetType = UNSET
    currency: Annotated[str, Meta(max_length=3)] | UnsetType = UNSET
    calendar: dict[str, Any] | UnsetType | None = UNSET
    settlement: dict[str, Any] | UnsetType | None = UNSET
    settlement_from: datetime.date | None = None
