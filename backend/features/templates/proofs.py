"""Is a package what it says? Graphs sound, tariffs clean, every scenario played: computed, never declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from backend.features.platform.errors import Invalid
from backend.features.templates.instances import Instance, instantiate
from backend.features.templates.package import Package, PackageInvalid, RegionPlan
from backend.features.templates.playing import PlayedScenario, play_file
from backend.features.templates.scenarios import ScenarioFile
from backend.features.templates.world import World
from backend.features.workflows.checks import check_now, read_definition
from backend.graph.canonical import content_hash
from backend.graph.registry import Registry
from backend.messages import knows
from backend.runtime.releases import compile_release
from backend.settlement.document import check

Progress = Callable[[str], None]


class ProofFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with a part. `code` is of the message catalogue where it has words."""

    where: str
    code: str
    severity: str = "error"
    params: dict[str, Any] = {}


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was found and how each scenario went."""

    hash: str
    findings: tuple[ProofFinding, ...]
    scenarios: dict[str, PlayedScenario]

    @property
    def passed(self) -> bool:
        return not any(finding.severity == "error" for finding in self.findings) and all(
            played.passed for played in self.scenarios.values()
        )


_proofs: dict[str, Proof] = {}
MAX_PROOFS = 200


def prove(package: Package, registry: Registry, progress: Progress = lambda _: None) -> Proof:
    """The proof of exactly these files; kept in memory by their hash. Tens of milliseconds the first time."""
    known = _proofs.get(package.hash)
    if known is None:
        known = _prove(package, registry, progress)
        if len(_proofs) >= MAX_PROOFS:
            _proofs.clear()
        _proofs[package.hash] = known
    return known


def _prove(package: Package, registry: Registry, progress: Progress) -> Proof:
    try:
        instance = instantiate(package, {})
    except (Invalid, PackageInvalid) as error:
        finding = ProofFinding(
            where="template.json", code="template_defaults_unfit", params={"reason": str(error)}
        )
        return Proof(hash=package.hash, findings=(finding,), scenarios={})
    findings: list[ProofFinding] = []
    for key, definition in instance.definitions.items():
        progress(f"workflows/{key}.json")
        findings += check_workflow(f"workflows/{key}.json", definition, registry)
    for key, document in instance.tariffs.items():
        progress(f"tariffs/{key}.json")
        findings += check_tariff(f"tariffs/{key}.json", document, package, instance)
    scenarios: dict[str, PlayedScenario] = {}
    if not any(finding.severity == "error" for finding in findings):
        for name, file in package.scenarios.items():
            progress(f"scenarios/{name}.json")
            scenarios[name] = play_scenario(package, file, registry)
    return Proof(hash=package.hash, findings=tuple(findings), scenarios=scenarios)


def check_workflow(where: str, definition: dict[str, Any], registry: Registry) -> list[ProofFinding]:
    """Structure, forms and soundness. A search that ended early is a warning."""
    try:
        _, value = read_definition(definition)
    except Invalid as error:
        return [
            ProofFinding(where=f"{where}{fault.pointer}", code=fault.code, params=fault.params)
            for fault in error.errors
        ] or [ProofFinding(where=where, code=error.code, params=error.params)]
    verdict = check_now(value, registry)
    found = [
        ProofFinding(
            where=f"{where}#{issue.where.node or issue.where.edge or issue.where.pointer or ''}",
            code=issue.code,
            severity=issue.severity,
            params=dict(issue.params),
        )
        for issue in verdict.issues
    ]
    if not verdict.blocked and verdict.soundness.verdict != "sound":
        found.append(ProofFinding(where=where, code="template_not_proven", severity="warning"))
    return found


def check_tariff(
    where: str, document: dict[str, Any], package: Package, instance: Instance
) -> list[ProofFinding]:
    """The linter's findings, with the package's regions for its coverage."""
    plans = place_regions(package, instance)
    regions = {plan.key: plan.parent for plan in plans}
    _, findings = check(document, regions or None)
    return [
        ProofFinding(
            where=f"{where}{finding.pointer}",
            code=f"tariff.{finding.code}" if knows(f"tariff.{finding.code}") else finding.code,
            severity=finding.severity,
            params=dict(finding.params),
        )
        for finding in findings
    ]


def place_regions(package: Package, instance: Instance) -> tuple[RegionPlan, ...]:
    """The package's regions under the keys that this instance uses."""
    return tuple(
        msgspec.structs.replace(
            plan,
            key=instance.regions[plan.key],
            parent=None if plan.parent is None else instance.regions[plan.parent],
        )
        for plan in package.regions
    )


def play_scenario(package: Package, file: ScenarioFile, registry: Registry) -> PlayedScenario:
    """Play one scenario of a package. Raises Invalid for parameters of the scenario that do not fit."""
    instance = instantiate(package, file.parameters)
    key = file.workflow or next(iter(instance.definitions))
    _, definition = read_definition(instance.definitions[key])
    release = compile_release(content_hash(definition), 1, definition, registry)
    world = World(
        release=release,
        regions=place_regions(package, instance),
        people=file.people,
        tariffs=instance.tariffs,
    )
    return play_file(release, file, world)
