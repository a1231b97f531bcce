"""What a new version of a form means for answers already given."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from backend.forms.schema_walk import escape

Verdict = Literal["safe", "needs_mapping", "breaking"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference at ``pointer`` (into the schema) and whether stored answers survive it.

    safe: every stored answer stays valid. needs_mapping: answers would be lost or changed unless somebody
    says where they go. breaking: stored answers may no longer be valid.
    """

    code: str
    verdict: Verdict
    pointer: str
    params: dict[str, str] = {}


_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_ANNOTATIONS = {"title", "description", "default", "examples", "$comment", "x-title", "x-help", "x-label"}
_COMPARED = {"type", "properties", "required", "items", "oneOf", "enum", *_UPPER, *_LOWER, *_ANNOTATIONS}


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """The changes from one form to the next, in the order of the schema; what cannot be judged counts as
    breaking."""
    return tuple(_compare(old["schema"], new["schema"], ""))


def _compare(old: Any, new: Any, pointer: str) -> Iterator[Change]:
    if old == new:
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield Change(code="changed", verdict="breaking", pointer=pointer)
        return
    yield from _compare_type(old, new, pointer)
    yield from _compare_limits(old, new, pointer)
    yield from _compare_choices(old, new, pointer)
    yield from _compare_required(old, new, pointer)
    yield from _compare_properties(old, new, pointer)
    if "items" in old or "items" in new:
        yield from _compare(old.get("items", {}), new.get("items", {}), f"{pointer}/items")
    for keyword in sorted({*old, *new} - _COMPARED):
        if old.get(keyword) != new.get(keyword):
            dropped = keyword not in new and keyword not in {"x-type", "x-currency", "$ref"}
            verdict: Verdict = "safe" if dropped else "breaking"
            yield Change(code="keyword_changed", verdict=verdict, pointer=f"{pointer}/{escape(keyword)}")


def _compare_type(old: Mapping[str, Any], new: Mapping[str, Any], pointer: str) -> Iterator[Change]:
    before, after = _types(old), _types(new)
    if before == after:
        return
    widened = after is None or (before is not None and before <= after)
    if not widened and before is not None and after is not None:
        widened = before - after == {"integer"} and "number" in after
    yield Change(
        code="type_changed",
        verdict="safe" if widened else "breaking",
        pointer=f"{pointer}/type",
        params={"old": _join(before), "new": _join(after)},
    )


def _types(schema: Mapping[str, Any]) -> set[str] | None:
    declared = schema.get("type")
    return None if declared is None else {declared} if isinstance(declared, str) else set(declared)


def _join(types: set[str] | None) -> str:
    return ", ".join(sorted(types)) if types else ""


def _compare_limits(old: Mapping[str, Any], new: Mapping[str, Any], pointer: str) -> Iterator[Change]:
    for keyword in (*_UPPER, *_LOWER):
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        wider = after is None or (
            before is not None and (after >= before if keyword in _UPPER else after <= before)
        )
        yield Change(
            code="limit_widened" if wider else "limit_narrowed",
            verdict="safe" if wider else "breaking",
            pointer=f"{pointer}/{keyword}",
        )


def _compare_choices(old: Mapping[str, Any], new: Mapping[str, Any], pointer: str) -> Iterator[Change]:
    before, after = _choices(old), _choices(new)
    if before is None or after is None:
        if _raw_choices(old) != _raw_choices(new):
            verdict: Verdict = "safe" if _raw_choices(new) == (None, None) else "breaking"
            yield Change(code="choices_changed", verdict=verdict, pointer=pointer)
        return
    for value in before:
        if value not in after:
            yield Change(
                code="choice_removed", verdict="needs_mapping", pointer=pointer, params={"value": str(value)}
            )
    for value in after:
        if value not in before:
            yield Change(code="choice_added", verdict="safe", pointer=pointer, params={"value": str(value)})


def _choices(schema: Mapping[str, Any]) -> list[Any] | None:
    """The values of a choice; None when the schema is no plain choice."""
    enum, branches = _raw_choices(schema)
    if isinstance(enum, list) and branches is None:
        return enum
    if enum is None and isinstance(branches, list) and all("const" in each for each in branches):
        return [each["const"] for each in branches]
    return None


def _raw_choices(schema: Mapping[str, Any]) -> tuple[Any, Any]:
    return schema.get("enum"), schema.get("oneOf")


def _compare_required(old: Mapping[str, Any], new: Mapping[str, Any], pointer: str) -> Iterator[Change]:
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(after - before):
        yield Change(
            code="now_required", verdict="breaking", pointer=f"{pointer}/required", params={"field": name}
        )
    for name in sorted(before - after):
        yield Change(
            code="now_optional", verdict="safe", pointer=f"{pointer}/required", params={"field": name}
        )


def _compare_properties(old: Mapping[str, Any], new: Mapping[str, Any], pointer: str) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, field in before.items():
        where = f"{pointer}/properties/{escape(name)}"
        if name in after:
            yield from _compare(field, after[name], where)
        else:
            yield Change(code="field_removed", verdict="needs_mapping", pointer=where, params={"field": name})
    for name in after:
        if name not in before:
            where = f"{pointer}/properties/{escape(name)}"
            yield Change(code="field_added", verdict="safe", pointer=where, params={"field": name})
