"""What operators do: mend incidents, retry and give up jobs, one or many."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import operations as wire
from backend.db.models import ArchivedState, BulkRun, Incident, Ticket
from backend.db.session import Database
from backend.db.types import new_id
from backend.engine.state import State
from backend.features.operations import queries
from backend.features.operations.repairs import check_port, check_repair, describe_repair
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, Invalid, invalid_field
from backend.runtime.audit import append
from backend.runtime.errors import JobGone, Refused
from backend.runtime.jobs.bulk import BulkDetail, make_event
from backend.runtime.runtime import Runtime

NO_IDS_NO_FILTER = "bulk_needs_what"


async def describe_incident(
    session: AsyncSession, runtime: Runtime, actor: Actor, incident_id: str, locale: str
) -> wire.IncidentDetail:
    """Everything its page shows. Raises NotFound."""
    row = await queries.find_incident(session, actor, incident_id)
    incident, ticket = row[0], row[1]
    release = await runtime.release(ticket.release_id)
    form, data, ways = describe_repair(release, await _read_state(session, ticket), incident)
    return wire.IncidentDetail(
        incident=await queries.present_incident(runtime, row, locale),
        advice=queries.advise(incident.code, locale),
        params=dict(incident.params),
        form=form,
        data=data,
        ways=ways,
    )


async def _read_state(session: AsyncSession, ticket: Ticket) -> State:
    if ticket.state:
        return msgspec.json.decode(ticket.state, type=State)
    return msgspec.json.decode((await session.get_one(ArchivedState, ticket.id)).state, type=State)


async def mend(  # noqa: PLR0917 - who, what, how: read in this order everywhere
    database: Database,
    runtime: Runtime,
    actor: Actor,
    incident_id: str,
    action: str,
    detail: BulkDetail,
) -> None:
    """Apply what was decided about one incident. Raises NotFound, Invalid, Conflict, Refused."""
    async with database.reading() as session:
        row = await queries.find_incident(session, actor, incident_id)
    incident, ticket = row[0], row[1]
    if incident.resolved_at is not None:
        raise Conflict("incident_closed")
    await _check(runtime, ticket, incident, action, detail)
    event = make_event(action, incident.key, detail, actor.member_id)
    await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id)
    async with database.unit_of_work() as session:
        await append(
            session,
            actor.workspace_id,
            actor.member_id,
            f"incident.{action}",
            f"incident:{incident_id}",
            {"code": incident.code, "fields": sorted(detail.set)},
        )


async def _check(
    runtime: Runtime, ticket: Ticket, incident: Incident, action: str, detail: BulkDetail
) -> None:
    release = await runtime.release(ticket.release_id)
    if action == "skip":
        check_port(release, incident.node, detail.port)
    if action == "cancel" and not detail.reason.strip():
        raise invalid_field("/reason", "answer.required")
    if action == "repair" and not detail.set:
        raise invalid_field("/set", "answer.required")
    if detail.set:
        check_repair(release, detail.set)


async def mend_many(
    database: Database, runtime: Runtime, actor: Actor, request: wire.BulkIncidents
) -> wire.BulkRun:
    """Begin to mend all that are asked for. The first of them checks what is written and where to."""
    if (request.ids is None) == (request.filter is None):
        raise invalid_field("/ids", NO_IDS_NO_FILTER)
    detail = BulkDetail(port=request.port, set=request.set, reason=request.reason)
    async with database.reading() as session:
        ids = await queries.list_incident_ids(session, actor, request)
        first = await queries.find_incident(session, actor, ids[0]) if ids else None
    if first is not None:
        await _check(runtime, first[1], first[0], request.action, detail)
    stored = {name: value for name, value in msgspec.structs.asdict(detail).items() if value}
    return await _begin(database, runtime, actor, request.action, stored, ids)


async def change_many_jobs(
    database: Database, runtime: Runtime, actor: Actor, request: wire.BulkJobs
) -> wire.BulkRun:
    """Begin to retry or give up all that are asked for."""
    if (request.ids is None) == (request.filter is None):
        raise invalid_field("/ids", NO_IDS_NO_FILTER)
    async with database.reading() as session:
        ids = await queries.list_job_ids(session, actor, request)
    return await _begin(database, runtime, actor, f"{request.action}_job", {}, ids)


async def _begin(  # noqa: PLR0917 - who, what, upon what: read in this order everywhere
    database: Database,
    runtime: Runtime,
    actor: Actor,
    action: str,
    detail: dict[str, Any],
    ids: list[str],
) -> wire.BulkRun:
    if not ids:
        raise Invalid("bulk_finds_nothing")
    run = BulkRun(
        id=new_id(),
        workspace_id=actor.workspace_id,
        action=action,
        detail=detail,
        ids=ids,
        total=len(ids),
        done=0,
        failed=0,
        created_by=actor.member_id,
        created_at=database.clock(),
        finished_at=None,
    )
    row = {column.name: getattr(run, column.name) for column in BulkRun.__table__.columns}
    await runtime.start_bulk(row)
    async with database.unit_of_work() as session:
        await append(
            session,
            actor.workspace_id,
            actor.member_id,
            f"bulk.{action}",
            f"bulk:{run.id}",
            {"count": len(ids)},
        )
    return present_run(run)


def present_run(run: BulkRun) -> wire.BulkRun:
    """How far it is."""
    return wire.BulkRun(
        id=run.id,
        action=run.action,
        total=run.total,
        done=run.done,
        failed=run.failed,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )


async def retry_job(database: Database, runtime: Runtime, actor: Actor, job_id: str) -> None:
    """A dead job is due again, with its tries counted from the beginning. Raises Conflict."""
    try:
        await runtime.retry_job(actor.workspace_id, job_id, actor.member_id)
    except (JobGone, Refused) as error:
        raise Conflict("job_not_dead") from error
    await _note(database, actor, "job.retried", job_id)


async def give_up_job(database: Database, runtime: Runtime, actor: Actor, job_id: str) -> None:
    """A waiting job is not tried any more. Raises Conflict."""
    try:
        await runtime.cancel_job(actor.workspace_id, job_id, actor.member_id)
    except (JobGone, Refused) as error:
        raise Conflict("job_not_waiting") from error
    await _note(database, actor, "job.given_up", job_id)


async def _note(database: Database, actor: Actor, action: str, job_id: str) -> None:
    async with database.unit_of_work() as session:
        await append(session, actor.workspace_id, actor.member_id, action, f"job:{job_id}", {})
