"""Parameters are put in by structure; text of a value never becomes part of an expression."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.platform.errors import Invalid
from backend.features.templates.parameters import UnknownParameter, check_parameters, substitute
from backend.graph.expressions import compile_expression

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rate": {"type": "string", "pattern": "^0\\.[0-9]+$", "default": "0.05"},
        "bound": {"type": "integer", "minimum": 1},
        "names": {"type": "object", "properties": {"zh": {"type": "string"}}, "required": ["zh"]},
    },
    "required": ["rate", "bound"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("part", "filled"),
    [
        ({"$param": "bound"}, 7),
        ({"rows": [{"rate": {"$param": "rate"}, "rest": 1}]}, {"rows": [{"rate": "0.05", "rest": 1}]}),
        ("data.sum > ${bound} && data.sum < 9", "data.sum > 7 && data.sum < 9"),
        ("data.rate == ${rate}", 'data.rate == "0.05"'),
        ({"$param": "bound", "other": 1}, {"$param": "bound", "other": 1}),
        (
            ["$bound", "{bound}", "$ {bound}", 3, None, True],
            ["$bound", "{bound}", "$ {bound}", 3, None, True],
        ),
    ],
)
def test_substitution(part: Any, filled: Any) -> None:
    assert substitute(part, {"bound": 7, "rate": "0.05"}) == filled


@pytest.mark.parametrize("part", [{"$param": "gone"}, "x > ${gone}", {"deep": [{"$param": "gone"}]}])
def test_unknown_parameters_are_refused(part: Any) -> None:
    with pytest.raises(UnknownParameter):
        substitute(part, {"bound": 7})


# Neither the API nor an expression takes the null character.
@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_a_value_stays_one_literal_of_the_expression(value: str) -> None:
    text = substitute("data.name == ${name}", {"name": value})
    assert compile_expression(text).holds({"data": {"name": value}, "ticket": {}, "customer": {}})
    assert not compile_expression(text).holds({"data": {"name": value + "x"}, "ticket": {}, "customer": {}})


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({}, [("/parameters/bound", "parameter_required")]),
        ({"bound": 0}, [("/parameters/bound", "parameter_unfit")]),
        ({"bound": 1, "rate": "5"}, [("/parameters/rate", "parameter_unfit")]),
        ({"bound": 1, "names": {}}, [("/parameters/names/zh", "parameter_required")]),
        ({"bound": 1, "a/b": 1}, [("/parameters/a~1b", "parameter_unknown")]),
    ],
)
def test_faults_have_pointers(values: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as refused:
        check_parameters(SCHEMA, values)
    assert [(error.pointer, error.code) for error in refused.value.errors] == faults


def test_defaults_fill_what_is_left_empty() -> None:
    assert check_parameters(SCHEMA, {"bound": 3, "rate": ""}) == {"bound": 3, "rate": "0.05"}
