"""Orders from outside: files of them, the rules of whom they belong to, and the pools they fill.

Amounts are whole minor units of the order's currency.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from backend.contracts.common import MoneyValue, Text

Name = Annotated[str, Meta(max_length=80)]
OwnerKind = Literal["region", "department", "partner", "member"]


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """`region`, `department`, `partner`, `member`, or the account `quarantine`."""

    kind: str
    id: str
    name: str


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order as it stands in the books. `returned` is the part of the amount that was sent back."""

    id: str
    number: str
    channel: str
    store: str
    region_id: str
    region_path: list[Text]
    amount: int
    currency: str
    returned: int
    ordered_at: datetime
    state: Literal["booked", "quarantined", "returned"]
    owner: Owner | None = None
    why: str
    tariff: str = ""
    attributes: dict[str, str] = {}
    posting_id: str | None = None


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """What one owner holds of the orders."""

    owner: Owner
    amount: int
    currency: str
    orders: int


class Pools(msgspec.Struct, frozen=True, kw_only=True):
    """`total` is the amount of all orders less returns; the pools, quarantine among them, sum to it."""

    items: list[Pool]
    total: list[MoneyValue]


class OrderRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order of a program. A negative amount, or `status` `returned`, sends an earlier order back."""

    number: Name
    channel: Annotated[str, Meta(max_length=60)] = ""
    store: Name = ""
    region: Annotated[str, Meta(max_length=120)]
    """Key of the region."""
    amount: Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]
    currency: Annotated[str, Meta(min_length=3, max_length=3)]
    ordered_at: datetime
    status: Literal["", "returned"] = ""
    attributes: Annotated[dict[Name, Name], Meta(max_length=20)] = {}


class ImportRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cells as text (CSV, or copied from a spreadsheet), or rows. `new_stores`: names that no rule and no
    earlier order has are taken too."""

    text: Annotated[str, Meta(max_length=900_000)] = ""
    rows: Annotated[list[OrderRow], Meta(max_length=5_000)] = []
    name: Annotated[str, Meta(max_length=200)] = ""
    new_stores: bool = False


class ImportFault(msgspec.Struct, frozen=True, kw_only=True):
    """What must be mended, at its cell (`E7`)."""

    cell: str
    row: int
    code: str
    message: str


class OrderImport(msgspec.Struct, frozen=True, kw_only=True):
    """A file of orders. Nothing is booked before every row is right and somebody applies it.

    `known` rows stand in the books already. `sums`: what the new rows bring, returns taken off.
    """

    id: str
    name: str
    state: Literal["reading", "refused", "checked", "running", "stopped", "done"]
    total: int
    known: int
    done: int
    booked: int
    quarantined: int
    returned: int
    sums: list[MoneyValue]
    faults: list[ImportFault]
    fault_count: int
    created_at: datetime
    created_by: str
    finished_at: datetime | None = None


class AttributionRule(msgspec.Struct, frozen=True, kw_only=True):
    """Whom orders belong to; what is empty fits all. A region pool without an id is the order's own."""

    id: str
    region_id: str | None
    region_path: list[Text]
    store: str
    channel: str
    owner: Owner
    tariff: str
    valid_from: date


class CreateRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule from a day on (default: today). One of the same match and a later day takes its place."""

    region_id: str | None = None
    store: Name = ""
    channel: Annotated[str, Meta(max_length=60)] = ""
    owner_kind: OwnerKind
    owner_id: Annotated[str, Meta(max_length=80)] = ""
    tariff: Annotated[str, Meta(max_length=60)] = ""
    valid_from: date | None = None
