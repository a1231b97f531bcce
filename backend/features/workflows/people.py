"""Members and workflows that a definition names: only the database knows whether they are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Member, Release, Workflow
from backend.features.platform.actor import Actor
from backend.graph.model import Definition, Issue, Where
from backend.graph.validate import label_of


async def find_missing(session: AsyncSession, actor: Actor, definition: Definition) -> tuple[Issue, ...]:
    """Findings about members and workflows that are not there, or not ready."""
    strangers = await find_strangers(session, actor, definition)
    return (*strangers, *await _find_missing_workflows(session, actor, definition))


async def _find_missing_workflows(
    session: AsyncSession, actor: Actor, definition: Definition
) -> tuple[Issue, ...]:
    """Subflows start the newest release of a workflow: it has to exist, and to be published by then. Two that
    start each other cannot both be published first, so the second is a warning."""
    named = {
        node_id: key
        for node_id, node in definition.graph.nodes.items()
        if node.type == "subflow" and isinstance(key := node.config.get("workflow"), str) and key
    }
    if not named:
        return ()
    published = select(Release.id).where(Release.workflow_id == Workflow.id).exists()
    statement = select(Workflow.key, Workflow.name, published).where(
        Workflow.workspace_id == actor.workspace_id, Workflow.key.in_(set(named.values()))
    )
    known = {key: (name, ready) for key, name, ready in (await session.execute(statement)).all()}
    found = []
    for node_id, key in named.items():
        params = {"node": label_of(definition, node_id)}
        where = Where(node=node_id, pointer=f"/graph/nodes/{node_id}/config/workflow")
        if key not in known:
            found.append(Issue(code="workflow_unknown", where=where, params=params))
        elif not known[key][1]:
            params["workflow"] = known[key][0]
            found.append(Issue(code="workflow_unpublished", severity="warning", where=where, params=params))
    return tuple(found)


async def find_strangers(session: AsyncSession, actor: Actor, definition: Definition) -> tuple[Issue, ...]:
    """A finding for each node that names somebody who is no active member of this workspace.

    Such a task would wait for nobody, and an imported definition may name members of another workspace.
    """
    named = [
        (node_id, pointer, member)
        for node_id, node in definition.graph.nodes.items()
        for pointer, member in _list_named(node.config)
    ]
    if not named:
        return ()
    wanted = {member for _, _, member in named}
    statement = select(Member.id).where(
        Member.workspace_id == actor.workspace_id, Member.active, Member.id.in_(wanted)
    )
    known = set((await session.execute(statement)).scalars())
    return tuple(
        Issue(
            code="stranger_named",
            where=Where(node=node_id, pointer=f"/graph/nodes/{node_id}/config{pointer}"),
            params={"node": label_of(definition, node_id)},
        )
        for node_id, pointer, member in named
        if member not in known
    )


def _list_named(config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for part, pointer in ((config, ""), (config.get("offer"), "/offer")):
        if isinstance(part, dict) and part.get("to") == "member" and isinstance(part.get("member"), str):
            yield f"{pointer}/member", part["member"]
