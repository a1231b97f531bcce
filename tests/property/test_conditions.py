"""Native conditions and values say what CEL says, whatever the ticket holds; the frequent ones are native."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend.graph.expressions import Expression, ExpressionFailed, compile_expression
from backend.graph.native_conditions import compile_condition
from backend.graph.native_lists import AskCel
from backend.graph.native_values import compile_value

FIELDS = ("data.a", "data.b", "ticket.priority", "customer.grade")
TEXTS = ("", "x", "high", "高", "\U0001f600", "￿", "10", "true")
NUMBERS = (0, -1, 1, 2, 10, 2**53, -(2**53))
DOUBLES = (0.0, -0.5, 1.0, 1.5, 10.0, 9007199254740992.0)

literals = st.sampled_from(
    [*(f'"{text}"' for text in TEXTS), "'x'", *map(str, NUMBERS), *map(repr, DOUBLES), "true", "false"]
).filter(lambda literal: "e" not in literal or literal[0] != "9")
fields = st.sampled_from(FIELDS)
signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
lists = st.one_of(
    st.lists(st.sampled_from([f'"{text}"' for text in TEXTS]), min_size=1, max_size=3),
    st.lists(st.sampled_from([str(number) for number in NUMBERS]), min_size=1, max_size=3),
).map(", ".join)
items = st.sampled_from(["i.a", "i.b"])
of_parts = st.recursive(
    st.one_of(
        st.builds("{} {} {}".format, items, signs, literals),
        st.builds("{} in [{}]".format, items, lists),
        st.builds("has({})".format, items),
        items,
    ),
    lambda inner: st.one_of(
        st.builds("{} && {}".format, inner, inner),
        st.builds("{} || {}".format, inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=3,
)
of_items = st.one_of(
    st.builds("i {} {}".format, signs, literals),
    st.builds("{} {} i && i {} {}".format, literals, signs, signs, literals),
    st.builds("i in [{}]".format, lists),
    st.just("!i"),
)
searches = st.one_of(
    st.builds(
        "{}.{}(i, {})".format, fields, st.sampled_from(["exists", "all"]), st.one_of(of_parts, of_items)
    ),
    st.builds("size({}) {} {}".format, fields, signs, st.sampled_from(["0", "1", "2"])),
    st.builds("{} in {}".format, literals, fields),
)
leaves = st.one_of(
    searches,
    st.builds("{} {} {}".format, fields, signs, literals),
    st.builds("{} {} {}".format, literals, signs, fields),
    st.builds("{} in [{}]".format, fields, lists),
    st.builds("has({})".format, fields),
    fields,
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("{} && {}".format, inner, inner),
        st.builds("{} || {}".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("({})".format, inner),
        st.builds("!{}".format, fields),
    ),
    max_leaves=5,
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-3, 12), st.floats(allow_nan=False, width=32))
scalars |= st.sampled_from([*TEXTS, *NUMBERS, 2**53 + 1, 2**63, 2**70, -(2**64)])
groups = st.dictionaries(st.sampled_from(["a", "b"]), scalars)
listed = st.one_of(
    st.lists(scalars, max_size=4),
    st.lists(st.sampled_from(TEXTS), max_size=4),
    st.lists(st.integers(-3, 12), max_size=4),
    st.lists(groups, max_size=4),
    st.lists(st.fixed_dictionaries({"a": st.integers(-3, 12), "b": st.sampled_from(TEXTS)}), max_size=4),
)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([*NUMBERS, 2**53 + 1, 2**63 - 1, 2**63, 2**70, -(2**63), -(2**64)]),
    st.integers(-3, 12),
    st.sampled_from(DOUBLES),
    st.floats(allow_nan=False, width=32),
    st.sampled_from(TEXTS),
    st.just([1, "x"]),
    st.just({"x": 1}),
)
names = st.sampled_from(["a", "b", "priority", "grade"])
roots = st.dictionaries(names, values)
contexts = st.fixed_dictionaries({"data": roots, "ticket": roots, "customer": roots})
with_lists = contexts | st.fixed_dictionaries(
    {root: st.dictionaries(names, values | listed) for root in ("data", "ticket", "customer")}
)


def ask_cel(text: str, context: dict[str, Any]) -> bool | str:
    """The verdict without the native closure; a failure as its code."""
    return judge(without_closures(text), context)


def without_closures(text: str) -> Expression:
    expression: Any = compile_expression.__wrapped__(text)
    expression._condition = expression._value = None
    return cast(Expression, expression)


def judge(expression: Expression, context: dict[str, Any]) -> bool | str:
    try:
        return expression.holds(context)
    except ExpressionFailed as failed:
        return failed.code


@settings(max_examples=700, deadline=None)
@given(text=conditions, context=with_lists)
@example(text="!data.a || data.a", context={"data": {"a": 1}, "ticket": {}, "customer": {}})
@example(text="data.a && data.b", context={"data": {"a": False}, "ticket": {}, "customer": {}})
@example(text="data.a && data.b", context={"data": {"b": False}, "ticket": {}, "customer": {}})
@example(text="data.a == 1", context={"data": {"a": True}, "ticket": {}, "customer": {}})
@example(
    text='data.a.exists(i, i.b == "x")',
    context={"data": {"a": [{"b": "x"}, {}, 1]}, "ticket": {}, "customer": {}},
)
@example(
    text="data.a.all(i, i.b < 1)",
    context={"data": {"a": [{"b": 2}, {"b": "x"}, None]}, "ticket": {}, "customer": {}},
)
@example(
    text="data.a.exists(i, has(i.b))",
    context={"data": {"a": ["b", {"b": None}]}, "ticket": {}, "customer": {}},
)
@example(text="1 in data.a", context={"data": {"a": [1.0, True]}, "ticket": {}, "customer": {}})
@example(text="data.a < 1", context={"data": {"a": 2**70}, "ticket": {}, "customer": {}})
def test_equals_cel(text: str, context: dict[str, Any]) -> None:
    assert compile_condition(text) is not None
    assert judge(compile_expression(text), context) == ask_cel(text, context)


REGULAR: dict[str, Any] = {
    "data": {
        "amount": 50,
        "kind": "food",
        "ok": True,
        "rate": 2.5,
        "items": [{"price": 20, "kind": "work"}, {"price": 120, "kind": "part"}],
        "choices": ["a", "b"],
        "numbers": [1, 2],
    },
    "ticket": {"priority": "high"},
    "customer": {},
}
NATIVE = [
    ("data.amount < 10", False),
    ("10 <= data.amount", True),
    ("data.rate > 2", True),
    ('data.kind == "food" && ticket.priority in ["high", "urgent"]', True),
    ("!has(customer.grade) || customer.grade == 'vip'", True),
    ("data.ok && !(data.kind != 'food')", True),
    ('data.items.exists(i, i.price > 100 && i.kind == "part")', True),
    ("data.items.all(i, has(i.kind) && !(i.price > 100))", False),
    ("!data.choices.exists(c, c == 'x') && size(data.choices) == 2", True),
    ("'a' in data.choices && !(3 in data.numbers)", True),
    ("data.numbers.all(n, n > 0 && n in [1, 2])", True),
]


@pytest.mark.parametrize(("text", "expected"), NATIVE, ids=[text for text, _ in NATIVE])
def test_regular_tickets_do_not_need_cel(text: str, expected: bool) -> None:
    condition = compile_condition(text)
    assert condition is not None
    assert condition(REGULAR) is expected
    assert ask_cel(text, REGULAR) is expected


@pytest.mark.parametrize(
    "text",
    [
        "!data.a == false",
        "data.a == 1 == true",
        "data.a + 1 > 2",
        "data.a -1 > 2",
        "data.a.b == 1",
        "data.a[0] == 1",
        "data.a == null",
        'data.a == "\\n"',
        'r"x" == data.a',
        '"""x""" == data.a',
        "data.a.startsWith('x')",
        "data.a == 1u",
        "data.a == 9007199254740993",
        "data.a in []",
        "data.a in [1, 'x']",
        "data.a == data.b",
        "data.a ? true : false",
        "true",
        "'x'",
        "",
        "data.a.map(i, i.b == 1)",
        "data.a.exists_one(i, i.b == 1)",
        "data.a.exists(i, i.b.exists(j, j == 1))",
        "data.a.exists(i, i.b == data.b)",
        "data.a.exists(i, data.b == 1)",
        "data.a.exists(i, i == 1 || i.b == 1)",
        "data.a.exists(data, data.b == 1)",
        "data.a.exists(i, i.b.c == 1)",
        "data.a.b.exists(i, i.b == 1)",
        "data.a.exists(i, true)",
        "size(data.a.b) > 1",
        "size(data.a) > 1.5",
        "i.a == 1",
    ],
)
def test_the_rest_is_left_to_cel(text: str) -> None:
    assert compile_condition(text) is None


def test_an_irregular_ticket_is_left_to_cel() -> None:
    condition = compile_condition("data.amount < 10")
    assert condition is not None
    for irregular in (None, "5", True, [5]):
        with pytest.raises(AskCel):
            condition({"data": {"amount": irregular}})
    with pytest.raises(LookupError):
        condition({"data": {}})


numbers = st.sampled_from(["0", "1", "2", "3.5", "0.5", "999999999999999999"])
sums = st.recursive(
    st.one_of(fields, numbers),
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*"), inner), st.builds("({})".format, inner)
    ),
    max_leaves=4,
)


def compute(expression: Expression, context: dict[str, Any]) -> tuple[str, Any, Any]:
    """Value and value with nulls for what is missing, each with its type, since 1 == 1.0 == True here."""
    try:
        value = repr(expression.evaluate(context))
    except ExpressionFailed as failed:
        value = failed.code
    try:
        return value, type(found := expression.find(context)), repr(found)
    except ExpressionFailed as failed:
        return value, None, failed.code


@settings(max_examples=700, deadline=None)
@given(text=sums, context=contexts)
@example(text="data.a * 2", context={"data": {"a": 2**62}, "ticket": {}, "customer": {}})
@example(text="data.a - data.b - 1", context={"data": {"a": 5, "b": 2}, "ticket": {}, "customer": {}})
@example(text="data.a", context={"data": {"a": 2**70}, "ticket": {}, "customer": {}})
@example(text="data.a + data.b", context={"data": {"a": True, "b": True}, "ticket": {}, "customer": {}})
@example(text="data.a + data.b", context={"data": {"a": "x", "b": "y"}, "ticket": {}, "customer": {}})
def test_values_equal_cel(text: str, context: dict[str, Any]) -> None:
    assert compile_value(text) is not None
    assert compute(compile_expression(text), context) == compute(without_closures(text), context)


@pytest.mark.parametrize(("text", "expected"), [("data.amount * 2", 100), ("(data.amount + 1) * 3 - 1", 152)])
def test_simple_values_do_not_need_cel(text: str, expected: int) -> None:
    value = compile_value(text)
    assert value is not None
    assert value(REGULAR) == expected


@pytest.mark.parametrize(
    "text", ["data.a / 2", "-data.a", "data.a.b", "data.a + 'x'", "data.a * 1u", "data.a +", "now"]
)
def test_other_values_are_left_to_cel(text: str) -> None:
    assert compile_value(text) is None
