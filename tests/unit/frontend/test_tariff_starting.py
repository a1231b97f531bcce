"""A new tariff is valid from the first moment, in every currency and for every way of summing up."""

from __future__ import annotations

import pytest

from backend.settlement.document import check
from backend.settlement.money import MINOR_UNITS
from frontend.pages.tariffs.starting import (
    ACCUMULATIONS,
    PATTERNS,
    choose_key,
    list_currencies,
    make_document,
)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("currency", ["CNY", "USD", "JPY", "KWD"])
@pytest.mark.parametrize("accumulation", ACCUMULATIONS)
def test_every_beginning_is_without_errors(pattern: str, currency: str, accumulation: str) -> None:
    document = make_document(
        key="pay", name="提成", pattern=pattern, currency=currency, accumulation=accumulation
    )
    _, findings = check(document)
    assert [finding.code for finding in findings if finding.severity == "error"] == []


@pytest.mark.parametrize(("currency", "amount"), [("CNY", 3500), ("JPY", 35), ("KWD", 35000)])
def test_a_fixed_fee_is_in_the_currency_s_minor_unit(currency: str, amount: int) -> None:
    document = make_document(key="pay", name="Pay", pattern="fixed", currency=currency, accumulation="ticket")
    assert document["rows"][0]["charge"] == {"model": "flat", "amount": amount}


@pytest.mark.parametrize(
    ("wanted", "name", "taken", "found"),
    [
        ("", "East pay 2026", [], "east_pay_2026"),
        ("", "华东提成", [], "tariff"),
        ("", "华东提成", ["tariff", "tariff_2"], "tariff_3"),
        ("east", "华东提成", ["tariff"], "east"),
        ("Not a key", "华东提成", [], None),
    ],
)
def test_a_key_is_made_of_the_name_unless_one_was_typed(
    wanted: str, name: str, taken: list[str], found: str | None
) -> None:
    assert choose_key(wanted, name, taken) == found


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_currencies_are_those_of_today(locale: str) -> None:
    codes = dict(list_currencies(locale))
    assert {"CNY", "USD", "JPY", "KWD", "EUR"} <= codes.keys()
    assert "DEM" not in codes
    assert codes.keys() <= MINOR_UNITS.keys()
