"""A tariff out to a spreadsheet and back: what it would become is shown first, nothing is stored here."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import anyio.to_thread
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.features.platform.actor import Actor
from backend.features.platform.cells import Cells
from backend.features.settlement.checking import check_document
from backend.features.settlement.naming import list_regions
from backend.features.settlement.workbooks import read_file, read_text, write_csv, write_xlsx
from backend.messages import LOCALES, load_texts, render
from backend.settlement.sheet import COLUMNS, NUMBERS, Cell, SheetProblem, name_cell, write_sheet
from backend.settlement.sheet_reading import read_sheet
from backend.settlement.tariff import Finding

_NUMBERS = frozenset(COLUMNS.index(column) for column in NUMBERS)
_PREFIX = "sheet."


def export_csv(document: dict[str, Any], locale: str) -> bytes:
    return write_csv(write_sheet(document, _titles(locale)), _NUMBERS)


async def export_xlsx(document: dict[str, Any], locale: str) -> bytes:
    cells = write_sheet(document, _titles(locale))
    title = render("sheet.title", {}, locale)
    return await anyio.to_thread.run_sync(write_xlsx, cells, _NUMBERS, title)


async def read_upload(content: bytes) -> Cells:
    """Raises Invalid for a file that holds no cells."""
    return await anyio.to_thread.run_sync(read_file, content)


async def read_pasted(text: str) -> Cells:
    """Raises Invalid."""
    return await anyio.to_thread.run_sync(read_text, text)


async def try_sheet(
    session: AsyncSession, actor: Actor, cells: Cells, base: dict[str, Any], locale: str
) -> wire.SheetOutcome:
    """What the tariff `base` would become, with every problem at its cell; for the tariff editor to take
    over."""
    regions = await list_regions(session, actor.workspace_id)
    tree = {region.id: region.key for region in regions}
    parents = {region.key: tree.get(region.parent_id or "") for region in regions}
    read = await anyio.to_thread.run_sync(read_sheet, cells, base, _names(), parents or None)
    problems = list(read.problems)
    if read.is_whole and read.document is not None:
        known = {(problem.code, problem.severity) for problem in problems}
        _, findings = check_document(read.document, regions)
        problems += [_without_cell(found) for found in findings if (found.code, found.severity) not in known]
    whole = read.document is not None and all(problem.severity == "warning" for problem in problems)
    return wire.SheetOutcome(
        document=read.document if whole else None,
        problems=[_present(problem, cells, locale) for problem in problems],
        **_compare(base, read.document if whole else None),
    )


def _without_cell(found: Finding) -> SheetProblem:
    """What only the workspace knows (currencies, conditions) concerns the whole table."""
    return SheetProblem(code=found.code, severity=found.severity, cell=Cell(0, -1), params=dict(found.params))


def _present(problem: SheetProblem, cells: Cells, locale: str) -> wire.SheetProblem:
    own = f"{_PREFIX}{problem.code}"
    code = own if own in load_texts() else f"tariff.{problem.code}"
    params = dict(problem.params)
    if problem.code == "column_missing":
        params["name"] = render(f"sheet.column.{params['name']}", {}, locale)
    line, column = problem.cell.line, problem.cell.column
    inside = 0 <= line < len(cells) and 0 <= column < len(cells[line])
    return wire.SheetProblem(
        cell=name_cell(problem.cell),
        line=line,
        column=column,
        severity=problem.severity,
        code=code,
        message=render(code, params, locale),
        text=cells[line][column][:80] if inside else "",
    )


def _compare(base: dict[str, Any], document: dict[str, Any] | None) -> dict[str, list[str]]:
    """Ids of rows that the sheet adds, changes and takes away."""
    if document is None:
        return {"added": [], "changed": [], "removed": []}
    old, new = (_by_id(side.get("rows", ())) for side in (base, document))
    return {
        "added": [row for row in new if row not in old],
        "changed": [row for row in new if row in old and new[row] != old[row]],
        "removed": [row for row in old if row not in new],
    }


def _by_id(rows: Iterable[dict[str, Any]]) -> dict[str, bytes]:
    """Rows in one way of writing: absent and null dimensions are the same."""
    return {str(row.get("id")): msgspec.json.encode(_plain(row), order="deterministic") for row in rows}


def _plain(value: Any) -> Any:
    """Without what is null, and numbers as they count (`"5.0"` is `"5"`, no flat amount is 0)."""
    if isinstance(value, dict):
        kept = {key: _plain(item) for key, item in value.items() if item is not None}
        return {key: item for key, item in kept.items() if item not in (0, "0", [], {})}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _titles(locale: str) -> dict[str, str]:
    return {
        code.removeprefix(_PREFIX): pair[LOCALES.index(locale) if locale in LOCALES else 0]
        for code, pair in load_texts().items()
        if code.startswith((f"{_PREFIX}column.", f"{_PREFIX}model."))
    }


@cache
def _names() -> dict[str, str]:
    """What people may write, in either language -> key."""
    names: dict[str, str] = {}
    for locale in LOCALES:
        for code, title in _titles(locale).items():
            kind, _, key = code.partition(".")
            names[f"{kind}.{title.lower()}"] = key
    return names
