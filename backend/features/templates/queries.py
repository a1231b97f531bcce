"""What a workspace has: regions, who holds which role, what was cloned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import InstalledTemplate, Member, Region
from backend.features.platform.actor import Actor


async def list_regions(session: AsyncSession, actor: Actor) -> Sequence[Region]:
    """The whole tree, parents first."""
    statement = select(Region).where(Region.workspace_id == actor.workspace_id).order_by(Region.path)
    return (await session.execute(statement)).scalars().all()


async def count_members(session: AsyncSession, actor: Actor) -> Counter[str]:
    """Active members by role key."""
    statement = select(Member.roles).where(Member.workspace_id == actor.workspace_id, Member.active.is_(True))
    held: Counter[str] = Counter()
    for roles in (await session.execute(statement)).scalars():
        held.update(set(roles))
    return held


async def count_clones(session: AsyncSession, actor: Actor, template_id: str) -> int:
    """How often this workspace has cloned a template."""
    statement = select(func.count()).where(
        InstalledTemplate.workspace_id == actor.workspace_id, InstalledTemplate.template == template_id
    )
    count: int = (await session.execute(statement)).scalar_one()
    return count
