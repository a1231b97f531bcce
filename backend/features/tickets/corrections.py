"""Putting a field right outside of a task, as an event of the ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.contracts import records as wire
from backend.contracts.common import Text
from backend.contracts.tasks import TaskAction
from backend.db.models import Ticket
from backend.engine.events import DataChanged
from backend.engine.release import Release
from backend.engine.state import State
from backend.features.platform.actor import Actor
from backend.features.platform.errors import FieldError, Invalid
from backend.features.tickets import forms
from backend.features.tickets.detail import read_state
from backend.features.tickets.sight import find_correctable
from backend.forms.rules import is_blank
from backend.forms.validation import compile_form, validate
from backend.messages import LOCALES, render


def describe_correction(actor: Actor, ticket: Ticket, release: Release, state: State) -> wire.CorrectionForm:
    """Each field as the first form that has it shows it. Nothing is required: only what is typed counts."""
    names = find_correctable(actor, ticket, release, state)
    merged = _merge_forms(release, names)
    data = {name: value for name, value in state.data.items() if name in merged["schema"]["properties"]}
    return wire.CorrectionForm(
        form=forms.present_form(merged, {}),
        data=data,
        actions=[TaskAction(outcome="done", label=name_action("correct_save"), validates=False)],
        schema_hash=forms.hash_form(merged),
    )


def name_action(code: str) -> Text:
    """A button's text in both languages."""
    return Text(*(render(code, {}, locale) for locale in LOCALES))


def _merge_forms(release: Release, names: frozenset[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    ui: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for form in release.definition.forms.values():
        raw = forms.read_form(form)
        definitions |= raw["schema"].get("$defs", {})
        for name, schema in _in_order(raw):
            if name in names and name not in properties:
                properties[name] = schema
                shown = raw.get("ui", {}).get(name)
                if isinstance(shown, dict):
                    ui[name] = {key: value for key, value in shown.items() if key != "ui:showIf"}
    schema = {"type": "object", "properties": properties}
    if definitions:
        schema["$defs"] = definitions
    ui["ui:order"] = list(properties)
    return {"title": {"zh": "", "en": ""}, "schema": schema, "ui": ui}


def _in_order(form: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """As the form itself shows its fields; a stored object has lost the order of its members."""
    properties = form["schema"].get("properties", {})
    order = [name for name in form.get("ui", {}).get("ui:order", ()) if name in properties]
    return [(name, properties[name]) for name in dict.fromkeys([*order, *properties])]


def merge_correctable(actor: Actor, ticket: Ticket, release: Release) -> dict[str, Any]:
    """The form of all fields that the actor may correct."""
    return _merge_forms(release, find_correctable(actor, ticket, release, read_state(ticket)))


def list_differences(
    actor: Actor, ticket: Ticket, release: Release, data: Mapping[str, Any]
) -> dict[str, Any]:
    """What a form that came back changes: field -> new value, None for an emptied one."""
    state = read_state(ticket)
    fields = merge_correctable(actor, ticket, release)["schema"]["properties"]
    given = {name: None if is_blank(data.get(name)) else data[name] for name in fields}
    given |= {name: value for name, value in data.items() if name not in fields}
    return {name: value for name, value in given.items() if value != state.data.get(name)}


def check_correction(
    actor: Actor, ticket: Ticket, release: Release, changes: Mapping[str, Any]
) -> DataChanged:
    """The event of a correction. Raises Invalid with every fault."""
    merged = merge_correctable(actor, ticket, release)
    values = {name: None if is_blank(value) else value for name, value in changes.items()}
    errors: list[FieldError] = []
    for name, value in values.items():
        if name not in merged["schema"]["properties"]:
            code = "field_not_editable" if _is_known(release, name) else "field_unknown"
            errors.append(FieldError(f"/data/{name}", code))
        elif value is None and _is_required(release, name):
            errors.append(FieldError(f"/data/{name}", "answer.required"))
    filled = {name: value for name, value in values.items() if value is not None}
    if not errors:
        errors = [
            FieldError(f"/data{issue.pointer}", f"answer.{issue.code}", dict(issue.params))
            for issue in validate(compile_form(merged), filled)
        ]
    if errors:
        raise Invalid(errors=errors)
    return DataChanged(set=values, by=actor.member_id)


def _is_known(release: Release, name: str) -> bool:
    return any(name in form.schema.get("properties", {}) for form in release.definition.forms.values())


def _is_required(release: Release, name: str) -> bool:
    return any(name in form.schema.get("required", ()) for form in release.definition.forms.values())
