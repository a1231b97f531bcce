"""Whom orders belong to: the most specific rule wins, whatever order the rules come in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.runtime.books.orders import OrderFile, list_amount_lines
from backend.runtime.books.quarantine import QUARANTINE
from backend.settlement.attribution import OrderFacts, Owner, Rule, attribute

PATH = ("cn", "east", "shanghai")
DAY = date(2026, 11, 12)
OWNERS = (
    Owner(kind="region"),
    Owner(kind="region", id="east"),
    Owner(kind="department", id="sales"),
    Owner(kind="partner", id="acme", tariff="commission"),
)


@st.composite
def draw_rule(draw: st.DrawFn) -> Rule:
    return Rule(
        id=draw(st.uuids()).hex,
        region=draw(st.sampled_from((None, *PATH, "north"))),
        store=draw(st.sampled_from(("", "s1", "s2"))),
        channel=draw(st.sampled_from(("", "tmall", "jd"))),
        owner=draw(st.sampled_from(OWNERS)),
        valid_from=DAY + timedelta(days=draw(st.integers(-2, 1))),
    )


FACTS = OrderFacts(region_path=PATH, store="s1", channel="tmall", day=DAY)
RULES = st.lists(draw_rule(), max_size=8)


@given(RULES, st.randoms())
def test_order_of_rules_changes_nothing(rules: list[Rule], random: object) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert attribute(FACTS, rules) == attribute(FACTS, shuffled)


@given(RULES)
def test_a_rule_for_just_this_order_wins_over_all(rules: list[Rule]) -> None:
    own = Owner(kind="member", id="m1")
    exact = Rule(
        id="exact",
        region="shanghai",
        store="s1",
        channel="tmall",
        owner=own,
        valid_from=DAY + timedelta(days=0),
    )
    same = [r for r in rules if (r.region, r.store, r.channel) == ("shanghai", "s1", "tmall")]
    others = [rule for rule in rules if rule not in same]
    assert attribute(FACTS, [*others, exact]).owner == own


@given(RULES)
def test_a_rule_that_fits_nothing_here_changes_nothing(rules: list[Rule]) -> None:
    stray = Rule(id="stray", region="north", owner=OWNERS[2], valid_from=DAY - timedelta(days=9))
    later = Rule(id="later", owner=OWNERS[2], valid_from=DAY + timedelta(days=1))
    assert attribute(FACTS, [*rules, stray, later]) == attribute(FACTS, rules)


@given(RULES)
def test_owner_exactly_when_one_is_meant(rules: list[Rule]) -> None:
    found = attribute(FACTS, rules)
    assert (found.owner is not None) == (len(found.candidates) == 1)
    if found.owner is not None:
        meant = {rule.id: rule for rule in rules}
        assert found.rules
        for name in found.rules:
            wanted = meant[name].owner
            expected = msgspec.structs.replace(wanted, id=wanted.id or "shanghai")
            assert found.owner in {wanted, expected}


ORDERS = st.lists(
    st.builds(
        OrderFile,
        id=st.just("o"),
        number=st.just("n"),
        channel=st.sampled_from(("tmall", "jd", "")),
        store=st.sampled_from(("s1", "s2", "")),
        region_id=st.just("r"),
        region_path=st.sampled_from(("/cn/east/shanghai/", "/cn/north/", "/cn/")),
        amount=st.integers(1, 10**12),
        currency=st.sampled_from(("CNY", "USD")),
        ordered_at=st.just(datetime(2026, 11, 12, tzinfo=UTC)),
        day=st.just(DAY.isoformat()),
    ),
    max_size=12,
)


@given(ORDERS, RULES)
def test_pools_and_quarantine_sum_to_all_orders(orders: list[OrderFile], rules: list[Rule]) -> None:
    held: dict[tuple[str, str], dict[str, int]] = {}
    for order in orders:
        found = attribute(order.facts(), rules)
        party = found.owner.party if found.owner else QUARANTINE
        for line in list_amount_lines(order, party, {"code": found.why.code, "params": found.why.params}):
            own = held.setdefault((line["party_kind"], line["party_id"]), {})
            own[line["currency"]] = own.get(line["currency"], 0) + line["amount"]
    for currency in ("CNY", "USD"):
        total = sum(order.amount for order in orders if order.currency == currency)
        sales = held.get(("account", "sales"), {}).get(currency, 0)
        assert sales == -total
        assert sum(sums.get(currency, 0) for sums in held.values()) == 0


def make(
    name: str, owner: str, *, region: str | None = None, store: str = "", channel: str = "", days: int = -9
) -> Rule:
    kind, _, key = owner.partition(":")
    return Rule(
        id=name,
        region=region,
        store=store,
        channel=channel,
        owner=Owner(kind=kind, id=key),  # type: ignore[arg-type]
        valid_from=DAY + timedelta(days=days),
    )


@pytest.mark.parametrize(
    ("rules", "owner", "code"),
    [
        ([], None, "attribution.none"),
        ([make("a", "region:")], "region:shanghai", "attribution.by_all"),
        ([make("a", "region:cn", region="cn"), make("b", "region:east", region="east")], "region:east",
         "attribution.by_region"),
        ([make("a", "region:", region="shanghai"), make("b", "partner:p", channel="tmall")], None,
         "attribution.ambiguous"),
        ([make("a", "partner:p", region="shanghai"), make("b", "partner:p", channel="tmall")], "partner:p",
         "attribution.by_region"),
        ([make("a", "region:", region="east"), make("b", "partner:p", region="east", channel="tmall")],
         "partner:p", "attribution.by_region_channel"),
        ([make("a", "department:old"), make("b", "department:new", days=-1)], "department:new",
         "attribution.by_all"),
        ([make("a", "department:old"), make("b", "department:new", days=1)], "department:old",
         "attribution.by_all"),
        ([make("a", "department:x"), make("b", "department:y")], None, "attribution.ambiguous"),
        ([make("a", "member:m", store="s1"), make("b", "region:", region="cn", store="s2")], "member:m",
         "attribution.by_store"),
    ],
)  # fmt: skip
def test_cases(rules: list[Rule], owner: str | None, code: str) -> None:
    found = attribute(FACTS, rules)
    assert (f"{found.owner.kind}:{found.owner.id}" if found.owner else None) == owner
    assert found.why.code == code
