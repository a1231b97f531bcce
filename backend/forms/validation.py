"""Is what somebody submitted a valid answer to this form, as this node lets them answer it?

A submission is the whole form as its reader saw it: an empty or absent editable field is left empty. Hidden
and readonly fields keep what is stored, so conditions across fields see the whole ticket. The verdict on the
schema is jsonschema-rs's, held equal to the jsonschema library by tests; required is decided here, because
rules and the node change it.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal

import jsonschema_rs
import msgspec

from backend.forms.faults import FieldIssue, Holders, describe_error, find_holders
from backend.forms.rules import Rule, is_blank, list_hidden, order_rules, read_rules
from backend.forms.schema_walk import Schema, escape, rewrite

Access = Literal["hidden", "readonly", "editable", "required"]
ASSERTED_FORMATS = frozenset({"date", "date-time", "email", "uri"})
MAX_SAFE_INTEGER = 2**53 - 1
"""Above it a browser's number is no longer exact (RFC 8259, section 6)."""

_CLOSED = ("hidden", "readonly")
_NOTHING: Mapping[str, Any] = {}


class AccessPlan(msgspec.Struct, frozen=True):
    """What one node's field access means for one form, worked out once."""

    closed: frozenset[str]
    required: tuple[str, ...]
    required_set: frozenset[str]
    money: tuple[str, ...]


class CompiledForm(msgspec.Struct, frozen=True):
    """A form made ready for many submissions; ``schema_hash`` tells one version of it from another."""

    schema_hash: str
    schema: Schema
    fields: frozenset[str]
    required: tuple[str, ...]
    rules: tuple[Rule, ...]
    money: tuple[str, ...]
    open_ended: bool
    holders: Holders
    validator: jsonschema_rs.Draft202012Validator
    plans: dict[frozenset[tuple[str, Access]], AccessPlan] = {}

    def plan(self, access: Mapping[str, Access]) -> AccessPlan:
        key = frozenset(access.items())
        plan = self.plans.get(key)
        if plan is None:
            plan = self.plans[key] = self._make_plan(access)
        return plan

    def _make_plan(self, access: Mapping[str, Access]) -> AccessPlan:
        closed = frozenset(name for name, level in access.items() if level in _CLOSED)
        asked = [name for name, level in access.items() if level == "required" and name in self.fields]
        required = dict.fromkeys((*self.required, *asked))
        open_required = tuple(name for name in required if name not in closed)
        open_money = tuple(name for name in self.money if name not in closed)
        return AccessPlan(closed, open_required, frozenset(open_required), open_money)


def compile_form(form: Mapping[str, Any]) -> CompiledForm:
    """The compiled form, from a cache by content. The form must have passed ``check_form``."""
    content = msgspec.json.encode({"schema": form["schema"], "ui": form.get("ui", {})}, order="sorted")
    return _compile(content)


@lru_cache(maxsize=512)
def _compile(content: bytes) -> CompiledForm:
    form = msgspec.json.decode(content)
    schema, ui = form["schema"], form["ui"]
    properties = schema.get("properties", {})
    asserted = rewrite(schema, _prepare)
    asserted.pop("required", None)
    return CompiledForm(
        schema_hash=sha256(content).hexdigest(),
        schema=schema,
        fields=frozenset(properties),
        required=tuple(schema.get("required", ())),
        rules=order_rules(read_rules(ui)),
        money=tuple(name for name, field in properties.items() if _is_money(field)),
        open_ended=bool(schema.get("patternProperties") or schema.get("additionalProperties")),
        holders=find_holders(schema),
        validator=jsonschema_rs.Draft202012Validator(
            asserted, validate_formats=True, offline=True, mask="..."
        ),
    )


def validate(
    compiled: CompiledForm,
    data: Mapping[str, Any],
    *,
    access: Mapping[str, Access] = _NOTHING,
    stored: Mapping[str, Any] = _NOTHING,
) -> tuple[FieldIssue, ...]:
    """Everything wrong with a submission, nothing when it may be stored.

    ``access`` names the fields that this node hides, shows only, or requires (the rest is editable);
    ``stored`` is the ticket's data.
    """
    plan = compiled.plan(access)
    answer, issues = _take_answer(compiled, plan, data, stored)
    if compiled.rules and (hidden := list_hidden(compiled.rules, answer)):
        for name in hidden:
            answer.pop(name, None)
        missing = plan.required_set.difference(answer, hidden)
    else:
        missing = plan.required_set.difference(answer)
    if missing:
        names = (name for name in plan.required if name in missing)
        issues += [FieldIssue(pointer=f"/{escape(name)}", code="required") for name in names]
    if not compiled.validator.is_valid(answer):
        issues += _list_errors(compiled, plan, answer, missing)
    find = answer.get
    for name in plan.money:
        value = find(name, 0)
        if value.__class__ is not int or not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            issues += _check_money(name, value)
    return tuple(issues)


def take_answer(
    compiled: CompiledForm,
    data: Mapping[str, Any],
    *,
    access: Mapping[str, Access] = _NOTHING,
    stored: Mapping[str, Any] = _NOTHING,
) -> dict[str, Any]:
    """The form's fields as they will be stored: submitted ones where this node may write, stored ones
    elsewhere."""
    answer, _ = _take_answer(compiled, compiled.plan(access), data, stored)
    for name in list_hidden(compiled.rules, answer):
        answer.pop(name, None)
    return answer


def _take_answer(
    compiled: CompiledForm, plan: AccessPlan, data: Mapping[str, Any], stored: Mapping[str, Any]
) -> tuple[dict[str, Any], list[FieldIssue]]:
    if all(data.values()) and dict not in map(type, data.values()):
        answer = dict(data)
    else:
        answer = {name: value for name, value in data.items() if not is_blank(value)}
    issues: list[FieldIssue] = []
    for name in plan.closed:
        kept = stored.get(name)
        if name in answer and answer.pop(name) != kept:
            issues.append(FieldIssue(pointer=f"/{escape(name)}", code="field_not_editable"))
        if kept is not None and name in compiled.fields:
            answer[name] = kept
    if not compiled.open_ended and not compiled.fields.issuperset(answer):
        for name in [name for name in answer if name not in compiled.fields]:
            del answer[name]
            if name not in plan.closed:
                issues.append(FieldIssue(pointer=f"/{escape(name)}", code="unknown_field"))
    return answer, issues


def _list_errors(
    compiled: CompiledForm, plan: AccessPlan, answer: dict[str, Any], missing: frozenset[str]
) -> list[FieldIssue]:
    """The schema's errors, each place once; what stands in a closed field is not for this reader to mend.

    The validator masks the answers in its own sentences, which nobody reads: it would write each of them out.
    """
    found: dict[str, FieldIssue] = {}
    for error in compiled.validator.iter_errors(answer):
        for issue in describe_error(error, compiled.holders):
            field = issue.pointer.split("/")[1].replace("~1", "/").replace("~0", "~") if issue.pointer else ""
            if field not in plan.closed and field not in missing:
                found.setdefault(issue.pointer, issue)
    return list(found.values())


def _check_money(name: str, value: Any) -> list[FieldIssue]:
    """Minor units are whole and exact in every language that reads them; 5.0 is an integer to JSON Schema,
    not to us."""
    pointer = f"/{escape(name)}"
    if isinstance(value, float) and value.is_integer():
        return [FieldIssue(pointer=pointer, code="type_money")]
    if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER:
        return [FieldIssue(pointer=pointer, code="money_too_large")]
    return []


def _is_money(field: Any) -> bool:
    return isinstance(field, dict) and field.get("x-type") == "money"


def _prepare(schema: Schema) -> Schema:
    """Only asserted formats; numbers that stay exact (money has a check and a sentence of its own)."""
    if schema.get("format") not in (None, *ASSERTED_FORMATS):
        del schema["format"]
    if schema.get("x-type") == "phone" and "pattern" not in schema:
        schema["pattern"] = r"^\+?[0-9 -]{5,20}$"
    if schema.get("type") in ("number", "integer") and not _is_money(schema):
        schema["maximum"] = min(schema.get("maximum", MAX_SAFE_INTEGER), MAX_SAFE_INTEGER)
        schema["minimum"] = max(schema.get("minimum", -MAX_SAFE_INTEGER), -MAX_SAFE_INTEGER)
    return schema
