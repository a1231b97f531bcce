"""Teams: their names, and who belongs to them."""

from __future__ import annotations

import re

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import teams as wire
from backend.contracts.common import Reference, Text
from backend.db.models import Member, Team
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotFound, invalid_field
from backend.runtime.audit import append

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


async def list_teams(session: AsyncSession, actor: Actor) -> list[wire.Team]:
    """By key, each with its active members by name."""
    rows = select(Team).where(Team.workspace_id == actor.workspace_id).order_by(Team.key)
    members = await _list_members(session, actor.workspace_id)
    return [present_team(team, members) for team in (await session.execute(rows)).scalars()]


def present_team(team: Team, members: list[Member]) -> wire.Team:
    return wire.Team(
        id=team.id,
        key=team.key,
        name=Text(**team.name),
        members=[
            Reference(id=member.id, name=member.name)
            for member in members
            if member.active and team.key in member.teams
        ],
    )


async def add_team(session: AsyncSession, actor: Actor, request: wire.CreateTeam) -> wire.Team:
    """Raises Invalid, Conflict (`team_key_taken`)."""
    if not KEY.fullmatch(request.key):
        raise invalid_field("/key", "team_key_invalid")
    taken = select(Team.id).where(Team.workspace_id == actor.workspace_id, Team.key == request.key)
    if (await session.execute(taken)).first() is not None:
        raise Conflict("team_key_taken", params={"key": request.key})
    team = Team(id=new_id(), workspace_id=actor.workspace_id, key=request.key, name=_check_name(request.name))
    session.add(team)
    members = await _fill(session, actor.workspace_id, team.key, request.members)
    await session.flush()
    await append(
        session, actor.workspace_id, actor.member_id, "team.created", f"team:{team.id}", {"key": team.key}
    )
    return present_team(team, members)


async def change_team(
    session: AsyncSession, actor: Actor, team_id: str, change: wire.UpdateTeam
) -> wire.Team:
    """Raises NotFound, Invalid."""
    statement = select(Team).where(Team.workspace_id == actor.workspace_id, Team.id == team_id)
    team = (await session.execute(statement)).scalar_one_or_none()
    if team is None:
        raise NotFound()
    if not isinstance(change.name, msgspec.UnsetType):
        team.name = _check_name(change.name)
    if isinstance(change.members, msgspec.UnsetType):
        members = await _list_members(session, actor.workspace_id)
    else:
        members = await _fill(session, actor.workspace_id, team.key, change.members)
    await session.flush()
    changed = [name for name in ("name", "members") if getattr(change, name) is not msgspec.UNSET]
    await append(
        session,
        actor.workspace_id,
        actor.member_id,
        "team.changed",
        f"team:{team.id}",
        {"changed": changed},
    )
    return present_team(team, members)


async def check_teams(session: AsyncSession, workspace_id: str, keys: list[str]) -> None:
    """Raises Invalid for a key that no team has."""
    known = set((await session.execute(select(Team.key).where(Team.workspace_id == workspace_id))).scalars())
    for at, key in enumerate(keys):
        if key not in known:
            raise invalid_field(f"/teams/{at}", "unknown_team", team=key)


async def _fill(session: AsyncSession, workspace_id: str, key: str, wanted: list[str]) -> list[Member]:
    """Exactly these members belong to the team from now on. Raises Invalid."""
    members = await _list_members(session, workspace_id)
    known = {member.id for member in members}
    for at, member_id in enumerate(wanted):
        if member_id not in known:
            raise invalid_field(f"/members/{at}", "member_unknown")
    chosen = set(wanted)
    for member in members:
        others = [team for team in member.teams if team != key]
        teams = [*others, key] if member.id in chosen else others
        if teams != member.teams:
            member.teams = teams
    return members


async def _list_members(session: AsyncSession, workspace_id: str) -> list[Member]:
    statement = select(Member).where(Member.workspace_id == workspace_id).order_by(Member.name, Member.id)
    return list((await session.execute(statement)).scalars())


def _check_name(name: Text) -> dict[str, str]:
    zh, en = name.zh.strip(), name.en.strip()
    if not (zh or en):
        raise invalid_field("/name", "name_required")
    if max(len(zh), len(en)) > 100:
        raise invalid_field("/name", "name_too_long", limit=100)
    return {"zh": zh or en, "en": en or zh}
