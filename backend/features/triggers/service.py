"""Making, changing, firing and trying triggers."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import triggers as wire
from backend.contracts.common import Text
from backend.db.models import Trigger, TriggerDate, TriggerFiring
from backend.db.session import Database
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, FieldError, Invalid, invalid_field
from backend.features.triggers import queries
from backend.features.triggers.checking import check_config
from backend.features.triggers.present import present_unfit
from backend.messages import render
from backend.runtime.audit import append
from backend.runtime.runtime import Runtime
from backend.runtime.triggers.again import describe_moment
from backend.runtime.triggers.config import read_config
from backend.runtime.triggers.firing import Fired
from backend.runtime.triggers.planning import Given, Unfit
from backend.runtime.triggers.schedule import CronInvalid, next_moment
from backend.runtime.triggers.statements import TriggerRow

SECRET_PREFIX = "whsec_"
MOMENTS = 5


def make_secret() -> str:
    """32 random bytes, written as the Standard Webhooks libraries expect them."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


async def create_trigger(
    session: AsyncSession, actor: Actor, workflow_id: str, request: wire.CreateTrigger, now: datetime
) -> tuple[Trigger, str | None]:
    """With the secret of a webhook, which is told this once. Raises NotFound, NotAllowed, Invalid."""
    await queries.find_workflow(session, actor, workflow_id)
    await _require_place(session, actor, request.kind, request.config, request.region_id)
    config = await check_config(
        session, actor, request.kind, request.config, region_id=request.region_id, now=now
    )
    if request.kind == "email" and not request.password:
        raise invalid_field("/password", "trigger_password_required")
    is_hook = request.kind == "webhook"
    secret = make_secret() if is_hook else request.password if request.kind == "email" else None
    trigger = Trigger(
        id=new_id(),
        workspace_id=actor.workspace_id,
        workflow_id=workflow_id,
        kind=request.kind,
        name=request.name.strip(),
        config=config,
        region_id=request.region_id,
        active=request.active,
        token=secrets.token_urlsafe(32) if is_hook else None,
        secret=secret,
        place={},
        created_at=now,
        updated_at=now,
        created_by=actor.member_id,
    )
    session.add(trigger)
    await session.flush()
    await _note(session, actor, "trigger.created", trigger)
    return trigger, secret if is_hook else None


async def change_trigger(
    session: AsyncSession, actor: Actor, trigger_id: str, change: wire.UpdateTrigger, now: datetime
) -> Trigger:
    """Raises NotFound, NotAllowed, Invalid."""
    trigger = await queries.find_trigger(session, actor, trigger_id)
    await _require_place(session, actor, trigger.kind, trigger.config, trigger.region_id)
    region_id = trigger.region_id if change.region_id is msgspec.UNSET else change.region_id
    config = trigger.config if isinstance(change.config, msgspec.UnsetType) else change.config
    await _require_place(session, actor, trigger.kind, config, region_id)
    checked = await check_config(session, actor, trigger.kind, config, region_id=region_id, now=now)
    moved = trigger.kind == "email" and checked["host"].lower() != trigger.config["host"].lower()
    if moved and not change.password:
        raise invalid_field("/password", "password_of_other_host")
    trigger.config = checked
    trigger.region_id = region_id
    if not isinstance(change.name, msgspec.UnsetType):
        trigger.name = change.name.strip()
    if not isinstance(change.active, msgspec.UnsetType):
        trigger.active = change.active
    if trigger.kind == "email" and isinstance(change.password, str) and change.password:
        trigger.secret = change.password
    trigger.updated_at = now
    await session.flush()
    await _note(session, actor, "trigger.changed", trigger)
    return trigger


async def rotate_secret(
    session: AsyncSession, actor: Actor, trigger_id: str, now: datetime
) -> tuple[Trigger, str]:
    """A new secret at once; the old one is void. Raises NotFound, Conflict."""
    trigger = await queries.find_trigger(session, actor, trigger_id)
    await _require_place(session, actor, trigger.kind, trigger.config, trigger.region_id)
    if trigger.kind != "webhook":
        raise Conflict("trigger_kind_not_fired")
    secret = make_secret()
    trigger.secret = secret
    trigger.updated_at = now
    await session.flush()
    await _note(session, actor, "trigger.rotated", trigger)
    return trigger, secret


async def delete_trigger(session: AsyncSession, actor: Actor, trigger_id: str) -> None:
    """With its log; the tickets stay. Raises NotFound."""
    trigger = await queries.find_trigger(session, actor, trigger_id)
    await _require_place(session, actor, trigger.kind, trigger.config, trigger.region_id)
    await session.execute(delete(TriggerDate).where(TriggerDate.trigger_id == trigger.id))
    await session.execute(delete(TriggerFiring).where(TriggerFiring.trigger_id == trigger.id))
    await session.delete(trigger)
    await session.flush()
    await _note(session, actor, "trigger.deleted", trigger)


async def _note(session: AsyncSession, actor: Actor, action: str, trigger: Trigger) -> None:
    detail = {"name": trigger.name, "kind": trigger.kind, "active": trigger.active}
    await append(session, actor.workspace_id, actor.member_id, action, f"trigger:{trigger.id}", detail)


async def _require_place(
    session: AsyncSession, actor: Actor, kind: str, config: dict[str, Any], region_id: str | None
) -> None:
    """A trigger opens tickets where its maker may publish; mailboxes, which reach out, are for
    administrators.

    Raises NotAllowed, Invalid (`unknown_region`).
    """
    if kind == "email":
        actor.require("administer")
    region = await queries.find_region(session, actor, region_id) if region_id else None
    if region_id and region is None:
        raise invalid_field("/region_id", "unknown_region")
    actor.require("publish", region.path if region and not config.get("region") else "/")


# --- firing ---


async def fire(
    database: Database, runtime: Runtime, actor: Actor, trigger_id: str, request: wire.FireTrigger
) -> Fired:
    """A call of another system. Raises NotFound, Conflict (`trigger_off` ...), Invalid, which names
    fields."""
    async with database.reading() as session:
        await queries.find_trigger(session, actor, trigger_id)
        if request.region_id:
            region = await queries.find_region(session, actor, request.region_id)
            if region is None or not actor.may("run", region.path):
                raise invalid_field("/region_id", "unknown_region")
    trigger = await load_active(runtime, actor.workspace_id, trigger_id)
    if trigger.kind != "api":
        raise Conflict("trigger_kind_not_fired")
    if trigger.region_id is None and request.region_id is None:
        raise invalid_field("/region_id", "trigger_region_required")
    given = Given(
        cause=request.cause,
        names={"body": request.data, "data": request.data, "customer": request.customer or {}},
        plain=request.data,
        customer=request.customer or {},
        region_id=request.region_id,
        strict=True,
    )
    return await fire_or_refuse(runtime, trigger, given)


async def load_active(runtime: Runtime, workspace_id: str, trigger_id: str) -> TriggerRow:
    """Raises Conflict (`trigger_off`)."""
    trigger = await runtime.triggers.find(workspace_id, trigger_id)
    if trigger is None or not trigger.active:
        raise Conflict("trigger_off")
    return trigger


async def fire_or_refuse(runtime: Runtime, trigger: TriggerRow, given: Given) -> Fired:
    """What failed is logged, and refused with the reason: the caller can mend it and send the same cause."""
    fired = await runtime.triggers.fire(trigger, given)
    assert fired is not None
    if fired.outcome == "failed":
        faults = fired.params.get("faults", [])
        errors = [FieldError(f"/data/{fault['field']}", fault["code"], fault["params"]) for fault in faults]
        raise Invalid(fired.code, params=fired.params, errors=errors)
    return fired


async def fire_again(
    database: Database, runtime: Runtime, actor: Actor, trigger_id: str, firing_id: str
) -> Fired:
    """A failed firing, with what is known of its cause. Raises NotFound, NotAllowed, Conflict
    (`trigger_off`, `trigger_not_failed`, `trigger_cause_gone`)."""
    async with database.reading() as session:
        trigger = await queries.find_trigger(session, actor, trigger_id)
        await _require_place(session, actor, trigger.kind, trigger.config, trigger.region_id)
        firing = await queries.find_firing(session, trigger_id, firing_id)
    if firing.outcome != "failed":
        raise Conflict("trigger_not_failed")
    row = await load_active(runtime, actor.workspace_id, trigger_id)
    fired = await runtime.triggers.fire_again(row, firing.cause, firing.depth, firing.params)
    if fired is None:
        raise Conflict("trigger_cause_gone")
    return fired


# --- trying ---


async def try_trigger(
    runtime: Runtime, actor: Actor, trigger_id: str, sample: wire.TryTrigger, *, now: datetime, locale: str
) -> wire.Tried:
    """A dry run with sample data; nothing is written. The caller has looked the trigger up."""
    trigger = await runtime.triggers.find(actor.workspace_id, trigger_id)
    if trigger is None:
        raise Conflict("trigger_off")
    zone = await runtime.triggers.find_zone(trigger)
    moments = _list_moments(trigger, zone, now)
    given = describe_sample(trigger, sample, moments, zone)
    try:
        plan = await runtime.triggers.try_out(trigger, given)
    except Unfit as unfit:
        return msgspec.structs.replace(present_unfit(unfit, locale), moments=moments)
    if plan.wanted is None:
        code = "trigger_condition_false"
        return wire.Tried(outcome="skipped", code=code, reason=render(code, {}, locale), moments=moments)
    code = "trigger_would_start"
    return wire.Tried(
        outcome="started",
        code=code,
        reason=render(code, {"workflow": plan.workflow}, locale),
        workflow=Text(**plan.workflow),
        rule=Text(**plan.rule) if plan.rule else None,
        region=plan.region,
        data=plan.wanted.data,
        customer=plan.wanted.customer,
        moments=moments,
    )


def describe_sample(
    trigger: TriggerRow, sample: wire.TryTrigger, moments: list[datetime], zone: str
) -> Given:
    """The sample as if it had come."""
    if trigger.kind == "schedule" and moments:
        return describe_moment(moments[0], zone)
    body = sample.body if sample.body is not None else sample.data
    names = {
        "body": body,
        "mail": sample.mail,
        "record": sample.data,
        "data": sample.data,
        "ticket": sample.ticket,
        "customer": sample.customer,
    }
    plain = body if isinstance(body, dict) and trigger.kind == "webhook" else sample.data
    return Given(
        cause="try",
        names=names,
        plain=plain,
        customer=sample.customer,
        region_id=sample.region_id,
        strict=trigger.kind == "api",
    )


def _list_moments(trigger: TriggerRow, zone: str, now: datetime) -> list[datetime]:
    if trigger.kind != "schedule":
        return []
    cron, found = read_config(trigger.kind, trigger.config).cron, [now]
    try:
        for _ in range(MOMENTS):
            found.append(next_moment(cron, zone, found[-1]))
    except CronInvalid:
        pass
    return found[1:]
