"""Submissions: what is wrong with them, by node access and by rule; and what they make of the stored data."""

from typing import Any

import pytest

from backend.forms.projection import merge_submission, project_data, project_form
from backend.forms.validation import Access, compile_form, validate
from backend.messages.forms import TEXTS

FORM: dict[str, Any] = {
    "title": {"zh": "", "en": ""},
    "schema": {
        "type": "object",
        "required": ["kind", "amount"],
        "properties": {
            "kind": {"type": "string", "oneOf": [{"const": "food"}, {"const": "service"}]},
            "amount": {"type": "integer", "minimum": 0, "x-type": "money", "x-currency": "CNY"},
            "hygiene": {"type": "string", "maxLength": 5, "minLength": 2},
            "symptom": {"type": "string"},
            "phone": {"type": "string", "x-type": "phone"},
            "day": {"type": "string", "format": "date"},
            "time": {"type": "string", "format": "time"},
            "photos": {"type": "array", "maxItems": 2, "uniqueItems": True, "items": {"type": "string"}},
            "parts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string"},
                        "price": {"type": "integer", "x-type": "money"},
                    },
                },
            },
        },
    },
    "ui": {
        "ui:order": ["kind", "amount", "*"],
        "hygiene": {"ui:showIf": {"field": "kind", "op": "eq", "value": "food"}},
        "symptom": {"ui:showIf": {"field": "hygiene", "op": "filled"}},
    },
}
GOOD: dict[str, Any] = {"kind": "food", "amount": 100}


@pytest.mark.parametrize(
    ("data", "access", "stored", "found"),
    [
        (GOOD, {}, {}, []),
        ({}, {}, {}, [("/kind", "required"), ("/amount", "required")]),
        ({"kind": "", "amount": None}, {}, {}, [("/kind", "required"), ("/amount", "required")]),
        (GOOD | {"kind": "other"}, {}, {}, [("/kind", "wrong_choice")]),
        (GOOD | {"amount": "1"}, {}, {}, [("/amount", "type_money")]),
        (GOOD | {"amount": 5.0}, {}, {}, [("/amount", "type_money")]),
        (GOOD | {"amount": 1.5}, {}, {}, [("/amount", "type_money")]),
        (GOOD | {"amount": 2**53}, {}, {}, [("/amount", "money_too_large")]),
        (GOOD | {"amount": -1}, {}, {}, [("/amount", "too_small")]),
        (GOOD | {"hygiene": "x" * 6}, {}, {}, [("/hygiene", "too_long")]),
        (GOOD | {"hygiene": "x"}, {}, {}, [("/hygiene", "too_short")]),
        (GOOD | {"phone": "call me"}, {}, {}, [("/phone", "wrong_phone")]),
        (GOOD | {"phone": "+86 138-0000-0000"}, {}, {}, []),
        (GOOD | {"day": "2026-02-30"}, {}, {}, [("/day", "format_date")]),
        (GOOD | {"time": "never"}, {}, {}, []),
        (GOOD | {"photos": ["a", "a", "b"]}, {}, {}, [("/photos", "too_many")]),
        (GOOD | {"photos": ["a", "a"]}, {}, {}, [("/photos", "not_unique")]),
        (GOOD | {"parts": [{"price": 1}]}, {}, {}, [("/parts/0/name", "required")]),
        (GOOD | {"parts": [{"name": "a", "price": "1"}]}, {}, {}, [("/parts/0/price", "type_money")]),
        (GOOD | {"status": "done"}, {}, {}, [("/status", "unknown_field")]),
        (GOOD | {"phone": {"a": None}}, {}, {}, []),
        (GOOD | {"phone": {"a": 0}}, {}, {}, [("/phone", "type_string")]),
        # access of the node
        (GOOD, {"day": "required"}, {}, [("/day", "required")]),
        ({"amount": 1}, {"kind": "hidden"}, {}, []),
        ({"amount": 1, "kind": "food"}, {"kind": "readonly"}, {"kind": "food"}, []),
        (
            {"amount": 1, "kind": "food"},
            {"kind": "readonly"},
            {"kind": "service"},
            [("/kind", "field_not_editable")],
        ),
        ({"amount": 1, "kind": "food"}, {"kind": "hidden"}, {}, [("/kind", "field_not_editable")]),
        ({"amount": 1}, {"kind": "hidden"}, {"kind": "a choice of long ago"}, []),
        # rules
        ({"kind": "service", "amount": 1, "hygiene": "far too long"}, {}, {}, []),
        ({"kind": "service", "amount": 1}, {"hygiene": "required"}, {}, []),
        ({"kind": "food", "amount": 1}, {"hygiene": "required"}, {}, [("/hygiene", "required")]),
        (
            {"amount": 1},
            {"kind": "hidden", "hygiene": "required"},
            {"kind": "food"},
            [("/hygiene", "required")],
        ),
        ({"kind": "service", "amount": 1, "hygiene": "ok"}, {"symptom": "required"}, {}, []),
    ],
)
def test_submissions(
    data: dict[str, Any], access: dict[str, Access], stored: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    issues = validate(compile_form(FORM), data, access=access, stored=stored)
    assert [(issue.pointer, issue.code) for issue in issues] == found
    for issue in issues:
        assert all(text.format(**issue.params) for text in TEXTS[f"answer.{issue.code}"])


@pytest.mark.parametrize(
    ("rule", "answer", "shown"),
    [
        ({"op": "eq", "value": 1}, 1, True),
        ({"op": "eq", "value": 1}, True, False),
        ({"op": "eq", "value": "a"}, ["b", "a"], True),
        ({"op": "ne", "value": "a"}, None, True),
        ({"op": "ne", "value": "a"}, ["a"], False),
        ({"op": "in", "value": ["a", "b"]}, "b", True),
        ({"op": "in", "value": "ab"}, "a", False),
        ({"op": "gt", "value": 10}, 10, False),
        ({"op": "gte", "value": 10}, 10, True),
        ({"op": "lt", "value": 10}, 9, True),
        ({"op": "lte", "value": 10}, "9", False),
        ({"op": "gt", "value": "2026-01-01"}, "2026-02-01", True),
        ({"op": "gt", "value": 0}, True, False),
        ({"op": "filled"}, 0, True),
        ({"op": "filled"}, {"name": "", "phone": None}, False),
        ({"op": "filled", "value": False}, [], True),
    ],
)
def test_rules(rule: dict[str, Any], answer: Any, shown: bool) -> None:
    form = {
        "schema": {"type": "object", "properties": {"a": {}, "b": {}}},
        "ui": {"b": {"ui:showIf": {"field": "a", **rule}}},
    }
    issues = validate(compile_form(form), {"a": answer}, access={"b": "required"})
    assert [issue.code for issue in issues] == (["required"] if shown else [])


def test_projection_shows_only_what_the_node_allows() -> None:
    access: dict[str, Access] = {"kind": "hidden", "amount": "readonly", "day": "required"}
    projected = project_form(FORM, access)
    assert "kind" not in projected["schema"]["properties"]
    assert projected["schema"]["required"] == ["day"]
    assert projected["ui"]["amount"] == {"ui:readonly": True}
    assert projected["ui"]["ui:order"] == ["amount", "*"]
    assert "kind" not in str(projected["ui"])
    assert FORM["schema"]["required"] == ["kind", "amount"] and "amount" not in FORM["ui"]
    assert project_data(FORM, {**GOOD, "secret": 1}, access) == {"amount": 100}


@pytest.mark.parametrize(
    ("data", "submission", "access", "merged"),
    [
        ({}, GOOD, {}, GOOD),
        ({"other": 1, "day": "2026-01-01"}, GOOD, {}, {"other": 1, **GOOD}),
        ({"amount": 1}, {"amount": 9, "kind": "food"}, {"amount": "readonly"}, {"amount": 1, "kind": "food"}),
        ({}, {"amount": 9}, {"amount": "hidden"}, {}),
        (GOOD | {"hygiene": "bad"}, {"kind": "service", "amount": 1}, {}, {"kind": "service", "amount": 1}),
        ({}, GOOD | {"role": "admin"}, {}, GOOD),
    ],
)
def test_merging(
    data: dict[str, Any], submission: dict[str, Any], access: dict[str, Access], merged: dict[str, Any]
) -> None:
    assert merge_submission(FORM, data, submission, access) == merged


def test_hostile_pattern_ends_at_once() -> None:
    form = {"schema": {"type": "object", "properties": {"a": {"pattern": "^(a|a)*$"}}}, "ui": {}}
    assert [issue.code for issue in validate(compile_form(form), {"a": "a" * 5_000 + "b"})] == [
        "wrong_pattern"
    ]
