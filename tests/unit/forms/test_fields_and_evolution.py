"""Fields for the condition builder, and what a change does to old answers."""

from typing import Any

import pytest

from backend.forms.evolution import compare
from backend.forms.fields import list_fields
from backend.messages.forms import TEXTS


def test_fields_have_paths_types_labels_and_choices() -> None:
    complaint = {
        "schema": {
            "type": "object",
            "$defs": {"grade": {"enum": ["gold", "silver"]}},
            "properties": {
                "amount": {"type": "integer", "x-type": "money", "x-currency": "CNY", "title": "金额",
                           "x-title": {"zh": "金额", "en": "Amount"}},
                "kind": {"type": "string", "oneOf": [{"const": "food", "title": "食品"}]},
                "tags": {"type": "array", "items": {"type": "string", "enum": ["a"]}},
                "photos": {"type": "array", "x-type": "photos", "items": {"type": "string"}},
                "at": {"type": ["string", "null"], "format": "date-time"},
                "day": {"type": "string", "format": "date"},
                "sure": {"type": "boolean"},
                "hours": {"type": "number"},
                "customer": {
                    "type": "object",
                    "properties": {"grade": {"$ref": "#/$defs/grade", "title": "等级"}},
                },
            },
        }
    }  # fmt: skip
    again = {"schema": {"type": "object", "properties": {"amount": {"type": "string", "title": "other"}}}}
    fields = {field.path: field for field in list_fields({"complaint": complaint, "review": again})}
    assert {path: field.type for path, field in fields.items()} == {
        "data.amount": "money",
        "data.kind": "choice",
        "data.tags": "multi",
        "data.photos": "photos",
        "data.at": "datetime",
        "data.day": "date",
        "data.sure": "boolean",
        "data.hours": "number",
        "data.customer": "object",
        "data.customer.grade": "choice",
    }
    amount = fields["data.amount"]
    assert (amount.label.zh, amount.label.en, amount.currency) == ("金额", "Amount", "CNY")
    assert amount.forms == ("complaint", "review")
    assert [(choice.value, choice.label.zh) for choice in fields["data.kind"].choices] == [("food", "食品")]
    assert fields["data.customer.grade"].label.zh == "等级"


def form(field: dict[str, Any] | None, required: list[str] | None = None) -> dict[str, Any]:
    properties = {} if field is None else {"a": field}
    return {"schema": {"type": "object", "properties": properties, "required": required or []}}


def enum(*values: str) -> dict[str, Any]:
    return {"oneOf": [{"const": value} for value in values]}


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (form({"type": "string"}), form({"type": "string", "title": "new"}), []),
        (form(None), form({"type": "string"}), [("field_added", "safe")]),
        (form({"type": "string"}), form(None), [("field_removed", "needs_mapping")]),
        (form({}), form({}, ["a"]), [("now_required", "breaking")]),
        (form({}, ["a"]), form({}), [("now_optional", "safe")]),
        (form({"type": "integer"}), form({"type": "number"}), [("type_changed", "safe")]),
        (form({"type": "number"}), form({"type": "integer"}), [("type_changed", "breaking")]),
        (form({"type": "string"}), form({"type": ["string", "null"]}), [("type_changed", "safe")]),
        (form({"type": "string"}), form({}), [("type_changed", "safe")]),
        (form({"maxLength": 5}), form({"maxLength": 6}), [("limit_widened", "safe")]),
        (form({"maxLength": 5}), form({"maxLength": 4}), [("limit_narrowed", "breaking")]),
        (form({}), form({"minimum": 0}), [("limit_narrowed", "breaking")]),
        (form({"minimum": 0}), form({"minimum": -1}), [("limit_widened", "safe")]),
        (form(enum("x")), form(enum("x", "y")), [("choice_added", "safe")]),
        (form(enum("x", "y")), form(enum("y")), [("choice_removed", "needs_mapping")]),
        (form({"enum": ["x"]}), form(enum("x")), []),
        (form(enum("x")), form({}), [("choices_changed", "safe")]),
        (form({}), form(enum("x")), [("choices_changed", "breaking")]),
        (form({"pattern": "a"}), form({}), [("keyword_changed", "safe")]),
        (form({}), form({"pattern": "a"}), [("keyword_changed", "breaking")]),
        (form({"x-currency": "CNY"}), form({"x-currency": "USD"}), [("keyword_changed", "breaking")]),
        (
            form({"items": {"maxLength": 5}}),
            form({"items": {"maxLength": 4}}),
            [("limit_narrowed", "breaking")],
        ),
    ],
)
def test_evolution(old: dict[str, Any], new: dict[str, Any], changes: list[tuple[str, str]]) -> None:
    found = compare(old, new)
    assert [(change.code, change.verdict) for change in found] == changes
    for change in found:
        assert all(text.format(**change.params) for text in TEXTS[f"form_change.{change.code}"])
