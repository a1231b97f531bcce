"""Reading workflows, drafts, releases and entry links; always inside one workspace."""

from __future__ import annotations

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import workflows as wire
from backend.contracts.common import Reference, Text
from backend.db.models import (
    Draft,
    DraftEdit,
    EntryLink,
    Member,
    Region,
    Release,
    Ticket,
    Workflow,
)
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound


def select_items(actor: Actor) -> Select[Workflow, int, int | None, int]:
    """Workflows with their draft's revision, latest release and open tickets within the actor's reach."""
    latest = (
        select(func.max(Release.number))
        .where(Release.workflow_id == Workflow.id)
        .correlate(Workflow)
        .scalar_subquery()
    )
    reach = actor.reach("view", "run", "edit") or "/"
    open_tickets = (
        select(func.count())
        .where(
            Ticket.workspace_id == actor.workspace_id,
            Ticket.workflow_id == Workflow.id,
            Ticket.status.in_(("running", "suspended")),
            Ticket.region_path.startswith(reach, autoescape=True),
        )
        .correlate(Workflow)
        .scalar_subquery()
    )
    return (
        select(Workflow, Draft.revision, latest, open_tickets)
        .join(Draft, Draft.workflow_id == Workflow.id)
        .where(Workflow.workspace_id == actor.workspace_id)
        .order_by(Workflow.id.desc())
    )


def present_item(row: Row[Workflow, int, int | None, int]) -> wire.WorkflowItem:
    """A line of the list."""
    workflow, revision, release, open_tickets = row
    return wire.WorkflowItem(
        id=workflow.id,
        key=workflow.key,
        name=Text(**workflow.name),
        draft_revision=revision,
        release_number=release,
        open_tickets=open_tickets,
        updated_at=workflow.updated_at,
    )


async def find_item(session: AsyncSession, actor: Actor, workflow_id: str) -> wire.WorkflowItem:
    """Raises NotFound."""
    row = (await session.execute(select_items(actor).where(Workflow.id == workflow_id))).one_or_none()
    if row is None:
        raise NotFound()
    return present_item(row)


async def find_workflow(session: AsyncSession, actor: Actor, workflow_id: str) -> Workflow:
    """Raises NotFound."""
    statement = select(Workflow).where(
        Workflow.workspace_id == actor.workspace_id, Workflow.id == workflow_id
    )
    workflow = (await session.execute(statement)).scalar_one_or_none()
    if workflow is None:
        raise NotFound()
    return workflow


async def find_draft(session: AsyncSession, actor: Actor, workflow_id: str, *, lock: bool = False) -> Draft:
    """`lock` keeps other writers of this draft waiting until the transaction ends. Raises NotFound."""
    statement = select(Draft).where(
        Draft.workspace_id == actor.workspace_id, Draft.workflow_id == workflow_id
    )
    if lock:
        statement = statement.with_for_update()
    draft = (await session.execute(statement)).scalar_one_or_none()
    if draft is None:
        raise NotFound()
    return draft


async def list_edits(session: AsyncSession, draft: Draft, since: int) -> list[wire.DraftChange]:
    """The edits after a revision, oldest first, at most the last hundred."""
    statement = (
        select(DraftEdit, Member.name)
        .outerjoin(Member, Member.id == DraftEdit.member_id)
        .where(DraftEdit.workflow_id == draft.workflow_id, DraftEdit.revision > since)
        .order_by(DraftEdit.revision.desc())
        .limit(100)
    )
    rows = list((await session.execute(statement)).all())
    return [
        wire.DraftChange(revision=edit.revision, by=name or "", at=edit.at, patch=edit.patch)
        for edit, name in reversed(rows)
    ]


def select_releases(actor: Actor, workflow_id: str) -> Select[Release, str]:
    """Releases with who published them, newest first."""
    return (
        select(Release, Member.name)
        .outerjoin(Member, Member.id == Release.created_by)
        .where(Release.workspace_id == actor.workspace_id, Release.workflow_id == workflow_id)
        .order_by(Release.number.desc())
    )


async def find_release(
    session: AsyncSession, actor: Actor, workflow_id: str, number: int | None
) -> Row[Release, str] | None:
    """One release, or the latest when no number is given."""
    statement = select_releases(actor, workflow_id).limit(1)
    if number is not None:
        statement = statement.where(Release.number == number)
    return (await session.execute(statement)).one_or_none()


def present_release(row: Row[Release, str]) -> wire.Release:
    """Without its definition."""
    release, name = row
    return wire.Release(
        id=release.id,
        number=release.number,
        hash=release.hash,
        created_at=release.created_at,
        note=release.note,
        by=Reference(id=release.created_by, name=name or "") if release.created_by else None,
    )


async def find_region_of(session: AsyncSession, actor: Actor, region_id: str) -> Region | None:
    """A region of this workspace."""
    statement = select(Region).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    return (await session.execute(statement)).scalar_one_or_none()


def select_links(actor: Actor) -> Select[EntryLink]:
    """Entry links of regions the actor reaches, newest first."""
    reach = actor.reach("view", "edit", "publish", "run") or "/"
    return (
        select(EntryLink)
        .outerjoin(Region, and_(Region.id == EntryLink.region_id, Region.workspace_id == actor.workspace_id))
        .where(EntryLink.workspace_id == actor.workspace_id)
        .where(Region.path.startswith(reach, autoescape=True) if reach != "/" else EntryLink.id.is_not(None))
        .order_by(EntryLink.id.desc())
    )


def present_link(link: EntryLink, base_url: str) -> wire.EntryLink:
    """With the address customers open."""
    return wire.EntryLink(
        id=link.id,
        token=link.token,
        url=f"{base_url}/f/{link.token}",
        channel=link.channel,
        region_id=link.region_id or "",
        active=link.active,
        name=link.name,
    )
