"""Laws of forms that hold for every schema and every submission."""

from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from backend.forms.dialect import check_form
from backend.forms.evolution import compare
from backend.forms.projection import merge_submission, project_data, project_form
from backend.forms.rules import is_blank
from backend.forms.validation import Access, compile_form, validate

NAMES = ("a", "b", "c", "d/e", "f~g")
TEXTS = ("x", "yy", "zzz", "2026-02-28", "2026-02-30", "a@b.cn", "nobody", "13800000000", "食品")
CHECKER = jsonschema.FormatChecker(["date", "email"])

small = st.integers(0, 3)
levels: st.SearchStrategy[Access] = st.sampled_from(("hidden", "readonly", "editable", "required"))
accesses = st.dictionaries(st.sampled_from(NAMES), levels)

leaves: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"type": st.just("string")}, optional={"maxLength": small, "minLength": small}),
    st.fixed_dictionaries({"type": st.just("string"), "format": st.sampled_from(("date", "email", "time"))}),
    st.fixed_dictionaries(
        {"type": st.just("string"), "pattern": st.sampled_from(("^y+$", "[0-9]", "^.{2}$"))}
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(("integer", "number"))},
        optional={"minimum": small, "maximum": small, "exclusiveMinimum": small, "multipleOf": st.just(2)},
    ),
    st.just({"type": "integer", "x-type": "money"}),
    st.just({"type": "boolean"}),
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3, unique=True).map(
        lambda values: {"type": "string", "oneOf": [{"const": value} for value in values]}
    ),
    st.lists(st.sampled_from((*TEXTS, 1, True)), min_size=1, max_size=3).map(lambda values: {"enum": values}),
)
properties = st.deferred(lambda: st.dictionaries(st.sampled_from(NAMES), fields, max_size=4))
objects = st.fixed_dictionaries(
    {"type": st.just("object"), "properties": properties},
    optional={"required": st.lists(st.sampled_from(NAMES), unique=True, max_size=2)},
)
lists = st.fixed_dictionaries(
    {"type": st.just("array"), "items": st.deferred(lambda: fields)},
    optional={"maxItems": small, "minItems": small, "uniqueItems": st.booleans()},
)
fields: st.SearchStrategy[dict[str, Any]] = st.one_of(leaves, leaves, leaves, objects, lists)
forms = objects.map(lambda schema: {"schema": schema, "ui": {}})

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 4), st.just(1.5), st.just(""), st.sampled_from(TEXTS)
)
answers: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
submissions = st.dictionaries(st.sampled_from(NAMES), answers, max_size=5)


def answer_like(schema: dict[str, Any], data: st.DataObject) -> Any:
    """An answer of mostly the right shape, so that both verdicts come up."""
    if schema.get("type") == "object":
        drawn = {name: answer_like(field, data) for name, field in schema["properties"].items()}
        return {name: value for name, value in drawn.items() if value is not None}
    if schema.get("type") == "array":
        return [answer_like(schema["items"], data) for _ in range(data.draw(st.integers(1, 2)))]
    by_type = {"string": st.sampled_from(TEXTS), "boolean": st.booleans()}
    return data.draw(by_type.get(schema.get("type", ""), st.integers(0, 3)) | scalars)


@given(forms, st.data())
def test_the_verdict_is_that_of_the_reference_library(form: dict[str, Any], data: st.DataObject) -> None:
    declared = form["schema"]["properties"]
    submitted = {
        name: value for name, value in data.draw(submissions).items() if name in declared
    } | answer_like(form["schema"], data)
    ours = validate(compile_form(form), submitted)
    seen = {name: value for name, value in submitted.items() if not is_blank(value)}
    reference = jsonschema.Draft202012Validator(form["schema"], format_checker=CHECKER)
    assert (not ours) == reference.is_valid(seen)
    assert len({issue.pointer for issue in ours}) == len(ours)


@given(forms, submissions, submissions, accesses)
def test_a_submission_changes_only_what_the_node_lets_it(
    form: dict[str, Any], stored: dict[str, Any], submitted: dict[str, Any], access: dict[str, Access]
) -> None:
    declared = form["schema"]["properties"]
    merged = merge_submission(form, stored, submitted, access)
    for name in {*stored, *submitted}:
        closed = access.get(name) in {"hidden", "readonly"} or name not in declared
        expected = stored.get(name) if closed else submitted.get(name)
        assert merged.get(name) == expected or (is_blank(expected) and name not in merged)
    assert merge_submission(form, merged, submitted, access) == merged


@given(forms, submissions, accesses)
def test_hidden_fields_leave_no_trace(
    form: dict[str, Any], stored: dict[str, Any], access: dict[str, Access]
) -> None:
    hidden = {name for name, level in access.items() if level == "hidden"}
    projected = project_form(form, access)
    assert not hidden & projected["schema"]["properties"].keys()
    assert not hidden & set(projected["schema"]["required"])
    assert not hidden & project_data(form, stored, access).keys()
    for issue in validate(compile_form(form), {}, access=access, stored=stored):
        assert issue.pointer.split("/")[1].replace("~1", "/").replace("~0", "~") not in hidden


@given(forms, forms, st.data())
def test_safe_changes_keep_every_valid_answer(
    old: dict[str, Any], other: dict[str, Any], data: st.DataObject
) -> None:
    schema = {**old["schema"], **data.draw(st.sampled_from(({}, other["schema"], {"required": []})))}
    names = data.draw(st.sets(st.sampled_from(NAMES)))
    merged = {
        **old["schema"]["properties"],
        **{name: other["schema"]["properties"].get(name, {}) for name in names},
    }
    new = {"schema": {**schema, "properties": merged}, "ui": {}}
    changes = compare(old, new)
    assert compare(old, old) == ()
    answer = answer_like(old["schema"], data)
    valid = jsonschema.Draft202012Validator(old["schema"], format_checker=CHECKER).is_valid(answer)
    if valid and all(change.verdict == "safe" for change in changes):
        added = merged.keys() - old["schema"]["properties"].keys()
        kept = {name: value for name, value in answer.items() if name not in added}
        assert jsonschema.Draft202012Validator(new["schema"], format_checker=CHECKER).is_valid(kept)


@given(
    st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
)
def test_any_json_gets_findings_or_compiles(schema: Any) -> None:
    for form in (
        {"schema": schema, "ui": {}},
        {"schema": {"type": "object", "properties": schema}, "ui": schema},
    ):
        issues = check_form(form)
        if not any(issue.severity == "error" for issue in issues):
            assert isinstance(validate(compile_form(form), {"a": 1}), tuple)
