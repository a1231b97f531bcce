"""Opening tickets: which release, which start, which form; for staff here, for customers from `public`."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tickets as wire
from backend.db.models import Region, Release
from backend.db.session import Database
from backend.engine.release import Release as CompiledRelease
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotFound
from backend.features.platform.idempotency import keep_in_transition
from backend.features.tickets import forms, queries
from backend.features.tickets.service import find_next_task
from backend.features.tickets.sight import CUSTOMER_FIELDS
from backend.runtime.runtime import Runtime, StartTicket, TransitionResult


async def start_ticket(
    runtime: Runtime, database: Database, actor: Actor, request: wire.CreateTicket, base_url: str
) -> wire.StartedTicket:
    """A ticket that staff open.

    Raises NotFound, NotAllowed, Conflict (`workflow_not_published`, `source_refused`), Invalid with every
    fault of the form.
    """
    async with database.reading() as session:
        region = await _find_region(session, actor, request.region_id)
        release_id = await find_latest_release(session, actor.workspace_id, request.workflow_id)
        release = await runtime.release(release_id)
        start = choose_start(release, "staff")
        form = read_start_form(release, start)
        data = forms.check_submission(form, {}, request.data, {})
        owners = (f"member:{actor.member_id}",)
        files = await forms.check_files(session, actor.workspace_id, form, data, owners=owners)

    def answer(result: TransitionResult) -> wire.StartedTicket:
        return wire.StartedTicket(
            id=result.ticket_id,
            number=result.state.ticket.number,
            status=result.state.status,
            tracking_url=f"{base_url}/t/{result.tracking_token}",
            next_task_id=find_next_task(actor, result, {}, region.path),
        )

    wanted = StartTicket(
        workspace_id=actor.workspace_id,
        release_id=release_id,
        region_id=region.id,
        data=data,
        customer=dict(request.customer or {}) or customer_of(data),
        source="staff",
        channel=request.channel or "",
        actor=actor.member_id,
        start=start,
        files=tuple(files),
    )
    kept = keep_in_transition(lambda result: (201, msgspec.json.encode(answer(result))))
    return answer(await runtime.start_ticket(wanted, idempotency=kept))


async def describe_start(
    runtime: Runtime, database: Database, actor: Actor, workflow_id: str
) -> wire.StartForm:
    """The form that `start_ticket` will check. Raises NotFound, Conflict."""
    async with database.reading() as session:
        release_id = await find_latest_release(session, actor.workspace_id, workflow_id)
    release = await runtime.release(release_id)
    form = read_start_form(release, choose_start(release, "staff"))
    return wire.StartForm(form=forms.present_form(form, {}), schema_hash=forms.hash_form(form))


async def _find_region(session: AsyncSession, actor: Actor, region_id: str) -> Region:
    statement = select(Region).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    region = (await session.execute(statement)).scalar_one_or_none()
    if region is None or not actor.may("run", region.path):
        raise NotFound()
    return region


async def find_latest_release(session: AsyncSession, workspace_id: str, workflow_id: str) -> str:
    """Id of the release that new tickets run. Raises NotFound, Conflict (`workflow_not_published`)."""
    await queries.require_workflow(session, workspace_id, workflow_id)
    statement = (
        select(Release.id)
        .where(Release.workspace_id == workspace_id, Release.workflow_id == workflow_id)
        .order_by(Release.number.desc())
        .limit(1)
    )
    release_id = (await session.execute(statement)).scalar_one_or_none()
    if release_id is None:
        raise Conflict("workflow_not_published")
    return release_id


def choose_start(release: CompiledRelease, source: str) -> str:
    """The first start node that takes this source. Raises Conflict (`source_refused`)."""
    for node_id in release.starts:
        if source in getattr(release.nodes[node_id].config, "sources", (source,)):
            return node_id
    raise Conflict("source_refused")


def read_start_form(release: CompiledRelease, start: str) -> dict[str, Any]:
    """The form that opens a ticket; none is an empty one."""
    form = release.start_form(start)
    return forms.read_form(form) if form is not None else forms.EMPTY_FORM


def customer_of(data: dict[str, Any]) -> dict[str, Any]:
    """The customer as the start form tells it: a customer field, else the usual contact fields."""
    if isinstance(data.get("customer"), dict):
        return dict(data["customer"])
    found = {
        part: next((data[name] for name in names if data.get(name)), None)
        for part, names in CUSTOMER_FIELDS.items()
    }
    return {part: value for part, value in found.items() if value is not None}
