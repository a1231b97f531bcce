"""`tierflow run FILE --scenario FILE`: play a ticket without a server and print what it books."""

from __future__ import annotations

import argparse
import unicodedata
from pathlib import Path
from typing import Any

import msgspec

from backend.cli.checking import read_workflow
from backend.cli.library import complain, find_enclosing_package, make_registry, print_findings
from backend.contracts.templates import PlayedLine, PlayStep
from backend.features.platform.errors import Invalid
from backend.features.templates.instances import instantiate
from backend.features.templates.package import Package, PackageInvalid
from backend.features.templates.playing import play_file
from backend.features.templates.proofs import check_workflow, place_regions
from backend.features.templates.scenarios import ScenarioFile
from backend.features.templates.telling import Teller
from backend.features.templates.world import World
from backend.features.workflows.checks import read_definition
from backend.graph.canonical import content_hash
from backend.runtime.releases import compile_release
from backend.settlement.money import format_minor


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("file", type=Path, help="a workflow definition, alone or inside a template")
    parser.add_argument("--scenario", type=Path, required=True, help="a scenario file")
    parser.add_argument(
        "--tariff",
        type=Path,
        action="append",
        default=[],
        help="a tariff document; inside a template its own",
    )
    parser.add_argument("--lang", choices=("zh", "en"), default="en", help="language of the output")


def execute(arguments: argparse.Namespace) -> int:
    """0 as expected, 1 otherwise or when the workflow has errors, 2 not files that can be read."""
    try:
        file = msgspec.json.decode(arguments.scenario.read_bytes(), type=ScenarioFile)
        definition, findings = read_workflow(arguments.file)
        package = find_enclosing_package(arguments.file)
        tariffs = [msgspec.json.decode(path.read_bytes(), type=dict[str, Any]) for path in arguments.tariff]
    except (OSError, msgspec.MsgspecError, PackageInvalid) as error:
        return complain(str(error))
    if definition is None:
        print_findings(findings, arguments.lang)
        return 1
    try:
        definition, documents, regions = _prepare(package, arguments.file.stem, definition, file)
    except Invalid as error:
        return complain(str(error))
    findings = check_workflow(arguments.file.name, definition, make_registry())
    if any(finding.severity == "error" for finding in findings):
        print_findings(findings, arguments.lang)
        return 1
    documents |= {str(document.get("key")): document for document in tariffs}
    _, value = read_definition(definition)
    release = compile_release(content_hash(value), 1, value, make_registry())
    world = World(release=release, regions=regions, people=file.people, tariffs=documents)
    played = play_file(release, file, world)
    departments = package.manifest.departments if package is not None else {}
    teller = Teller(file, release, regions=regions, departments=departments, locale=arguments.lang)
    told = teller.tell(arguments.scenario.stem, played)
    for at, step in enumerate(told.steps):
        _print_step(at, step, arguments.lang)
    print("passed" if played.passed else "FAILED")
    return 0 if played.passed else 1


def _prepare(
    package: Package | None, key: str, definition: dict[str, Any], file: ScenarioFile
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], Any]:
    """Definition, tariffs and regions: a package's with the scenario's parameters. Raises Invalid."""
    if package is None or key not in package.workflows:
        return definition, {}, ()
    instance = instantiate(package, file.parameters)
    return instance.definitions[key], dict(instance.tariffs), place_regions(package, instance)


def _print_step(at: int, step: PlayStep, locale: str) -> None:
    waiting = ", ".join(getattr(task, locale) for task in step.open_tasks) or "-"
    moment = step.at.isoformat(timespec="minutes") if step.at else ""
    print(f"{at:>3}  {moment}  {getattr(step.event, locale)}")
    print(f"     {step.status}; open: {waiting}")
    for line in step.lines:
        print("     " + _write_line(line))
    for mismatch in step.mismatches:
        print(f"     ! {mismatch}")


def _write_line(line: PlayedLine) -> str:
    tier = f" #{line.tier}" if line.tier else ""
    rule = f"{line.tariff}/{line.row}{tier}"
    amount = format_minor(line.amount, line.currency)
    return (
        f"{_fill(line.party.name, 20)} {amount:>14}  {_fill(line.component, 12)} {_fill(rule, 36)} {line.why}"
    )


def _fill(text: str, width: int) -> str:
    """Padded by columns: a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(0, width - taken)
