"""The calendar of the books: every day in exactly one period, whatever the rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.settlement.calendars import (
    DatedRule,
    PeriodRule,
    PeriodRuleInvalid,
    find_period,
    find_period_under,
    follow,
    next_period,
    read_rule,
    write_rule,
)

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
RULES = st.one_of(
    st.sampled_from([PeriodRule(kind="week"), PeriodRule(kind="month"), PeriodRule(kind="quarter")]),
    st.builds(PeriodRule, kind=st.just("custom"), anchor=DAYS, months=st.integers(1, 12)),
    st.builds(PeriodRule, kind=st.just("custom"), anchor=DAYS, days=st.integers(1, 366)),
)
HISTORIES = st.lists(st.tuples(DAYS, st.none() | RULES), max_size=5, unique_by=lambda pair: pair[0]).map(
    lambda pairs: tuple(DatedRule(*pair) for pair in sorted(pairs, key=lambda pair: pair[0]))
)

MONTHLY_FROM_26 = {"kind": "custom", "anchor": "2026-01-26", "months": 1}
MONTHLY_FROM_31 = {"kind": "custom", "anchor": "2026-01-31", "months": 1}
FORTNIGHTS = {"kind": "custom", "anchor": "2026-01-05", "days": 14}

EXAMPLES: list[tuple[str, dict[str, Any], tuple[str, str | None, str]]] = [
    ("2026-11-22", {"kind": "month"}, ("2026-11", "2026-11-01", "2026-11-30")),
    ("2028-02-10", {"kind": "month"}, ("2028-02", "2028-02-01", "2028-02-29")),
    ("2026-11-22", {"kind": "week"}, ("2026-W47", "2026-11-16", "2026-11-22")),
    ("2027-01-01", {"kind": "week"}, ("2026-W53", "2026-12-28", "2027-01-03")),
    ("2024-12-30", {"kind": "week"}, ("2025-W01", "2024-12-30", "2025-01-05")),
    ("2026-12-31", {"kind": "quarter"}, ("2026-Q4", "2026-10-01", "2026-12-31")),
    ("2026-01-25", MONTHLY_FROM_26, ("2025-12-26", None, "2026-01-25")),
    ("2026-01-26", MONTHLY_FROM_26, ("2026-01-26", None, "2026-02-25")),
    ("2026-02-28", MONTHLY_FROM_31, ("2026-02-28", None, "2026-03-30")),
    ("2028-02-29", MONTHLY_FROM_31, ("2028-02-29", None, "2028-03-30")),
    ("2028-02-28", MONTHLY_FROM_31, ("2028-01-31", None, "2028-02-28")),
    ("2026-01-04", FORTNIGHTS, ("2025-12-22", None, "2026-01-04")),
    ("2026-03-01", FORTNIGHTS, ("2026-02-16", None, "2026-03-01")),
]


@pytest.mark.parametrize(("day", "rule", "wanted"), EXAMPLES)
def test_a_day_and_its_period(day: str, rule: dict[str, Any], wanted: tuple[str, str | None, str]) -> None:
    read = read_rule(rule)
    assert read is not None and write_rule(read) == rule
    span = find_period(date.fromisoformat(day), read)
    assert (span.key, str(span.starts), str(span.ends)) == (wanted[0], wanted[1] or wanted[0], wanted[2])


BAD = [
    ({"kind": "year"}, "period_kind_unknown", "kind"),
    ({"anchor": "2026-01-26"}, "period_kind_unknown", "kind"),
    ({"kind": "month", "months": 2}, "period_rule_excess", "anchor"),
    ({"kind": "custom", "months": 1}, "period_anchor_missing", "anchor"),
    ({"kind": "custom", "anchor": "2026-02-30", "months": 1}, "period_rule_invalid", "anchor"),
    ({"kind": "custom", "anchor": "2026-01-26"}, "period_length_missing", "months"),
    ({"kind": "custom", "anchor": "2026-01-26", "months": 1, "days": 14}, "period_length_missing", "months"),
    ({"kind": "custom", "anchor": "2026-01-26", "months": 0}, "period_length_unfit", "months"),
    ({"kind": "custom", "anchor": "2026-01-26", "days": 400}, "period_length_unfit", "days"),
    ({"kind": "custom", "anchor": "2026-01-26", "days": 1.5}, "period_rule_invalid", "days"),
    ({"kind": "month", "color": "red"}, "period_rule_invalid", ""),
]


@pytest.mark.parametrize(("rule", "code", "field"), BAD)
def test_a_bad_rule_is_named(rule: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(PeriodRuleInvalid) as refused:
        read_rule(rule)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_no_rule_is_the_parents() -> None:
    assert read_rule({}) is None and write_rule(None) == {}


@given(DAYS, RULES)
def test_periods_of_a_rule_follow_each_other(day: date, rule: PeriodRule) -> None:
    span = find_period(day, rule)
    assert span.starts <= day <= span.ends
    assert find_period(span.starts, rule) == find_period(span.ends, rule) == span
    assert find_period(span.ends + timedelta(days=1), rule).starts == span.ends + timedelta(days=1)
    assert find_period(span.starts - timedelta(days=1), rule).ends == span.starts - timedelta(days=1)


@given(DAYS, HISTORIES, RULES)
def test_no_gap_and_no_overlap_whatever_the_rules_were(
    day: date, rules: tuple[DatedRule, ...], default: PeriodRule
) -> None:
    span = find_period_under(day, rules, default)
    seen = {span.key}
    for _ in range(12):
        after = next_period(span, rules, default)
        assert after.starts == span.ends + timedelta(days=1) and after.starts <= after.ends
        assert find_period_under(after.ends, rules, default) == after
        assert after.key not in seen
        seen.add(after.key)
        span = after


@given(DAYS, HISTORIES, DAYS, RULES)
def test_a_new_rule_moves_no_period_before_it(
    day: date, rules: tuple[DatedRule, ...], changed_on: date, rule: PeriodRule
) -> None:
    """It holds from the day after a period that stands."""
    standing = find_period_under(changed_on, rules)
    starts = standing.ends + timedelta(days=1)
    kept = tuple(dated for dated in rules if dated.starts < starts)
    changed = follow(rules, DatedRule(starts, rule))
    assert find_period_under(changed_on, changed).starts == standing.starts
    if day < standing.starts:
        assert find_period_under(day, changed) == find_period_under(day, kept)
    if day >= starts:
        assert find_period_under(day, changed).starts >= starts
