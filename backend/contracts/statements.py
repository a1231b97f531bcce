"""Statements of a party and a period, and questions about booked amounts."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from backend.contracts.common import Reference, Text
from backend.contracts.settlement import Party, SettlementLine

Words = Annotated[str, Meta(min_length=1, max_length=2000)]
DisputeState = Literal["open", "explained", "accepted", "withdrawn"]


class StatementItem(msgspec.Struct, frozen=True, kw_only=True):
    """One party's sums of a period and currency; `corrections` and `late` are counts of lines among
    `lines`."""

    party: Party
    currency: str
    received: int
    borne: int
    net: int
    lines: int
    tickets: int
    late: int = 0
    questions: int = 0
    """Questions about these lines that are open."""


class StatementPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is the least settled one where several units call a period the same: open, review, closing,
    closed or frozen."""

    key: str
    starts_on: datetime.date
    ends_on: datetime.date | None = None
    state: str = "open"


class StatementList(msgspec.Struct, frozen=True, kw_only=True):
    """The parties of a period that the reader may see, those with most money first."""

    period: StatementPeriod
    periods: list[str]
    """Keys of all periods with lines in sight, the newest first."""
    items: list[StatementItem]
    next: str | None = None


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """`opening` is what earlier periods came to; `closing` = `opening` + `received` + `borne`. Minor units;
    what is borne is negative."""

    currency: str
    opening: int
    received: int
    borne: int
    closing: int


class StatementSum(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of one component."""

    key: str
    label: str
    amount: int
    currency: str
    lines: int


class StatementTicket(msgspec.Struct, frozen=True, kw_only=True):
    ticket_id: str
    number: str
    lines: list[SettlementLine]


class StatementDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day in the region's zone."""

    date: datetime.date
    tickets: list[StatementTicket]


class StatementRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that booked something here, in words."""

    tariff_id: str
    tariff: str
    revision: int
    row: str
    row_name: str
    text: str


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a party received and bore in a period, every line in exactly one of `days`, `corrections`
    (reversals and what was booked anew) and `late` (work of an earlier period).

    `hash` is the SHA-256 of the lines: the same lines give the same hash, on every day and in both
    languages. `limited_to` names the region when the reader sees only that part of the party's lines;
    `omitted` counts the lines beyond the bound of a page (files have them all).
    """

    party: Party
    period: StatementPeriod
    periods: list[str]
    balances: list[Balance]
    components: list[StatementSum]
    days: list[StatementDay]
    corrections: list[SettlementLine]
    late: list[SettlementLine]
    rules: list[StatementRule]
    lines: int
    hash: str
    workspace: str = ""
    zone: str = "UTC"
    limited_to: str | None = None
    omitted: int = 0
    questions: int = 0


class OpenDispute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`amount`: what the member holds to be right, in minor units of the line's currency."""

    line_id: Annotated[str, Meta(max_length=36)]
    text: Words
    amount: Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)] | None = None


class SayToDispute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Words


class ResolveDispute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`posting_id`: of an accepted question, the reversal or rebooking that made it right."""

    outcome: Literal["explained", "accepted"]
    text: Words
    posting_id: Annotated[str, Meta(max_length=36)] | None = None


class DisputeMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: opened, message, explained, accepted or withdrawn."""

    id: str
    by: Reference
    at: datetime.datetime
    kind: str
    text: str
    mine: bool = False


class DisputeItem(msgspec.Struct, frozen=True, kw_only=True):
    """A question in a list. `answered`: finance spoke last."""

    id: str
    state: str
    answered: bool
    by: Reference
    line_id: str
    ticket_id: str
    number: str
    amount: int
    currency: str
    expected: int | None
    text: str
    period: str
    region_path: list[Text]
    opened_at: datetime.datetime
    updated_at: datetime.datetime


class DisputeDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One question with its line and everything that was said. `may`: message, resolve, withdraw."""

    item: DisputeItem
    line: SettlementLine
    messages: list[DisputeMessage]
    may: list[str]
    correction_id: str | None = None
