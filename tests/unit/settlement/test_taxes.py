"""Taxes on top and in the price, currencies with other decimals than two, every way of rounding."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from backend.settlement.bulk import Batch, BulkTariff
from backend.settlement.calculation import calculate, withdraw
from backend.settlement.document import check, decode
from backend.settlement.lines import Accumulated
from backend.settlement.money import format_minor
from backend.settlement.posting import Party, Share, list_references, post
from backend.settlement.tariff import Facts, Tariff

TAX = {
    "kind": "tax",
    "id": "vat",
    "rate": "0.06",
    "included": True,
    "pays": {"party": "account", "key": "tax:vat"},
}


def table(charge: dict[str, Any], *modifiers: dict[str, Any], **head: Any) -> Tariff:
    document = {
        "format": "tierflow.tariff/1",
        "key": "t",
        "name": {"zh": "表", "en": "Table"},
        "currency": "CNY",
        "rows": [
            {
                "id": "r",
                "charge": charge,
                "modifiers": list(modifiers),
                "pays": {"party": "partner", "key": "p"},
                "from": {"party": "customer"},
            }
        ],
        **head,
    }
    return decode(document)


def book(tariff: Tariff, quantity: Decimal | int = 0, currency: str = "CNY") -> dict[str, int]:
    """Sums by who stands behind the references; each party is called by its reference."""
    result = calculate(tariff, Facts(quantities={"q": Decimal(quantity)}, currency=currency))
    return hold(result)


def hold(result: Any) -> dict[str, int]:
    parties = {
        ref: [Share(party=Party(kind="account", id=ref.key or ref.party, name=""))]
        for ref in list_references(result)
    }
    sums: dict[str, int] = {}
    for line in post(result, parties).lines:
        sums[line.party.id] = sums.get(line.party.id, 0) + line.amount
    return sums


ROUNDED = [("half_up", 566), ("half_even", 566), ("down", 566), ("up", 567)]


@pytest.mark.parametrize(("rounding", "tax"), ROUNDED)
def test_an_included_tax_leaves_the_total(rounding: str, tax: int) -> None:
    """10,000 of which 6/106 = 566.04 are tax."""
    tariff = table({"model": "flat", "amount": 10_000}, TAX, rounding=rounding)
    assert book(tariff) == {"customer": -10_000, "p": 10_000 - tax, "tax:vat": tax}
    bulk = BulkTariff(tariff)
    rows = np.zeros(1, dtype=np.int64)
    assert bulk.price(Batch(rows, {})).tolist() == [10_000]


def test_a_tax_on_top_adds_to_the_total() -> None:
    tariff = table({"model": "flat", "amount": 10_000}, {**TAX, "included": False})
    assert book(tariff) == {"customer": -10_600, "p": 10_000, "tax:vat": 600}


def test_an_included_tax_is_taken_from_each_part_by_its_share() -> None:
    parts = [
        {"id": "labour", "charge": {"model": "flat", "amount": 7_500}},
        {
            "id": "goods",
            "charge": {"model": "flat", "amount": 2_500},
            "pays": {"party": "department", "key": "d"},
        },
    ]
    tariff = table({"model": "composite", "parts": parts}, TAX)
    assert book(tariff) == {"customer": -10_000, "p": 7_500 - 425, "d": 2_500 - 141, "tax:vat": 566}
    only = table({"model": "composite", "parts": parts}, {**TAX, "applies_to": ["goods"]})
    assert book(only) == {"customer": -10_000, "p": 7_500, "d": 2_500 - 142, "tax:vat": 142}


def test_an_included_tax_of_a_period_is_booked_as_differences() -> None:
    tariff = table({"model": "per_unit", "measure": "q", "rate": "333"}, TAX, accumulation="period")
    state, sums = Accumulated(), dict[str, int]()
    for quantity in (1, 5, 2):
        facts = Facts(quantities={"q": Decimal(quantity)}, currency="CNY")
        result = calculate(tariff, facts, state)
        assert result.accumulated is not None
        state = result.accumulated
        for party, amount in hold(result).items():
            sums[party] = sums.get(party, 0) + amount
    assert sums == {"customer": -2_664, "p": 2_664 - 151, "tax:vat": 151}
    for quantity in (2, 5, 1):
        result = withdraw(tariff, Facts(quantities={"q": Decimal(quantity)}, currency="CNY"), state)
        assert result.accumulated is not None
        state = result.accumulated
        for party, amount in hold(result).items():
            sums[party] += amount
    assert set(sums.values()) == {0}


CURRENCIES = [
    ("JPY", 1_500, "JP¥1,500"),
    ("KWD", 1_234_567, "KWD 1,234.567"),
    ("CNY", 1_500, "¥15.00"),
    ("KRW", 900, "₩900"),
]


@pytest.mark.parametrize(("currency", "amount", "text"), CURRENCIES)
def test_currencies_have_their_own_decimals(currency: str, amount: int, text: str) -> None:
    tariff = table({"model": "flat", "amount": amount}, currency=currency)
    result = calculate(tariff, Facts(quantities={}, currency=currency))
    assert (result.total.amount, format_minor(result.total.amount, currency)) == (amount, text)


HALVES = [
    ("half_up", [1, 2, 3, 3]),
    ("half_even", [0, 2, 2, 3]),
    ("down", [0, 1, 2, 2]),
    ("up", [1, 2, 3, 3]),
]
"""0.5, 1.5, 2.5 and 2.6 minor units."""


@pytest.mark.parametrize("currency", ["JPY", "KWD", "CNY"])
@pytest.mark.parametrize(("rounding", "amounts"), HALVES)
def test_rounding_happens_at_the_minor_unit(currency: str, rounding: str, amounts: list[int]) -> None:
    charge = {"model": "per_unit", "measure": "q", "rate": "0.1"}
    tariff = table(charge, currency=currency, rounding=rounding)
    got = [book(tariff, quantity, currency).get("p", 0) for quantity in (5, 15, 25, 26)]
    assert got == amounts


def test_an_included_tax_needs_somebody_to_hold_it() -> None:
    tariff = {**TAX}
    del tariff["pays"]
    document = {
        "format": "tierflow.tariff/1",
        "key": "t",
        "name": {"zh": "表", "en": "Table"},
        "currency": "CNY",
        "rows": [{"id": "r", "charge": {"model": "flat", "amount": 1}, "modifiers": [tariff]}],
    }
    _, findings = check(document)
    assert [(each.code, each.pointer) for each in findings if each.severity == "error"] == [
        ("tax_account_missing", "/rows/0/modifiers/0/pays")
    ]
