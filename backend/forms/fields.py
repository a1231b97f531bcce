"""The fields of a workflow's forms as the condition builder, lists and exports see them."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from backend.forms.schema_walk import resolve

FieldType = Literal[
    "string",
    "number",
    "money",
    "boolean",
    "date",
    "datetime",
    "choice",
    "multi",
    "object",
    "list",
    "photos",
    "files",
]


class Label(msgspec.Struct, frozen=True):
    zh: str
    en: str


class Choice(msgspec.Struct, frozen=True):
    value: Any
    label: Label


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: where it stands in a ticket (``data.amount``), what it is called, of what type, with which
    choices."""

    path: str
    label: Label
    type: FieldType
    choices: tuple[Choice, ...] = ()
    forms: tuple[str, ...] = ()
    currency: str | None = None


def list_fields(forms: Mapping[str, Mapping[str, Any]]) -> tuple[Field, ...]:
    """Every field of the forms once, in the order of the forms; parts of a customer or another object follow
    it.

    A field that several forms share keeps the label of the first and names all of them. Fields inside
    repeated groups have no one value and are left out; the group itself is a list. Drafts come here too,
    whatever is wrong with them: what is no schema has no fields.
    """
    found: dict[str, Field] = {}
    for key, form in forms.items():
        for field in _list_properties(form["schema"], form["schema"], "data", key):
            known = found.get(field.path)
            if known is None:
                found[field.path] = field
            elif key not in known.forms:
                found[field.path] = msgspec.structs.replace(known, forms=(*known.forms, key))
    return tuple(found.values())


def _list_properties(root: Any, schema: Any, prefix: str, form: str, depth: int = 0) -> Iterator[Field]:
    properties = schema.get("properties")
    for name, given in properties.items() if isinstance(properties, dict) else ():
        field = _open(root, given)
        kind = _type_of(field)
        path = f"{prefix}.{name}"
        yield Field(
            path=path,
            label=read_label(field, name),
            type=kind,
            choices=_list_choices(field.get("items", {}) if kind == "multi" else field),
            forms=(form,),
            currency=field.get("x-currency") if kind == "money" else None,
        )
        if kind == "object" and depth < 4:
            yield from _list_properties(root, field, path, form, depth + 1)


def read_label(schema: Mapping[str, Any], fallback: str) -> Label:
    """``x-title`` in both languages, else ``title``, else the name."""
    title = str(schema.get("title") or fallback)
    both = schema.get("x-title")
    both = both if isinstance(both, dict) else {}
    return Label(zh=str(both.get("zh") or title), en=str(both.get("en") or title))


def _open(root: Any, schema: Any) -> dict[str, Any]:
    """The schema behind a local reference; keywords beside the reference win."""
    for _ in range(16):
        if not isinstance(schema, dict) or "$ref" not in schema:
            break
        try:
            target = resolve(root, str(schema["$ref"]))
        except KeyError:
            target = {}
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**(target if isinstance(target, dict) else {}), **beside}
    return schema if isinstance(schema, dict) else {}


def _type_of(schema: Mapping[str, Any]) -> FieldType:
    if schema.get("x-type") == "money":
        return "money"
    if schema.get("x-type") == "photos":
        return "photos"
    if schema.get("x-type") == "files":
        return "files"
    declared = schema.get("type")
    if isinstance(declared, list):
        declared = next((each for each in declared if each != "null"), None)
    if not isinstance(declared, str):
        declared = None
    if declared == "array":
        return "multi" if _list_choices(schema.get("items", {})) else "list"
    if declared == "object":
        return "object"
    if _list_choices(schema):
        return "choice"
    if declared in {"number", "integer"}:
        return "number"
    if declared == "boolean":
        return "boolean"
    by_format: dict[str, FieldType] = {"date": "date", "date-time": "datetime"}
    return by_format.get(str(schema.get("format")), "string")


def _list_choices(schema: Any) -> tuple[Choice, ...]:
    if not isinstance(schema, dict):
        return ()
    if isinstance(schema.get("enum"), list):
        return tuple(Choice(value, Label(str(value), str(value))) for value in schema["enum"])
    branches = schema.get("oneOf")
    if not isinstance(branches, list) or not all(
        isinstance(each, dict) and "const" in each for each in branches
    ):
        return ()
    return tuple(Choice(each["const"], read_label(each, str(each["const"]))) for each in branches)
