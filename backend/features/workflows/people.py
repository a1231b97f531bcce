"""Members that a definition names: only the database knows whether they are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Member
from backend.features.platform.actor import Actor
from backend.graph.model import Definition, Issue, Where
from backend.graph.validate import label_of


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
