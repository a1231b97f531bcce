"""On whose behalf the command line acts: a workspace's first administrator, whom the audit log then names."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Member, Workspace
from backend.features.platform.actor import RIGHTS, Actor, Grant


async def find_operator(session: AsyncSession, workspace: str | None, locale: str) -> Actor | None:
    """`workspace` is an id or a name; None when it does not name exactly one, or nobody administers it."""
    statement = select(Workspace.id)
    if workspace is not None:
        statement = statement.where(or_(Workspace.id == workspace, Workspace.name == workspace))
    ids = list((await session.execute(statement.limit(2))).scalars())
    if len(ids) != 1:
        return None
    members = select(Member).where(Member.workspace_id == ids[0], Member.active.is_(True)).order_by(Member.id)
    for member in (await session.execute(members)).scalars():
        if "admin" in member.roles:
            return make_operator(member, locale)
    return None


def make_operator(member: Member, locale: str) -> Actor:
    """Every right in the member's workspace."""
    return Actor(
        workspace_id=member.workspace_id,
        member_id=member.id,
        user_id=member.user_id,
        name=member.name,
        grants=(Grant("admin", frozenset(RIGHTS), "/"),),
        region_id=None,
        region_path="/",
        locale=locale,
    )
