"""Settlement periods: their units, their states, their close."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from backend.contracts.common import NamedReference
from backend.contracts.settlement import Party, Total

State = Literal["open", "review", "closing", "closed", "frozen"]
Reason = Annotated[str, Meta(min_length=1, max_length=1000)]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A period by its days, both included; `key` is how lines and addresses name it."""

    key: str
    starts_on: datetime.date
    ends_on: datetime.date


class SettlementUnit(msgspec.Struct, frozen=True, kw_only=True):
    """Whose books are kept in periods of their own.

    `region` None: the workspace itself, for what lies in no region. `rule` is the one in force; `planned` the
    next one and the day it begins.
    """

    id: str
    region: NamedReference | None
    zone: str
    rule: dict[str, Any]
    current: Span
    next: Span
    planned: dict[str, Any] | None = None
    planned_from: datetime.date | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the way of a close. `severity`: `error` (no close), `acknowledge` (only when finance
    says so), `warning`. `link` opens the list of what is meant."""

    code: str
    severity: str
    count: int
    message: str
    named: list[str] = []
    link: str | None = None


class PeriodStep(msgspec.Struct, frozen=True, kw_only=True):
    """Who brought it into this state, when and why."""

    state: str
    at: datetime.datetime
    by: str | None = None
    reason: str = ""


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a close. `total` and `done` count lines; `left_s` is an estimate, absent before it can be
    made. `status` is running, stopped, done or failed."""

    id: str
    run: int
    status: str
    total: int
    done: int
    postings: int
    worked_ms: int
    started_at: datetime.datetime
    left_s: int | None = None
    started_by: str | None = None
    finished_at: datetime.datetime | None = None
    findings: list[Finding] = []
    hash: str = ""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a unit's books. `totals` (what was received) once it is closed."""

    id: str
    unit_id: str
    region: NamedReference | None
    key: str
    starts_on: datetime.date
    ends_on: datetime.date
    zone: str
    state: State
    over: bool
    """Whether its last day has passed where the unit is."""
    closing: Closing | None = None
    totals: list[Total] = []
    lines: int | None = None


class KindTotal(msgspec.Struct, frozen=True, kw_only=True):
    """What all accounts of one kind came to."""

    kind: str
    label: str
    currency: str
    received: int
    borne: int
    lines: int
    parties: int


class PeriodDetail(msgspec.Struct, frozen=True, kw_only=True):
    """`may_settle`: whether the reader may take the next step; `sealed`: the figures cannot change any more
    while it stays closed."""

    period: Period
    obstacles: list[Finding]
    steps: list[PeriodStep]
    next: Span
    may_settle: bool
    sealed: bool


class PartyTotal(msgspec.Struct, frozen=True, kw_only=True):
    """What one party came to; `filters` is the query under which `/settlement/lines` lists its lines."""

    party: Party
    currency: str
    received: int
    borne: int
    lines: int
    filters: dict[str, str]


class ReopenPeriod(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Back to `review` or `open`; the reason goes into the audit log."""

    reason: Reason
    to: Literal["open", "review"] = "review"


class ClosePeriod(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`acknowledged`: codes of the obstacles that finance has seen and accepts."""

    acknowledged: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(max_length=20)] = []
