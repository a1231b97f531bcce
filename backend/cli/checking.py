"""`tierflow check FILE`: findings and soundness of a workflow definition."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from backend.cli.library import complain, find_enclosing_package, make_registry, print_findings
from backend.features.templates.instances import instantiate
from backend.features.templates.package import PackageInvalid
from backend.features.templates.proofs import ProofFinding, check_workflow
from backend.graph.decode import parse_definition


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("file", type=Path, help="a workflow definition (JSON), alone or inside a template")
    parser.add_argument("--lang", choices=("zh", "en"), default="en", help="language of the output")


def execute(arguments: argparse.Namespace) -> int:
    """0 no errors, 1 errors, 2 not a file that can be read."""
    try:
        definition, findings = read_workflow(arguments.file)
    except (OSError, PackageInvalid) as error:
        return complain(str(error))
    if definition is not None:
        findings = check_workflow(arguments.file.name, definition, make_registry())
    print_findings(findings, arguments.lang)
    errors = sum(finding.severity == "error" for finding in findings)
    print(f"{arguments.file.name}: {errors} errors, {len(findings) - errors} warnings")
    return 1 if errors else 0


def read_workflow(file: Path) -> tuple[dict[str, Any] | None, list[ProofFinding]]:
    """The definition, with forms and default parameters when it lies in a template; else why it is none.

    Raises OSError, PackageInvalid.
    """
    package = find_enclosing_package(file)
    if package is not None and file.stem in package.workflows:
        return instantiate(package, {}).definitions[file.stem], []
    raw, issues = parse_definition(file.read_bytes())
    if issues or not isinstance(raw, dict):
        found = [
            ProofFinding(where=file.name, code=issue.code, params=msgspec.to_builtins(issue.params))
            for issue in issues
        ]
        return None, found or [ProofFinding(where=file.name, code="invalid_definition")]
    return raw, []
