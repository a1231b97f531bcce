"""Fields that steps compute have names that people can read."""

from __future__ import annotations

from typing import Any

import pytest

from backend.graph.written import list_written, name_written
from backend.node_sdk import Label
from tests.support.workflows import REGISTRY, define


def fields_of(*fields: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    nodes = {
        "start": "start",
        "set": {"type": "set_fields", "config": {"fields": list(fields)}},
        "end": "end",
    }
    definition = define(nodes, [("start", "next", "set"), ("set", "next", "end")])
    return [
        (field.path, field.label.zh, field.label.en, field.type)
        for field in list_written(definition, REGISTRY)
        if field.label is not None
    ]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("'urgent'", "string"),
        ("data.amount * 2", "number"),
        ("size(data.photos)", "number"),
        ("12.5", "number"),
        ("true", "boolean"),
        ("data.amount > 100", "boolean"),
        ("data.kind == 'leak' ? 'soon' : 'later'", "string"),
        ("data.vip ? 1 : 2", "number"),
        ("data.name", "string"),
    ],
)
def test_type_is_guessed_from_the_expression(value: str, kind: str) -> None:
    ((_, _, _, found),) = fields_of({"field": "data.x", "value": value})
    assert found == kind


def test_author_names_a_field_once_for_all_steps() -> None:
    named = {"field": "priority_reason", "value": "'b'", "label": {"zh": "优先原因", "en": "Why urgent"}}
    found = fields_of({"field": "data.priority_reason", "value": "'a'"}, named)
    assert found == [("data.priority_reason", "优先原因", "Why urgent", "string")]


def test_path_in_plain_words() -> None:
    assert name_written("data.visit.done_at") == Label("Visit / done at", "Visit / done at")
    assert name_written("data.x", Label("", "Only English")) == Label("Only English", "Only English")
