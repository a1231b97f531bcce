"""What the workspace calls what a node's config names by key."""

from __future__ import annotations

from sqlalchemy import literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts.common import Text
from backend.db.models import Role, Tariff, Team, Workflow
from backend.features.platform.actor import Actor


async def list_names(session: AsyncSession, actor: Actor) -> dict[tuple[str, str], Text]:
    """What the workspace calls its roles, teams, tariffs and workflows, by kind and key."""
    roles = select(literal("role"), Role.key, Role.name).where(Role.workspace_id == actor.workspace_id)
    tariffs = select(literal("tariff"), Tariff.key, Tariff.name).where(
        Tariff.workspace_id == actor.workspace_id
    )
    workflows = select(literal("workflow"), Workflow.key, Workflow.name).where(
        Workflow.workspace_id == actor.workspace_id
    )
    teams = select(literal("team"), Team.key, Team.name).where(Team.workspace_id == actor.workspace_id)
    rows = (await session.execute(union_all(roles, teams, tariffs, workflows))).all()
    return {(kind, key): Text(**name) for kind, key, name in rows}
