"""Computed values against the forms' schemas, field by field."""

from __future__ import annotations

from typing import Any

import pytest

from backend.forms.values import make_value_check


def form(**properties: Any) -> dict[str, Any]:
    return {"schema": {"type": "object", "properties": properties, "required": ["amount"]}, "ui": {}}


FORMS = {
    "a": form(
        amount={
            "type": "integer",
            "x-type": "money",
            "title": "金额",
            "x-title": {"zh": "金额", "en": "Amount"},
        },
        grade={"type": "string", "oneOf": [{"const": "gold"}, {"const": "plain"}]},
        note={"type": "string", "maxLength": 5},
        day={"type": "string", "format": "date"},
        place={"$ref": "#/$defs/place"},
    ),
    "b": form(note={"type": "string", "maxLength": 9}),
}
FORMS["a"]["schema"]["$defs"] = {"place": {"type": "object", "properties": {"row": {"type": "integer"}}}}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"amount": 500, "grade": "gold", "day": "2026-03-02"}, None),
        ({"amount": "500"}, ("amount", "500")),
        ({"amount": 5.5}, ("amount", "5.5")),
        ({"grade": "silver"}, ("grade", "silver")),
        ({"day": "soon"}, ("day", "soon")),
        ({"note": "1234567"}, None),
        ({"note": "1234567890"}, ("note", "1234567890")),
        ({"amount": None}, None),
        ({"nobody_knows": [1, {"x": 2}]}, None),
        ({"place": {"row": 3}}, None),
        ({"place": {"row": "three"}}, ("place", "{'row': 'three'}")),
        ({"grade": "x" * 100}, ("grade", "x" * 60 + "…")),
    ],
)
def test_values(values: dict[str, Any], expected: tuple[str, str] | None) -> None:
    misfit = make_value_check(FORMS)(values)
    assert (misfit and (misfit.field, misfit.value)) == expected


def test_misfit_is_named_as_the_form_names_it() -> None:
    misfit = make_value_check(FORMS)({"amount": "x"})
    assert misfit is not None
    assert (misfit.label.zh, misfit.label.en) == ("金额", "Amount")
