"""What a stopped step looks at, as a form, and checking what somebody writes in its place."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from backend.contracts import operations as wire
from backend.contracts.common import Text
from backend.contracts.tasks import TaskForm
from backend.db.models import Incident
from backend.engine.overlay import see_data
from backend.engine.release import Release
from backend.engine.state import State
from backend.features.platform.errors import FieldError, Invalid, invalid_field
from backend.forms.validation import compile_form, validate
from backend.graph.model import Definition

_NAMED = re.compile(r"data\.([A-Za-z_]\w*)")


def list_fields(definition: Definition) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """(schema, ui) of every field of the forms; of two forms with the same field the first counts."""
    fields: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for form in definition.forms.values():
        for name, schema in form.schema.get("properties", {}).items():
            ui = {key: value for key, value in form.ui.get(name, {}).items() if key != "ui:showIf"}
            fields.setdefault(name, (schema, ui))
    return fields


def name_relevant(definition: Definition, node: str) -> list[str]:
    """Fields that the step's settings or the edges leaving it name; all of them when they name none."""
    fields = list_fields(definition)
    drawn = definition.graph.nodes.get(node)
    texts = [msgspec.json.encode(drawn.config).decode()] if drawn else []
    texts += [edge.when for edge in definition.graph.edges.values() if edge.source == node and edge.when]
    text = "\n".join(texts)
    named = {*_NAMED.findall(text), *(name for name in fields if f'"{name}"' in text)}
    return [name for name in fields if name in named] or list(fields)


def make_form(definition: Definition, names: list[str]) -> dict[str, Any]:
    """These fields, none of them required: what is missing may be just the trouble."""
    fields = list_fields(definition)
    known = [name for name in names if name in fields]
    return {
        "title": {"zh": "", "en": ""},
        "schema": {"type": "object", "properties": {name: fields[name][0] for name in known}},
        "ui": {**{name: fields[name][1] for name in known}, "ui:order": known},
    }


def describe_repair(
    release: Release, state: State, incident: Incident
) -> tuple[TaskForm, dict[str, Any], list[wire.Way]]:
    """The form, what stands in it now, and the ways on."""
    names = name_relevant(release.definition, incident.node)
    culprit = incident.params.get("field")
    form = make_form(release.definition, sorted(names, key=lambda name: name != culprit))
    open_one = state.incidents.get(incident.key)
    data = see_data(state, state.tokens.get(open_one.token) if open_one else None)
    shown = {name: data[name] for name in form["schema"]["properties"] if name in data}
    node = release.nodes.get(incident.node)
    drawn = [port for port in node.ways_out if port.name in node.ports] if node else []
    ways = [wire.Way(port=port.name, label=Text(port.label.zh, port.label.en)) for port in drawn]
    return TaskForm(title=Text(**form["title"]), schema=form["schema"], ui=form["ui"]), shown, ways


def check_repair(release: Release, values: dict[str, Any]) -> None:
    """Raises Invalid for values that their forms would not take; fields of no form are free, and None takes
    a field away."""
    given = {name: value for name, value in values.items() if value is not None}
    fields = list_fields(release.definition)
    known = {name: value for name, value in given.items() if name in fields}
    issues = validate(compile_form(make_form(release.definition, list(known))), known, access={}, stored={})
    errors = [
        FieldError(f"/set{issue.pointer}", f"answer.{issue.code}", dict(issue.params)) for issue in issues
    ]
    if errors:
        raise Invalid(errors=errors)


def check_port(release: Release, node: str, port: str | None) -> None:
    """Raises Invalid for a way that does not lead on."""
    found = release.nodes.get(node)
    if found is None or port not in found.ports:
        raise invalid_field("/port", "unknown_port", port=port or "")
