"""Changes of a tariff's document, each giving a new one: values at a path, rows, tiers, modifiers."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from frontend.pages.tariffs.words import TIERED, Json, number

Path = tuple[str | int, ...]

NEW_MODIFIERS: dict[str, Json] = {
    "coefficient": {"factor": "1.5", "when": 'ticket.priority == "urgent"'},
    "deduction": {"amount": 0},
    "minimum": {"amount": 0},
    "maximum": {"amount": 0},
    "tax": {"rate": "0.06"},
    "subsidy": {"amount": 0},
}


def find_at(document: Json, path: Path) -> Any:
    """The value at `path`; None where there is none."""
    value: Any = document
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def set_at(document: Json, path: Path, value: Any) -> Json:
    """A copy with `value` at `path`; None takes the name away."""
    edited = copy.deepcopy(document)
    place: Any = edited
    for step in path[:-1]:
        place = place[step] if isinstance(step, int) else place.setdefault(step, {})
    if value is None:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = value
    return edited


def change_model(charge: Json, model: str, measures: Json) -> Json:
    """The same charge by another model; what both have stays."""
    measure = charge.get("measure") or next(iter(measures), "")
    kept = {"model": model, "measure": measure}
    if model in TIERED:
        tiers = charge.get("tiers") or [{"from": "0", "to": None, "rate": "0.05"}]
        return {**kept, "tiers": tiers, "inclusive": charge.get("inclusive", "lower")}
    match model:
        case "flat":
            return {"model": "flat", "amount": charge.get("amount", 0)}
        case "package":
            return {**kept, "size": "1", "price": 0, "partial": "charged"}
        case "guarantee_plus_excess":
            rest = {"guarantee": 0, "threshold": "0", "rate": "0", "basis": "percentage"}
            return {**kept, **rest}
    return {**kept, "rate": str(charge.get("rate", "0"))}


def order_tiers(tiers: list[Json]) -> list[Json]:
    """In order, each ending where the next begins: no gap and no overlap can be typed."""
    ordered = sorted(tiers, key=lambda tier: number(tier.get("from")))
    ends = [tier.get("from") for tier in ordered[1:]] + [None]
    return [{**tier, "to": end} for tier, end in zip(ordered, ends, strict=True)]


def add_tier(tiers: list[Json]) -> list[Json]:
    """One more at the top, beginning at twice the last bound."""
    last = tiers[-1] if tiers else {"from": "0", "rate": "0"}
    start = number(last.get("from")) * 2 or Decimal(100_000)
    return order_tiers([*tiers, {"from": str(start), "to": None, "rate": str(last.get("rate", "0"))}])


def copy_row(document: Json, row_id: str) -> tuple[Json, str]:
    """A row like this one right below it; answers the document and the new row's id."""
    edited = copy.deepcopy(document)
    rows: list[Json] = edited["rows"]
    at = next(index for index, row in enumerate(rows) if row.get("id") == row_id)
    made = copy.deepcopy(rows[at])
    made["id"] = fresh_id(row_id, {str(row.get("id")) for row in rows})
    rows.insert(at + 1, made)
    return edited, made["id"]


def drop_row(document: Json, row_id: str) -> Json:
    """Without the row; the last one stays, for a tariff needs one."""
    rows = [row for row in document["rows"] if row.get("id") != row_id]
    return {**copy.deepcopy(document), "rows": copy.deepcopy(rows)} if rows else document


def add_modifier(document: Json, at: int, kind: str) -> Json:
    """At the end of row number `at`; sums of a period have no single ticket to set a condition on."""
    edited = copy.deepcopy(document)
    modifiers: list[Json] = edited["rows"][at].setdefault("modifiers", [])
    taken = {str(each.get("id")) for each in modifiers}
    made = {"kind": kind, "id": fresh_id(kind, taken), **NEW_MODIFIERS[kind]}
    if edited.get("accumulation") == "period":
        made.pop("when", None)
    modifiers.append(made)
    return edited


def fresh_id(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with the first number that is free."""
    number_after = 2
    found = wanted
    while found in taken:
        found = f"{wanted}_{number_after}"
        number_after += 1
    return found
