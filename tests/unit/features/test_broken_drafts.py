"""A draft may be wrong in any way: it is refused, or its findings say so in words; nothing raises.

What has no error among its findings can be published, shown and answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.features.platform.errors import Invalid
from backend.features.platform.problems import classify, render_problem
from backend.features.tickets import forms
from backend.features.workflows.checks import check_now, present_findings, read_definition
from backend.features.workflows.controller import present_changes
from backend.features.workflows.fields import list_fields
from backend.graph.model import Definition
from tests.api.service_desk import DEFINITION, REQUEST, VISIT
from tests.support.workflows import REGISTRY

KEYS = [
    "type",
    "properties",
    "$ref",
    "oneOf",
    "enum",
    "items",
    "title",
    "x-title",
    "x-type",
    "format",
    "allOf",
    "required",
    "pattern",
    "ui:order",
    "a",
    "ui:showIf",
    "field",
    "op",
    "value",
    "$defs",
    "additionalProperties",
    "maxLength",
    "minimum",
    "const",
    "x-currency",
    "$schema",
]
WORDS = ["string", "object", "array", "#", "#/properties/a", "", "money", "photos", "eq", "date", "null"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**65) | st.sampled_from(WORDS) | st.just(1e300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def list_places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        yield from list_places(part, (*path, step))


PLACES = [
    path
    for path in list_places({key: DEFINITION[key] for key in ("name", "graph", "forms", "settings")})
    if path
]


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    """Where an earlier change has taken the place away, nothing is put."""
    *steps, last = path
    for step in steps:
        if not isinstance(document, dict if isinstance(step, str) else list):
            return
        if isinstance(document, dict) and step not in document:
            return
        if isinstance(document, list) and step >= len(document):
            return
        document = document[step]
    if isinstance(document, dict) == isinstance(last, str) and isinstance(document, dict | list):
        if isinstance(document, list) and last >= len(document):
            return
        document[last] = value


KNOWN: Definition = read_definition(DEFINITION)[1]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
def test_whatever_is_wrong_is_said(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    raw = deepcopy(DEFINITION)
    for path, value in changes:
        put(raw, path, value)
    try:
        _, definition = read_definition(raw)
    except Invalid as error:
        assert b'"errors":[{' in render_problem(classify(error, ""), "zh")
        return
    verdict = check_now(definition, REGISTRY)
    for locale in ("zh", "en"):
        findings = present_findings(verdict.issues, locale)
        assert [finding for finding in findings if finding.message == finding.code] == []
        assert msgspec.json.encode(findings)
    assert msgspec.json.encode([list_fields(definition, REGISTRY), present_changes(KNOWN, definition)])
    if not verdict.blocked:
        use(definition)


def use(definition: Definition) -> None:
    """Show every form, and answer it."""
    for form in definition.forms.values():
        document = forms.read_form(form)
        assert msgspec.json.encode(forms.present_form(document, {}))
        forms.show_answers(definition, {**REQUEST, **VISIT})
        for answer in (REQUEST, VISIT):
            try:
                forms.check_submission(document, {}, answer, {})
            except Invalid as error:
                assert error.errors
