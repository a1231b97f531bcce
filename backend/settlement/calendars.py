"""The calendar of the books: which period a day lies in, by the rule of a region.

A region's rule is JSON: ``{"kind": "week" | "month" | "quarter"}``, or ``{"kind": "custom", "anchor":
"2026-01-26", "months": 1}`` (from the 26th to the 25th), or ``{"kind": "custom", "anchor": "2026-01-05",
"days": 14}``. An empty rule means the parent's; the root's default is the month.

Rules follow each other: a new one holds from a day on and never moves a period before it. Whatever the
rules, every day lies in exactly one period of a unit; a period that a change of rules cuts short is called by
its first day.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

import msgspec

Kind = Literal["week", "month", "quarter", "custom"]
KINDS: tuple[Kind, ...] = ("week", "month", "quarter", "custom")
MAX_MONTHS, MAX_DAYS = 12, 366
MONTHS_A_YEAR, DAYS_A_WEEK = 12, 7
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9998, 12, 31)
"""Days outside are no days of business: what a rule makes of them would leave the calendar."""


class PeriodRuleInvalid(Exception):
    """A rule that makes no calendar. ``field`` is the member at fault, empty for the rule itself."""

    def __init__(self, code: str, field: str = "", **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = params


class PeriodRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How time is cut: custom ones count ``months`` or ``days`` from the ``anchor``, in both directions."""

    kind: Kind
    anchor: date | None = None
    months: int | None = None
    days: int | None = None


class PeriodSpan(NamedTuple):
    """One period: its name and its first and last day."""

    key: str
    starts: date
    ends: date


class DatedRule(NamedTuple):
    """A rule and the day from which it holds; ``None`` as rule: the parent's."""

    starts: date
    rule: PeriodRule | None


MONTH = PeriodRule(kind="month")


def read_rule(document: Mapping[str, Any]) -> PeriodRule | None:
    """The rule of a region's setting; None for an empty one. Raises PeriodRuleInvalid."""
    if not document:
        return None
    if document.get("kind") not in KINDS:
        raise PeriodRuleInvalid("period_kind_unknown", "kind", kind=str(document.get("kind"))[:40])
    try:
        rule = msgspec.convert(dict(document), PeriodRule)
    except msgspec.ValidationError as error:
        field = str(error).rpartition("$.")[2].rstrip("`") if "$." in str(error) else ""
        raise PeriodRuleInvalid("period_rule_invalid", field) from error
    if rule.kind != "custom":
        if (rule.anchor, rule.months, rule.days) != (None, None, None):
            raise PeriodRuleInvalid("period_rule_excess", "anchor")
        return rule
    _check_custom(rule)
    return rule


def _check_custom(rule: PeriodRule) -> None:
    if rule.anchor is None or not FIRST_DAY <= rule.anchor <= LAST_DAY:
        raise PeriodRuleInvalid("period_anchor_missing", "anchor")
    if (rule.months is None) == (rule.days is None):
        raise PeriodRuleInvalid("period_length_missing", "months")
    if rule.months is not None and not 1 <= rule.months <= MAX_MONTHS:
        raise PeriodRuleInvalid("period_length_unfit", "months", most=MAX_MONTHS)
    if rule.days is not None and not 1 <= rule.days <= MAX_DAYS:
        raise PeriodRuleInvalid("period_length_unfit", "days", most=MAX_DAYS)


def write_rule(rule: PeriodRule | None) -> dict[str, Any]:
    """As it is stored with a region."""
    return msgspec.to_builtins(rule) if rule is not None else {}


def find_period(day: date, rule: PeriodRule) -> PeriodSpan:
    """The period that the day lies in: ``2026-11``, ``2026-W47`` (ISO), ``2026-Q4`` or its first day."""
    if rule.kind == "week":
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=weekday - 1)
        return PeriodSpan(f"{year}-W{week:02d}", monday, monday + timedelta(days=DAYS_A_WEEK - 1))
    if rule.kind == "month":
        return PeriodSpan(f"{day.year}-{day.month:02d}", day.replace(day=1), _end_of_month(day))
    if rule.kind == "quarter":
        quarter = (day.month + 2) // 3
        last = date(day.year, quarter * 3, 1)
        return PeriodSpan(f"{day.year}-Q{quarter}", date(day.year, quarter * 3 - 2, 1), _end_of_month(last))
    assert rule.anchor is not None
    starts, following = _cut_days(day, rule) if rule.days is not None else _cut_months(day, rule)
    return PeriodSpan(starts.isoformat(), starts, following - timedelta(days=1))


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _cut_days(day: date, rule: PeriodRule) -> tuple[date, date]:
    assert rule.anchor is not None and rule.days is not None
    gone = (day - rule.anchor).days // rule.days
    starts = rule.anchor + timedelta(days=gone * rule.days)
    return starts, starts + timedelta(days=rule.days)


def _cut_months(day: date, rule: PeriodRule) -> tuple[date, date]:
    """Each period begins on the anchor's day of the month, or on the last day of a shorter month."""
    assert rule.anchor is not None and rule.months is not None
    months = (day.year - rule.anchor.year) * MONTHS_A_YEAR + day.month - rule.anchor.month
    gone = months // rule.months
    if day < _add_months(rule.anchor, gone * rule.months):
        gone -= 1
    return (
        _add_months(rule.anchor, gone * rule.months),
        _add_months(rule.anchor, (gone + 1) * rule.months),
    )


def _add_months(anchor: date, months: int) -> date:
    year, month = divmod(anchor.year * MONTHS_A_YEAR + anchor.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def find_rule(day: date, rules: Sequence[DatedRule]) -> DatedRule | None:
    """The one that holds on the day. ``rules`` are in order of their days."""
    found = None
    for dated in rules:
        if dated.starts > day:
            break
        found = dated
    return found


def find_period_under(day: date, rules: Sequence[DatedRule], default: PeriodRule = MONTH) -> PeriodSpan:
    """The period of the day in a unit whose rules followed each other: none reaches across a change.

    Days without a rule of the unit's own are cut by ``default``.
    """
    current, following = find_rule(day, rules), next((r.starts for r in rules if r.starts > day), None)
    rule = current.rule if current is not None and current.rule is not None else default
    span = find_period(day, rule)
    starts = max(span.starts, current.starts) if current is not None else span.starts
    ends = min(span.ends, following - timedelta(days=1)) if following is not None else span.ends
    if (starts, ends) == (span.starts, span.ends):
        return span
    return PeriodSpan(starts.isoformat(), starts, ends)


def follow(rules: Iterable[DatedRule], changed: DatedRule) -> tuple[DatedRule, ...]:
    """The rules with another one that holds from a day on; what was planned for later days is given up."""
    return (*(rule for rule in rules if rule.starts < changed.starts), changed)


def next_period(span: PeriodSpan, rules: Sequence[DatedRule], default: PeriodRule = MONTH) -> PeriodSpan:
    """The one right after it."""
    return find_period_under(span.ends + timedelta(days=1), rules, default)
