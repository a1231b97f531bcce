"""Postings: balanced, split without loss, reversible; and the arithmetic of money under them."""

from decimal import Decimal

import msgspec
import pytest

from backend.settlement.calculation import calculate
from backend.settlement.document import decode
from backend.settlement.money import Money, format_minor, format_percentage, split_largest_remainder
from backend.settlement.posting import Party, Share, check_balanced, list_references, post, reverse
from backend.settlement.tariff import PartyRef, SettlementError
from tests.unit.settlement.test_models import read_facts, read_tariff


def person(name: str) -> Party:
    return Party(kind="member", id=name, name=name)


def test_one_ticket_books_between_several_departments() -> None:
    facts = read_facts({"hours": "3", "parts_cost": "80000", "paid": "200000"}, grade="gold")
    result = calculate(decode(read_tariff("body_paint")), facts)
    parties = {
        ref: [Share(party=Party(kind="department", id=ref.key or "", name=ref.key or ""))]
        for ref in list_references(result)
        if ref.party == "department"
    }
    parties[PartyRef(party="node_worker", key="n_repair")] = [Share(party=person("wang"))]
    sums: dict[str, int] = {}
    for line in post(result, parties).lines:
        sums[line.party.id] = sums.get(line.party.id, 0) + line.amount
    assert sums == {"workshop": 30_000 - 18_000, "warehouse": 72_000, "service": -102_000, "wang": 18_000}


def test_shared_amounts_lose_nothing_and_reverse() -> None:
    facts = read_facts({}, "north")
    result = calculate(decode(read_tariff("complaint")), facts, evaluate=lambda _: False)
    parties = {
        PartyRef(party="assignee"): [
            Share(party=person(name)) for name in ("a", "b", "c", "d", "e", "f", "g")
        ],
        PartyRef(party="region_pool"): [Share(party=Party(kind="region", id="north", name="华北"))],
    }
    posting = post(result, parties)
    assert [line.amount for line in posting.lines] == [429, 429, 429, 429, 428, 428, 428, -3000]
    assert [line.seq for line in posting.lines] == list(range(8))
    undone = reverse(posting)
    check_balanced((*posting.lines, *undone.lines))
    assert undone.reversal and reverse(undone) == posting
    wrong = msgspec.structs.replace(posting.lines[0], amount=1)
    with pytest.raises(SettlementError, match="unbalanced"):
        check_balanced((wrong, *posting.lines[1:]))


def test_an_amount_that_browsers_could_not_hold_stops_the_posting() -> None:
    result = calculate(decode(read_tariff("complaint")), read_facts({}, "north"), evaluate=lambda _: False)
    parties = {ref: [Share(party=person("a"))] for ref in list_references(result)}
    for amount, fits in ((2**53 - 1, True), (2**53, False)):
        lines = tuple(msgspec.structs.replace(line, amount=amount) for line in result.lines[:1])
        far = msgspec.structs.replace(result, lines=lines)
        if fits:
            assert post(far, parties).lines[0].amount == amount
        else:
            with pytest.raises(SettlementError, match="amount_too_large"):
                post(far, parties)


def test_a_party_that_nobody_knows_stops_the_posting() -> None:
    result = calculate(decode(read_tariff("complaint")), read_facts({}, "north"), evaluate=lambda _: False)
    with pytest.raises(SettlementError, match="party_unresolved"):
        post(result, {})


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, ("1", "1", "1"), (34, 33, 33)),
        (-100, ("1", "1", "1"), (-34, -33, -33)),
        (1, ("0", "0"), (1, 0)),
        (10, ("0.1", "0.2", "0.7"), (1, 2, 7)),
        (1, ("1", "3"), (0, 1)),
    ],
)
def test_split(total: int, weights: tuple[str, ...], parts: tuple[int, ...]) -> None:
    assert split_largest_remainder(total, [Decimal(weight) for weight in weights]) == parts


@pytest.mark.parametrize("weights", [[], [Decimal(1), Decimal(-1)]])
def test_split_refuses(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError):
        split_largest_remainder(1, weights)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (-123456, "CNY", "-¥1,234.56"),
        (0, "CNY", "¥0.00"),
        (1500, "JPY", "JP¥1,500"),
        (1500, "KWD", "KWD 1.500"),
        (Decimal("50.5"), "CNY", "¥0.505"),
        (10**17, "USD", "$1,000,000,000,000,000.00"),
    ],
)
def test_written_money(amount: int | Decimal, currency: str, text: str) -> None:
    assert format_minor(amount, currency) == text


def test_written_rates_and_money() -> None:
    assert [format_percentage(Decimal(rate)) for rate in ("0.08", "0.1", "1", "0.0825", "0")] == [
        "8%",
        "10%",
        "100%",
        "8.25%",
        "0%",
    ]
    assert Money(5, "CNY") - Money(7, "CNY") == -Money(2, "CNY") == Money(-2, "CNY") + Money(0, "CNY")
    with pytest.raises(ValueError):
        Money(1, "CNY") + Money(1, "USD")
