"""A difference between two tariffs in words: where it is, and what stood and stands there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from backend.settlement.diffing import ORDER, Change, Member
from backend.settlement.money import format_minor, format_number, format_percentage
from backend.settlement.phrasing import is_fraction, write_measure, write_quantity, write_rate, write_text
from backend.settlement.tariff import (
    Charge,
    Measure,
    Modifier,
    Part,
    PartyRef,
    Phrase,
    Row,
    SimpleCharge,
    Tariff,
    Text,
    Tier,
    TieredCharge,
)
from backend.settlement.words import describe_charge, describe_modifier, describe_row, describe_tier

Words = str | dict[str, str] | tuple[Phrase, ...]
MONEY = frozenset({"amount", "price", "guarantee", "flat", "cap"})
QUANTITIES = frozenset({"from", "to", "threshold", "size"})
CODED = frozenset({"inclusive", "partial", "basis", "rounding", "accumulation", "period", "model", "kind"})
PARTIES = frozenset({"pays", "from"})


class Told(NamedTuple):
    """`subject`: head, measure, row, match, charge, part, tier, modifier or parties; `where` the phrases
    that lead to the cell, from the row inwards (the row itself is told beside); null words: nothing stood
    or stands there."""

    subject: str
    row: str | None
    where: tuple[Phrase, ...]
    before: Words | None
    after: Words | None


class _Side(NamedTuple):
    """What the words of a value need to know of its document."""

    tariff: Tariff
    row: Mapping[str, Any]
    holder: Mapping[str, Any]
    """The charge or modifier that the value belongs to."""


def tell(change: Change, older: Mapping[str, Any], newer: Mapping[str, Any]) -> Told:
    """Both documents as `diffing.normalize` writes them."""
    row = change.find("rows")
    return Told(
        subject=_name_subject(change),
        row=row.identity if row else None,
        where=tuple(_list_places(change)),
        before=None if change.kind == "added" else _write(change, older, change.before),
        after=None if change.kind == "removed" else _write(change, newer, change.after),
    )


def _name_subject(change: Change) -> str:
    names = [step if isinstance(step, str) else "" for step in change.path]
    if names[0] != "rows":
        return "measure" if names[0] == "measures" else "head"
    if "modifiers" in names:
        return "modifier"
    if "tiers" in names:
        return "tier"
    if "parts" in names:
        return "parties" if names[-1] in PARTIES else "part"
    return {"match": "match", "charge": "charge", "pays": "parties", "from": "parties"}.get(
        names[2] if len(names) > 2 else "", "row"
    )


def _list_places(change: Change) -> list[Phrase]:
    places = []
    for name in ("parts", "tiers", "modifiers"):
        member = change.find(name)
        if member is None:
            continue
        if name == "tiers":
            places.append(Phrase("diff.tier", {"tier": str(member.at + 1)}))
        else:
            places.append(Phrase(f"diff.{name}", {"name": member.identity}))
    last = change.path[-1]
    if last == ORDER:
        places.append(Phrase("diff.field.order"))
    elif isinstance(last, str):
        if last == "from" and change.find("tiers") is None:
            last = "source"
        named = change.path[0] == "measures" and len(change.path) == 2
        places.append(Phrase("diff.measure", {"name": last}) if named else Phrase(f"diff.field.{last}"))
    return places


# --- values ---


def _write(change: Change, document: Mapping[str, Any], value: Any) -> Words:
    last = change.path[-1]
    side = _find_side(change, document)
    if last == ORDER:
        return " → ".join(map(str, value))
    if not isinstance(last, str):
        return _write_thing(change, side, value)
    if value is None:
        return _write_nothing(change, last)
    if change.path[-2:-1] == ("measures",) and isinstance(value, Mapping):
        return write_text(_convert(value.get("label"), Text), last)
    if last in PARTIES and isinstance(value, Mapping):
        return _write_party(value)
    if last in {"name", "label", "unit"} and isinstance(value, Mapping):
        return {locale: str(value.get(locale, "")) for locale in ("zh", "en")}
    if last == "charge" or (change.path[-2:-1] != ("measures",) and last == "match"):
        return _write_thing(change, side, value)
    return _write_cell(last, value, side)


def _find_side(change: Change, document: Mapping[str, Any]) -> _Side:
    """Walks down to the row and the innermost charge or modifier that the path goes through."""
    place: Any = document
    row: Mapping[str, Any] = {}
    holder: Mapping[str, Any] = {}
    at = change.find("rows")
    rows = [each for each in document.get("rows", ()) if isinstance(each, dict)]
    if at is not None:
        row = next((each for each in rows if str(each.get("id")) == at.identity), {})
        place = row
        holder = row.get("charge") or {}
        for name in ("parts", "modifiers"):
            member = change.find(name)
            if member is None:
                continue
            items = (row.get("charge") or {}).get("parts") if name == "parts" else row.get("modifiers")
            place = next((each for each in items or () if str(each.get("id")) == member.identity), {})
            holder = place.get("charge", place) if name == "parts" else place
    return _Side(_read_head(document), row, holder if isinstance(holder, Mapping) else {})


def _read_head(document: Mapping[str, Any]) -> Tariff:
    """The tariff without its rows, as sentences need it; what is wrong in it does not matter here."""
    measures = {
        str(key): read
        for key, value in (document.get("measures") or {}).items()
        if (read := _convert(value, Measure)) is not None
    }
    return Tariff(
        key=str(document.get("key", "")),
        name=Text(zh="", en=""),
        currency=str(document.get("currency", "")),
        accumulation="period" if document.get("accumulation") == "period" else "ticket",
        measures=measures,
        rows=(),
    )


def _convert(value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None


def _write_thing(change: Change, side: _Side, value: Any) -> Words:
    """A row, part, tier, modifier, charge or match as a whole."""
    list_name = change.path[-2] if len(change.path) > 1 else ""
    tariff = side.tariff
    if list_name == "rows" and (row := _convert(value, Row)) is not None:
        return describe_row(msgspec.structs.replace(tariff, accumulation="ticket"), row)
    if list_name == "modifiers" and (modifier := _convert(value, Modifier)) is not None:
        return (describe_modifier(tariff, modifier),)
    if list_name == "parts" and (part := _convert(value, Part)) is not None:
        return describe_charge(tariff, part.charge)
    charge = _convert(side.holder, TieredCharge)
    if list_name == "tiers" and charge is not None and (tier := _convert(value, Tier)) is not None:
        return (describe_tier(tariff, charge, tier, _at(change)),)
    if (simple := _convert(value, SimpleCharge)) is not None:
        return describe_charge(tariff, simple)
    if (whole := _convert(value, Charge)) is not None:
        return describe_row(tariff, Row(id="row", charge=whole))
    return _plain(value)


def _at(change: Change) -> int:
    last = change.path[-1]
    return last.at if isinstance(last, Member) else 0


def _write_nothing(change: Change, last: str) -> Words:
    if last == "to":
        return (Phrase("diff.open_end"),)
    return (Phrase("diff.any" if "match" in change.path else "diff.none"),)


def _write_party(value: Mapping[str, Any]) -> Words:
    party = _convert(value, PartyRef)
    if party is None:
        return _plain(value)
    return (Phrase(f"diff.party.{party.party}", {"key": party.key or ""}),)


def _write_cell(name: str, value: Any, side: _Side) -> Words:
    if name in CODED:
        return (Phrase(f"diff.value.{name}.{value}"),)
    if name == "measure":
        return write_measure(side.tariff, str(value))
    if name == "when":
        return str(value).strip() or (Phrase("diff.always"),)
    if name in {"kind", "applies_to"} or isinstance(value, (dict, list, bool)):
        return _plain(value)
    exact = _read_number(value)
    if exact is None:
        return str(value)
    if name in MONEY:
        return format_minor(exact, side.tariff.currency)
    charge = _convert(side.holder, SimpleCharge)
    if name == "rate":
        return format_percentage(exact) if charge is None else write_rate(side.tariff, charge, exact)
    if name in QUANTITIES and charge is not None and (measure := getattr(charge, "measure", None)):
        return write_quantity(side.tariff, measure, exact, money=is_fraction(charge))
    return format_number(exact)


def _read_number(value: Any) -> Decimal | None:
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return None
    return exact if exact.is_finite() else None


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(item)}" for key, item in value.items() if item not in (None, ""))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_plain, value))
    return str(value)


def name_row(document: Mapping[str, Any], row_id: str) -> str | dict[str, str]:
    """What people call the row, in the document that has it."""
    for row in document.get("rows", ()):
        if isinstance(row, Mapping) and str(row.get("id")) == row_id:
            return write_text(_convert(row.get("name"), Text), row_id)
    return row_id
