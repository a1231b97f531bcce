"""Corrections of what is booked, on the wire."""

import datetime
import decimal
from typing import Annotated, Any, Literal

import msgspec

from backend.contracts.common import Text
from backend.contracts.settlement import Party, Total

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class GiveReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why something that is booked is set right: it stands beside the booking for good."""

    reason: Reason


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """By how much a party's amount changes in one place; `period` is that of the books, `earned_period` the
    one of the work where it is another. `tier` is null where no tier made it."""

    party: Party
    amount: int
    currency: str
    region_path: list[Text] = []
    period: str = ""
    earned_period: str | None = None
    row: str = ""
    tier: int | None = None


class Corrected(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: postings, and what they change for whom. With `repeated` all had been done before."""

    correction_id: str | None
    postings: list[str]
    repeated: bool
    differences: list[Difference] = []


class TicketPosting(msgspec.Struct, frozen=True, kw_only=True):
    """One booking of a ticket, who wanted it and why, and what became of it."""

    id: str
    kind: str
    booked_at: datetime.datetime
    reason: str
    by: Text | None
    totals: list[Total]
    reversal_of: str | None = None
    reversed_by: str | None = None
    replaces: str | None = None
    """The posting in whose place it stands."""


class CorrectionItem(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of corrections. `done` of `total` postings."""

    id: str
    kind: str
    state: str
    reason: str
    created_at: datetime.datetime
    created_by: Text | None
    total: int
    done: int
    ticket_id: str | None = None
    number: str = ""
    tariff_id: str | None = None
    tariff_name: Text | None = None
    revision: int | None = None
    effective_from: datetime.datetime | None = None
    error: str | None = None
    """In the reader's language."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that a retroactive change cannot rebook, and why."""

    ticket_id: str
    number: str
    message: str


class FigureChange(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of a late change as it was and as it is, in words; empty where there was none."""

    label: str
    before: str
    after: str


class CorrectionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """With the statement of the differences: foreseen until it has run, then as booked."""

    item: CorrectionItem
    differences: list[Difference]
    totals: list[Total]
    tickets: int
    problems: list[Problem] = []
    figures: list[FigureChange] = []


class ProposeRetroactive(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tariff as it should have been from a moment in the past. Nothing is booked before it is started."""

    tariff_id: str
    document: dict[str, Any]
    effective_from: datetime.datetime
    base_revision: int
    note: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity that a booking was worked out from: money in minor units, else in its `unit`. `value` is
    null where the booking knew none."""

    name: str
    label: Text
    kind: str
    unit: Text | None = None
    value: decimal.Decimal | None = None


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute that rows of the tariff look at: service, channel, role, level or grade. `choices` are
    the codes that rows name."""

    name: str
    value: str | None
    choices: list[str]


class PostingFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What one booking rests on and may be corrected. Money has `decimals` digits behind the point."""

    posting_id: str
    tariff_name: Text
    currency: str
    decimals: int
    measures: list[Figure]
    attributes: list[Feature]


class ChangeFigures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is other than booked: quantities (money in minor units) and attributes."""

    quantities: Annotated[dict[str, decimal.Decimal], msgspec.Meta(max_length=100)] = {}
    attributes: dict[
        Literal["service", "channel", "role", "level", "grade"],
        Annotated[str, msgspec.Meta(max_length=200)] | None,
    ] = {}


class CorrectFigures(ChangeFigures, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With the reason, which stands beside the booking for good."""

    reason: Reason


class FiguresLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it stands, or as it will."""

    party: Party
    amount: int
    currency: str
    why: str


class FiguresPreview(msgspec.Struct, frozen=True, kw_only=True):
    """The lines that stand, those that will, and by how much each party's amount changes in all; where tiers
    look at a period, the last one is not simply the difference of the first two. With `repeated` it is
    booked already."""

    before: list[FiguresLine]
    after: list[FiguresLine]
    differences: list[Difference]
    repeated: bool = False
