"""Tariffs, booked lines, sums, earnings."""

from __future__ import annotations

import datetime
import decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from backend.contracts.common import Number, Reference, Text
from backend.contracts.tariff_drafts import RowWords as RowWords  # noqa: PLC0414 - part of this contract
from backend.contracts.tariff_drafts import TariffDraft
from backend.contracts.tariff_drafts import TariffFinding as TariffFinding  # noqa: PLC0414 - part of this contract

Note = Annotated[str, Meta(max_length=1000)]


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is member, department, partner, region or account; `name` as people know it."""

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
    name: Text | None = None
    row_name: Text | None = None
    """What people call the table and the row; None when the row has no name of its own."""


class SettlementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One booked line; `amount` in minor units, in the reader's language `why` (how this very amount came
    about) and `formula` (the rule of the row that it follows). `side` is receiving or bearing."""

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
    day: datetime.date | None = None
    """Of `booked_at`, on the clocks of the line's region; None for a line of no region."""
    tariff: TariffUsed | None = None
    inputs: dict[str, Any] = {}
    codes: dict[str, Text] = {}
    """Code among the attributes of `inputs` -> what people call it."""
    why: str = ""
    formula: str = ""
    region_path: list[Text] = []
    reversal_of: str | None = None
    side: str = "receiving"
    component_name: Text | None = None
    input_words: list[str] = []
    """The quantities of `inputs` with their names and units."""
    kind: str = "booking"
    """Of its posting: booking, reversal, rebooking, resolution, import or labour."""
    earned_period: str | None = None
    """The period that the work falls in, where its books were closed already."""
    reason: str = ""
    """Why it was corrected, for a line of a correction."""
    by: str | None = None
    """Who corrected it."""
    reversed_by: str | None = None
    """The posting that took it back."""


class PreviewGap(msgspec.Struct, frozen=True, kw_only=True):
    """A settle step ahead that cannot be worked out yet, and what is missing."""

    node: str
    label: Text
    message: str


class SettlementPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What would be booked if the ticket settled with what is known now; the lines have no ids."""

    lines: list[SettlementLine]
    totals: list[Total]
    gaps: list[PreviewGap] = []


class Total(msgspec.Struct, frozen=True, kw_only=True):
    amount: int
    currency: str


class SummaryItem(msgspec.Struct, frozen=True, kw_only=True):
    """One sum of the settlement page; `lines` and `tickets` are counts.

    `filters` is the query under which `/settlement/lines` lists exactly the lines of this sum; `opens` is
    the query under which `/settlement/summary` shows its parts, where it has any (a region with regions
    below it).
    """

    key: str
    label: str
    amount: int
    currency: str
    lines: int
    tickets: int
    filters: dict[str, str] = {}
    opens: dict[str, str] | None = None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """All sums of one question; each line in sight is in exactly one of them."""

    items: list[SummaryItem]
    totals: list[Total]


class EarningsDay(msgspec.Struct, frozen=True, kw_only=True):
    date: datetime.date
    amount: int
    currency: str
    tickets: int


class TierAhead(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is to the next tier of a tariff that sums up over a period.

    `reached`, `begins_at` and `missing` are in the unit of the measure (money in minor units), `rate` and
    `next_rate` as the tariff writes them; `text` says it in words.
    """

    tariff_id: str
    tariff: Text
    row: str
    measure: str
    tier: int
    reached: decimal.Decimal
    begins_at: decimal.Decimal
    missing: decimal.Decimal
    rate: decimal.Decimal
    next_rate: decimal.Decimal
    text: str


class PartyAhead(msgspec.Struct, frozen=True, kw_only=True):
    """How far somebody whom a ticket pays is from the next tier of the rules that paid."""

    party: Party
    next_tiers: list[TierAhead]


class Earnings(msgspec.Struct, frozen=True, kw_only=True):
    """One's own period: `running` is the one under way, `periods` all with earnings, the newest first.

    `days` by the region's calendar; `lines` are the newest ones, the list has them all.
    """

    period: str
    totals: list[Total]
    days: list[EarningsDay]
    lines: list[SettlementLine]
    next_tiers: list[TierAhead] = []
    periods: list[str] = []
    running: str = ""
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None


class TariffItem(msgspec.Struct, frozen=True, kw_only=True):
    """`current_revision` is the newest one, which the next is based on (0: none yet); `in_force` the one
    that books now; `draft` the state of its draft: editing, submitted or null."""

    id: str
    key: str
    name: Text
    current_revision: int
    currency: str = ""
    in_force: int | None = None
    draft: str | None = None


class TariffRevision(msgspec.Struct, frozen=True, kw_only=True):
    revision: int
    effective_from: datetime.datetime
    created_by: str | None = None
    """Member id of who made it."""
    note: str = ""
    created_at: datetime.datetime | None = None
    in_force: bool = False
    author: str = ""
    """The name of who made it."""
    approved_by: Reference | None = None


class TariffDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A tariff with the document of its newest revision, or of the one that was asked for.

    A tariff that waits for its first approval has no revision (`current_revision` 0): then `document` is
    the draft's.
    """

    id: str
    key: str
    name: Text
    current_revision: int
    revisions: list[TariffRevision]
    document: dict[str, Any]
    words: list[RowWords]
    findings: list[TariffFinding]
    in_force: int | None = None
    draft: TariffDraft | None = None
    four_eyes: bool = False
    """A revision needs a second person's approval."""


class TariffDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    document: dict[str, Any]


class CreateTariff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`effective_from`: now when absent; never in the past."""

    document: dict[str, Any]
    effective_from: datetime.datetime | None = None
    note: Note = ""


class CreateTariffRevision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`base_revision` is the newest one that the author has seen."""

    document: dict[str, Any]
    base_revision: Number
    effective_from: datetime.datetime | None = None
    note: Note = ""


class TariffCheck(msgspec.Struct, frozen=True, kw_only=True):
    findings: list[TariffFinding]
    words: list[RowWords]


class TariffInputs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An imagined ticket. Quantities as text or numbers: money in minor units, hours and counts as they are.

    `region` is a region's key. `before` is what the period had gathered earlier, for a tariff that sums up.
    `data`, `customer` and `priority` are what conditions see.
    """

    quantities: dict[str, decimal.Decimal] = {}
    attributes: dict[str, str | None] = {}
    region: str | None = None
    before: dict[str, decimal.Decimal] = {}
    data: dict[str, Any] = {}
    customer: dict[str, Any] = {}
    priority: str = "normal"


class TariffTry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`document`: an edited one that is not stored yet; else the stored `revision`, else the newest."""

    inputs: TariffInputs
    document: dict[str, Any] | None = None
    revision: Number | None = None


class TriedLine(msgspec.Struct, frozen=True, kw_only=True):
    component: str
    amount: int
    currency: str
    why: str
    row: str
    tier: int | None = None


class TariffTried(msgspec.Struct, frozen=True, kw_only=True):
    """What the imagined ticket would book; `trace` tells every step, `next_tiers` what is missing to more."""

    lines: list[TriedLine]
    total: Total
    trace: list[str] = []
    next_tiers: list[str] = []


class SheetText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cells copied from a spreadsheet (separated by tabs) or CSV. `document`: the edited tariff they go
    into; absent: the newest stored revision."""

    text: Annotated[str, msgspec.Meta(max_length=900_000)]
    document: dict[str, Any] | None = None


class SheetProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong in a cell, such as `F7`; `line` and `column` count from 0, `column` -1 is the whole
    line."""

    cell: str
    line: int
    column: int
    severity: str
    code: str
    message: str
    text: str = ""


class SheetOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the sheet would make of the tariff; `document` is null while any problem is an error."""

    document: dict[str, Any] | None
    problems: list[SheetProblem]
    added: list[str]
    changed: list[str]
    removed: list[str]
