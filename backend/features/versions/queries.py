"""Reading rehearsals and migrations; always inside one workspace and the reader's regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts.common import Text
from backend.db.models import Draft, Member, Region, Rehearsal, RehearsalTicket, Release, Workflow, Workspace
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound
from backend.graph.model import Definition


def reach_of(actor: Actor) -> str:
    """Where the reader may look at what a draft would do."""
    return actor.reach("view", "edit", "publish") or "nowhere"


async def find_workflow(session: AsyncSession, actor: Actor, workflow_id: str) -> Workflow:
    """Raises NotFound."""
    statement = select(Workflow).where(
        Workflow.workspace_id == actor.workspace_id, Workflow.id == workflow_id
    )
    found: Workflow | None = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


async def find_draft(session: AsyncSession, actor: Actor, workflow_id: str) -> Draft:
    """Raises NotFound."""
    statement = select(Draft).where(
        Draft.workspace_id == actor.workspace_id, Draft.workflow_id == workflow_id
    )
    found: Draft | None = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


async def find_release(session: AsyncSession, actor: Actor, workflow_id: str, number: int | None) -> Release:
    """One release, or the newest when no number is given. Raises NotFound."""
    statement = (
        select(Release)
        .where(Release.workspace_id == actor.workspace_id, Release.workflow_id == workflow_id)
        .order_by(Release.number.desc())
        .limit(1)
    )
    if number is not None:
        statement = statement.where(Release.number == number)
    found: Release | None = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


async def find_region(session: AsyncSession, actor: Actor, region_id: str) -> Region | None:
    """A region of this workspace."""
    statement = select(Region).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    found: Region | None = (await session.execute(statement)).scalar_one_or_none()
    return found


def select_rehearsals(actor: Actor) -> Select[Rehearsal, str, int, int | None]:
    """Rehearsals with who asked for them, the draft's revision now, and the release that what was tried has
    become; newest first."""
    published = (
        select(func.max(Release.number))
        .where(Release.workflow_id == Rehearsal.workflow_id, Release.definition == Rehearsal.definition)
        .correlate(Rehearsal)
        .scalar_subquery()
    )
    return (
        select(Rehearsal, Member.name, Draft.revision, published)
        .outerjoin(Member, Member.id == Rehearsal.created_by)
        .outerjoin(Draft, Draft.workflow_id == Rehearsal.workflow_id)
        .where(
            Rehearsal.workspace_id == actor.workspace_id,
            Rehearsal.region_path.startswith(reach_of(actor), autoescape=True),
        )
        .order_by(Rehearsal.id.desc())
    )


async def find_rehearsal(
    session: AsyncSession, actor: Actor, rehearsal_id: str, *, lock: bool = False
) -> Row[Rehearsal, str, int, int | None]:
    """Raises NotFound."""
    statement = select_rehearsals(actor).where(Rehearsal.id == rehearsal_id)
    if lock:
        statement = statement.with_for_update(of=Rehearsal)
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def select_tickets(rehearsal_id: str, verdict: str | None) -> Select[RehearsalTicket]:
    """Tickets of a class in the order in which they were opened; `money`: those that pay otherwise."""
    statement = (
        select(RehearsalTicket)
        .where(RehearsalTicket.rehearsal_id == rehearsal_id)
        .order_by(RehearsalTicket.seq)
    )
    if verdict == "money":
        return statement.where(RehearsalTicket.pays_otherwise.is_(True))
    return statement if verdict is None else statement.where(RehearsalTicket.verdict == verdict)


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What people call members (by id), regions (by path and by key), departments and nodes."""

    members: Mapping[str, str]
    regions: Mapping[str, Text]
    departments: Mapping[str, Mapping[str, str]]
    nodes: Mapping[str, Text] = {}
    fields: Mapping[str, Text] = {}


async def load_names(session: AsyncSession, workspace_id: str) -> Names:
    """Of the whole workspace: a report names many."""
    members = select(Member.id, Member.name).where(Member.workspace_id == workspace_id)
    regions = select(Region.path, Region.key, Region.name).where(Region.workspace_id == workspace_id)
    settings = select(Workspace.settings).where(Workspace.id == workspace_id)
    named: dict[str, Text] = {}
    for path, key, name in (await session.execute(regions)).all():
        named[path] = named[key] = Text(**name)
    stored: dict[str, Any] = (await session.execute(settings)).scalar_one_or_none() or {}
    return Names(
        members={row[0]: row[1] for row in (await session.execute(members)).all()},
        regions=named,
        departments=stored.get("departments") or {},
    )


async def name_parts(session: AsyncSession, names: Names, rehearsal: Rehearsal) -> Names:
    """With the nodes and fields of every release of the workflow and of the draft that was tried."""
    statement = select(Release.definition).where(Release.workflow_id == rehearsal.workflow_id)
    texts = [*(await session.execute(statement.order_by(Release.number))).scalars(), rehearsal.definition]
    return name_definitions(names, texts)


def name_definitions(names: Names, texts: list[str]) -> Names:
    """The last definition names last."""
    nodes: dict[str, Text] = {}
    fields: dict[str, Text] = {}
    for text in texts:
        definition = msgspec.json.decode(text, type=Definition)
        for node_id, node in definition.graph.nodes.items():
            label = Text(node.label.zh or node.label.en, node.label.en or node.label.zh)
            nodes[node_id] = label if label.zh else Text(node_id, node_id)
        for form in definition.forms.values():
            for field, schema in (form.schema.get("properties") or {}).items():
                title = schema.get("x-title") or {} if isinstance(schema, dict) else {}
                plain = str(schema.get("title") or field) if isinstance(schema, dict) else field
                fields[field] = Text(title.get("zh") or plain, title.get("en") or plain)
    return msgspec.structs.replace(names, nodes=nodes, fields=fields)
