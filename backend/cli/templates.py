"""`tierflow template list | verify | clone`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any

import msgspec

from backend.cli.installation import add_options, choose_settings
from backend.cli.library import complain, make_registry, open_package, print_findings
from backend.features.platform.errors import Rejection
from backend.features.platform.settings import Settings
from backend.features.templates.package import LIBRARY, Package, PackageInvalid, list_packages
from backend.features.templates.proofs import Proof, prove
from backend.messages import render


def configure(parser: argparse.ArgumentParser) -> None:
    """Actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the packages of the library")
    verify = actions.add_parser("verify", help="check graphs, forms and tariffs, and play every scenario")
    verify.add_argument("template", nargs="*", help="id or folder; none: the whole library")
    verify.add_argument("--quiet", action="store_true", help="no progress")
    clone = actions.add_parser("clone", help="clone a package into a workspace")
    clone.add_argument("template", help="id or folder")
    clone.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="values")
    clone.add_argument("--workspace", help="id or name; needed when there are several")
    add_options(clone)
    for subparser in (listing, verify, clone):
        subparser.add_argument("--lang", choices=("zh", "en"), default="en", help="language of the output")


def execute(arguments: argparse.Namespace) -> int:
    """0 done, 1 findings, failed scenarios or a refused clone, 2 unknown package or wrong value."""
    try:
        match arguments.action:
            case "list":
                return _list(arguments.lang)
            case "verify":
                return _verify(arguments)
            case _:
                return _clone(arguments)
    except PackageInvalid as error:
        return complain(str(error))


def _list(locale: str) -> int:
    for package in list_packages():
        manifest = package.manifest
        print(f"{manifest.id}\t{manifest.version}\t{getattr(manifest.name, locale)}")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    registry = make_registry()
    packages = [open_package(wanted) for wanted in arguments.template] or list_packages()
    if not packages:
        return complain(f"no packages in {LIBRARY}")
    passed = True
    for package in packages:
        proof = prove(package, registry, progress=_make_progress(package, arguments.quiet))
        _clear_progress(arguments.quiet)
        _report(package, proof, arguments.lang)
        passed = passed and proof.passed
    return 0 if passed else 1


def _make_progress(package: Package, quiet: bool) -> Any:
    """A line that is written over, on a terminal only."""

    def show(part: str) -> None:
        if not quiet and sys.stderr.isatty():
            print(f"\r\033[K{package.manifest.id} {part}", end="", file=sys.stderr, flush=True)

    return show


def _clear_progress(quiet: bool) -> None:
    if not quiet and sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _report(package: Package, proof: Proof, locale: str) -> None:
    good = sum(played.passed for played in proof.scenarios.values())
    word = "ok" if proof.passed else "FAILED"
    print(
        f"{package.manifest.id} {package.manifest.version}: {word}, scenarios {good}/{len(package.scenarios)}"
    )
    print_findings(list(proof.findings), locale)
    for name, played in proof.scenarios.items():
        for at, step in enumerate(played.playback.steps):
            for mismatch in step.mismatches:
                print(f"  error   scenarios/{name}.json step {at} ({step.event}): {_word(mismatch, locale)}")
        for fault in played.faults:
            print(f"  error   scenarios/{name}.json: {_word(fault, locale)}")


def _word(mismatch: Any, locale: str) -> str:
    values = {
        "what": mismatch.what,
        "expected": msgspec.json.encode(mismatch.expected).decode(),
        "found": msgspec.json.encode(mismatch.found).decode(),
    }
    return render("play_mismatch", values, locale)


# --- clone ---


def _clone(arguments: argparse.Namespace) -> int:
    package = open_package(arguments.template)
    try:
        parameters = dict(_read_value(text) for text in arguments.values)
    except ValueError as error:
        return complain(str(error))
    return asyncio.run(_clone_into(choose_settings(arguments), package, parameters, arguments))


def _read_value(text: str) -> tuple[str, Any]:
    """`name=value`: JSON where it is JSON, else text. Raises ValueError."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ValueError(f"--set wants NAME=VALUE, not {text!r}")
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name, value


async def _clone_into(
    settings: Settings, package: Package, parameters: dict[str, Any], arguments: argparse.Namespace
) -> int:
    from backend.db.migration import upgrade
    from backend.db.session import Database
    from backend.features.templates.cloning import clone_package
    from backend.features.templates.operators import find_operator

    await upgrade(settings.database_url)
    database = Database(settings.database_url)
    try:
        async with database.unit_of_work() as session:
            operator = await find_operator(session, arguments.workspace, arguments.lang)
            if operator is None:
                return complain("no workspace, or several: name one with --workspace")
            made = await clone_package(
                session,
                operator,
                package,
                parameters,
                registry=make_registry(),
                now=database.clock(),
                locale=arguments.lang,
            )
    except Rejection as error:
        print(render(error.code, error.params, arguments.lang), file=sys.stderr)
        for fault in error.errors:
            words = render(fault.code, fault.params, arguments.lang)
            print(f"  {fault.pointer}: {words}", file=sys.stderr)
        return 1
    finally:
        await database.dispose()
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    for key, workflow_id in made.workflows.items():
        print(f"workflow\t{key}\t{workflow_id}")
    for key, tariff_id in made.tariffs.items():
        print(f"tariff\t{key}\t{tariff_id}")
    for link in made.links:
        print(f"link\t{link.name}\t{base}/f/{link.token}")
    return 0
