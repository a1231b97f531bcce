"""The contract types themselves: an allow-list that lets a stranger through would hold nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import grimp
import pytest

from scripts.import_rooms import RoomContract, SiblingContract

ROOT = Path(__file__).resolve().parent.parent.parent


def draw(*imports: tuple[str, str]) -> grimp.ImportGraph:
    graph = grimp.ImportGraph()
    for name in {name for pair in imports for name in pair}:
        is_external = not name.startswith("house")
        graph.add_module(name, is_squashed=is_external)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    return graph


def is_kept(contract: type[Any], options: dict[str, Any], *imports: tuple[str, str]) -> bool:
    kept: bool = contract("c", {}, options).check(draw(*imports), verbose=False).kept
    return kept


@pytest.mark.parametrize(
    ("imported", "kept"),
    [
        ("json", True),
        ("msgspec", True),
        ("house.kitchen.stove", True),
        ("house.hall", True),
        ("house.hall.mirror", True),
        ("house.hallway", False),
        ("house.cellar", False),
        ("sqlalchemy", False),
    ],
)
def test_a_room_sees_only_what_is_named(imported: str, kept: bool) -> None:
    options = {"rooms": ["house.kitchen"], "may_import": ["house.hall", "msgspec"]}
    edges = [("house.kitchen.cook", imported), ("house.kitchen", "json")]
    assert is_kept(RoomContract, options, *edges) is kept


def test_a_room_that_is_not_there_breaks_the_contract() -> None:
    assert not is_kept(RoomContract, {"rooms": ["house.attic"]}, ("house.kitchen", "json"))


@pytest.mark.parametrize(
    ("imported", "kept"),
    [
        ("house.b.service", True),
        ("house.b.queries", False),
        ("house.b.queries.rows", False),
        ("house.b", True),
    ],
)
def test_a_siblings_private_modules_are_closed(imported: str, kept: bool) -> None:
    options = {"parent": "house", "private": ["queries"]}
    assert is_kept(SiblingContract, options, ("house.a.controller", imported)) is kept


def test_own_private_modules_are_open() -> None:
    options = {"parent": "house", "private": ["queries"]}
    assert is_kept(SiblingContract, options, ("house.a.controller", "house.a.queries"))


def test_every_package_has_a_room() -> None:
    """A package added later is held by the table too, or this fails."""
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    rooms = {room for contract in configured["contracts"] for room in contract.get("rooms", ())}
    packages = {f"backend.{path.parent.name}" for path in (ROOT / "backend").glob("*/__init__.py")}
    assert packages - rooms == {"backend.cli"}, "only the composition root may import everything"
    modules = {path.name for path in (ROOT / "backend").glob("*.py")}
    assert modules == {"__init__.py", "app.py"}
    assert not any("ignore_imports" in contract for contract in configured["contracts"])


def test_the_locks_agree() -> None:
    """One environment serves running, testing and checking, so no version may differ."""
    assert read_pins("runtime").items() <= read_pins("dev").items()


def read_pins(kind: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / f"{kind}.txt").read_text().splitlines()
    pins = (line.split(" ", 1)[0].split("==") for line in lines if "==" in line and line[0].isalnum())
    return {name: version for name, version in pins}
