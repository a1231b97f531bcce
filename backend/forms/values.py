"""Whether a computed value may stand in a field: held against that field's schema in the forms that know it.

A step that computes writes single fields, never a whole form, so nothing is required here and no rule hides
anything. Where several forms know the field, one that would take the value is enough. Fields that no form
knows are free: they are the workflow's own notes.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs
import msgspec

from backend.forms.fields import Label, read_label
from backend.forms.validation import CompiledForm, compile_form, validate

LONGEST = 60


class Misfit(msgspec.Struct, frozen=True, kw_only=True):
    """A value that none of the forms would take. `code` is that of the first form's first objection."""

    field: str
    label: Label
    code: str
    value: str
    """The beginning of it, for reading."""


class _Field:
    """One field in one form; its validator is made when a value first comes."""

    def __init__(self, form: Mapping[str, Any], name: str) -> None:
        self._form = form
        self.name = name

    @cached_property
    def label(self) -> Label:
        return read_label(self._form["schema"]["properties"][self.name], self.name)

    @cached_property
    def compiled(self) -> CompiledForm | None:
        """None for a schema that cannot stand without its neighbours."""
        whole = self._form["schema"]
        alone = {key: whole[key] for key in ("$defs", "definitions") if key in whole}
        alone |= {"type": "object", "properties": {self.name: whole["properties"][self.name]}}
        try:
            return compile_form({"schema": alone})
        except (ValueError, KeyError, jsonschema_rs.ValidationError):
            return None

    def find_fault(self, value: Any) -> str | None:
        if self.compiled is None:
            return None
        issues = validate(self.compiled, {self.name: value})
        return issues[0].code if issues else None


def make_value_check(
    forms: Mapping[str, Mapping[str, Any]],
) -> Callable[[Mapping[str, Any]], Misfit | None]:
    """A function that finds the first misfit among computed values (top-level field -> value)."""
    known: dict[str, list[_Field]] = {}
    for form in forms.values():
        properties = form["schema"].get("properties")
        for name, schema in properties.items() if isinstance(properties, dict) else ():
            if isinstance(schema, dict):
                known.setdefault(name, []).append(_Field(form, name))

    def check(values: Mapping[str, Any]) -> Misfit | None:
        for name, value in values.items():
            places = known.get(name)
            if places is None or value is None:
                continue
            faults = [place.find_fault(value) for place in places]
            if None not in faults:
                code = next(fault for fault in faults if fault is not None)
                shown = str(value)
                shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
                return Misfit(field=name, label=places[0].label, code=code, value=shown)
        return None

    return check
