"""Tariffs, booked lines, sums, earnings."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from backend.contracts.common import Text


class Party(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    id: str
    name: str


class TariffUsed(msgspec.Struct, frozen=True, kw_only=True):
    """The rule a line was booked by, down to the tier."""

    id: str
    key: str
    revision: int
    row: str
    tier: int | None = None


class SettlementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One booked line; `amount` in minor units, `why` and `formula` in the reader's language."""

    id: str
    posting_id: str
    ticket_id: str
    number: str
    account: str
    party: Party | None
    amount: int
    currency: str
    component: str
    booked_at: datetime.datetime
    period: str
    tariff: TariffUsed | None = None
    inputs: dict[str, Any] = {}
    why: str = ""
    formula: str = ""
    region_path: list[Text] = []
    reversal_of: str | None = None


class SettlementPreview(msgspec.Struct, frozen=True, kw_only=True):
    lines: list[SettlementLine]
    totals: list[Total]


class Total(msgspec.Struct, frozen=True, kw_only=True):
    amount: int
    currency: str


class SummaryItem(msgspec.Struct, frozen=True, kw_only=True):
    """One sum of the settlement page; `lines` and `tickets` are counts."""

    key: str
    label: str
    amount: int
    currency: str
    lines: int
    tickets: int


class EarningsDay(msgspec.Struct, frozen=True, kw_only=True):
    date: datetime.date
    amount: int
    currency: str
    tickets: int


class Earnings(msgspec.Struct, frozen=True, kw_only=True):
    period: str
    totals: list[Total]
    days: list[EarningsDay]
    lines: list[SettlementLine]


class TariffItem(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    key: str
    name: Text
    current_revision: int


class TariffRevision(msgspec.Struct, frozen=True, kw_only=True):
    revision: int
    effective_from: datetime.datetime
    created_by: str | None = None
    note: str = ""


class RowWords(msgspec.Struct, frozen=True, kw_only=True):
    row: str
    text: str


class TariffFinding(msgspec.Struct, frozen=True, kw_only=True):
    """`pointer` is a JSON pointer into the tariff's document."""

    code: str
    severity: str
    message: str
    pointer: str = ""


class TariffDetail(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    key: str
    name: Text
    current_revision: int
    revisions: list[TariffRevision]
    document: dict[str, Any]
    words: list[RowWords]
    findings: list[TariffFinding]


class TariffDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    document: dict[str, Any]


class CreateTariffRevision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    document: dict[str, Any]
    base_revision: int
    effective_from: datetime.datetime | None = None
    note: str = ""


class TariffCheck(msgspec.Struct, frozen=True, kw_only=True):
    findings: list[TariffFinding]
    words: list[RowWords]


class TariffTry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    inputs: dict[str, Any]


class TriedLine(msgspec.Struct, frozen=True, kw_only=True):
    component: str
    amount: int
    currency: str
    why: str
    row: str
    tier: int | None = None


class TariffTried(msgspec.Struct, frozen=True, kw_only=True):
    lines: list[TriedLine]
    total: Total | None
    trace: list[str] = []
