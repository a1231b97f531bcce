"""A tariff as a table of cells, the way a spreadsheet holds it: one line for each tier.

Money stands in whole currency (50,000 yuan, not fen), shares in per cent. What a sheet has no column for
(modifiers, conditions, names, who pays) stays in the document; see `sheet_reading`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import msgspec

from backend.settlement.money import EXACT, MINOR_UNITS
from backend.settlement.phrasing import Params

Column = Literal[
    "row",
    "region",
    "service",
    "channel",
    "role",
    "level",
    "grade",
    "part",
    "model",
    "measure",
    "from",
    "to",
    "rate",
    "amount",
    "size",
]
COLUMNS: tuple[Column, ...] = (
    "row",
    "region",
    "service",
    "channel",
    "role",
    "level",
    "grade",
    "part",
    "model",
    "measure",
    "from",
    "to",
    "rate",
    "amount",
    "size",
)
NUMBERS: tuple[Column, ...] = ("from", "to", "rate", "amount", "size")
DIMENSIONS: tuple[Column, ...] = ("region", "service", "channel", "role", "level", "grade")
SHARES = {"percentage", "graduated_percentage", "volume_percentage"}
TIERED = {"graduated", "graduated_percentage", "volume", "volume_percentage"}
MODELS = {"flat", "per_unit", "package", "guarantee_plus_excess", *SHARES, *TIERED}


class Cell(msgspec.Struct, frozen=True):
    """A place in the sheet: line and column from 0; ``column`` -1 means the whole line."""

    line: int
    column: int


class SheetProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong in one cell; code and params of a sentence of the message catalogue."""

    code: str
    cell: Cell
    severity: Literal["error", "warning"] = "error"
    params: Params = {}


def name_cell(cell: Cell) -> str:
    """``B7``, as spreadsheets call it; ``7`` for a whole line."""
    letters, column = "", cell.column
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return f"{letters}{cell.line + 1}"


def write_sheet(document: Mapping[str, Any], titles: Mapping[str, str]) -> list[list[str]]:
    """The cells of a document, head first; ``titles`` names columns and models in the reader's language."""
    lines = [[titles.get(f"column.{column}", column) for column in COLUMNS]]
    scale = MINOR_UNITS.get(str(document.get("currency")), 2)
    for row in document.get("rows", ()):
        charge = row["charge"]
        parts = charge["parts"] if charge["model"] == "composite" else [{"id": "", "charge": charge}]
        for part in parts:
            for values in _write_charge(part["charge"], document, scale):
                head = {"row": row["id"], "part": part["id"], **(row.get("match") or {}), **values}
                head["model"] = titles.get(f"model.{head['model']}", str(head["model"]))
                lines.append([_text(head.get(column)) for column in COLUMNS])
    return lines


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _write_charge(charge: Mapping[str, Any], document: Mapping[str, Any], scale: int) -> list[dict[str, Any]]:
    model, measure = charge["model"], charge.get("measure")
    common = {"model": model, "measure": measure}
    money = is_money(document, charge)

    def bound(value: Any) -> str | None:
        return None if value is None else _plain(Decimal(str(value)), -scale if money else 0)

    def rate(value: Any) -> str:
        return _plain(Decimal(str(value)), 2 if is_share(charge) else -scale)

    def amount(value: Any) -> str | None:
        return _plain(Decimal(str(value)), -scale) if value else None

    if model in TIERED:
        return [
            {
                **common,
                "from": bound(tier["from"]),
                "to": bound(tier.get("to")),
                "rate": rate(tier.get("rate", 0)),
                "amount": amount(tier.get("flat")),
            }
            for tier in charge["tiers"]
        ]
    if model == "flat":
        return [{"model": model, "amount": _plain(Decimal(str(charge["amount"])), -scale)}]
    if model == "package":
        price = _plain(Decimal(str(charge["price"])), -scale)
        return [{**common, "size": _text(charge["size"]), "amount": price}]
    if model == "guarantee_plus_excess":
        guarantee = _plain(Decimal(str(charge["guarantee"])), -scale)
        return [
            {**common, "from": bound(charge["threshold"]), "rate": rate(charge["rate"]), "amount": guarantee}
        ]
    return [{**common, "rate": rate(charge["rate"])}]


def _plain(value: Decimal, shift: int) -> str:
    return format(value.scaleb(shift, EXACT).normalize(EXACT), "f")


def is_share(charge: Mapping[str, Any]) -> bool:
    if charge["model"] == "guarantee_plus_excess":
        return bool(charge.get("basis", "percentage") == "percentage")
    return charge["model"] in SHARES


def is_money(document: Mapping[str, Any], charge: Mapping[str, Any]) -> bool:
    """Whether the measure's bounds are amounts: shares are of money, else what the document says of it."""
    declared = (document.get("measures") or {}).get(charge.get("measure"))
    return declared.get("kind") == "money" if declared else is_share(charge)
