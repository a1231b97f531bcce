"""Templates as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from backend.contracts import templates as wire
from backend.contracts.common import Finding, Text
from backend.contracts.settlement import RowWords
from backend.db.models import Region
from backend.features.settlement.checking import present_words
from backend.features.templates.package import Package
from backend.features.templates.proofs import Proof, ProofFinding
from backend.features.templates.views import View
from backend.features.tickets.detail import present_flow
from backend.features.workflows.checks import present_derived
from backend.graph.registry import Registry
from backend.messages import render
from backend.settlement.document import check


def present_item(package: Package, view: View, proof: Proof) -> wire.TemplateItem:
    """A card of the gallery."""
    manifest = package.manifest
    return wire.TemplateItem(
        id=manifest.id,
        slug=package.slug,
        industry=manifest.industry,
        industry_name=manifest.industry_name,
        version=manifest.version,
        name=manifest.name,
        summary=manifest.summary,
        counts=present_counts(package, view),
        scenarios=wire.ScenarioCount(
            passed=sum(played.passed for played in proof.scenarios.values()), total=len(package.scenarios)
        ),
        graph=present_flow(view.first),
        proven=proof.passed,
    )


def present_counts(package: Package, view: View) -> wire.TemplateCounts:
    """Nodes and forms of all workflows."""
    return wire.TemplateCounts(
        nodes=view.count_nodes(), forms=view.count_forms(), tariffs=len(package.tariffs)
    )


def present_detail(
    package: Package,
    view: View,
    proof: Proof,
    *,
    registry: Registry,
    regions: Sequence[Region],
    members: Mapping[str, int],
    installed: int,
    locale: str,
) -> wire.TemplateDetail:
    """The page of one template. `members` counts by role key."""
    manifest = package.manifest
    return wire.TemplateDetail(
        id=manifest.id,
        slug=package.slug,
        industry=manifest.industry,
        industry_name=manifest.industry_name,
        version=manifest.version,
        name=manifest.name,
        summary=manifest.summary,
        counts=present_counts(package, view),
        graph=present_flow(view.first),
        workflows=view.instance.definitions,
        tariffs=view.instance.tariffs,
        parameters=offer_regions(manifest.parameters, regions),
        scenarios=present_scenarios(package, proof),
        proven=proof.passed,
        findings=[present_finding(finding, locale) for finding in proof.findings],
        derived={
            key: present_derived(release.definition, registry, list_names(package, view))
            for key, release in view.releases.items()
        },
        words={key: _describe(document, locale) for key, document in view.instance.tariffs.items()},
        roles=present_roles(package, members),
        installed=installed,
    )


def present_scenarios(package: Package, proof: Proof) -> list[wire.Scenario]:
    """In the order of their file names."""
    return [
        wire.Scenario(
            key=key,
            name=Text(**file.name),
            passed=key in proof.scenarios and proof.scenarios[key].passed,
            steps=len(file.steps) + 1,
            workflow=file.workflow or next(iter(package.workflows), ""),
        )
        for key, file in sorted(package.scenarios.items())
    ]


def present_roles(package: Package, members: Mapping[str, int]) -> list[wire.TemplateRole]:
    """Who the workflows need."""
    return [
        wire.TemplateRole(key=role.key, name=role.name, members=members.get(role.key, 0))
        for role in package.roles
    ]


def list_names(package: Package, view: View) -> dict[tuple[str, str], Text]:
    """What the package calls its roles and tariffs, by kind and key."""
    roles = {("role", role.key): role.name for role in package.roles}
    tariffs = {
        ("tariff", key): Text(**document["name"])
        for key, document in view.instance.tariffs.items()
        if "name" in document
    }
    return {**roles, **tariffs}


def present_finding(finding: ProofFinding, locale: str) -> Finding:
    """In words where the catalogue has them."""
    return Finding(
        code=finding.code,
        severity=finding.severity,
        message=render(finding.code, finding.params, locale),
        pointer=finding.where,
    )


def offer_regions(schema: dict[str, Any], regions: Sequence[Region]) -> dict[str, Any]:
    """The parameters' schema with this workspace's regions as choices of its region fields."""
    offered = [{"id": region.id, "parent_id": region.parent_id, "name": region.name} for region in regions]
    properties = {
        name: {**field, "x-regions": offered} if field.get("x-type") == "region" else field
        for name, field in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties}


def _describe(document: dict[str, Any], locale: str) -> list[RowWords]:
    tariff, _ = check(document)
    return present_words(tariff, locale)


def to_text(value: Any) -> str:
    """A compact JSON text of a value in a mismatch."""
    return msgspec.json.encode(value).decode() if not isinstance(value, str) else value
