"""A package with its parameters put in: definitions and tariffs that stand on their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from backend.features.templates.package import Package, PackageInvalid
from backend.features.templates.parameters import UnknownParameter, check_parameters, substitute


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """What a clone, a scenario and the preview of a package are made from."""

    parameters: dict[str, Any]
    definitions: dict[str, dict[str, Any]]
    tariffs: dict[str, dict[str, Any]]
    regions: dict[str, str]
    """Region of the plan -> region that takes its place."""


def instantiate(package: Package, given: Mapping[str, Any]) -> Instance:
    """`given` goes over the defaults; a parameter for a region holds that region's key.

    Raises Invalid for the parameters, PackageInvalid for a part that names an unknown one.
    """
    values = check_parameters(package.manifest.parameters, given)
    regions = {plan.key: str(values.get(plan.param or "") or plan.key) for plan in package.regions}
    filled = {**values, **{plan.param: regions[plan.key] for plan in package.regions if plan.param}}
    return Instance(
        parameters=values,
        definitions={
            key: _fill(f"workflows/{key}.json", part, filled) for key, part in package.workflows.items()
        },
        tariffs={key: _fill(f"tariffs/{key}.json", part, filled) for key, part in package.tariffs.items()},
        regions=regions,
    )


def _fill(where: str, part: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        filled: dict[str, Any] = substitute(part, values)
    except UnknownParameter as unknown:
        raise PackageInvalid(where, f"unknown parameter {unknown}") from unknown
    return filled


def rename_tariffs(definition: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The definition with its settle steps pointing at the names that the tariffs really got."""
    nodes = {node_id: _rename(node, names) for node_id, node in definition["graph"]["nodes"].items()}
    return {**definition, "graph": {**definition["graph"], "nodes": nodes}}


def rename_workflows(definition: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The definition with its subflows pointing at the names that the workflows really got."""
    nodes = {}
    for node_id, node in definition["graph"]["nodes"].items():
        config = node.get("config") or {}
        wanted = str(config.get("workflow") or "")
        renamed = node.get("type") == "subflow" and wanted in names
        nodes[node_id] = {**node, "config": {**config, "workflow": names[wanted]}} if renamed else node
    return {**definition, "graph": {**definition["graph"], "nodes": nodes}}


def _rename(node: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    config = node.get("config") or {}
    tariff = str(config.get("tariff") or "")
    if tariff not in names or names[tariff] == tariff:
        return node
    return {**node, "config": {**config, "tariff": names[tariff]}}
