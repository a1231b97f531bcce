"""Reading a tariff from a table of cells. Every complaint names its cell; nothing is read by half.

What a sheet has no column for (modifiers, conditions, names, who pays) stays as the document has it for rows
and parts of the same id.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from backend.settlement.coverage import Regions
from backend.settlement.document import check
from backend.settlement.money import EXACT, MINOR_UNITS
from backend.settlement.numerals import DecimalSign, MixedSigns, find_decimal_sign, read_number
from backend.settlement.sheet import (
    COLUMNS,
    DIMENSIONS,
    MODELS,
    NUMBERS,
    TIERED,
    Cell,
    Column,
    SheetProblem,
    is_money,
    is_share,
    name_cell,
)

Names = Mapping[str, str]
"""What people write (lower case) -> key of a column or model; the caller knows the languages."""


class SheetRead(msgspec.Struct, frozen=True, kw_only=True):
    """The document that the sheet describes (null when it cannot be read) and every problem in it."""

    document: dict[str, Any] | None
    problems: tuple[SheetProblem, ...]

    @property
    def is_whole(self) -> bool:
        return self.document is not None and all(p.severity == "warning" for p in self.problems)


def read_sheet(
    cells: Sequence[Sequence[str]],
    base: Mapping[str, Any],
    names: Names,
    regions: Regions | None = None,
) -> SheetRead:
    """The document ``base`` with the rows of the sheet. The first line that is not empty is the head."""
    return _Reader(cells, base, names).read(regions)


Line = dict[Column, str]


class _Reader:
    """A sheet being read: where each column stands, what was complained about, and which cell made what."""

    def __init__(self, cells: Sequence[Sequence[str]], base: Mapping[str, Any], names: Names) -> None:
        self.cells = cells
        self.base = base
        self.names = names
        self.scale = MINOR_UNITS.get(str(base.get("currency")), 2)
        self.problems: list[SheetProblem] = []
        self.columns: dict[Column, int] = {}
        self.places: dict[str, Cell] = {}
        """Pointer into the document -> the cell it was read from."""
        self.sign: DecimalSign = "."

    def read(self, regions: Regions | None) -> SheetRead:
        first = next((at for at, line in enumerate(self.cells) if any(map(str.strip, line))), None)
        if first is None:
            self._complain("sheet_empty", 0, None)
            return self._result(None)
        self._read_head(first)
        lines = [
            (at, self._line(cells))
            for at, cells in enumerate(self.cells[first + 1 :], first + 1)
            if any(map(str.strip, cells))
        ]
        if not lines and not self.problems:
            self._complain("sheet_empty", first, None)
        if self.problems or not self._find_sign(lines):
            return self._result(None)
        rows = [self._row(number, group) for number, group in enumerate(_group(lines, "row"))]
        if any(problem.severity == "error" for problem in self.problems):
            return self._result(None)
        document = {**self.base, "rows": rows}
        self._lint(document, regions)
        return self._result(document)

    def _read_head(self, at: int) -> None:
        for column, text in enumerate(self.cells[at]):
            written = text.strip().lower()
            key = self.names.get(f"column.{written}", written)
            if not written:
                continue
            if key not in COLUMNS:
                self._complain("column_unknown", at, None, column, name=text.strip())
            elif key in self.columns:
                self._complain("column_twice", at, None, column, name=text.strip())
            else:
                self.columns[key] = column
        for needed in ("row", "model"):
            if needed not in self.columns:
                self._complain("column_missing", at, None, name=needed)

    def _line(self, cells: Sequence[str]) -> Line:
        return {column: cells[at].strip() if at < len(cells) else "" for column, at in self.columns.items()}

    def _find_sign(self, lines: list[tuple[int, Line]]) -> bool:
        written = [
            (Cell(at, self.columns[column]), line[column])
            for at, line in lines
            for column in NUMBERS
            if line.get(column)
        ]
        try:
            self.sign = find_decimal_sign(written)
        except MixedSigns as mixed:
            point, comma = mixed.places
            for cell, other in ((point, comma), (comma, point)):
                assert isinstance(cell, Cell) and isinstance(other, Cell)
                self.problems.append(
                    SheetProblem(code="decimal_signs_mixed", cell=cell, params={"other": name_cell(other)})
                )
            return False
        return True

    # --- rows ---

    def _row(self, number: int, lines: list[tuple[int, Line]]) -> dict[str, Any]:
        at, head = lines[0]
        pointer = f"/rows/{number}"
        self._place(pointer, at, "row")
        row_id = head["row"]
        if not row_id:
            self._complain("row_missing", at, "row")
        known = {row["id"]: row for row in self.base.get("rows", ())}.get(row_id, {})
        row: dict[str, Any] = {**known, "id": row_id, "match": self._match(pointer, lines)}
        parts = list(_group(lines, "part"))
        if len(parts) == 1 and not parts[0][0][1].get("part"):
            row["charge"] = self._charge(f"{pointer}/charge", parts[0], known.get("charge"))
            return row
        row["charge"] = {"model": "composite", "parts": []}
        old = {part["id"]: part for part in (known.get("charge") or {}).get("parts", ())}
        for index, part in enumerate(parts):
            name = part[0][1].get("part", "")
            where = f"{pointer}/charge/parts/{index}"
            self._place(where, part[0][0], "part")
            if not name:
                self._complain("part_missing", part[0][0], "part")
            earlier = old.get(name, {})
            charge = self._charge(f"{where}/charge", part, earlier.get("charge"))
            row["charge"]["parts"].append({**earlier, "id": name, "charge": charge})
        return row

    def _match(self, pointer: str, lines: list[tuple[int, Line]]) -> dict[str, str | None]:
        """Dimensions of the row; later lines may leave them empty but not say otherwise."""
        at, head = lines[0]
        match: dict[str, str | None] = {}
        for column in DIMENSIONS:
            if column not in self.columns:
                continue
            match[column] = head[column] or None
            self._place(f"{pointer}/match/{column}", at, column)
            for other, line in lines[1:]:
                if line[column] and line[column] != head[column]:
                    self._complain("row_contradicts", other, column, row=head["row"])
        self._place(f"{pointer}/match", at, "row")
        return match

    def _charge(self, pointer: str, lines: list[tuple[int, Line]], known: Any) -> dict[str, Any]:
        at, head = lines[0]
        written = head["model"].lower()
        model = self.names.get(f"model.{written}", written)
        self._place(pointer, at, "model")
        if model not in MODELS:
            self._complain("model_unknown", at, "model", name=head["model"])
            return {"model": "flat", "amount": 0}
        charge: dict[str, Any] = dict(known) if known and known.get("model") == model else {}
        charge["model"] = model
        if model != "flat":
            charge["measure"] = head.get("measure") or charge.get("measure") or ""
            self._place(f"{pointer}/measure", at, "measure")
            if not charge["measure"]:
                self._complain("measure_missing", at, "measure")
        if model in TIERED:
            charge["tiers"] = [
                self._tier(f"{pointer}/tiers/{index}", charge, *line) for index, line in enumerate(lines)
            ]
            self._place(f"{pointer}/tiers", at, "from")
            return charge
        for other, _ in lines[1:]:
            self._complain("line_superfluous", other, "row", row=head["row"])
        return {**charge, **self._plain_charge(pointer, charge, at, head)}

    def _plain_charge(self, pointer: str, charge: dict[str, Any], at: int, line: Line) -> dict[str, Any]:
        model = charge["model"]
        if model == "flat":
            return {"amount": self._money(f"{pointer}/amount", at, line, "amount")}
        if model == "package":
            size = self._number(f"{pointer}/size", at, line, "size")
            return {
                "size": str(size),
                "price": self._money(f"{pointer}/price", at, line, "amount"),
            }
        found: dict[str, Any] = {"rate": self._rate(f"{pointer}/rate", charge, at, line)}
        if model == "guarantee_plus_excess":
            found["guarantee"] = self._money(f"{pointer}/guarantee", at, line, "amount")
            found["threshold"] = self._bound(f"{pointer}/threshold", charge, at, line, "from")
        return found

    def _tier(self, pointer: str, charge: dict[str, Any], at: int, line: Line) -> dict[str, Any]:
        self._place(pointer, at, "from")
        written = line["model"].lower()
        if written and self.names.get(f"model.{written}", written) != charge["model"]:
            self._complain("row_contradicts", at, "model", row=line["row"])
        return {
            "from": self._bound(f"{pointer}/from", charge, at, line, "from"),
            "to": self._bound(f"{pointer}/to", charge, at, line, "to") if line.get("to") else None,
            "rate": self._rate(f"{pointer}/rate", charge, at, line) if line.get("rate") else "0",
            "flat": self._money(f"{pointer}/flat", at, line, "amount") if line.get("amount") else 0,
        }

    # --- figures ---

    def _number(self, pointer: str, at: int, line: Line, column: Column) -> Decimal:
        self._place(pointer, at, column)
        text = line.get(column, "")
        found = read_number(text, self.sign) if text else None
        if found is None:
            code = "number_unreadable" if text else "number_missing"
            self._complain(code, at, column, text=text, name=column)
            return Decimal(1)
        return found

    def _money(self, pointer: str, at: int, line: Line, column: Column) -> int:
        minor = self._number(pointer, at, line, column).scaleb(self.scale, EXACT)
        if minor != minor.to_integral_value():
            self._complain("money_too_fine", at, column, text=line[column])
        return int(minor)

    def _bound(self, pointer: str, charge: dict[str, Any], at: int, line: Line, column: Column) -> str:
        value = self._number(pointer, at, line, column)
        return format(value.scaleb(self.scale, EXACT) if is_money(self.base, charge) else value, "f")

    def _rate(self, pointer: str, charge: dict[str, Any], at: int, line: Line) -> str:
        value = self._number(pointer, at, line, "rate")
        return format(value.scaleb(-2 if is_share(charge) else self.scale, EXACT).normalize(EXACT), "f")

    # --- complaints ---

    def _place(self, pointer: str, line: int, column: Column) -> None:
        self.places[pointer] = Cell(line, self.columns.get(column, -1))

    def _complain(
        self, code: str, line: int, column: Column | None, at: int | None = None, **params: str
    ) -> None:
        place = at if at is not None else self.columns.get(column, -1) if column else -1
        self.problems.append(SheetProblem(code=code, cell=Cell(line, place), params={**params}))

    def _lint(self, document: dict[str, Any], regions: Regions | None) -> None:
        for finding in check(document, regions)[1]:
            pointer = finding.pointer
            while pointer and pointer not in self.places:
                pointer = pointer.rpartition("/")[0]
            cell = self.places.get(pointer, Cell(0, -1))
            self.problems.append(
                SheetProblem(
                    code=finding.code, cell=cell, severity=finding.severity, params=dict(finding.params)
                )
            )

    def _result(self, document: dict[str, Any] | None) -> SheetRead:
        return SheetRead(document=document, problems=tuple(self.problems))


def _group(lines: list[tuple[int, Line]], column: Column) -> list[list[tuple[int, Line]]]:
    """Lines that belong together: the same text in the column; an empty one continues what stands above."""
    groups: list[list[tuple[int, Line]]] = []
    by_name: dict[str, list[tuple[int, Line]]] = {}
    for at, line in lines:
        name = line.get(column, "")
        if groups and not name:
            groups[-1].append((at, line))
        elif name in by_name:
            by_name[name].append((at, line))
        else:
            by_name[name] = [(at, line)]
            groups.append(by_name[name])
    return groups
