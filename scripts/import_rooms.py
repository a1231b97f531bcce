"""Import-linter contract types that hold the table of rooms.

The stock contracts say what is forbidden; a room is better described by what it may see, so that a package
added later is closed to everybody until the table names it. `RoomContract` is that allow-list, over our own
packages and over installed distributions alike; the standard library is always open. `SiblingContract` keeps
the inner modules of one feature from being used by the next.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def read_names(option: object) -> list[str]:
    """Of a contract's option: the class declares a field, the instance holds what was configured."""
    return [str(name) for name in cast("Iterable[object] | None", option) or ()]


def is_inside(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def is_allowed(imported: str, allowed: frozenset[str]) -> bool:
    if imported.split(".", 1)[0] in sys.stdlib_module_names:
        return True
    return any(is_inside(imported, package) for package in allowed)


def list_members(graph: ImportGraph, package: str) -> list[str]:
    return sorted(module for module in graph.modules if is_inside(module, package))


class RoomContract(Contract):
    """Everything a room imports is itself, the standard library, or named in `may_import`."""

    rooms = fields.ListField(subfield=fields.StringField())
    may_import = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        named = frozenset(read_names(self.may_import))
        rooms = read_names(self.rooms)
        missing = [room for room in rooms if room not in graph.modules]
        strangers = [
            f"{importer} -> {imported}"
            for room in rooms
            for importer in list_members(graph, room)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not is_allowed(imported, named | {room})
        ]
        return ContractCheck(
            kept=not missing and not strangers, metadata={"missing": missing, "strangers": strangers}
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        for room in check.metadata["missing"]:
            output.print_error(f"{room} does not exist", bold=False)
        for stranger in check.metadata["strangers"]:
            output.print_error(stranger, bold=False)


class SiblingContract(Contract):
    """Modules named `private` inside one child of `parent` are imported by no other child of it."""

    parent = fields.StringField()
    private = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        parent = str(self.parent)
        private = frozenset(read_names(self.private))
        depth = parent.count(".") + 1
        trespasses = []
        for importer in list_members(graph, parent):
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                if not is_inside(imported, parent) or imported == parent:
                    continue
                child, *inner = imported.split(".")[depth:]
                own = is_inside(importer, f"{parent}.{child}")
                if not own and inner and inner[0] in private:
                    trespasses.append(f"{importer} -> {imported}")
        return ContractCheck(kept=not trespasses, metadata={"trespasses": trespasses})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for trespass in check.metadata["trespasses"]:
            output.print_error(trespass, bold=False)
