"""A package prepared for screens: its parts with the default parameters, compiled. Kept by content hash."""

from __future__ import annotations

from typing import Any

import msgspec

from backend.engine.release import Release
from backend.features.templates.instances import Instance, instantiate
from backend.features.templates.package import Package
from backend.features.workflows.checks import read_definition
from backend.graph.canonical import content_hash
from backend.graph.registry import Registry
from backend.runtime.releases import compile_release


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The default instance, with a compiled release of every workflow."""

    instance: Instance
    releases: dict[str, Release]

    @property
    def first(self) -> Release:
        """The workflow whose picture stands for the package."""
        return next(iter(self.releases.values()))

    def count_forms(self) -> int:
        return sum(len(release.definition.forms) for release in self.releases.values())

    def count_nodes(self) -> int:
        return sum(len(release.nodes) for release in self.releases.values())


_views: dict[str, View] = {}
MAX_VIEWS = 200


def open_view(package: Package, registry: Registry) -> View:
    """Raises Invalid, PackageInvalid for a package that is broken."""
    known = _views.get(package.hash)
    if known is not None:
        return known
    instance = instantiate(package, {})
    view = View(
        instance=instance,
        releases={key: _compile(raw, registry) for key, raw in instance.definitions.items()},
    )
    if len(_views) >= MAX_VIEWS:
        _views.clear()
    _views[package.hash] = view
    return view


def _compile(raw: dict[str, Any], registry: Registry) -> Release:
    _, definition = read_definition(raw)
    return compile_release(content_hash(definition), 1, definition, registry)
