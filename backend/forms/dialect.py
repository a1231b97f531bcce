"""What a form may say before it is published: JSON Schema 2020-12 without what server and browser cannot
both do.

Everything a schema came with is kept; this only refuses. Formats other than date, date-time, email and uri
are annotations.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import jsonschema_rs
import msgspec

from backend.forms.rules import OPERATORS, read_rules
from backend.forms.schema_walk import escape, list_children, resolve, walk

MAX_BYTES = 256 * 1024
MAX_DEPTH = 64
MAX_FIELDS = 300
MAX_REF_DEPTH = 16
MAX_EXPANDED = 5_000
"""Subschemas after every reference is written out: bounds the work that one answer can cause."""

X_TYPES = frozenset({"money", "photos", "files", "file", "phone", "region", "customer", "rating"})
_REFUSED = ("$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$anchor")


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """Something to mend in a form; ``pointer`` is a JSON pointer into the form document."""

    code: str
    severity: Literal["error", "warning"] = "error"
    pointer: str
    params: dict[str, str] = {}


def check_form(form: Mapping[str, Any]) -> tuple[Issue, ...]:
    """Everything wrong with a form, nothing when it can be published."""
    schema, ui = form.get("schema"), form.get("ui", {})
    if not isinstance(schema, dict):
        return (Issue(code="schema_missing", pointer="/schema"),)
    if not isinstance(ui, dict):
        return (Issue(code="ui_malformed", pointer="/ui"),)
    if _exceeds_depth(form):
        return (Issue(code="too_deep", pointer="/schema", params={"limit": str(MAX_DEPTH)}),)
    size = len(msgspec.json.encode(form))
    if size > MAX_BYTES:
        return (Issue(code="too_large", pointer="", params={"limit": str(MAX_BYTES // 1024)}),)
    malformed = tuple(_check_meta(schema))
    if malformed:
        return malformed
    issues = [*_check_root(schema), *_check_keywords(schema), *_check_references(schema)]
    if not issues:
        issues += _check_compiles(schema)
    return (*issues, *_check_ui(schema, ui))


def _exceeds_depth(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        deeper: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                deeper += item.values()
            elif isinstance(item, list):
                deeper += item
        if not deeper:
            return False
        level = deeper
    return True


def _check_meta(schema: dict[str, Any]) -> Iterator[Issue]:
    declared = schema.get("$schema", jsonschema_rs.Draft202012)
    if declared not in (jsonschema_rs.Draft202012, "https://json-schema.org/draft/2020-12/schema"):
        yield Issue(code="draft_unknown", pointer="/schema/$schema", params={"draft": str(declared)})
        return
    for where, part in walk(schema, "/schema"):
        pattern = part.get("pattern")
        if isinstance(pattern, str) and not _compiles({"pattern": pattern}):
            yield Issue(code="pattern_invalid", pointer=f"{where}/pattern", params={"pattern": pattern})
        named = part.get("patternProperties")
        for each in named if isinstance(named, dict) else ():
            if not _compiles({"pattern": each}):
                where_named = f"{where}/patternProperties/{escape(each)}"
                yield Issue(code="pattern_invalid", pointer=where_named, params={"pattern": each})
    try:
        jsonschema_rs.meta.validate({**schema, "$schema": _META})
    except jsonschema_rs.ValidationError as error:
        if error.kind.name != "format":
            path = "".join(f"/{escape(str(step))}" for step in error.instance_path)
            yield Issue(code="schema_invalid", pointer=f"/schema{path}", params={"reason": error.message})


_META = "https://json-schema.org/draft/2020-12/schema"


def _check_root(schema: dict[str, Any]) -> Iterator[Issue]:
    if schema.get("type") != "object":
        yield Issue(code="root_not_object", pointer="/schema/type")
    fields = sum(len(part.get("properties", {})) for _, part in walk(schema))
    if fields > MAX_FIELDS:
        yield Issue(code="too_many_fields", pointer="/schema", params={"limit": str(MAX_FIELDS)})


def _check_keywords(schema: dict[str, Any]) -> Iterator[Issue]:
    for where, part in walk(schema, "/schema"):
        for keyword in _REFUSED:
            if keyword in part:
                yield Issue(code="keyword_refused", pointer=f"{where}/{keyword}", params={"keyword": keyword})
        if "$id" in part and where != "/schema":
            yield Issue(code="keyword_refused", pointer=f"{where}/$id", params={"keyword": "$id"})
        kind = part.get("x-type")
        if kind is not None and (not isinstance(kind, str) or kind not in X_TYPES):
            yield Issue(code="x_type_unknown", pointer=f"{where}/x-type", params={"type": str(kind)})


def _check_references(schema: dict[str, Any]) -> Iterator[Issue]:
    broken = False
    for where, part in walk(schema, "/schema"):
        reference = part.get("$ref")
        if reference is None:
            continue
        if reference != "#" and not str(reference).startswith("#/"):
            broken = True
            yield Issue(code="ref_remote", pointer=f"{where}/$ref", params={"ref": str(reference)})
        elif not _resolves(schema, reference):
            broken = True
            yield Issue(code="ref_unresolved", pointer=f"{where}/$ref", params={"ref": reference})
    code = None if broken else _expand(schema)
    if code is not None:
        limits = {"depth": str(MAX_REF_DEPTH), "limit": str(MAX_EXPANDED)}
        yield Issue(code=code, pointer="/schema", params=limits)


def _resolves(schema: dict[str, Any], reference: str) -> bool:
    try:
        return isinstance(resolve(schema, reference), dict | bool)
    except KeyError:
        return False


def _expand(schema: dict[str, Any]) -> str | None:
    """Counts the subschemas with all references written out; the code of the first limit met, else None."""
    left = MAX_EXPANDED
    pending: list[tuple[Any, tuple[str, ...]]] = [(schema, ())]
    while pending:
        current, through = pending.pop()
        left -= 1
        if left < 0:
            return "ref_fan_out"
        if not isinstance(current, dict):
            continue
        reference = current.get("$ref")
        if isinstance(reference, str):
            if reference in through or reference == "#":
                return "ref_cycle"
            if len(through) >= MAX_REF_DEPTH:
                return "ref_too_deep"
            pending.append((resolve(schema, reference), (*through, reference)))
        pending += [
            (child, through) for step, child in list_children(current) if not step.startswith("/$defs/")
        ]
    return None


def _check_compiles(schema: dict[str, Any]) -> Iterator[Issue]:
    if not _compiles(schema):
        yield Issue(code="schema_invalid", pointer="/schema", params={"reason": ""})


def _compiles(schema: dict[str, Any]) -> bool:
    try:
        jsonschema_rs.Draft202012Validator(schema, offline=True)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
        return False
    return True


def _check_ui(schema: dict[str, Any], ui: dict[str, Any]) -> Iterator[Issue]:
    fields = schema.get("properties", {})
    order = ui.get("ui:order", [])
    if not isinstance(order, list):
        yield Issue(code="ui_malformed", pointer="/ui/ui:order")
        return
    for index, name in enumerate(order):
        if name != "*" and (not isinstance(name, str) or name not in fields):
            yield Issue(code="field_unknown", pointer=f"/ui/ui:order/{index}", params={"field": str(name)})
    for name, options in ui.items():
        pointer = f"/ui/{escape(name)}"
        if name in fields and not isinstance(options, dict):
            yield Issue(code="ui_malformed", pointer=pointer)
        if not name.startswith("ui:") and name not in fields:
            yield Issue(code="field_unknown", severity="warning", pointer=pointer, params={"field": name})
    rules = {rule.target: rule for rule in read_rules(ui)}
    if len(rules) > MAX_FIELDS:
        yield Issue(code="too_many_fields", pointer="/ui", params={"limit": str(MAX_FIELDS)})
        return
    for target, options in ui.items():
        if isinstance(options, dict) and "ui:showIf" in options:
            where = f"/ui/{escape(target)}/ui:showIf"
            rule = rules.get(target)
            if rule is None or rule.op not in OPERATORS:
                yield Issue(code="rule_malformed", pointer=where)
            elif rule.field not in fields:
                yield Issue(code="field_unknown", pointer=f"{where}/field", params={"field": rule.field})
            elif _is_circular(target, {name: each.field for name, each in rules.items()}):
                yield Issue(code="rule_cycle", pointer=where, params={"field": target})


def _is_circular(target: str, sources: dict[str, str]) -> bool:
    seen: set[str] = set()
    current: str | None = target
    while current is not None and current not in seen:
        seen.add(current)
        current = sources.get(current)
    return current == target
