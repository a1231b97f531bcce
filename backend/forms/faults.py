"""What an error of the validator means to the person who filled the form: a code, a place, and the limit
that was broken."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec

from backend.forms.schema_walk import Schema, escape, walk

Holders = dict[str, str]
"""Pointer of a schema with an ``x-type`` -> that type, for sentences that depend on it."""


class FieldIssue(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with one answer; ``pointer`` is a JSON pointer into the data."""

    pointer: str
    code: str
    params: dict[str, str] = {}


_LIMITS = {
    "maxLength": "too_long",
    "minLength": "too_short",
    "maximum": "too_large",
    "minimum": "too_small",
    "exclusiveMaximum": "not_below",
    "exclusiveMinimum": "not_above",
    "maxItems": "too_many",
    "minItems": "too_few",
    "multipleOf": "not_multiple",
}
_CHOICES = {"enum", "const", "oneOf", "anyOf", "contains"}
_OTHERS = {"uniqueItems": "not_unique", "pattern": "wrong_pattern", "required": "required"}


def find_holders(schema: Schema) -> Holders:
    return {where: str(part["x-type"]) for where, part in walk(schema) if "x-type" in part}


def describe_error(error: jsonschema_rs.ValidationError, holders: Holders) -> Iterator[FieldIssue]:
    """One issue an error, except that every unexpected property is one of its own."""
    keyword = error.kind.name
    pointer = "".join(f"/{escape(str(step))}" for step in error.instance_path)
    value = error.kind.value
    if keyword in {"additionalProperties", "unevaluatedProperties"} and isinstance(value, list):
        for name in value:
            yield FieldIssue(pointer=f"{pointer}/{escape(str(name))}", code="unknown_field")
        return
    if keyword == "required":
        yield FieldIssue(pointer=f"{pointer}/{escape(str(value).strip(chr(34)))}", code="required")
        return
    holder = holders.get("".join(f"/{escape(str(step))}" for step in error.schema_path[:-1]), "")
    code, params = _name(keyword, value, holder)
    yield FieldIssue(pointer=pointer, code=code, params=params)


def _name(keyword: str, value: Any, holder: str) -> tuple[str, dict[str, str]]:
    if keyword in _LIMITS:
        return _LIMITS[keyword], {"limit": str(value)}
    if keyword in _CHOICES:
        return "wrong_choice", {}
    if keyword == "format":
        return f"format_{str(value).replace('-', '_')}", {}
    if keyword == "type":
        types = value if isinstance(value, list) else [value]
        return f"type_{'money' if holder == 'money' else types[0]}", {}
    if keyword == "pattern" and holder == "phone":
        return "wrong_phone", {}
    return _OTHERS.get(keyword, "invalid"), {}
