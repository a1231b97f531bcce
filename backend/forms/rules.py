"""The ``ui:showIf`` rules: which fields of a form are shown for these answers.

The browser applies the same rules in the same way: a field that its rule hides counts as left empty for the
rules that look at it, and is neither required nor submitted. Values of other types than the compared one
never match.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

OPERATORS = frozenset({"eq", "ne", "gt", "gte", "lt", "lte", "in", "filled"})


class Rule(msgspec.Struct, frozen=True):
    """Show ``target`` when the answer in ``field`` stands to ``value`` as ``op`` says."""

    target: str
    field: str
    op: str
    value: Any = None


def read_rules(ui: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of a uiSchema; entries that are none (the dialect reports them) are passed over."""
    rules = []
    for target, options in ui.items():
        condition = options.get("ui:showIf") if isinstance(options, dict) else None
        if isinstance(condition, dict) and isinstance(condition.get("field"), str):
            op = condition.get("op", "filled")
            if isinstance(op, str):
                rules.append(Rule(target, condition["field"], op, condition.get("value")))
    return tuple(rules)


def order_rules(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Rules so that each comes after those that decide the field it looks at; a circle is cut at its first
    member."""
    by_target = {rule.target: rule for rule in rules}
    ordered: dict[str, Rule] = {}

    def place(rule: Rule, above: frozenset[str]) -> None:
        if rule.target in ordered or rule.target in above:
            return
        source = by_target.get(rule.field)
        if source is not None:
            place(source, above | {rule.target})
        ordered[rule.target] = rule

    for rule in rules:
        place(rule, frozenset())
    return tuple(ordered.values())


def list_hidden(ordered: tuple[Rule, ...], data: Mapping[str, Any]) -> set[str]:
    """Names of the fields that the rules hide for these answers."""
    hidden: set[str] = set()
    for rule in ordered:
        actual = None if rule.field in hidden else data.get(rule.field)
        is_plain = rule.op == "eq" and actual.__class__ is str  # as most are: a text equals only a text
        if not (actual == rule.value if is_plain else holds(rule, actual)):
            hidden.add(rule.target)
    return hidden


def is_blank(value: Any) -> bool:
    """Left empty: nothing, an empty text or list, an object without any answer."""
    if isinstance(value, dict):
        return all(is_blank(part) for part in value.values())
    return value is None or (isinstance(value, str | list) and not value)


def holds(rule: Rule, actual: Any) -> bool:
    """Does the answer ``actual`` stand to the rule's value as its operator says?"""
    if rule.op == "filled":
        return is_blank(actual) if rule.value is False else not is_blank(actual)
    if rule.op == "eq":
        return _has(actual, rule.value)
    if rule.op == "ne":
        return not _has(actual, rule.value)
    if rule.op == "in":
        return isinstance(rule.value, list) and any(_has(actual, each) for each in rule.value)
    return _compare(rule.op, actual, rule.value)


def _has(actual: Any, value: Any) -> bool:
    if isinstance(actual, list):
        return any(_same(item, value) for item in actual)
    return _same(actual, value)


def _same(left: Any, right: Any) -> bool:
    """JSON equality of scalars: true is not 1, and a list or an object equals nothing."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return False
    return bool(left == right)


def _compare(op: str, left: Any, right: Any) -> bool:
    numbers = _is_number(left) and _is_number(right)
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        return False
    if op == "gt":
        return bool(left > right)
    if op == "gte":
        return bool(left >= right)
    if op == "lt":
        return bool(left < right)
    return op == "lte" and bool(left <= right)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
