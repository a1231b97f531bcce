"""The bulk path books what the single path books, to the minor unit, whatever the tariff."""

from collections import Counter
from decimal import Decimal

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.settlement.bulk import Batch, BulkTariff, PeriodSums
from backend.settlement.calculation import calculate
from backend.settlement.money import ROUNDINGS, Rounding, round_amount
from backend.settlement.tariff import (
    Coefficient,
    Facts,
    Flat,
    Match,
    PerUnit,
    Row,
    SettlementError,
    Tariff,
    Text,
    Tier,
    Volume,
)
from backend.settlement.wholes import divide
from tests.property.test_settlement import quantities, tariffs, ticket

NO_NAME = Text(zh="", en="")


def column(values: list[Decimal], decimals: int) -> np.ndarray:
    return np.array([int(value.scaleb(decimals)) for value in values], dtype=np.int64)


@given(tariffs("ticket"), st.lists(quantities, min_size=1, max_size=20))
def test_totals_and_components_equal_the_single_path(tariff: Tariff, sold: list[Decimal]) -> None:
    bulk = BulkTariff(tariff, {"q": 2})
    batch = Batch(np.zeros(len(sold), dtype=np.int64), {"q": column(sold, 2)})
    single = [calculate(tariff, ticket(quantity)) for quantity in sold]
    assert bulk.price(batch).tolist() == [result.total.amount for result in single]
    components = bulk.price_components(batch)
    for at, result in enumerate(single):
        booked = Counter[str]()
        for line in result.lines:
            booked[line.component] += line.amount
        assert {name: int(amounts[at]) for name, amounts in components.items() if amounts[at]} == {
            name: amount for name, amount in booked.items() if amount
        }


@given(
    st.lists(st.integers(0, 2**53), min_size=1, max_size=5),
    st.integers(1, 10**12).map(lambda number: Decimal(number).scaleb(-8)),
    st.sampled_from(ROUNDINGS),
)
def test_products_beyond_64_bits_stay_exact(sold: list[int], rate: Decimal, rounding: Rounding) -> None:
    tiers = (Tier(start=Decimal(0), end=Decimal(10**6), rate=rate), Tier(start=Decimal(10**6), rate=rate / 2))
    rows = (
        Row(id="a", charge=PerUnit(measure="q", rate=rate)),
        Row(id="b", match=Match(level="b"), charge=Volume(measure="q", tiers=tiers)),
    )
    tariff = Tariff(key="t", name=NO_NAME, currency="CNY", rounding=rounding, rows=rows)
    for index, level in enumerate((None, "b")):
        facts = [
            Facts(quantities={"q": Decimal(q)}, currency="CNY", attributes={"level": level}) for q in sold
        ]
        bulk = BulkTariff(tariff)
        assert bulk.find_rows(facts).tolist() == [index] * len(sold)
        expected = [calculate(tariff, fact).total.amount for fact in facts]
        if max(expected) < 2**63:
            batch = Batch(bulk.find_rows(facts), {"q": np.array(sold, dtype=np.int64)})
            assert bulk.price(batch).tolist() == expected


@given(st.integers(-(10**12), 10**12), st.integers(0, 6), st.sampled_from(ROUNDINGS))
def test_division_rounds_as_money_does(exact: int, digits: int, rounding: Rounding) -> None:
    rounded = divide(np.array([exact], dtype=np.int64), 10**digits, rounding)
    assert rounded.tolist() == [round_amount(Decimal(exact).scaleb(-digits), rounding)]


@given(st.lists(st.tuples(quantities, st.booleans()), min_size=1, max_size=10))
def test_conditions_come_as_columns(sold: list[tuple[Decimal, bool]]) -> None:
    urgent = Coefficient(id="urgent", when="data.urgent", factor=Decimal("1.5"), cap=10_000)
    charge = PerUnit(measure="q", rate=Decimal("0.08"))
    tariff = Tariff(
        key="t", name=NO_NAME, currency="CNY", rows=(Row(id="r", charge=charge, modifiers=(urgent,)),)
    )
    batch = Batch(
        np.zeros(len(sold), dtype=np.int64),
        {"q": column([quantity for quantity, _ in sold], 2)},
        {"data.urgent": np.array([holds for _, holds in sold])},
    )
    expected = []
    for quantity, holds in sold:
        result = calculate(tariff, ticket(quantity), evaluate=lambda text, holds=holds: holds)  # type: ignore[misc]
        expected.append(result.total.amount)
    assert BulkTariff(tariff, {"q": 2}).price(batch).tolist() == expected


@given(tariffs("period"), st.lists(quantities, min_size=1, max_size=12))
def test_sums_of_a_period_are_the_single_path_s(tariff: Tariff, sold: list[Decimal]) -> None:
    sums = PeriodSums(("q",), groups=2)
    for start in range(0, len(sold), 5):
        part = sold[start : start + 5]
        sums.add(np.ones(len(part), dtype=np.int64), {"q": column(part, 2)})
    tickets, gathered = sums.total_of(1, {"q": 2})
    assert (tickets, gathered["q"]) == (len(sold), sum(sold, Decimal(0)))
    assert sums.total_of(0, {"q": 2}) == (0, {"q": Decimal(0)})


CHARGE = Volume(measure="q", tiers=(Tier(start=Decimal(10), end=Decimal(20), rate=Decimal(1)),))


@pytest.mark.parametrize(
    ("rows", "quantities_given", "code"),
    [
        ([-1], {"q": [15]}, "no_row"),
        ([0], {"q": [-1]}, "quantity_negative"),
        ([0], {"q": [9]}, "quantity_outside_tiers"),
        ([0], {"q": [20]}, "quantity_outside_tiers"),
        ([0], {}, "measure_missing"),
        ([1], {"q": [1]}, "condition_unavailable"),
    ],
)
def test_what_cannot_be_priced_is_refused(
    rows: list[int], quantities_given: dict[str, list[int]], code: str
) -> None:
    doubled = Coefficient(id="m", when="data.x", factor=Decimal(2))
    table = (
        Row(id="a", charge=CHARGE),
        Row(id="b", match=Match(level="b"), charge=Flat(amount=1), modifiers=(doubled,)),
    )
    tariff = Tariff(key="t", name=NO_NAME, currency="CNY", rows=table)
    columns = {name: np.array(values, dtype=np.int64) for name, values in quantities_given.items()}
    with pytest.raises(SettlementError) as refused:
        BulkTariff(tariff).price(Batch(np.array(rows), columns))
    assert refused.value.code == code


def test_a_batch_of_many_chunks_is_one_answer() -> None:
    tariff = Tariff(
        key="t",
        name=NO_NAME,
        currency="CNY",
        rows=(
            Row(id="a", charge=PerUnit(measure="q", rate=Decimal("0.5"))),
            Row(id="b", match=Match(level="b"), charge=Flat(amount=7)),
        ),
    )
    count = 100_000
    rows = np.arange(count) % 2
    totals = BulkTariff(tariff).price(Batch(rows, {"q": np.arange(count)}))
    expected = [7 if at % 2 else (at + 1) // 2 for at in range(count)]
    assert totals.tolist() == expected
    assert not np.issubdtype(totals.dtype, np.floating)
    assert msgspec.json.encode(int(totals.sum()))
