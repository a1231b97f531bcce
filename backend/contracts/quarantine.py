"""Amounts of which it could not be said whose they are, and the decisions about them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from backend.contracts.common import MoneyValue, Text

ItemState = Literal["open", "resolved", "withdrawn"]


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody it could be; `why` is in words, `tariff` only where an order's owner would bring one."""

    kind: str
    id: str
    name: str
    why: str
    tariff: str = ""


class QuarantineItem(msgspec.Struct, frozen=True, kw_only=True):
    """A positive amount waits for who receives it, a negative one for who bears it."""

    id: str
    posting_id: str
    ticket_id: str = ""
    number: str = ""
    """Of the ticket."""
    order_id: str = ""
    order_number: str = ""
    reason: str
    waits_for: str
    """What the tariff calls the party, in words."""
    candidates: list[Candidate]
    amount: int
    currency: str
    region_path: list[Text]
    shared: bool = False
    """Other amounts of quarantine count in the same sums of a period: together they are exact, and each may
    move when one of them is given away."""
    state: ItemState
    created_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str = ""
    party: Candidate | None = None
    note: str = ""


class QuarantineReason(msgspec.Struct, frozen=True, kw_only=True):
    """How many open items wait for the same reason."""

    code: str
    label: str
    items: int


class QuarantineSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Of what is open within reach; `total` adds what waits to be received."""

    open: int
    total: list[MoneyValue]
    reasons: list[QuarantineReason]


class PartyChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A party by kind and id: a member's id, the key of a region, department or partner."""

    kind: Literal["member", "region", "department", "partner"]
    id: Annotated[str, Meta(min_length=1, max_length=80)]
    tariff: Annotated[str, Meta(max_length=60)] = ""


class Resolve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose it is."""

    party: PartyChoice
    note: Annotated[str, Meta(max_length=1000)] = ""


class ResolveMany(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several at once, each in a transaction of its own. Without a party each goes to its first candidate."""

    ids: Annotated[list[str], Meta(min_length=1, max_length=100)]
    party: PartyChoice | None = None
    note: Annotated[str, Meta(max_length=1000)] = ""


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item; `message` says why it could not be resolved."""

    id: str
    resolved: bool
    message: str = ""


class Resolutions(msgspec.Struct, frozen=True, kw_only=True):
    """In the order asked for."""

    items: list[Resolution]
