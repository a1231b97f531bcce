"""Reading triggers, firings, variants and records; always inside one workspace."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import (
    CollectionRecord,
    Region,
    Release,
    Ticket,
    Trigger,
    TriggerFiring,
    Workflow,
    WorkflowVariants,
)
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound


async def find_workflow(session: AsyncSession, actor: Actor, workflow_id: str) -> Workflow:
    """Raises NotFound."""
    statement = select(Workflow).where(
        Workflow.workspace_id == actor.workspace_id, Workflow.id == workflow_id
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


async def find_trigger(session: AsyncSession, actor: Actor, trigger_id: str) -> Trigger:
    """Raises NotFound."""
    statement = select(Trigger).where(Trigger.workspace_id == actor.workspace_id, Trigger.id == trigger_id)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


async def find_hook(session: AsyncSession, token: str) -> Trigger:
    """The webhook behind a public token. Raises NotFound."""
    statement = select(Trigger).where(Trigger.token == token, Trigger.kind == "webhook")
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


async def list_triggers(session: AsyncSession, actor: Actor, workflow_id: str) -> list[Trigger]:
    """Of one workflow, the oldest first."""
    statement = (
        select(Trigger)
        .where(Trigger.workspace_id == actor.workspace_id, Trigger.workflow_id == workflow_id)
        .order_by(Trigger.id)
        .limit(500)
    )
    return list((await session.execute(statement)).scalars())


async def map_last(
    session: AsyncSession, triggers: list[Trigger]
) -> dict[str, tuple[TriggerFiring, str | None]]:
    """The newest firing of each trigger with its ticket's number."""
    newest = (
        select(TriggerFiring.trigger_id, func.max(TriggerFiring.at).label("at"))
        .where(TriggerFiring.trigger_id.in_([trigger.id for trigger in triggers]))
        .group_by(TriggerFiring.trigger_id)
        .subquery()
    )
    statement = (
        select(TriggerFiring, Ticket.number)
        .join(newest, and_(newest.c.trigger_id == TriggerFiring.trigger_id, newest.c.at == TriggerFiring.at))
        .join(Ticket, Ticket.id == TriggerFiring.ticket_id, isouter=True)
        .order_by(TriggerFiring.id)
    )
    return {row[0].trigger_id: (row[0], row[1]) for row in (await session.execute(statement)).all()}


def select_firings(actor: Actor, trigger_id: str) -> Select[TriggerFiring, str]:
    """Newest first, with the number of the ticket."""
    return (
        select(TriggerFiring, Ticket.number)
        .join(Ticket, Ticket.id == TriggerFiring.ticket_id, isouter=True)
        .where(TriggerFiring.workspace_id == actor.workspace_id, TriggerFiring.trigger_id == trigger_id)
        .order_by(TriggerFiring.at.desc(), TriggerFiring.id.desc())
    )


async def find_firing(session: AsyncSession, trigger_id: str, firing_id: str) -> TriggerFiring:
    """One line of the log. Raises NotFound."""
    found = await session.get(TriggerFiring, firing_id)
    if found is None or found.trigger_id != trigger_id:
        raise NotFound()
    return found


async def find_region(session: AsyncSession, actor: Actor, region_id: str) -> Region | None:
    """A region of the workspace."""
    statement = select(Region).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def map_workflows(session: AsyncSession, actor: Actor) -> dict[str, Workflow]:
    """The workspace's workflows by id."""
    statement = select(Workflow).where(Workflow.workspace_id == actor.workspace_id)
    return {found.id: found for found in (await session.execute(statement)).scalars()}


async def find_latest(session: AsyncSession, actor: Actor, workflow_id: str) -> str | None:
    """Id of the release that new tickets run."""
    statement = (
        select(Release.id)
        .where(Release.workspace_id == actor.workspace_id, Release.workflow_id == workflow_id)
        .order_by(Release.number.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def find_rules(session: AsyncSession, workspace_id: str, workflow_id: str) -> list[dict[str, Any]]:
    """The stored rules in order."""
    statement = select(WorkflowVariants.rules).where(
        WorkflowVariants.workspace_id == workspace_id, WorkflowVariants.workflow_id == workflow_id
    )
    return list((await session.execute(statement)).scalar_one_or_none() or [])


def select_records(actor: Actor, collection: str) -> Select[CollectionRecord]:
    """A collection by key."""
    return (
        select(CollectionRecord)
        .where(CollectionRecord.workspace_id == actor.workspace_id, CollectionRecord.collection == collection)
        .order_by(CollectionRecord.key)
    )
