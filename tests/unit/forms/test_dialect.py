"""What may be published."""

from typing import Any

import pytest

from backend.forms.dialect import check_form
from backend.messages.forms import TEXTS


def form(properties: dict[str, Any], ui: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"schema": {"type": "object", "properties": properties, **more}, "ui": ui or {}}


def nest(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


def fan_out(width: int, levels: int) -> dict[str, Any]:
    """Each level refers ``width`` times to the next: width ** levels once written out."""
    definitions: dict[str, Any] = {f"l{levels}": {"type": "string"}}
    for level in range(levels):
        references = [{"$ref": f"#/$defs/l{level + 1}"}] * width
        definitions[f"l{level}"] = {"allOf": references}
    return form({"a": {"$ref": "#/$defs/l0"}}, **{"$defs": definitions})


def chain(length: int) -> dict[str, Any]:
    links = {f"l{index}": {"$ref": f"#/$defs/l{index + 1}"} for index in range(length)}
    return form({"a": {"$ref": "#/$defs/l0"}}, **{"$defs": {**links, f"l{length}": {}}})


def show_if(field: str, op: str = "filled") -> dict[str, Any]:
    return {"ui:showIf": {"field": field, "op": op, "value": 1}}


TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (form({"a": TEXT}, {"ui:order": ["a", "*"]}), []),
        (form({"a": {"type": "integer", "x-type": "money", "x-anything": 1}}), []),
        (form({"a": {"$ref": "#/$defs/t"}}, **{"$defs": {"t": TEXT}}), []),
        (form({"$ref": TEXT, "pattern": TEXT}), []),
        (form({"a": {"const": {"$dynamicRef": "#x"}}}), []),
        ({"ui": {}}, [("schema_missing", "/schema")]),
        ({"schema": {"type": "object"}, "ui": []}, [("ui_malformed", "/ui")]),
        ({"schema": {"type": "string"}}, [("root_not_object", "/schema/type")]),
        (form({"a": {"type": "strin"}}), [("schema_invalid", "/schema/properties/a/type")]),
        (
            {"schema": {"type": "object", "$schema": "http://json-schema.org/draft-04/schema#"}},
            [("draft_unknown", "/schema/$schema")],
        ),
        (form({"a/b": {"pattern": "("}}), [("pattern_invalid", "/schema/properties/a~1b/pattern")]),
        (
            form({"a": {"$dynamicRef": "#x"}}),
            [("keyword_refused", "/schema/properties/a/$dynamicRef")],
        ),
        (form({"a": {"$ref": "https://x.invalid/s"}}), [("ref_remote", "/schema/properties/a/$ref")]),
        (form({"a": {"$ref": "other.json#/a"}}), [("ref_remote", "/schema/properties/a/$ref")]),
        (form({"a": {"$ref": "#/$defs/none"}}), [("ref_unresolved", "/schema/properties/a/$ref")]),
        (form({"a": {"$ref": "#"}}), [("ref_cycle", "/schema")]),
        (form({"a": {"$ref": "#/properties/a"}}), [("ref_cycle", "/schema")]),
        (chain(15), []),
        (chain(16), [("ref_too_deep", "/schema")]),
        (fan_out(10, 3), []),
        (fan_out(10, 9), [("ref_fan_out", "/schema")]),
        (form({"a": {"x-type": "blob"}}), [("x_type_unknown", "/schema/properties/a/x-type")]),
        (form({f"f{index}": TEXT for index in range(300)}), []),
        (form({f"f{index}": TEXT for index in range(301)}), [("too_many_fields", "/schema")]),
        (form({"a": nest(50)}), []),
        (form({"a": nest(70)}), [("too_deep", "/schema")]),
        (form({"a": {"description": "x" * 262_144}}), [("too_large", "")]),
        (form({"a": TEXT}, {"ui:order": ["b"]}), [("field_unknown", "/ui/ui:order/0")]),
        (form({"a": TEXT}, {"b": {}}), [("field_unknown", "/ui/b")]),
        (form({"a": TEXT, "b": TEXT}, {"a": show_if("b")}), []),
        (form({"a": TEXT}, {"a": show_if("c")}), [("field_unknown", "/ui/a/ui:showIf/field")]),
        (form({"a": TEXT, "b": TEXT}, {"a": show_if("b", "is")}), [("rule_malformed", "/ui/a/ui:showIf")]),
        (form({"a": TEXT}, {"a": {"ui:showIf": "b"}}), [("rule_malformed", "/ui/a/ui:showIf")]),
        (
            form({"a": TEXT, "b": TEXT}, {"a": show_if("b"), "b": show_if("a")}),
            [("rule_cycle", "/ui/a/ui:showIf"), ("rule_cycle", "/ui/b/ui:showIf")],
        ),
    ],
)
def test_findings(given: dict[str, Any], found: list[tuple[str, str]]) -> None:
    issues = check_form(given)
    assert [(issue.code, issue.pointer) for issue in issues] == found
    for issue in issues:
        assert all(text.format(**issue.params) for text in TEXTS[f"form.{issue.code}"])
