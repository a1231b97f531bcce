"""Opening tickets: which release, which start, which form; for staff here, for customers from `public`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tickets as wire
from backend.db.models import Region, Release, Ticket, Workflow, WorkflowVariants
from backend.db.session import Database
from backend.engine.commands import Note
from backend.engine.release import Release as CompiledRelease
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, FieldError, Invalid, NotFound
from backend.features.platform.idempotency import keep_in_transition
from backend.features.tickets import forms, queries
from backend.features.tickets.service import find_next_task
from backend.runtime.intake import (
    CUSTOMER_FIELDS,
    VariantRule,
    choose_variant,
    customer_of,
    find_start,
    fit_form,
    name_field,
    note_variant,
)
from backend.runtime.intake import describe_start as describe_intake
from backend.runtime.runtime import Runtime, StartTicket, TransitionResult


async def start_ticket(
    runtime: Runtime, database: Database, actor: Actor, request: wire.CreateTicket, base_url: str
) -> wire.StartedTicket:
    """A ticket that staff open.

    Raises NotFound, NotAllowed, Conflict (`workflow_not_published`, `source_refused`), Invalid with every
    fault of the form.
    """
    async with database.reading() as session:
        region_path = await _find_region(session, actor, request.region_id)
        origin = await _find_origin(session, actor, request.follow_up_of)
        asked = Asked(
            workspace_id=actor.workspace_id,
            workflow_id=request.workflow_id,
            region_path=region_path,
            source="staff",
            channel=request.channel or "",
            data=request.data,
            customer=dict(request.customer or {}),
        )
        opening = await find_opening(session, runtime, asked, database.clock())
        data = opening.data
        owners = (f"member:{actor.member_id}",)
        files = await forms.check_files(session, actor.workspace_id, opening.form, data, owners=owners)

    def answer(result: TransitionResult) -> wire.StartedTicket:
        return wire.StartedTicket(
            id=result.ticket_id,
            number=result.state.ticket.number,
            status=result.state.status,
            tracking_url=f"{base_url}/t/{result.tracking_token}",
            next_task_id=find_next_task(actor, result, {}, region_path),
        )

    wanted = StartTicket(
        workspace_id=actor.workspace_id,
        release_id=opening.release_id,
        region_id=request.region_id,
        data=data,
        customer=dict(request.customer or {}) or customer_of(data) or dict(origin.customer if origin else {}),
        follow_up_of=origin.id if origin else None,
        source="staff",
        channel=request.channel or "",
        actor=actor.member_id,
        start=opening.start,
        files=tuple(files),
        notes=opening.notes,
    )
    kept = keep_in_transition(lambda result: (201, msgspec.json.encode(answer(result))))
    return answer(await runtime.start_ticket(wanted, idempotency=kept))


async def _find_origin(session: AsyncSession, actor: Actor, ticket_id: str | None) -> Ticket | None:
    """The ticket that is followed up. Raises NotFound."""
    return await queries.find_ticket(session, actor, ticket_id) if ticket_id is not None else None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A start as it comes in."""

    workspace_id: str
    workflow_id: str
    region_path: str
    source: Literal["staff", "customer"]
    channel: str
    data: dict[str, Any]
    customer: dict[str, Any] = {}


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What really begins: the release and start, its form, and the data as the form keeps it."""

    release_id: str
    start: str
    form: dict[str, Any]
    data: dict[str, Any]
    notes: tuple[Note, ...] = ()


async def find_opening(session: AsyncSession, runtime: Runtime, asked: Asked, now: datetime) -> Opening:
    """The workflow itself, or the variant that its rules choose.

    Raises NotFound, Conflict, Invalid with every fault of the form; for a variant it names workflow and
    fields.
    """
    place = {"workspace": asked.workspace_id, "workflow": asked.workflow_id}
    found = (await session.execute(_WORKFLOW, place)).one_or_none()
    if found is None:
        raise NotFound()
    release_id, rules = found
    rule = _choose_rule(rules, asked, now) if rules else None
    if rule is not None:
        return await _open_variant(session, runtime, asked, rule)
    if release_id is None:
        raise Conflict("workflow_not_published")
    release = await runtime.release(release_id)
    start = choose_start(release, asked.source)
    form = read_start_form(release, start)
    data = forms.check_submission(form, {}, asked.data, {})
    return Opening(release_id=release_id, start=start, form=form, data=data)


def _choose_rule(stored: list[dict[str, Any]], asked: Asked, now: datetime) -> VariantRule | None:
    context = describe_intake(
        data=asked.data,
        customer=asked.customer or customer_of(asked.data),
        source=asked.source,
        channel=asked.channel,
        region_path=[part for part in asked.region_path.split("/") if part],
        now=now,
    )
    return choose_variant(msgspec.convert(stored, list[VariantRule]), context)


async def _open_variant(session: AsyncSession, runtime: Runtime, asked: Asked, rule: VariantRule) -> Opening:
    release_id = await find_latest_release(session, asked.workspace_id, rule.workflow_id)
    release = await runtime.release(release_id)
    start = choose_start(release, asked.source)
    form = release.start_form(start)
    fitted = fit_form(form, asked.data, drop_unknown=True)
    names = await _name_workflows(session, asked.workflow_id, rule.workflow_id)
    if fitted.issues:
        labels = [name_field(form, issue.pointer) for issue in fitted.issues]
        raise Invalid(
            "variant_unfit",
            params={"rule": rule.name, "workflow": names[rule.workflow_id], "fields": labels},
            errors=[
                FieldError(f"/data{issue.pointer}", f"answer.{issue.code}", dict(issue.params))
                for issue in fitted.issues
            ],
            extras={"workflow_id": rule.workflow_id},
        )
    note = note_variant(rule, names[asked.workflow_id])
    document = read_start_form(release, start)
    return Opening(release_id=release_id, start=start, form=document, data=fitted.data, notes=(note,))


async def _name_workflows(session: AsyncSession, *ids: str) -> dict[str, dict[str, str]]:
    statement = select(Workflow.id, Workflow.name).where(Workflow.id.in_(ids))
    return {workflow_id: name for workflow_id, name in (await session.execute(statement)).all()}


async def describe_start(
    runtime: Runtime, database: Database, actor: Actor, workflow_id: str, follow_up_of: str | None = None
) -> wire.StartForm:
    """The form that `start_ticket` will check. Raises NotFound, Conflict."""
    async with database.reading() as session:
        origin = await _find_origin(session, actor, follow_up_of)
        release_id = await find_latest_release(session, actor.workspace_id, workflow_id)
    release = await runtime.release(release_id)
    form = read_start_form(release, choose_start(release, "staff"))
    known = contact_fields(form, origin.customer) if origin is not None else {}
    return wire.StartForm(form=forms.present_form(form, {}), schema_hash=forms.hash_form(form), data=known)


def contact_fields(form: dict[str, Any], customer: dict[str, Any]) -> dict[str, Any]:
    """The customer as this start form asks for it: the reverse of `customer_of`."""
    fields = form["schema"].get("properties", {})
    if "customer" in fields:
        return {"customer": customer} if customer else {}
    return {
        name: customer[part]
        for part, names in CUSTOMER_FIELDS.items()
        for name in names
        if name in fields and customer.get(part)
    }


_REGION = select(Region.path).where(
    Region.workspace_id == bindparam("workspace"), Region.id == bindparam("region")
)
_WORKFLOW = (
    select(
        select(Release.id)
        .where(Release.workspace_id == Workflow.workspace_id, Release.workflow_id == Workflow.id)
        .order_by(Release.number.desc())
        .limit(1)
        .scalar_subquery(),
        WorkflowVariants.rules,
    )
    .select_from(Workflow)
    .outerjoin(
        WorkflowVariants,
        (WorkflowVariants.workflow_id == Workflow.id)
        & (WorkflowVariants.workspace_id == Workflow.workspace_id),
    )
    .where(Workflow.workspace_id == bindparam("workspace"), Workflow.id == bindparam("workflow"))
)
"""The release that new tickets run, and the rules that choose a variant. Every ticket asks, so both are
built once."""


async def _find_region(session: AsyncSession, actor: Actor, region_id: str) -> str:
    """Its path. Raises NotFound."""
    place = {"workspace": actor.workspace_id, "region": region_id}
    path = (await session.execute(_REGION, place)).scalar_one_or_none()
    if path is None or not actor.may("run", path):
        raise NotFound()
    return path


async def find_latest_release(session: AsyncSession, workspace_id: str, workflow_id: str) -> str:
    """Id of the release that new tickets run. Raises NotFound, Conflict (`workflow_not_published`)."""
    place = {"workspace": workspace_id, "workflow": workflow_id}
    found = (await session.execute(_WORKFLOW, place)).one_or_none()
    if found is None:
        raise NotFound()
    release_id: str | None = found[0]
    if release_id is None:
        raise Conflict("workflow_not_published")
    return release_id


def choose_start(release: CompiledRelease, source: str) -> str:
    """The first start node that takes this source. Raises Conflict (`source_refused`)."""
    found = find_start(release, source)
    if found is None:
        raise Conflict("source_refused")
    return found


def read_start_form(release: CompiledRelease, start: str) -> dict[str, Any]:
    """The form that opens a ticket; none is an empty one."""
    form = release.start_form(start)
    return forms.read_form(form) if form is not None else forms.EMPTY_FORM
