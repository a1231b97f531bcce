"""Parameters of a package: checked against its JSON Schema, then put in by structure, never by text.

`{"$param": "name"}` stands for a whole value. Inside CEL text `${name}` becomes the value's JSON literal, so
that a quotation mark in a value can never end a string of the expression.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import jsonschema
import msgspec

from backend.features.platform.errors import FieldError, Invalid

_IN_TEXT = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")


class UnknownParameter(KeyError):
    """A part names a parameter that the package does not declare or that has no value."""


def check_parameters(schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the defaults beside them. Raises Invalid with a pointer for each fault."""
    properties: dict[str, Any] = schema.get("properties", {})
    values = {name: field["default"] for name, field in properties.items() if "default" in field}
    values.update({name: value for name, value in given.items() if value is not None and value != ""})
    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(validator.iter_errors(values), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        raise Invalid("parameters_invalid", errors=[fault for error in errors for fault in _explain(error)])
    return values


def _explain(error: Any) -> list[FieldError]:
    base = "/parameters" + "".join(f"/{_escape(str(step))}" for step in error.absolute_path)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [FieldError(f"{base}/{_escape(name)}", "parameter_required") for name in missing]
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        return [
            FieldError(f"{base}/{_escape(name)}", "parameter_unknown", {"name": name})
            for name in error.instance
            if name not in known
        ]
    limit = error.validator_value if isinstance(error.validator_value, (int, str)) else ""
    return [FieldError(base, "parameter_unfit", {"rule": str(error.validator), "limit": str(limit)})]


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def substitute(value: Any, parameters: Mapping[str, Any]) -> Any:
    """The part with every parameter in its place. Raises UnknownParameter."""
    if isinstance(value, str):
        return _IN_TEXT.sub(lambda found: msgspec.json.encode(_read(parameters, found[1])).decode(), value)
    if isinstance(value, dict):
        if set(value) == {"$param"}:
            return _read(parameters, str(value["$param"]))
        return {name: substitute(item, parameters) for name, item in value.items()}
    if isinstance(value, list):
        return [substitute(item, parameters) for item in value]
    return value


def _read(parameters: Mapping[str, Any], name: str) -> Any:
    if name not in parameters:
        raise UnknownParameter(name)
    return parameters[name]
