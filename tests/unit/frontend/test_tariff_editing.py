"""Editing a tariff's document: figures in the units people write, tiers without gaps, nothing shared."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.settlement.document import check
from frontend.pages.tariffs.catalog import make_document
from frontend.pages.tariffs.changes import (
    NEW_MODIFIERS,
    add_modifier,
    add_tier,
    change_model,
    copy_row,
    drop_row,
    find_at,
    order_tiers,
    set_at,
)
from frontend.pages.tariffs.drawing import work_out
from frontend.pages.tariffs.units import (
    read_amount,
    read_number,
    read_share,
    write_amount,
    write_number,
    write_share,
)
from frontend.pages.tariffs.words import MODELS

TIERS: list[dict[str, Any]] = [
    {"from": "0", "to": "5000000", "rate": "0.05"},
    {"from": "5000000", "to": "10000000", "rate": "0.08"},
    {"from": "10000000", "to": None, "rate": "0.12"},
]
MEASURES = {"sale": {"label": {"zh": "销售额", "en": "sales"}, "kind": "money"}}


def make_tariff(**charge: Any) -> dict[str, Any]:
    found = make_document({"name_zh": "提成", "key": "commission", "amount": "30"})
    assert found is not None
    found["measures"] = MEASURES
    if charge:
        found["rows"][0]["charge"] = charge
    return found


def errors(document: dict[str, Any]) -> list[str]:
    return [finding.code for finding in check(document)[1] if finding.severity == "error"]


@pytest.mark.parametrize(
    ("values", "amount"),
    [
        ({"name_zh": "提成", "key": "commission", "amount": "30"}, 3000),
        ({"name_en": "Pay", "key": "pay_2", "amount": "0.5"}, 50),
        ({"name_zh": "提成", "key": "commission", "amount": "-1"}, None),
        ({"name_zh": "提成", "key": "Not a key", "amount": "30"}, None),
        ({"key": "commission", "amount": "30"}, None),
        ({"name_zh": "提成", "key": "commission", "amount": "much"}, None),
    ],
)
def test_a_new_tariff_is_valid_or_refused(values: dict[str, str], amount: int | None) -> None:
    found = make_document(values)
    assert (found and found["rows"][0]["charge"]["amount"]) == amount
    if found is not None:
        assert errors(found) == []


@pytest.mark.parametrize("model", MODELS)
def test_every_model_can_be_chosen_from_every_other(model: str) -> None:
    for before in MODELS:
        charge = change_model(
            change_model({"model": "flat", "amount": 3000}, before, MEASURES), model, MEASURES
        )
        assert errors(make_tariff(**charge)) == []


@pytest.mark.parametrize("kind", NEW_MODIFIERS)
def test_a_new_modifier_is_valid(kind: str) -> None:
    once = add_modifier(make_tariff(), 0, kind)
    twice = add_modifier(once, 0, kind)
    assert len({each["id"] for each in twice["rows"][0]["modifiers"]}) == 2
    assert errors(twice) == []


@given(st.lists(st.integers(1, 10**9), unique=True, max_size=6))
def test_tiers_meet_whatever_is_typed(bounds: list[int]) -> None:
    typed = [{"from": "0", "to": None, "rate": "0.01"}]
    typed += [{"from": str(bound), "to": "1", "rate": "0.02"} for bound in bounds]
    ordered = order_tiers(typed)
    assert [tier["to"] for tier in ordered] == [*(tier["from"] for tier in ordered[1:]), None]
    assert [Decimal(tier["from"]) for tier in ordered] == [Decimal(bound) for bound in [0, *sorted(bounds)]]


def test_one_more_tier_begins_above_the_last() -> None:
    tiers = add_tier(TIERS)
    assert (tiers[-2]["to"], tiers[-1]["from"], tiers[-1]["to"]) == ("20000000", "20000000", None)
    assert errors(make_tariff(model="volume_percentage", measure="sale", tiers=tiers)) == []


@given(st.integers(0, 10**12))
def test_amounts_survive_being_shown(amount: int) -> None:
    assert read_amount(write_amount(amount, "CNY"), "CNY") == amount
    assert read_amount(write_amount(amount, "JPY"), "JPY") == amount


@given(st.decimals(0, 1, places=4))
def test_shares_survive_being_shown(share: Decimal) -> None:
    assert read_share(write_share(share, "CNY"), "CNY") == share
    assert read_number(write_number(share, "CNY"), "CNY") == share


@pytest.mark.parametrize("text", ["abc", "1e99", "NaN", "Infinity", "--1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert read_number(text, "CNY") is None


def test_a_change_leaves_the_document_before_it_alone() -> None:
    document = make_tariff()
    kept = copy.deepcopy(document)
    edited = set_at(document, ("rows", 0, "match", "region"), "east")
    assert find_at(edited, ("rows", 0, "match", "region")) == "east"
    assert find_at(set_at(edited, ("rows", 0, "match", "region"), None), ("rows", 0, "match")) == {}
    more, made = copy_row(document, "everywhere")
    assert [row["id"] for row in more["rows"]] == ["everywhere", made]
    assert [row["id"] for row in drop_row(more, "everywhere")["rows"]] == [made]
    assert drop_row(document, "everywhere") is document
    assert document == kept


@pytest.mark.parametrize(
    ("model", "pays"),
    [
        ("volume_percentage", [(0, 250_000), (400_000, 800_000), (1_200_000, 1_680_000)]),
        ("graduated_percentage", [(0, 250_000), (250_000, 650_000), (650_000, 1_130_000)]),
    ],
)
def test_the_drawing_follows_both_readings(model: str, pays: list[tuple[int, int]]) -> None:
    found = work_out({"model": model, "measure": "sale", "tiers": TIERS})
    assert [(int(each.pays_first), int(each.pays_last)) for each in found] == pays
