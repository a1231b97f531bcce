"""Accumulation over a period: crossing a tier, withdrawing, and a rule that changed on the way."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backend.settlement.calculation import calculate, withdraw
from backend.settlement.document import decode
from backend.settlement.lines import Accumulated, Calculation
from backend.settlement.periods import name_period
from backend.settlement.tariff import SettlementError
from tests.unit.settlement.test_models import fill, read_facts, read_tariff


def sell(tariff: str, amount: int, before: Accumulated | None) -> Calculation:
    facts = read_facts({"sale": str(amount)}, "campus_a", level="senior")
    return calculate(decode(read_tariff(tariff)), facts, before)


@pytest.mark.parametrize(
    ("tariff", "booked"),
    [
        ("volume_lower", [[0], [160_000, 240_000], [160_000], [600_000, 280_000]]),
        ("volume_upper", [[0], [0], [160_000, 400_000], [600_000, 280_000]]),
        ("graduated_lower", [[0], [0], [160_000], [240_000, 240_000]]),
        ("graduated_upper", [[0], [0], [160_000], [240_000, 240_000]]),
    ],
)
def test_each_ticket_books_the_difference(tariff: str, booked: list[list[int]]) -> None:
    before: Accumulated | None = None
    for amount, expected in zip((3_000_000, 2_000_000, 2_000_000, 5_000_000), booked, strict=True):
        result = sell(tariff, amount, before)
        assert [line.amount for line in result.lines] == expected
        before = result.accumulated
    assert before is not None
    assert before.booked["charge"] == (1_440_000 if tariff.startswith("volume") else 640_000)


def test_crossing_a_tier_is_explained() -> None:
    first = sell("volume_lower", 3_000_000, None)
    second = sell("volume_lower", 2_000_000, first.accumulated)
    assert [line.kind for line in second.lines] == ["charge", "adjustment"]
    assert fill(second.lines[1].why) == (
        "跳档补差：之前的 ¥30,000.00 从第 1 档（0%）调到第 2 档（8%），¥2,400.00",
        "Change of tier: the earlier ¥30,000.00 moves from tier 1 (0%) to tier 2 (8%), ¥2,400.00",
    )


@pytest.mark.parametrize(
    ("charge", "why"),
    [
        ({"model": "flat", "amount": 50_000}, ["固定金额 ¥500.00", "固定金额本期已计"]),
        (
            {
                "model": "guarantee_plus_excess",
                "measure": "sale",
                "guarantee": 50_000,
                "threshold": "9000000",
                "rate": "0.1",
                "basis": "percentage",
            },
            ["保底 ¥500.00", "在本期保底之内"],
        ),
    ],
)
def test_what_a_period_counts_once_is_not_told_as_nothing(charge: dict[str, Any], why: list[str]) -> None:
    document = read_tariff("graduated_lower")
    tariff = decode(document | {"rows": [document["rows"][0] | {"charge": charge, "modifiers": []}]})
    facts = read_facts({"sale": "1000"}, "campus_a", level="senior")
    first = calculate(tariff, facts)
    second = calculate(tariff, facts, first.accumulated)
    assert [fill(line.why)[0] for line in (first.lines[0], second.lines[0])] == why


def test_withdrawing_everything_leaves_nothing() -> None:
    tariff = decode(
        read_tariff("graduated_lower")
        | {
            "rows": [
                read_tariff("graduated_lower")["rows"][0]
                | {
                    "modifiers": [
                        {"kind": "minimum", "id": "base", "amount": 90_000},
                        {
                            "kind": "tax",
                            "id": "vat",
                            "rate": "0.06",
                            "pays": {"party": "account", "key": "tax"},
                        },
                    ]
                }
            ]
        }
    )
    facts = read_facts({"sale": "6000000"}, "campus_a", level="senior")
    booked = calculate(tariff, facts)
    assert booked.accumulated is not None and booked.total.amount == 95_400
    undone = withdraw(tariff, facts, booked.accumulated)
    assert undone.total.amount == -95_400
    by_party = {(line.component, line.pays.party): line.amount for line in undone.lines}
    assert by_party == {
        ("charge", "assignee"): -80_000,
        ("base", "assignee"): -10_000,
        ("vat", "account"): -5_400,
    }
    with pytest.raises(SettlementError):
        withdraw(tariff, facts, Accumulated())


def test_a_rule_that_changed_within_the_period_is_brought_up() -> None:
    before = Accumulated(tickets=1, quantities={"sale": Decimal(6_000_000)}, booked={"charge": 1, "old": 500})
    result = sell("graduated_lower", 1_000_000, before)
    assert result.accumulated is not None
    assert {key: value for key, value in result.accumulated.booked.items() if value} == {"charge": 160_000}


@pytest.mark.parametrize(
    ("day", "week", "month", "quarter"),
    [
        (date(2026, 1, 1), "2026-W01", "2026-01", "2026-Q1"),
        (date(2027, 1, 3), "2026-W53", "2027-01", "2027-Q1"),
        (date(2026, 12, 31), "2026-W53", "2026-12", "2026-Q4"),
    ],
)
def test_names_of_periods(day: date, week: str, month: str, quarter: str) -> None:
    assert [name_period(day, "week"), name_period(day, "month"), name_period(day, "quarter")] == [
        week,
        month,
        quarter,
    ]
