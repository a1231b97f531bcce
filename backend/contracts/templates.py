"""Industry templates: gallery, detail, clone, play."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from backend.contracts.common import Finding, Text
from backend.contracts.settlement import Party, RowWords
from backend.contracts.tickets import Flow
from backend.contracts.workflows import DerivedNode, EntryLink


class ScenarioCount(msgspec.Struct, frozen=True, kw_only=True):
    passed: int
    total: int


class TemplateCounts(msgspec.Struct, frozen=True, kw_only=True):
    nodes: int
    forms: int
    tariffs: int


class TemplateItem(msgspec.Struct, frozen=True, kw_only=True):
    """A card of the gallery; `graph` is what its picture is drawn from."""

    id: str
    slug: str
    industry: str
    version: str
    name: Text
    summary: Text
    counts: TemplateCounts
    scenarios: ScenarioCount
    graph: Flow
    industry_name: Text = Text()
    proven: bool = True
    """Graphs sound, tariffs without errors, every scenario passed: worked out from the very files."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: Text
    passed: bool
    steps: int = 0
    workflow: str = ""


class TemplateRole(msgspec.Struct, frozen=True, kw_only=True):
    """A role that the workflows name; `members` counts who has it in this workspace."""

    key: str
    name: Text
    members: int = 0


class TemplateDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Definitions (with their forms) and tariffs as they are with the parameters' defaults, by key.

    `parameters` is a JSON Schema; fields of `x-type` region bring this workspace's regions as `x-regions`.
    `derived` is by workflow and node, `words` by tariff.
    """

    id: str
    slug: str
    industry: str
    version: str
    name: Text
    summary: Text
    counts: TemplateCounts
    graph: Flow
    workflows: dict[str, dict[str, Any]]
    tariffs: dict[str, dict[str, Any]]
    parameters: dict[str, Any]
    scenarios: list[Scenario]
    industry_name: Text = Text()
    proven: bool = True
    findings: list[Finding] = []
    derived: dict[str, dict[str, DerivedNode]] = {}
    words: dict[str, list[RowWords]] = {}
    roles: list[TemplateRole] = []
    installed: int = 0
    """How many clones of it this workspace has."""


class CloneRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    parameters: dict[str, Any]


class Cloned(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of what was made. `roles` with no members yet are whom somebody must still be given."""

    workflows: list[str]
    tariffs: list[str]
    id: str = ""
    entry_links: list[EntryLink] = []
    roles: list[TemplateRole] = []
    regions: list[str] = []
    """Ids of regions that were made."""


class PlayRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scenario: str


class PlayedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that would be booked; `side` is receiving or bearing, `why` in the reader's language."""

    party: Party
    amount: int
    currency: str
    component: str
    side: str
    tariff: str
    row: str
    why: str
    tier: int | None = None


class PlayStep(msgspec.Struct, frozen=True, kw_only=True):
    """What happened and what it led to. `open_nodes` have an open task, `visited` were entered so far."""

    event: Text
    open_tasks: list[Text]
    lines: list[PlayedLine]
    visited: list[str]
    open_nodes: list[str] = []
    node: str | None = None
    at: datetime.datetime | None = None
    status: str = "running"
    passed: bool = True
    mismatches: list[str] = []


class Played(msgspec.Struct, frozen=True, kw_only=True):
    steps: list[PlayStep]
    key: str = ""
    name: Text = Text()
    workflow: str = ""
    passed: bool = True
