"""The examples of other products' public documents, and the product's own: the same charge gives the same
figure.

Each file of `corpus/` holds examples with the address they were read at and the words that give the figures.
A figure is `quoted` where the document says it, `worked out` where it follows from the quoted tiers alone.
`sequence`: one after the other in one period, each amount what that ticket books.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.settlement.bulk import Batch, BulkTariff
from backend.settlement.calculation import calculate
from backend.settlement.document import decode
from backend.settlement.lines import Accumulated
from backend.settlement.tariff import Facts, Tariff

HERE = Path(__file__).parent / "corpus"
EXAMPLES: list[dict[str, Any]] = [
    {"file": path.stem, **example}
    for path in sorted(HERE.glob("*.json"))
    for example in json.loads(path.read_text(encoding="utf-8"))
]
FIGURES = {"quoted", "worked out", "own"}


def name(example: dict[str, Any]) -> str:
    return f"{example['file']}: {example['name']}"


def make_tariff(example: dict[str, Any], accumulation: str = "ticket") -> Tariff:
    kind = {"kind": "money"} if example.get("money") else {}
    return decode(
        {
            "format": "tierflow.tariff/1",
            "key": "t",
            "name": {"zh": "表", "en": "Table"},
            "currency": example["currency"],
            "rounding": "half_up",
            "accumulation": accumulation,
            "measures": {"units": {"label": {"zh": "数量", "en": "units"}, **kind}},
            "rows": [{"id": "r", "charge": example["charge"]}],
        }
    )


def read_facts(example: dict[str, Any], case: dict[str, Any]) -> Facts:
    given = case.get("quantities") or {"units": case["quantity"]}
    free = Decimal(example.get("free", "0"))
    quantities = {measure: max(Decimal(value) - free, Decimal(0)) for measure, value in given.items()}
    return Facts(quantities=quantities, currency=example["currency"])


SINGLE = [
    pytest.param(example, case, id=f"{name(example)} at {case.get('quantity') or case['quantities']}")
    for example in EXAMPLES
    for case in example.get("cases", ())
]


@pytest.mark.parametrize(("example", "case"), SINGLE)
def test_one_quantity(example: dict[str, Any], case: dict[str, Any]) -> None:
    result = calculate(make_tariff(example), read_facts(example, case))
    assert result.total.amount == case["total"]
    assert sum(line.amount for line in result.lines) == case["total"]
    assert all(type(line.amount) is int for line in result.lines)


@pytest.mark.parametrize(("example", "case"), SINGLE)
def test_in_bulk(example: dict[str, Any], case: dict[str, Any]) -> None:
    facts = read_facts(example, case)
    columns = {name: np.array([int(value * 100)] * 2) for name, value in facts.quantities.items()}
    bulk = BulkTariff(make_tariff(example), dict.fromkeys(columns, 2))
    assert bulk.price(Batch(np.zeros(2, dtype=np.int64), columns)).tolist() == [case["total"]] * 2


SEQUENCES = [example for example in EXAMPLES if "sequence" in example]


@pytest.mark.parametrize("example", SEQUENCES, ids=name)
def test_one_after_the_other(example: dict[str, Any]) -> None:
    tariff, gathered = make_tariff(example, "period"), Accumulated()
    for step in example["sequence"]:
        result = calculate(tariff, read_facts(example, step), gathered)
        assert result.total.amount == step["total"]
        assert result.accumulated is not None
        gathered = result.accumulated
    whole = sum(Decimal(step["quantity"]) for step in example["sequence"])
    at_once = calculate(make_tariff(example), read_facts(example, {"quantity": str(whole)}))
    assert at_once.total.amount == sum(step["total"] for step in example["sequence"])


@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_every_figure_has_its_source(example: dict[str, Any]) -> None:
    figures = {case["figure"] for case in (*example.get("cases", ()), *example.get("sequence", ()))}
    assert figures and figures <= FIGURES and example["quote"]
    assert bool(example["url"].startswith("https://")) is ("own" not in figures)
