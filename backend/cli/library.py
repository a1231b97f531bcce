"""What the commands over packages share: the nodes, finding a package, and words of findings."""

from __future__ import annotations

import sys
from pathlib import Path

from backend.features.templates.package import LIBRARY, Package, PackageInvalid, load_package
from backend.features.templates.proofs import ProofFinding
from backend.graph.registry import Registry
from backend.messages import render
from designer_nodes import NODE_TYPES


def make_registry() -> Registry:
    """Every installed node type."""
    return Registry(NODE_TYPES)


def open_package(wanted: str) -> Package:
    """By id in the library, or by folder. Raises PackageInvalid."""
    for folder in (LIBRARY / wanted, Path(wanted)):
        if (folder / "template.json").is_file():
            return load_package(folder)
    raise PackageInvalid(wanted, "no package of this id, and no folder with a template.json")


def find_enclosing_package(file: Path) -> Package | None:
    """The package whose `workflows/` or `scenarios/` folder holds this file. Raises PackageInvalid."""
    folder = file.resolve().parent.parent
    return load_package(folder) if (folder / "template.json").is_file() else None


def print_findings(findings: list[ProofFinding], locale: str) -> None:
    """One line each, to standard output."""
    for finding in findings:
        print(f"  {finding.severity:<7} {finding.where}: {render(finding.code, finding.params, locale)}")


def complain(text: str) -> int:
    """A refusal on standard error; answers the exit code of wrong usage."""
    print(text, file=sys.stderr)
    return 2
