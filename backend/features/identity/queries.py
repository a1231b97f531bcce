"""Reading accounts. Everything but sign-in is scoped by workspace."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import identity as wire
from backend.contracts.common import Reference, Text
from backend.db.models import Member, Region, Role, SetupLink, SignInAttempt, User, UserSession, Workspace
from backend.features.platform.actor import Actor

DEFAULT_ZONE = "Asia/Shanghai"


async def find_user(session: AsyncSession, email: str) -> User | None:
    """The account of an address (any case)."""
    return (await session.execute(select(User).where(User.email == email.lower()))).scalar_one_or_none()


async def find_active_member(session: AsyncSession, user_id: str) -> Member | None:
    """Where the user belongs."""
    statement = select(Member).where(Member.user_id == user_id, Member.active).order_by(Member.id).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()


async def count_attempts(session: AsyncSession, subject: str, since: datetime) -> tuple[int, datetime | None]:
    """How many tries count against a subject, and when the oldest of them was."""
    statement = select(func.count(), func.min(SignInAttempt.at)).where(
        SignInAttempt.subject == subject, SignInAttempt.at > since
    )
    count, oldest = (await session.execute(statement)).one()
    return count, oldest


async def has_workspace(session: AsyncSession) -> bool:
    """Whether this installation was set up."""
    return (await session.execute(select(Workspace.id).limit(1))).first() is not None


async def find_setup_link(session: AsyncSession, token_hash: str) -> SetupLink | None:
    """An unused link."""
    link = await session.get(SetupLink, token_hash)
    return link if link is not None and link.used_at is None else None


async def find_csrf(session: AsyncSession, token_hash: str) -> str:
    """The token that writes of a session must carry."""
    return (await session.get_one(UserSession, token_hash)).csrf


async def describe_session(session: AsyncSession, actor: Actor) -> wire.SessionInfo:
    """What the frontend knows of the signed-in member."""
    user = await session.get_one(User, actor.user_id)
    workspace = await session.get_one(Workspace, actor.workspace_id)
    region = await session.get(Region, actor.region_id) if actor.region_id else None
    return wire.SessionInfo(
        user=wire.SessionUser(
            id=user.id,
            name=user.name,
            email=user.email,
            locale=user.locale or None,
            theme=user.theme or None,
        ),
        member_id=actor.member_id,
        workspace=Reference(id=workspace.id, name=workspace.name),
        roles=list(actor.roles),
        rights=list(actor.rights),
        csrf=actor.csrf,
        region=wire.SessionRegion(id=region.id, name=Text(**region.name)) if region else None,
        zone=region.zone if region else await _find_zone(session, actor.workspace_id),
    )


async def _find_zone(session: AsyncSession, workspace_id: str) -> str:
    """Of the first root region; where there is none yet, as new regions have it."""
    roots = select(Region.zone).where(Region.workspace_id == workspace_id, Region.parent_id.is_(None))
    found: str | None = (await session.execute(roots.order_by(Region.id).limit(1))).scalar_one_or_none()
    return found or DEFAULT_ZONE


def select_members(workspace_id: str) -> Select[Member, str, Region]:
    """Members with their address and region."""
    return (
        select(Member, User.email, Region)
        .join(User, User.id == Member.user_id)
        .outerjoin(Region, Region.id == Member.region_id)
        .where(Member.workspace_id == workspace_id)
    )


async def find_member(
    session: AsyncSession, workspace_id: str, member_id: str
) -> tuple[Member, str, Region | None] | None:
    """One member of this workspace."""
    statement = select_members(workspace_id).where(Member.id == member_id)
    found = (await session.execute(statement)).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


async def list_roles(session: AsyncSession, workspace_id: str) -> list[Role]:
    """All roles, built-in ones first as they were made."""
    statement = select(Role).where(Role.workspace_id == workspace_id).order_by(Role.id)
    return list((await session.execute(statement)).scalars())


def present_member(member: Member, email: str, region: Region | None, *, private: bool) -> wire.Member:
    """`private` shows the address."""
    return wire.Member(
        id=member.id,
        user_id=member.user_id,
        name=member.name,
        email=email if private else "",
        roles=list(member.roles),
        active=member.active,
        region=wire.SessionRegion(id=region.id, name=Text(**region.name)) if region else None,
        department=member.department,
        level=member.level or None,
        skills=list(member.skills),
        teams=list(member.teams),
    )
