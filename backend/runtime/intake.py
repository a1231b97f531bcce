"""What a start makes of what it is given: which workflow it really opens, which form, which customer.

The rules of a workflow's variants are looked at once, at the start; the workflow that they choose has no say
any more, so there is no circle to run in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from backend.engine.commands import Note
from backend.engine.release import Release
from backend.forms.faults import FieldIssue
from backend.forms.validation import compile_form, take_answer, validate
from backend.graph.expressions import ExpressionFailed, compile_expression
from backend.graph.model import Form

CUSTOMER_FIELDS = {
    "name": ("contact_name", "customer_name"),
    "phone": ("contact_phone", "phone"),
    "email": ("contact_email", "email"),
    "grade": ("grade",),
}
"""Part of the customer -> fields of a start form that usually hold it."""

NO_FORM: dict[str, Any] = {"schema": {"type": "object", "properties": {}}, "ui": {}}


class VariantRule(msgspec.Struct, frozen=True, kw_only=True):
    """Where `when` holds, another workflow begins instead."""

    id: str
    name: dict[str, str]
    when: str
    workflow_id: str
    active: bool = True


class Verdict(NamedTuple):
    """What one rule said of a start."""

    rule: VariantRule
    holds: bool
    failed: ExpressionFailed | None = None


def judge_rules(rules: Iterable[VariantRule], context: Mapping[str, Any]) -> list[Verdict]:
    """In order, up to and with the first that holds. A rule that cannot be computed does not hold."""
    verdicts: list[Verdict] = []
    for rule in rules:
        if not rule.active:
            continue
        try:
            verdicts.append(Verdict(rule, compile_expression(rule.when).holds(context)))
        except ExpressionFailed as failed:
            verdicts.append(Verdict(rule, False, failed))
        if verdicts[-1].holds:
            break
    return verdicts


def choose_variant(rules: Iterable[VariantRule], context: Mapping[str, Any]) -> VariantRule | None:
    """The first rule that holds; None: the workflow itself."""
    verdicts = judge_rules(rules, context)
    return verdicts[-1].rule if verdicts and verdicts[-1].holds else None


def describe_start(
    *,
    data: Mapping[str, Any],
    customer: Mapping[str, Any],
    source: str,
    channel: str,
    region_path: Sequence[str],
    now: datetime,
) -> dict[str, Any]:
    """What the rules see: `ticket` has what is known before it exists."""
    ticket = {
        "source": source,
        "channel": channel,
        "priority": "normal",
        "region": region_path[-1] if region_path else None,
        "region_path": list(region_path),
    }
    return {"data": data, "ticket": ticket, "customer": customer, "now": now}


def note_variant(rule: VariantRule, asked: Mapping[str, str]) -> Note:
    """The line of the timeline; `asked` is the name of the workflow that was to begin."""
    return Note(code="timeline_variant", params={"rule": rule.name, "asked": dict(asked)})


def customer_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The customer as the start form tells it: a customer field, else the usual contact fields."""
    if isinstance(data.get("customer"), dict):
        return dict(data["customer"])
    found = {
        part: next((data[name] for name in names if data.get(name)), None)
        for part, names in CUSTOMER_FIELDS.items()
    }
    return {part: value for part, value in found.items() if value is not None}


def find_start(release: Release, source: str) -> str | None:
    """The first start node that takes this source."""
    for node_id in release.starts:
        if source in getattr(release.nodes[node_id].config, "sources", (source,)):
            return node_id
    return None


class Fitted(NamedTuple):
    """Data as the start form keeps it, and what is wrong with it."""

    data: dict[str, Any]
    issues: tuple[FieldIssue, ...]


def fit_form(form: Form | None, given: Mapping[str, Any], *, drop_unknown: bool) -> Fitted:
    """`drop_unknown`: fields that the form does not have are left out instead of being a fault."""
    document = NO_FORM if form is None else msgspec.to_builtins(form)
    compiled = compile_form(document)
    known = compiled.fields
    data = {name: value for name, value in given.items() if not drop_unknown or name in known}
    return Fitted(take_answer(compiled, data), validate(compiled, data))


def name_field(form: Form | None, pointer: str) -> dict[str, str]:
    """The label of the field that a pointer leads to, in both languages; the name where it has none."""
    name = pointer.split("/")[1] if "/" in pointer else pointer
    properties = form.schema.get("properties", {}) if form is not None else {}
    field = properties.get(name, {})
    title = str(field.get("title") or name)
    both = field.get("x-title") or {}
    return {"zh": str(both.get("zh") or title), "en": str(both.get("en") or title)}
