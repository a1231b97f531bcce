"""From a cause to the ticket it would start, or the reason why not. Reads only, so a dry run is the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from backend.engine.commands import Note
from backend.engine.release import Release
from backend.graph.expressions import ExpressionFailed, compile_expression
from backend.node_sdk import ValueUnfit, to_json
from backend.runtime.intake import (
    VariantRule,
    choose_variant,
    customer_of,
    describe_start,
    find_start,
    fit_form,
    name_field,
    note_variant,
)
from backend.runtime.releases import load_release
from backend.runtime.scripts import Script, ask_one
from backend.runtime.starting import StartTicket
from backend.runtime.statements import LATEST_RELEASE, read_json
from backend.runtime.transition import Environment
from backend.runtime.triggers.config import NAMES, Assignment, Config, read_config
from backend.runtime.triggers.statements import FIND_REGION, VARIANTS, WORKFLOW_NAME, TriggerRow

Text = dict[str, str]
MAX_FAULTS = 8
"""Named in a firing's reason; a form may have a hundred."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One cause with what it brought. `names` are the roots of the expressions; `plain` is taken over field
    by field where the trigger maps nothing."""

    cause: str
    names: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    customer: dict[str, Any] = {}
    region_id: str | None = None
    depth: int = 0
    files: tuple[str, ...] = ()
    strict: bool = False
    """Whether fields that the form does not have are a fault."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the start form that does not take its value."""

    field: str
    label: Text
    code: str
    params: dict[str, Any] = {}


class Unfit(Exception):
    """No ticket can be made of this. `code` and `params` say why; `faults` name fields."""

    def __init__(self, code: str, *, faults: Iterable[Fault] = (), **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params
        self.faults = tuple(faults)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`wanted` None: the condition does not hold."""

    wanted: StartTicket | None
    workflow: Text = {}
    rule: Text | None = None
    region: str | None = None


def make_plan(environment: Environment, trigger: TriggerRow, given: Given) -> Script[Plan]:
    """Raises Unfit."""
    config = read_config(trigger.kind, trigger.config)
    now = environment.clock()
    names = {**{name: {} for name in NAMES}, **given.names, "now": now}
    if config.condition and not _holds(config.condition, names):
        return Plan(wanted=None)
    data = compute_fields(config.mapping, names) if config.mapping else dict(given.plain)
    customer = compute_fields(config.customer, names) or given.customer or customer_of(data)
    region_id, path = yield from _find_region(trigger, config, names, given)
    context = describe_start(
        data=data,
        customer=customer,
        source="system",
        channel=config.channel,
        region_path=path,
        now=now,
    )
    rule = yield from _find_rule(trigger, context)
    name, release_id, release = yield from _find_release(
        environment, trigger.workspace_id, rule.workflow_id if rule else trigger.workflow_id
    )
    start = find_start(release, "system") or release.starts[0]
    asked = yield from ask_one(WORKFLOW_NAME, workspace=trigger.workspace_id, workflow=trigger.workflow_id)
    notes = [Note(code="timeline_trigger", params={"trigger": trigger.name})]
    if rule is not None and asked is not None:
        notes.append(note_variant(rule, read_json(asked[0])))
    is_strict = given.strict and not config.mapping and rule is None
    wanted = StartTicket(
        workspace_id=trigger.workspace_id,
        release_id=release_id,
        region_id=region_id,
        data=check_start(release, start, data, name, is_strict=is_strict),
        customer=customer,
        source="system",
        channel=config.channel,
        start=start,
        files=given.files,
        notes=tuple(notes),
    )
    return Plan(wanted=wanted, workflow=name, rule=rule.name if rule else None, region=path[-1])


def _holds(text: str, names: Mapping[str, Any]) -> bool:
    try:
        return compile_expression(text, NAMES).holds(names)
    except ExpressionFailed as failed:
        raise Unfit("trigger_condition_failed", text=text, reason=failed.code) from failed


def compute_fields(assignments: Iterable[Assignment], names: Mapping[str, Any]) -> dict[str, Any]:
    """Values by field; what comes out as nothing is left out. Raises Unfit."""
    found: dict[str, Any] = {}
    for each in assignments:
        try:
            value = to_json(compile_expression(each.value, NAMES).find(names))
        except (ExpressionFailed, ValueUnfit) as failed:
            raise Unfit("trigger_mapping_failed", field=each.field, text=each.value) from failed
        if value is not None:
            found[each.field] = _whole(value)
    return found


def _whole(value: Any) -> Any:
    """CEL's numbers of JSON are floats; a whole one is written as one, for money and counts."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _find_region(
    trigger: TriggerRow, config: Config, names: Mapping[str, Any], given: Given
) -> Script[tuple[str, tuple[str, ...]]]:
    """By content, else the trigger's, else that of the cause. Raises Unfit."""
    wanted = trigger.region_id or given.region_id
    text = getattr(config, "region", "")
    if text:
        try:
            computed = compile_expression(text, NAMES).find(names)
        except ExpressionFailed as failed:
            raise Unfit("trigger_mapping_failed", field="region", text=text) from failed
        wanted = str(computed) if computed else wanted
    if not wanted:
        raise Unfit("trigger_region_missing")
    row = yield from ask_one(FIND_REGION, workspace=trigger.workspace_id, region=wanted)
    if row is None:
        raise Unfit("trigger_region_unknown", region=wanted[:60])
    return row[0], tuple(part for part in row[1].split("/") if part)


def _find_rule(trigger: TriggerRow, context: Mapping[str, Any]) -> Script[VariantRule | None]:
    row = yield from ask_one(VARIANTS, workspace=trigger.workspace_id, workflow=trigger.workflow_id)
    if row is None:
        return None
    return choose_variant(msgspec.convert(read_json(row[0]), list[VariantRule]), context)


def _find_release(
    environment: Environment, workspace_id: str, workflow_id: str
) -> Script[tuple[Text, str, Release]]:
    name = yield from ask_one(WORKFLOW_NAME, workspace=workspace_id, workflow=workflow_id)
    text: Text = read_json(name[0]) if name else {}
    row = yield from ask_one(LATEST_RELEASE, workspace=workspace_id, workflow=workflow_id)
    if row is None:
        raise Unfit("trigger_no_release", workflow=text)
    release = yield from load_release(environment.releases, row[0])
    return text, row[0], release


def check_start(
    release: Release, start: str, given: Mapping[str, Any], workflow: Text, *, is_strict: bool
) -> dict[str, Any]:
    """The data as the start form keeps it. Raises Unfit, which names workflow and fields."""
    form = release.start_form(start)
    fitted = fit_form(form, given, drop_unknown=not is_strict)
    if fitted.issues:
        faults = [
            Fault(
                field=issue.pointer.lstrip("/"),
                label=name_field(form, issue.pointer),
                code=f"answer.{issue.code}",
                params=dict(issue.params),
            )
            for issue in fitted.issues[:MAX_FAULTS]
        ]
        fields = [fault.label for fault in faults]
        raise Unfit("trigger_data_unfit", faults=faults, workflow=workflow, fields=fields)
    return fitted.data
