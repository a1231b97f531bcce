"""Laws of money that hold for every tariff and every ticket."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from backend.settlement.calculation import calculate, withdraw
from backend.settlement.lines import Accumulated
from backend.settlement.money import ROUNDINGS, round_amount, split_exact, split_largest_remainder
from backend.settlement.posting import Party, Share, check_balanced, list_references, post, reverse
from backend.settlement.tariff import (
    Charge,
    Composite,
    Deduction,
    Facts,
    Flat,
    Graduated,
    GraduatedPercentage,
    GuaranteePlusExcess,
    Maximum,
    Minimum,
    Modifier,
    Package,
    Part,
    PartyRef,
    Percentage,
    PerUnit,
    Row,
    SimpleCharge,
    Tariff,
    Tax,
    Text,
    Tier,
    Volume,
    VolumePercentage,
)

fractions = st.integers(0, 10_000).map(lambda number: Decimal(number).scaleb(-4))
prices = st.integers(0, 1_000_000).map(lambda number: Decimal(number).scaleb(-2))
amounts = st.integers(0, 10**9)
quantities = st.integers(0, 10**10).map(lambda number: Decimal(number).scaleb(-2))
bounds = st.sampled_from(("lower", "upper"))


@st.composite
def tiers(draw: st.DrawFn, *, flat: bool = True) -> tuple[Tier, ...]:
    edges = draw(st.lists(st.integers(1, 10**8), max_size=4, unique=True).map(sorted))
    starts = [0, *edges]
    ends: list[int | None] = [*edges, None]
    return tuple(
        Tier(
            start=Decimal(start),
            end=None if end is None else Decimal(end),
            rate=draw(fractions),
            flat=draw(st.integers(0, 10_000)) if flat else 0,
        )
        for start, end in zip(starts, ends, strict=True)
    )


def charges() -> st.SearchStrategy[SimpleCharge]:
    tiered: tuple[Any, ...] = (Graduated, GraduatedPercentage, Volume, VolumePercentage)
    return st.one_of(
        st.builds(Flat, amount=amounts),
        st.builds(PerUnit, measure=st.just("q"), rate=prices),
        st.builds(Percentage, measure=st.just("q"), rate=fractions),
        st.builds(Package, measure=st.just("q"), size=prices.filter(bool), price=amounts),
        st.builds(
            GuaranteePlusExcess, measure=st.just("q"), guarantee=amounts, threshold=prices, rate=fractions
        ),
        *(st.builds(kind, measure=st.just("q"), tiers=tiers(), inclusive=bounds) for kind in tiered),
    )


def modifiers() -> st.SearchStrategy[Modifier]:
    return st.one_of(
        st.builds(Minimum, id=st.just("m"), amount=amounts),
        st.builds(Maximum, id=st.just("m"), amount=amounts),
        st.builds(Tax, id=st.just("m"), rate=fractions),
        st.builds(Deduction, id=st.just("m"), amount=amounts, rate=fractions),
    )


@st.composite
def tariffs(draw: st.DrawFn, accumulation: str) -> Tariff:
    parts = draw(st.lists(charges(), min_size=1, max_size=3))
    department = PartyRef(party="department", key="d")
    charge: Charge = Composite(
        parts=tuple(
            Part(id=f"p{index}", charge=part, pays=department if index == 1 else None)
            for index, part in enumerate(parts)
        )
    )
    row = Row(id="r", charge=charge, modifiers=tuple(draw(st.lists(modifiers(), max_size=1))))
    rounding = draw(st.sampled_from(ROUNDINGS))
    name = Text(zh="", en="")
    return msgspec.convert(
        {
            "key": "t",
            "name": name,
            "currency": "CNY",
            "rounding": rounding,
            "accumulation": accumulation,
            "rows": (row,),
        },
        Tariff,
    )


def ticket(quantity: Decimal) -> Facts:
    return Facts(quantities={"q": quantity}, currency="CNY")


def walk(value: object) -> Iterator[object]:
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple):
        for inner in value:
            yield from walk(inner)
    else:
        yield value


@given(tariffs("ticket"), quantities)
def test_postings_balance_and_reverse_and_know_no_binary_fraction(tariff: Tariff, quantity: Decimal) -> None:
    result = calculate(tariff, ticket(quantity))
    parties = {
        ref: [Share(party=Party(kind="account", id=f"{ref.party}{n}", name="")) for n in range(3)]
        for ref in list_references(result)
    }
    posting = post(result, parties)
    check_balanced(posting.lines)
    received = sum(line.amount for line in posting.lines if line.party.id[:-1] != "region_pool")
    assert received == result.total.amount
    check_balanced((*posting.lines, *reverse(posting).lines))
    assert not any(isinstance(value, float) for value in walk((result, posting)))


@given(tariffs("period"), st.lists(quantities, min_size=1, max_size=6), st.data())
def test_booked_sums_equal_the_model_on_the_total(
    tariff: Tariff, sold: list[Decimal], data: st.DataObject
) -> None:
    def book(order: list[Decimal]) -> Accumulated:
        state = Accumulated()
        booked = 0
        for quantity in order:
            result = calculate(tariff, ticket(quantity), state)
            assert result.accumulated is not None
            state = result.accumulated
            booked += result.total.amount
            assert booked == sum(state.booked.values())
        return state

    model = msgspec.structs.replace(tariff, accumulation="ticket")
    whole = calculate(model, ticket(sum(sold, Decimal(0)))).total.amount
    state = book(sold)
    assert sum(state.booked.values()) == whole
    assert book(data.draw(st.permutations(sold))).booked == state.booked

    taken = data.draw(st.sampled_from(sold))
    rest = sold.copy()
    rest.remove(taken)
    undone = withdraw(tariff, ticket(taken), state)
    left = calculate(model, ticket(sum(rest, Decimal(0)))).total.amount if rest else 0
    assert whole + undone.total.amount == left
    assert undone.accumulated is not None and sum(undone.accumulated.booked.values()) == left


@given(tiers(flat=False), bounds, st.lists(quantities, min_size=2, max_size=6).map(sorted))
def test_marginal_tiers_rise_without_a_jump(
    steps: tuple[Tier, ...], inclusive: str, sold: list[Decimal]
) -> None:
    charge = msgspec.convert(
        {"model": "graduated_percentage", "measure": "q", "tiers": steps, "inclusive": inclusive}, Charge
    )
    tariff = Tariff(
        key="t", name=Text(zh="", en=""), currency="CNY", rounding="down", rows=(Row(id="r", charge=charge),)
    )
    edges = sorted({*sold, *(tier.start for tier in steps)})
    totals = [calculate(tariff, ticket(quantity)).total.amount for quantity in edges]
    for (low, below), (high, above) in pairwise(zip(edges, totals, strict=True)):
        assert below <= above <= below + (high - low) * max(tier.rate for tier in steps) + 1


@given(st.integers(-(10**12), 10**12), st.lists(fractions, min_size=1, max_size=12))
def test_a_split_conserves_and_is_fair(total: int, weights: list[Decimal]) -> None:
    parts = split_largest_remainder(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert not whole or abs(part * whole - total * weight) < whole


@given(st.lists(prices, min_size=1, max_size=8), st.sampled_from(ROUNDINGS))
def test_rounded_portions_sum_to_the_rounded_total(exact: list[Decimal], rounding: Any) -> None:
    total = round_amount(sum(exact, Decimal(0)), rounding)
    parts = split_exact(total, exact)
    assert sum(parts) == total
    assert all(abs(part - value) < 1 for part, value in zip(parts, exact, strict=True))
