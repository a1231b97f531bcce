"""Weights of those who worked on a ticket."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from backend.settlement.contribution import weigh
from backend.settlement.linter import lint
from backend.settlement.money import split_largest_remainder
from backend.settlement.tariff import Flat, PartyRef, PerUnit, Row, StepWeight, Tariff, Text

EFFORTS = {"visit": {"ann": 3600}, "repair": {"ann": 1800, "bob": 5400}, "check": {"eve": 0}}


def steps(**weights: str) -> tuple[StepWeight, ...]:
    return tuple(StepWeight(node=node, weight=Decimal(weight)) for node, weight in weights.items())


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({}, {"ann": 5400, "bob": 5400}),
        ({"by": "steps"}, {"ann": 2, "bob": 1, "eve": 1}),
        ({"steps": steps(repair="1")}, {"ann": 1800, "bob": 5400}),
        ({"steps": steps(visit="2", repair="1")}, {"ann": 9000, "bob": 5400}),
        ({"by": "steps", "steps": steps(visit="3", check="1")}, {"ann": 3, "eve": 1}),
        ({"steps": steps(check="1")}, {"eve": 1}),
        ({"steps": steps(elsewhere="1")}, {}),
    ],
)
def test_weights(reference: dict[str, Any], expected: dict[str, int]) -> None:
    assert weigh(PartyRef(party="contributors", **reference), EFFORTS) == expected


def test_an_amount_is_shared_without_loss() -> None:
    weights = weigh(PartyRef(party="contributors", by="steps"), EFFORTS)
    assert split_largest_remainder(1001, list(weights.values())) == (501, 250, 250)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (PartyRef(party="contributors", steps=steps(a="-1")), {"negative", "weights_missing"}),
        (PartyRef(party="contributors", steps=(*steps(a="1"), *steps(a="2"))), {"id_duplicate"}),
        (PartyRef(party="contributors", steps=steps(a="0")), {"weights_missing"}),
        (PartyRef(party="contributors", steps=steps(a="0", b="1")), set()),
    ],
)
def test_bad_weights_are_found(reference: PartyRef, expected: set[str]) -> None:
    row = Row(id="r", charge=Flat(amount=1), pays=reference)
    tariff = Tariff(key="t", name=Text(zh="", en=""), currency="CNY", rows=(row,))
    assert {finding.code for finding in lint(tariff) if finding.severity == "error"} == expected


def test_the_sums_of_a_period_have_one_holder() -> None:
    row = Row(id="r", charge=PerUnit(measure="sale", rate=Decimal(1)), pays=PartyRef(party="contributors"))
    tariff = Tariff(key="t", name=Text(zh="", en=""), currency="CNY", accumulation="period", rows=(row,))
    assert "contributors_in_period" in {finding.code for finding in lint(tariff)}


def test_references_of_before_are_written_as_before() -> None:
    assert msgspec.to_builtins(PartyRef(party="role", key="sales")) == {"party": "role", "key": "sales"}
