"""What would mend a finding: edits of the document as JSON Patch (RFC 6902), where one way is plain.

A fix takes its own finding away; what else is wrong, it leaves alone. Where several ways are as good (which
of two equal bounds moves, who pays instead), none is offered.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from backend.settlement.tariff import FRACTIONAL, Finding

Document = Mapping[str, Any]


class Edit(NamedTuple):
    """One operation at a JSON pointer."""

    op: Literal["add", "replace", "remove"]
    path: str
    value: Any = None


Fix = tuple[Edit, ...]


def propose(document: Document, finding: Finding) -> Fix:
    """Edits, applied in this order; none when there is no plain way."""
    make = _FIXES.get(finding.code)
    if make is None:
        return ()
    try:
        return make(document, finding)
    except (KeyError, IndexError, TypeError, ValueError, InvalidOperation):
        return ()  # the document is not what the fix takes for granted


def read_at(document: Any, pointer: str) -> Any:
    """The value at a JSON pointer. Raises KeyError, IndexError, TypeError, ValueError."""
    value = document
    for step in _steps(pointer):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _parent(pointer: str) -> str:
    return pointer.rpartition("/")[0]


def _put(document: Document, pointer: str, value: Any) -> Fix:
    holder = read_at(document, _parent(pointer))
    name = _steps(pointer)[-1]
    known = isinstance(holder, list) or name in holder
    return (Edit("replace" if known else "add", pointer, value),)


# --- tiers ---


def _join_tiers(document: Document, finding: Finding) -> Fix:
    """The tier before ends where the next one begins."""
    place, _, name = finding.pointer.rpartition("/")
    tiers, _, at = place.rpartition("/")
    first = int(at) - 1 if name == "from" else int(at)
    items = read_at(document, tiers)
    start = items[first + 1]["from"]
    if Decimal(str(start)) <= Decimal(str(items[first]["from"])):
        return _sort_tiers(document, tiers)
    return _put(document, f"{tiers}/{first}/to", start)


def _sort_tiers(document: Document, pointer: str) -> Fix:
    """By their beginnings, each ending where the next begins; not when two begin at the same bound."""
    items = sorted(read_at(document, pointer), key=lambda tier: Decimal(str(tier["from"])))
    bounds = [Decimal(str(tier["from"])) for tier in items]
    if any(low == high for low, high in pairwise(bounds)):
        return ()
    ends = [tier["from"] for tier in items[1:]] + [None]
    chained = [{**tier, "to": end} for tier, end in zip(items, ends, strict=True)]
    return _put(document, pointer, chained)


def _order_bounds(document: Document, finding: Finding) -> Fix:
    return _sort_tiers(document, _parent(_parent(finding.pointer)))


def _open_end(document: Document, finding: Finding) -> Fix:
    return _put(document, finding.pointer, None)


def _begin_at_zero(document: Document, finding: Finding) -> Fix:
    return _put(document, finding.pointer, "0")


def _read_marginally(document: Document, finding: Finding) -> Fix:
    """Without a jump: each part of the quantity at the rate of its own tier."""
    charge = _parent(_parent(finding.pointer))
    model = str(read_at(document, charge)["model"]).replace("volume", "graduated")
    return _put(document, f"{charge}/model", model)


# --- numbers ---


def _drop_sign(document: Document, finding: Finding) -> Fix:
    value = read_at(document, finding.pointer)
    exact = abs(Decimal(str(value)))
    return _put(document, finding.pointer, int(exact) if isinstance(value, int) else f"{exact:f}")


def _read_as_percent(document: Document, finding: Finding) -> Fix:
    """8 was meant as 8 %."""
    exact = Decimal(str(read_at(document, finding.pointer))) / 100
    return _put(document, finding.pointer, f"{exact.normalize():f}") if exact <= 1 else ()


# --- rows ---


def _drop_row(document: Document, finding: Finding) -> Fix:
    at = _steps(finding.pointer)[1]
    return (Edit("remove", f"/rows/{at}"),) if len(document["rows"]) > 1 else ()


def _rename(document: Document, finding: Finding) -> Fix:
    """Only rows: other parts of the row are named by the ids of parts and modifiers."""
    steps = _steps(finding.pointer)
    if steps[0] != "rows" or len(steps) != 3:
        return ()
    at = int(steps[1])
    taken = [str(row.get("id")) for row in document["rows"]]
    if finding.code == "id_duplicate" and taken.index(taken[at]) == at:
        return ()
    base = "".join(each for each in taken[at] if each.isascii() and (each.isalnum() or each in "_-"))
    return _put(document, finding.pointer, _free(base[:60] or "row", taken))


def _free(wanted: str, taken: list[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _add_row(document: Document, finding: Finding) -> Fix:
    """A row for what no row is for, paying as the first row does."""
    dimension = str(finding.params.get("dimension", "region"))
    match = {dimension: str(finding.params["value" if dimension != "region" else "region"])}
    rows = document["rows"]
    made = {**rows[0], "match": match, "id": _free("_".join(match.values())[:60], _ids(rows))}
    made.pop("name", None)
    return (Edit("add", "/rows/-", made),)


def _ids(rows: list[Any]) -> list[str]:
    return [str(row.get("id")) for row in rows]


# --- the rest ---


def _drop_condition(document: Document, finding: Finding) -> Fix:
    return _put(document, finding.pointer, "")


def _forget_component(document: Document, finding: Finding) -> Fix:
    kept = [name for name in read_at(document, finding.pointer) if name != finding.params["id"]]
    return _put(document, finding.pointer, kept or None)


def _declare(document: Document, finding: Finding) -> Fix:
    name = str(finding.params["measure"])
    measure = {"label": {"zh": name, "en": name}, "kind": _guess_kind(document["rows"], name)}
    edits = () if "measures" in document else (Edit("add", "/measures", {}),)
    escaped = name.replace("~", "~0").replace("/", "~1")
    return (*edits, Edit("add", f"/measures/{escaped}", measure))


def _guess_kind(rows: Any, measure: str) -> str:
    """Money where a share of it is paid."""
    shares = {model.__struct_config__.tag for model in FRACTIONAL}
    for row in rows:
        charges = [part["charge"] for part in row["charge"].get("parts", ())] or [row["charge"]]
        if any(each.get("measure") == measure and each.get("model") in shares for each in charges):
            return "money"
    return "number"


def _name_tax_account(document: Document, finding: Finding) -> Fix:
    return _put(document, finding.pointer, {"party": "account", "key": "tax:vat"})


def _keep_key(document: Document, finding: Finding) -> Fix:
    return _put(document, finding.pointer, finding.params["key"])


_FIXES: dict[str, Callable[[Document, Finding], Fix]] = {
    "tiers_gap": _join_tiers,
    "tiers_overlap": _join_tiers,
    "bounds_not_rising": _order_bounds,
    "last_tier_ends": _open_end,
    "tiers_start_late": _begin_at_zero,
    "pay_cliff": _read_marginally,
    "pay_drop": _read_marginally,
    "negative": _drop_sign,
    "rate_over_100": _read_as_percent,
    "row_unreachable": _drop_row,
    "id_duplicate": _rename,
    "id_invalid": _rename,
    "region_uncovered": _add_row,
    "fallback_missing": _add_row,
    "value_uncovered": _add_row,
    "condition_in_period": _drop_condition,
    "component_unknown": _forget_component,
    "measure_undeclared": _declare,
    "tax_account_missing": _name_tax_account,
    "key_changed": _keep_key,
}
