"""Finding packages and what they prove, off the event loop: proofs search graphs and play scenarios."""

from __future__ import annotations

import anyio.to_thread

from backend.features.platform.errors import Invalid, NotFound
from backend.features.templates.package import Package, PackageInvalid, find_package, list_packages
from backend.features.templates.playing import PlayedScenario
from backend.features.templates.proofs import Proof, play_scenario, prove
from backend.features.templates.scenarios import ScenarioFile
from backend.features.templates.views import View, open_view
from backend.graph.registry import Registry

Opened = tuple[Package, View, Proof]


async def open_library(registry: Registry) -> list[Opened]:
    """Every package with its proof. Raises Invalid (`template_broken`)."""
    return await anyio.to_thread.run_sync(_open_library, registry)


async def open_template(industry: str, slug: str, registry: Registry) -> Opened:
    """Raises NotFound, Invalid (`template_broken`)."""
    package = read_template(industry, slug)
    return await anyio.to_thread.run_sync(_open, package, registry)


def read_template(industry: str, slug: str) -> Package:
    """Raises NotFound, Invalid (`template_broken`)."""
    try:
        package = find_package(f"{industry}/{slug}")
    except PackageInvalid as error:
        raise _refuse(error) from error
    if package is None:
        raise NotFound("template_unknown")
    return package


def find_scenario(package: Package, key: str) -> ScenarioFile:
    """Raises NotFound."""
    if key not in package.scenarios:
        raise NotFound("scenario_unknown")
    return package.scenarios[key]


async def play(package: Package, file: ScenarioFile, registry: Registry) -> PlayedScenario:
    """Really plays it, each time."""
    return await anyio.to_thread.run_sync(play_scenario, package, file, registry)


def _open_library(registry: Registry) -> list[Opened]:
    try:
        return [_open(package, registry) for package in list_packages()]
    except PackageInvalid as error:
        raise _refuse(error) from error


def _open(package: Package, registry: Registry) -> Opened:
    return package, open_view(package, registry), prove(package, registry)


def _refuse(error: PackageInvalid) -> Invalid:
    return Invalid("template_broken", params={"where": error.where, "reason": error.reason})
