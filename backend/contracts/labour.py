"""Projects, what people's hours cost, timesheets, and the cost of projects. Money in minor units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from backend.contracts.common import MoneyValue, Reference, Text

Employment = Literal["full_time", "part_time"]
EntryState = Literal["entered", "booked", "rejected", "reversed"]
Key = Annotated[str, Meta(min_length=1, max_length=60, pattern="^[a-z0-9][a-z0-9_-]*$")]
Month = Annotated[str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Ids = Annotated[list[Annotated[str, Meta(max_length=36)]], Meta(max_length=100)]


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """Bears the cost of tickets that name it (field `project`), or of its workflows in its region."""

    id: str
    key: str
    name: Text
    region_id: str | None
    region_path: list[Text]
    workflows: list[str]
    active: bool


class CreateProject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`workflows`: ids whose tickets are of it; none: only tickets that name it."""

    key: Key
    name: Text
    region_id: str | None = None
    workflows: Ids = []


class UpdateProject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays."""

    name: Text | None = None
    workflows: Ids | None = None
    active: bool | None = None


class LabourRate(msgspec.Struct, frozen=True, kw_only=True):
    """What an hour of somebody costs from a day on."""

    id: str
    member: Reference
    kind: Employment
    hourly: int
    currency: str
    valid_from: date


class CreateRate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `valid_from` on; hours booked before keep their rate."""

    member_id: Annotated[str, Meta(max_length=36)]
    kind: Employment
    hourly: Annotated[int, Meta(ge=0, le=10**9)]
    currency: Annotated[str, Meta(min_length=3, max_length=3)]
    valid_from: date


class LabourEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Time of one person for one project on one day; priced when it is booked."""

    id: str
    project: Reference
    member: Reference
    day: date
    seconds: int
    source: Literal["ticket", "timesheet"]
    ticket_id: str = ""
    number: str = ""
    note: str = ""
    state: EntryState
    kind: str = ""
    amount: int = 0
    currency: str = ""
    decided_by: str = ""
    reason: str = ""
    mine: bool = False
    """Whoever worked or entered it may not confirm it."""


class EnterTime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One's own time; finance may enter it for somebody else."""

    project_id: Annotated[str, Meta(max_length=36)]
    day: date
    minutes: Annotated[int, Meta(ge=1, le=24 * 60)]
    note: Annotated[str, Meta(max_length=500)] = ""
    member_id: Annotated[str, Meta(max_length=36)] | None = None


class LabourReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why hours are rejected or taken back."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class ProjectCost(msgspec.Struct, frozen=True, kw_only=True):
    """Of one project in one month and currency."""

    project: Reference
    currency: str
    amount: int
    seconds: int
    part_time: int
    """Of the amount, what part-time people cost."""
    people: int


class LabourRun(msgspec.Struct, frozen=True, kw_only=True):
    """Gathering the hours of a month's finished tickets. `unmatched`: tickets of no project."""

    id: str
    month: str
    state: Literal["running", "stopped", "done"]
    done: int
    booked: int
    unmatched: int
    unpriced: list[str]
    """Names of people without a rate on the day."""
    created_at: datetime
    finished_at: datetime | None = None


class GatherHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which month."""

    month: Month


class LabourCost(msgspec.Struct, frozen=True, kw_only=True):
    """A month: what each project bears, what waits for confirmation, and the last gathering."""

    month: str
    items: list[ProjectCost]
    total: list[MoneyValue]
    waiting: int
    run: LabourRun | None = None
