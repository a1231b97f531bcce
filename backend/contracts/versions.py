"""Rehearsals of a draft, and migrations of running tickets."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from backend.contracts.common import Number, Reference, Text
from backend.contracts.workflows import DerivedNode


class StartRehearsal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last `limit` tickets, of a region and everything below it, opened since a moment."""

    limit: Annotated[int, Meta(ge=1, le=10_000)] = 200
    since: datetime.datetime | None = None
    region_id: str | None = None


class RehearsalTimes(msgspec.Struct, frozen=True, kw_only=True):
    """Averages in seconds of tickets that come to their end on both sides."""

    tickets: int
    old_length: int
    new_length: int
    old_handling: int
    new_handling: int
    old_waiting: int
    new_waiting: int


class MoneyChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a region or a person receives then and now, in minor units."""

    key: str
    label: str
    currency: str
    old: int
    new: int
    difference: int


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is pending, running, done, cancelled or failed.

    `counts` by class: unchanged, rerouted, stuck, invalid, ended, unreadable; and money: those that pay
    otherwise. `current` says whether the draft is still the one that was tried; `published` is the number of
    the release that it has become.
    """

    id: str
    workflow_id: str
    revision: int
    current: bool
    published: int | None
    status: str
    limit: int
    total: int
    done: int
    counts: dict[str, int]
    created_at: datetime.datetime
    since: datetime.datetime | None = None
    region: list[Text] = []
    times: RehearsalTimes | None = None
    regions: list[MoneyChange] = []
    people: list[MoneyChange] = []
    by: Reference | None = None
    finished_at: datetime.datetime | None = None
    message: str | None = None


class RehearsedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """`reasons` in words: where it stands still, which answers do not fit, where the ways part."""

    ticket_id: str
    number: str
    title: str
    release_number: int
    verdict: str
    reasons: list[str] = []
    money: list[MoneyChange] = []
    old_length: int = 0
    new_length: int = 0


class WayPoint(msgspec.Struct, frozen=True, kw_only=True):
    node: str
    label: Text
    at: datetime.datetime
    parts: bool = False
    """Whether the two ways part here."""


class RehearsedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that would be booked, with sums of periods that begin at zero."""

    node: str
    label: Text
    party: str
    amount: int
    currency: str
    component: str
    tariff: str
    revision: int
    row: str
    tier: int | None = None
    bearing: bool = False


class RehearsedSide(msgspec.Struct, frozen=True, kw_only=True):
    status: str
    result: str | None
    length: int
    handling: int
    way: list[WayPoint]
    standing: list[str]
    lines: list[RehearsedLine]


class TicketComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides of one ticket."""

    ticket: RehearsedTicket
    old: RehearsedSide
    new: RehearsedSide


class RehearsedDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """The draft as it was tried, with the ports and the line of each node."""

    revision: int
    definition: dict[str, Any]
    derived: dict[str, DerivedNode] = {}


class NodeMatch(msgspec.Struct, frozen=True, kw_only=True):
    """How sure a suggestion is: `same` id, `like` (type and name), or `none`."""

    old: str
    new: str | None
    kind: str


class MappingSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """`standing`: how many running tickets stand at each node of the old release."""

    origin: int
    target: int
    matches: list[NodeMatch]
    standing: dict[str, int]


class StartMigration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`origins`: numbers of releases; empty: all older and newer ones. `mapping` leads from old to new nodes;
    what is not named keeps its id. Without `dry_run`, green tickets go at once."""

    to: Number
    origins: Annotated[list[Number], Meta(max_length=200)] = msgspec.field(name="from", default_factory=list)
    mapping: dict[str, str] = {}
    dry_run: bool = True


class RunMigration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`amber`: take those along that somebody should look at. Red ones never go."""

    amber: bool = False


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is checking, ready, running, stopped, done, undoing, undone or failed.

    `counts`: green, amber, red; migrated, left, undone, kept.
    """

    id: str
    workflow_id: str
    target: int
    sources: list[int]
    mapping: dict[str, str]
    amber: bool
    status: str
    total: int
    done: int
    counts: dict[str, int]
    created_at: datetime.datetime
    by: Reference | None = None
    finished_at: datetime.datetime | None = None
    message: str | None = None


class MigrationFinding(msgspec.Struct, frozen=True, kw_only=True):
    """`area` is structure, data or money."""

    area: str
    level: str
    code: str
    message: str
    node: str | None = None


class MigrationTicket(msgspec.Struct, frozen=True, kw_only=True):
    """`status`: checked, migrated, left (a run could not take it), undone, kept (it could not go back)."""

    ticket_id: str
    number: str
    title: str
    origin: int
    standing: list[Text]
    verdict: str
    status: str
    findings: list[MigrationFinding]


class FormVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a new version of a form means for stored answers: safe, needs_mapping or breaking."""

    form: str
    title: Text
    verdict: str
    changes: list[str]
    tickets: int
    """Running tickets that hold answers to this form."""
    unfit: int
    """Of these, how many hold an answer that the new version would refuse."""
