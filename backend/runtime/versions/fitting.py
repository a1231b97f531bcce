"""Stored answers against the forms of another release: the evolution guard, asked about one ticket."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from backend.engine.state import State
from backend.engine.verdicts import Finding
from backend.forms.evolution import Change, compare
from backend.forms.validation import CompiledForm, compile_form
from backend.graph.model import Definition, Form


class Concern(NamedTuple):
    """A change of a form that matters to answers in one field."""

    form: str
    field: str
    change: Change


class DataCheck:
    """`backend.engine.triage.CheckData`: what differs between the forms is worked out once."""

    def __init__(self, old: Definition, new: Definition) -> None:
        self._compiled: dict[str, CompiledForm] = {}
        self.concerns: list[Concern] = []
        kept = {field for form in new.forms.values() for field in list_fields(form)}
        self.gone: dict[str, str] = {}
        """Field -> form, for fields that no form of the new release has."""
        for key, form in old.forms.items():
            for field in list_fields(form):
                if field not in kept:
                    self.gone[field] = key
            after = new.forms.get(key)
            if after is not None and after != form:
                self._compare(key, form, after)

    def _compare(self, key: str, before: Form, after: Form) -> None:
        document: dict[str, Any] = msgspec.to_builtins(after)
        self._compiled[key] = compile_form(document)
        for change in compare(msgspec.to_builtins(before), document):
            field = field_of(change)
            if change.verdict != "safe" and field and change.code not in {"field_removed", "now_required"}:
                self.concerns.append(Concern(key, field, change))

    def __call__(self, state: State) -> list[Finding]:
        found = [
            _data("amber", "field_gone", {"field": field, "form": form})
            for field, form in self.gone.items()
            if state.data.get(field) is not None
        ]
        for concern in self.concerns:
            value = state.data.get(concern.field)
            if value is None or self._compiled[concern.form].validator.is_valid({concern.field: value}):
                continue
            params = {"field": concern.field, "form": concern.form, "value": str(value)[:60]}
            if concern.change.verdict == "needs_mapping":
                found.append(_data("amber", "choice_gone", params))
            else:
                found.append(_data("red", "answer_breaks", params))
        return found


def field_of(change: Change) -> str:
    """The top-level field that a change is about; empty for the form as a whole."""
    parts = change.pointer.split("/")
    if len(parts) > 2 and parts[1] == "properties":
        return parts[2].replace("~1", "/").replace("~0", "~")
    return change.params.get("field", "")


def list_fields(form: Form) -> list[str]:
    """Names of the form's fields."""
    properties = form.schema.get("properties")
    return list(properties) if isinstance(properties, dict) else []


def _data(level: Any, code: str, params: dict[str, Any]) -> Finding:
    return Finding(area="data", level=level, code=code, params=params)
