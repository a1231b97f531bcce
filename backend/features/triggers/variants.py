"""Variants of a workflow: saving the rules, and trying them with a start as it might come."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import triggers as wire
from backend.contracts.common import Text
from backend.db.models import Workflow, WorkflowVariants
from backend.features.platform.actor import Actor
from backend.features.platform.errors import FieldError, Invalid
from backend.features.triggers import queries
from backend.features.triggers.present import present_faults
from backend.graph.expressions import check_expression
from backend.messages import render
from backend.runtime.audit import append
from backend.runtime.intake import (
    VariantRule,
    customer_of,
    describe_start,
    find_start,
    judge_rules,
    name_field,
)
from backend.runtime.runtime import Runtime
from backend.runtime.triggers.planning import Unfit, check_start


async def show_variants(
    session: AsyncSession, runtime: Runtime, actor: Actor, workflow_id: str, locale: str
) -> wire.Variants:
    """The stored rules, with what would stand in a ticket's way. Raises NotFound."""
    await queries.find_workflow(session, actor, workflow_id)
    stored = await queries.find_rules(session, actor.workspace_id, workflow_id)
    rules = msgspec.convert(stored, list[wire.VariantRule])
    return wire.Variants(
        rules=rules, warnings=await _warn(session, runtime, actor, workflow_id, rules, locale)
    )


async def save_variants(
    session: AsyncSession, actor: Actor, workflow_id: str, request: wire.SaveVariants, now: datetime
) -> None:
    """Replace the rules. Raises NotFound, NotAllowed, Invalid."""
    await queries.find_workflow(session, actor, workflow_id)
    actor.require("publish", "/")
    known = await queries.map_workflows(session, actor)
    errors = _check(workflow_id, request.rules, known)
    if errors:
        raise Invalid(errors=errors)
    stored = await session.get(WorkflowVariants, workflow_id)
    if stored is None:
        stored = WorkflowVariants(workflow_id=workflow_id, workspace_id=actor.workspace_id)
        session.add(stored)
    stored.rules = msgspec.to_builtins(request.rules)
    stored.updated_at, stored.updated_by = now, actor.member_id
    await session.flush()
    detail = {"rules": len(request.rules)}
    await append(
        session, actor.workspace_id, actor.member_id, "variants.changed", f"workflow:{workflow_id}", detail
    )


def _check(workflow_id: str, rules: list[wire.VariantRule], known: dict[str, Workflow]) -> list[FieldError]:
    found: list[FieldError] = []
    seen: set[str] = set()
    for at, rule in enumerate(rules):
        failed = check_expression(rule.when)
        if failed is not None:
            found.append(FieldError(f"/rules/{at}/when", failed.code, dict(failed.params)))
        if rule.workflow_id == workflow_id:
            found.append(FieldError(f"/rules/{at}/workflow_id", "variant_itself"))
        elif rule.workflow_id not in known:
            found.append(FieldError(f"/rules/{at}/workflow_id", "variant_workflow_unknown"))
        if rule.id in seen:
            found.append(FieldError(f"/rules/{at}/id", "variant_twice"))
        seen.add(rule.id)
    return found


async def _warn(  # noqa: PLR0917 - who, where, what
    session: AsyncSession,
    runtime: Runtime,
    actor: Actor,
    workflow_id: str,
    rules: list[wire.VariantRule],
    locale: str,
) -> list[wire.VariantWarning]:
    """Targets without a release, and those whose start form requires what this one's does not ask."""
    known = await queries.map_workflows(session, actor)
    asked = await _list_fields(session, runtime, actor, workflow_id)
    warnings: list[wire.VariantWarning] = []
    for rule in rules:
        name = known[rule.workflow_id].name if rule.workflow_id in known else {}
        release_id = await queries.find_latest(session, actor, rule.workflow_id)
        if release_id is None:
            message = render("variant_target_unpublished", {"workflow": name}, locale)
            warnings.append(wire.VariantWarning(rule=rule.id, message=message))
            continue
        release = await runtime.release(release_id)
        form = release.start_form(release.starts[0])
        required = form.schema.get("required", []) if form is not None else []
        missing = [name_field(form, f"/{field}")[locale] for field in required if field not in asked]
        if missing:
            params = {"workflow": name, "fields": missing}
            message = render("variant_target_asks", params, locale)
            warnings.append(wire.VariantWarning(rule=rule.id, message=message))
    return warnings


async def _list_fields(
    session: AsyncSession, runtime: Runtime, actor: Actor, workflow_id: str
) -> frozenset[str]:
    release_id = await queries.find_latest(session, actor, workflow_id)
    if release_id is None:
        return frozenset()
    release = await runtime.release(release_id)
    form = release.start_form(release.starts[0])
    return frozenset(form.schema.get("properties", {})) if form is not None else frozenset()


async def try_variants(
    session: AsyncSession,
    runtime: Runtime,
    actor: Actor,
    workflow_id: str,
    sample: wire.TryVariants,
    *,
    now: datetime,
    locale: str,
) -> wire.TriedVariants:
    """Which workflow a start would begin. Raises NotFound."""
    workflow = await queries.find_workflow(session, actor, workflow_id)
    known = await queries.map_workflows(session, actor)
    stored = await queries.find_rules(session, actor.workspace_id, workflow_id)
    given = msgspec.to_builtins(sample.rules) if sample.rules is not None else stored
    region = await queries.find_region(session, actor, sample.region_id) if sample.region_id else None
    context = describe_start(
        data=sample.data,
        customer=sample.customer or customer_of(sample.data),
        source=sample.source,
        channel=sample.channel,
        region_path=[part for part in (region.path if region else "").split("/") if part],
        now=now,
    )
    verdicts = judge_rules(msgspec.convert(given, list[VariantRule]), context)
    chosen = verdicts[-1].rule if verdicts and verdicts[-1].holds else None
    target = known.get(chosen.workflow_id, workflow) if chosen else workflow
    faults: list[wire.FiringFault] = []
    release_id = await queries.find_latest(session, actor, target.id)
    if release_id is not None:
        release = await runtime.release(release_id)
        start = find_start(release, sample.source) or release.starts[0]
        try:
            check_start(release, start, sample.data, target.name, is_strict=False)
        except Unfit as unfit:
            faults = present_faults([msgspec.to_builtins(fault) for fault in unfit.faults], locale)
    return wire.TriedVariants(
        workflow_id=target.id,
        workflow=Text(**target.name),
        rule=chosen.id if chosen else None,
        verdicts=[
            wire.RuleVerdict(
                rule=verdict.rule.id,
                holds=verdict.holds,
                message=render(verdict.failed.code, verdict.failed.params, locale)
                if verdict.failed
                else None,
            )
            for verdict in verdicts
        ],
        faults=faults,
    )
