"""Where schemas stand inside a schema: the one table of JSON Schema 2020-12 applicators that everything here
walks by."""

from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]

_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
_SINGLE = (
    "items",
    "additionalProperties",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")


def list_children(schema: Any) -> Iterator[tuple[str, Any]]:
    """The direct subschemas with their pointers relative to ``schema``; what is no schema is passed over."""
    if not isinstance(schema, dict):
        return
    for keyword in _MAPS:
        members = schema.get(keyword)
        if isinstance(members, dict):
            yield from ((f"/{keyword}/{escape(name)}", member) for name, member in members.items())
    for keyword in _SINGLE:
        if isinstance(schema.get(keyword), dict | bool):
            yield f"/{keyword}", schema[keyword]
    for keyword in _LISTS:
        members = schema.get(keyword)
        if isinstance(members, list):
            yield from ((f"/{keyword}/{index}", member) for index, member in enumerate(members))


def walk(schema: Any, pointer: str = "") -> Iterator[tuple[str, Schema]]:
    """Every object schema at and below ``schema`` with its pointer, without following references."""
    pending = [(pointer, schema)]
    while pending:
        where, current = pending.pop()
        if not isinstance(current, dict):
            continue
        yield where, current
        pending += [(where + step, child) for step, child in list_children(current)]


def rewrite(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """A copy with ``change`` applied to every object schema, outermost last; annotations and values stay as
    they are."""
    if not isinstance(schema, dict):
        return schema
    copy = dict(schema)
    for keyword in _MAPS:
        if isinstance(copy.get(keyword), dict):
            copy[keyword] = {name: rewrite(member, change) for name, member in copy[keyword].items()}
    for keyword in _SINGLE:
        if keyword in copy:
            copy[keyword] = rewrite(copy[keyword], change)
    for keyword in _LISTS:
        if isinstance(copy.get(keyword), list):
            copy[keyword] = [rewrite(member, change) for member in copy[keyword]]
    return change(copy)


def escape(name: str) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def resolve(root: Any, reference: str) -> Any:
    """What ``#`` or ``#/a/b`` points at. Raises KeyError when there is nothing."""
    current = root
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(current, dict):
            current = current[name]
        elif isinstance(current, list) and name.isdigit() and int(name) < len(current):
            current = current[int(name)]
        else:
            raise KeyError(reference)
    return current
