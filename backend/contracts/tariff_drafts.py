"""Drafts of tariffs: what is edited before it is in force, who approves it, and what changed."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from backend.contracts.common import MoneyValue, Reference, Text

Note = Annotated[str, Meta(max_length=1000)]
Revision = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Etag = Annotated[str, Meta(max_length=36)]
Key = Annotated[str, Meta(max_length=80)]


class RowWords(msgspec.Struct, frozen=True, kw_only=True):
    """The rule of a row in the reader's language."""

    row: str
    text: str


class TariffEdit(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of JSON Patch (RFC 6902) on a tariff's document."""

    op: Literal["add", "replace", "remove"]
    path: str
    value: Any = None


class TariffFix(msgspec.Struct, frozen=True, kw_only=True):
    """What mends a finding with one press: the words of the button, and edits to apply in this order."""

    label: str
    edits: list[TariffEdit]


class TariffFinding(msgspec.Struct, frozen=True, kw_only=True):
    """`pointer` is a JSON pointer to the cell in the tariff's document; `severity` is error or warning."""

    code: str
    severity: str
    message: str
    pointer: str = ""
    fix: TariffFix | None = None


class TariffDraft(msgspec.Struct, frozen=True, kw_only=True):
    """The stored draft of a tariff. `etag` changes with every change; a write must send the one it saw.

    `state` is editing or submitted. `stale`: a revision was published since `base_revision`, so this draft
    cannot be, before it was saved again on the newest one. `may_approve`, for the reader: not an author of
    it, with the right to. `comment`: why it was sent back the last time.
    """

    document: dict[str, Any]
    base_revision: int
    etag: str
    state: str
    updated_at: datetime.datetime
    updated_by: Reference
    authors: list[Reference] = []
    note: str = ""
    effective_from: datetime.datetime | None = None
    submitted_at: datetime.datetime | None = None
    submitted_by: Reference | None = None
    comment: str = ""
    rejected_at: datetime.datetime | None = None
    rejected_by: Reference | None = None
    stale: bool = False
    may_approve: bool = False
    may_publish: bool = False
    """For the reader: submitting it publishes it at once."""


class SavedDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft with what the linter says of it and its rules in words."""

    draft: TariffDraft
    findings: list[TariffFinding]
    words: list[RowWords]


class SaveDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`etag` of the draft that was edited; null for the first save. `base_revision`: the revision that the
    document was made from, 0 for a tariff that has none."""

    document: dict[str, Any]
    base_revision: Revision
    etag: Etag | None = None


class SubmitDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`effective_from`: when it is approved, if absent."""

    etag: Etag
    note: Note = ""
    effective_from: datetime.datetime | None = None


class ApproveDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`etag` of the draft that was looked at: what was changed since is not approved."""

    etag: Etag


class RejectDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    etag: Etag
    comment: Annotated[str, Meta(min_length=1, max_length=1000)]


class TariffSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`four_eyes`: a revision needs a second person's approval."""

    four_eyes: bool


class ChangeTariffSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    four_eyes: bool


class CellChange(msgspec.Struct, frozen=True, kw_only=True):
    """One difference between two documents.

    `kind` is added, removed or changed; `subject` what it is about: head, measure, row, match, charge, part,
    tier, modifier, parties. `pointer` leads into the newer document, for what was removed into the older
    one. `before` and `after` say the value, `text` the whole change in the reader's language.
    """

    kind: str
    subject: str
    pointer: str
    text: str
    row: str | None = None
    row_name: Text | None = None
    before: str | None = None
    after: str | None = None


class TariffDiff(msgspec.Struct, frozen=True, kw_only=True):
    """`older` and `newer` are revision numbers or `draft`."""

    older: str
    newer: str
    changes: list[CellChange]


class CopyRows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows for one region as rows for another, money times `factor`, rounded to a multiple of `step` minor
    units (1: to the minor unit). `document`: the edited one; absent: the draft, else the newest revision."""

    from_region: Key
    to_region: Key
    factor: Decimal = Decimal(1)
    rounding: Literal["half_even", "half_up", "down", "up"] = "half_up"
    step: Annotated[int, Meta(ge=1, le=10**9)] = 1
    document: dict[str, Any] | None = None


class CopiedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A copy and where it stands; `text` is its rule in words. `skipped`: the region has such a row."""

    row: str
    source: str
    text: str
    skipped: bool = False


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What copying would make; nothing is stored."""

    document: dict[str, Any]
    rows: list[CopiedRow]
    findings: list[TariffFinding]


# --- backtests ---


class StartBacktest(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"first": "from", "last": "to"},
):
    """Days of booking, both included. `document`: absent means the draft, else the newest revision."""

    first: datetime.date
    last: datetime.date
    document: dict[str, Any] | None = None
    region_id: Etag | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of one region, person or tier."""

    key: str
    label: str
    currency: str
    before: int
    after: int
    tickets: int


class Mover(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket that would be paid otherwise, or could not be worked out."""

    posting_id: str
    verdict: str
    currency: str
    before: int
    after: int
    ticket_id: str | None = None
    number: str = ""
    title: str = ""
    region_path: list[Text] = []
    reason: str = ""


class Backtest(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """A document over past bookings. `status` is pending, running, stopped, done or failed."""

    id: str
    tariff_id: str
    status: str
    first: datetime.date
    last: datetime.date
    done: int
    total: int
    created_at: datetime.datetime
    created_by: Reference | None = None
    finished_at: datetime.datetime | None = None
    region_path: list[Text] = []
    before: list[MoneyValue] = []
    after: list[MoneyValue] = []
    moved: int = 0
    unmatched: int = 0
    left_out: list[MoneyValue] = []
    """What was booked for those that could not be worked out; it counts on neither side."""
    by_region: list[Difference] = []
    by_person: list[Difference] = []
    by_tier: list[Difference] = []
    movers: list[Mover] = []
    error: str | None = None


class WhyLine(msgspec.Struct, frozen=True, kw_only=True):
    component: str
    amount: int
    currency: str
    why: str
    row: str
    party: str = ""
    tier: int | None = None


class WhyBoth(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket: why the amounts that were booked, and why those that the document gives."""

    mover: Mover
    before: list[WhyLine]
    after: list[WhyLine]
