"""Reading incidents; always inside one workspace and where the reader may mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import operations as wire
from backend.contracts.common import NamedReference, Text
from backend.db.models import BulkRun, Incident, Job, Ticket, Workflow
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound
from backend.messages import knows, render
from backend.runtime.runtime import Runtime

IncidentStatus = Literal["open", "resolved", "all"]
MOST_GROUPS = 200
Found = Row[Incident, Ticket, Workflow]


def mendable(actor: Actor) -> ColumnElement[bool]:
    """Tickets of the regions where the actor may edit or administer."""
    reach = actor.reach("edit", "administer")
    if reach is None:
        return false()
    return and_(
        Ticket.workspace_id == actor.workspace_id, Ticket.region_path.startswith(reach, autoescape=True)
    )


def select_incidents(
    actor: Actor, status: IncidentStatus, wanted: wire.IncidentFilter
) -> Select[Incident, Ticket, Workflow]:
    """Without order."""
    statement = (
        select(Incident, Ticket, Workflow)
        .join(Ticket, Ticket.id == Incident.ticket_id)
        .join(Workflow, Workflow.id == Ticket.workflow_id)
        .where(Incident.workspace_id == actor.workspace_id, mendable(actor))
    )
    if status != "all":
        is_open = Incident.resolved_at.is_(None)
        statement = statement.where(is_open if status == "open" else ~is_open)
    for column, value in (
        (Ticket.workflow_id, wanted.workflow_id),
        (Incident.node, wanted.node),
        (Incident.code, wanted.code),
    ):
        if value is not None:
            statement = statement.where(column == value)
    return statement


async def find_incident(session: AsyncSession, actor: Actor, incident_id: str) -> Found:
    """Raises NotFound."""
    statement = select_incidents(actor, "all", wire.IncidentFilter()).where(Incident.id == incident_id)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound()
    return row


async def name_node(runtime: Runtime, release_id: str, node: str) -> Text:
    """What the release calls it; its id when the release has no such node."""
    found = (await runtime.release(release_id)).nodes.get(node)
    return Text(**found.label) if found else Text(node, node)


async def present_incident(runtime: Runtime, row: Found, locale: str) -> wire.IncidentItem:
    """A line of the list."""
    incident, ticket, workflow = row
    return wire.IncidentItem(
        id=incident.id,
        ticket_id=ticket.id,
        number=ticket.number,
        title=ticket.title,
        workflow=NamedReference(id=workflow.id, name=Text(**workflow.name)),
        node=incident.node,
        label=await name_node(runtime, ticket.release_id, incident.node),
        code=incident.code,
        message=render(incident.code, incident.params, locale),
        at=incident.at,
        resolved_at=incident.resolved_at,
    )


def advise(code: str, locale: str) -> str:
    """What to do about it."""
    return render(f"advice_{code}" if knows(f"advice_{code}") else "advice_any", {}, locale)


async def group_incidents(
    session: AsyncSession, runtime: Runtime, actor: Actor, locale: str
) -> wire.IncidentGroups:
    """Open incidents by workflow, node and code; the words are those of the newest one."""
    inner = select_incidents(actor, "open", wire.IncidentFilter())
    columns = (Ticket.workflow_id, Incident.node, Incident.code)
    statement = (
        inner.with_only_columns(
            *columns, func.count(), func.min(Incident.at), func.max(Incident.at), func.max(Incident.id)
        )
        .group_by(*columns)
        .order_by(func.count().desc(), func.max(Incident.at).desc())
        .limit(MOST_GROUPS)
    )
    found = (await session.execute(statement)).all()
    newest = select_incidents(actor, "open", wire.IncidentFilter()).where(
        Incident.id.in_([row[6] for row in found])
    )
    examples = {row[0].id: row for row in (await session.execute(newest)).all()}
    items = []
    for _, node, code, count, oldest, latest, newest_id in found:
        item = await present_incident(runtime, examples[newest_id], locale)
        items.append(
            wire.IncidentGroup(
                workflow=item.workflow,
                node=node,
                label=item.label,
                code=code,
                message=item.message,
                advice=advise(code, locale),
                count=count,
                oldest_at=oldest,
                newest_at=latest,
            )
        )
    return wire.IncidentGroups(items=items, total=sum(item.count for item in items))


# --- acts upon many ---


async def list_incident_ids(session: AsyncSession, actor: Actor, request: wire.BulkIncidents) -> list[str]:
    """The open ones that are asked for and in reach, oldest first."""
    statement = select_incidents(actor, "open", request.filter or wire.IncidentFilter())
    if request.ids is not None:
        return await _keep_known(session, statement, Incident.id, request.ids)
    ids = statement.with_only_columns(Incident.id).order_by(Incident.id).limit(wire.MOST_AT_ONCE)
    return [row[0] for row in (await session.execute(ids)).all()]


async def list_job_ids(session: AsyncSession, actor: Actor, request: wire.BulkJobs) -> list[str]:
    """The jobs that are asked for, oldest first; timers cannot be given up."""
    statement = select(Job.id).where(Job.workspace_id == actor.workspace_id, Job.kind != "timer")
    if request.ids is not None:
        return await _keep_known(session, statement, Job.id, request.ids)
    wanted = request.filter or wire.JobFilter(status="dead")
    for column, value in (
        (Job.status, wanted.status),
        (Job.kind, wanted.kind),
        (Job.target, wanted.target),
    ):
        if value is not None:
            statement = statement.where(column == value)
    return list((await session.execute(statement.order_by(Job.id).limit(wire.MOST_AT_ONCE))).scalars())


async def _keep_known(
    session: AsyncSession, statement: Any, column: ColumnElement[str] | Any, ids: Sequence[str]
) -> list[str]:
    known: list[str] = []
    wanted = sorted(set(ids))
    for at in range(0, len(wanted), 500):
        chunk = statement.with_only_columns(column).where(column.in_(wanted[at : at + 500]))
        known += [row[0] for row in (await session.execute(chunk)).all()]
    return sorted(known)


async def find_run(session: AsyncSession, actor: Actor, run_id: str) -> BulkRun:
    """Raises NotFound."""
    statement = select(BulkRun).where(BulkRun.workspace_id == actor.workspace_id, BulkRun.id == run_id)
    run = (await session.execute(statement)).scalar_one_or_none()
    if run is None:
        raise NotFound()
    return run
