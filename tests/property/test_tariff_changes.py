"""Differences between tariffs tell everything, in words; a copy with factor 1 is the same."""

import copy
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.features.settlement.history import present_changes
from backend.settlement.copying import copy_rows
from backend.settlement.diffing import ORDER, Change, Member, Step, compare, normalize
from backend.settlement.document import encode
from backend.settlement.tariff import Coefficient, Match, Measure, PartyRef, Row, Tariff, Text
from tests.property.test_settlement import fractions, tariffs

MEASURE = Measure(label=Text(zh="量", en="quantity"))


@st.composite
def tables(draw: st.DrawFn) -> Tariff:
    """A few rows from a small set of ids, so that two tables share some of them, in any order."""
    tariff = draw(tariffs(draw(st.sampled_from(("ticket", "period")))))
    ids = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True))
    rows = []
    for row_id in ids:
        row: Row = draw(tariffs("ticket")).rows[0]
        factor = draw(st.none() | fractions)
        extra = (
            ()
            if factor is None
            else (Coefficient(id="c", factor=factor, when=draw(st.sampled_from(("", "x")))),)
        )
        rows.append(
            msgspec.structs.replace(
                row,
                id=row_id,
                match=Match(region=draw(st.sampled_from((None, "east"))), level=row_id),
                modifiers=(*row.modifiers, *extra),
                pays=PartyRef(party=draw(st.sampled_from(("assignee", "contributors")))),
            )
        )
    measures = draw(st.dictionaries(st.sampled_from("qr"), st.just(MEASURE)))
    return msgspec.structs.replace(tariff, rows=tuple(rows), measures=measures)


def apply(document: dict[str, Any], changes: tuple[Change, ...]) -> dict[str, Any]:
    """Removals first, then everything in the order that is told; lists are put in order at the end."""
    found = copy.deepcopy(document)
    orders = [change for change in changes if change.path[-1] == ORDER]
    removed = [change for change in changes if change.kind == "removed"]
    changed = [change for change in changes if change.kind == "changed" and change not in orders]
    added = [change for change in changes if change.kind == "added"]
    for change in (*removed[::-1], *changed):
        _set(found, document, change)
    for change in orders:
        items = _find(found, document, change.path[:-1])
        name = change.path[-2]
        by_id = {_identity(name, item): item for item in items}
        items[:] = [by_id[identity] for identity in change.after]
    for change in added:
        place = _find(found, document, change.path[:-1])
        last = change.path[-1]
        if isinstance(last, Member):
            place.insert(last.at, change.after)
        else:
            place[last] = change.after
    return found


def _identity(name: Step, item: dict[str, Any]) -> str:
    return str(item["from" if name == "tiers" else "id"])


def _find(found: Any, document: dict[str, Any], path: tuple[Step, ...]) -> Any:
    place = found
    for at, step in enumerate(path):
        if not isinstance(step, Member):
            place = place[step]
        elif path[at - 1] == "tiers" and step.identity == str(step.at + 1):
            place = place[step.at]
        else:
            place = next(item for item in place if _identity(path[at - 1], item) == step.identity)
    return place


def _set(found: dict[str, Any], document: dict[str, Any], change: Change) -> None:
    place, last = _find(found, document, change.path[:-1]), change.path[-1]
    if isinstance(last, Member):
        at = place.index(_find(found, document, change.path))
        place[at : at + 1] = [] if change.kind == "removed" else [change.after]
    elif change.kind == "removed":
        del place[last]
    else:
        place[last] = change.after


@settings(max_examples=40)
@given(tables(), tables())
def test_changes_lead_from_one_table_to_the_other(older: Tariff, newer: Tariff) -> None:
    before, after = encode(older), encode(newer)
    changes = compare(before, after)
    assert apply(normalize(before), changes) == normalize(after)
    assert not compare(before, before)
    for locale in ("zh", "en"):
        for told in present_changes(before, after, locale):
            assert told.text and "diff." not in told.text and "{" not in told.text, told
            assert told.before != "" and told.after != ""


@settings(max_examples=20)
@given(tables(), st.sampled_from(("half_up", "half_even", "up", "down")))
def test_a_copy_with_factor_one_is_the_same(tariff: Tariff, rounding: Any) -> None:
    for each in copy_rows(tariff, "east", "north", Decimal(1), rounding=rounding):
        source = tariff.rows[each.source]
        assert msgspec.structs.replace(each.row, id=source.id, match=source.match) == source
        assert each.row.match == msgspec.structs.replace(source.match, region="north")
        assert each.row.id not in {row.id for row in tariff.rows}
