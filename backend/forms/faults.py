"""What an error of the validator means to the person who filled the form: a code, a place, and the limit
that was broken."""

from collections.abc import Sequence
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
_PLAIN = {
    **dict.fromkeys(("enum", "const", "oneOf", "anyOf", "contains"), "wrong_choice"),
    "uniqueItems": "not_unique",
}


def find_holders(schema: Schema) -> Holders:
    return {where: str(part["x-type"]) for where, part in walk(schema) if "x-type" in part}


def describe_error(error: jsonschema_rs.ValidationError, holders: Holders) -> list[FieldIssue]:
    """One issue an error, except that every unexpected property is one of its own.

    What the error holds is read only where it is needed: each read copies it out of the validator.
    """
    kind = error.kind
    keyword = kind.name
    pointer = _write_pointer(error.instance_path)
    if keyword in _LIMITS:
        return [FieldIssue(pointer=pointer, code=_LIMITS[keyword], params={"limit": str(kind.value)})]
    if keyword in _PLAIN:
        return [FieldIssue(pointer=pointer, code=_PLAIN[keyword])]
    if keyword == "required":
        return [FieldIssue(pointer=f"{pointer}/{escape(str(kind.value))}", code="required")]
    if keyword in {"additionalProperties", "unevaluatedProperties"} and isinstance(kind.value, list):
        places = [f"{pointer}/{escape(str(name))}" for name in kind.value]
        return [FieldIssue(pointer=place, code="unknown_field") for place in places]
    holder = holders.get(_write_pointer(error.schema_path[:-1]), "") if holders else ""
    return [FieldIssue(pointer=pointer, code=_name(keyword, kind.value, holder))]


def _name(keyword: str, value: Any, holder: str) -> str:
    if keyword == "format":
        return f"format_{str(value).replace('-', '_')}"
    if keyword == "type":
        types = value if isinstance(value, list) else [value]
        return f"type_{'money' if holder == 'money' else types[0]}"
    if keyword == "pattern":
        return "wrong_phone" if holder == "phone" else "wrong_pattern"
    return "invalid"


def _write_pointer(path: Sequence[str | int]) -> str:
    return "".join([f"/{step}" if step.__class__ is int else f"/{escape(str(step))}" for step in path])
