"""Industry templates: gallery, detail, clone, play."""

from __future__ import annotations

from typing import Any

import msgspec

from backend.contracts.common import Text
from backend.contracts.tickets import Flow


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


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: Text
    passed: bool


class TemplateDetail(msgspec.Struct, frozen=True, kw_only=True):
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


class CloneRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    parameters: dict[str, Any]


class Cloned(msgspec.Struct, frozen=True, kw_only=True):
    workflows: list[str]
    tariffs: list[str]


class PlayRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scenario: str


class PlayStep(msgspec.Struct, frozen=True, kw_only=True):
    event: Text
    open_tasks: list[Text]
    lines: list[dict[str, Any]]
    visited: list[str]


class Played(msgspec.Struct, frozen=True, kw_only=True):
    steps: list[PlayStep]
