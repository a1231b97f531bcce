"""Who may approve a tariff, the workspace's rule about it, and what these people are told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tariff_drafts as wire
from backend.db.models import Member, Notification, Region, Role, Tariff, Workspace
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotAllowed
from backend.runtime.audit import append

SETTING = "tariff_four_eyes"
RIGHTS = frozenset({"settle", "publish"})


def require_writer(actor: Actor) -> None:
    """A tariff holds for the whole workspace, so the right must too. Raises NotAllowed."""
    if not may_write(actor):
        raise NotAllowed()


def may_write(actor: Actor) -> bool:
    """Who may edit a tariff may also approve what somebody else edited."""
    return actor.may("settle", "/") or actor.may("publish", "/")


async def needs_two(session: AsyncSession, workspace_id: str) -> bool:
    """Whether a revision needs a second person."""
    statement = select(Workspace.settings).where(Workspace.id == workspace_id)
    settings = (await session.execute(statement)).scalar_one_or_none() or {}
    return bool(settings.get(SETTING, False))


async def change_settings(
    session: AsyncSession, actor: Actor, change: wire.ChangeTariffSettings
) -> wire.TariffSettings:
    """Raises NotAllowed unless the right holds for the whole workspace."""
    actor.require("administer", "/")
    statement = select(Workspace).where(Workspace.id == actor.workspace_id).with_for_update()
    workspace: Workspace = (await session.execute(statement)).scalar_one()
    if bool(workspace.settings.get(SETTING, False)) != change.four_eyes:
        workspace.settings = {**workspace.settings, SETTING: change.four_eyes}
        detail = {"four_eyes": change.four_eyes}
        subject = f"workspace:{actor.workspace_id}"
        await append(session, actor.workspace_id, actor.member_id, "tariff.settings_changed", subject, detail)
        announce(session, actor.workspace_id, "tariffs")
    return wire.TariffSettings(four_eyes=change.four_eyes)


async def list_approvers(session: AsyncSession, workspace_id: str, without: Iterable[str]) -> list[str]:
    """Active members who may approve, but not these."""
    roles = await session.execute(
        select(Role.key, Role.rights, Role.scope).where(Role.workspace_id == workspace_id)
    )
    able = {key: scope for key, rights, scope in roles.all() if RIGHTS.intersection(rights)}
    statement = (
        select(Member.id, Member.roles, Region.path)
        .outerjoin(Region, Region.id == Member.region_id)
        .where(Member.workspace_id == workspace_id, Member.active)
        .order_by(Member.id)
    )
    out = frozenset(without)
    return [
        member
        for member, held, path in (await session.execute(statement)).all()
        if member not in out
        and any(key in able and (able[key] != "region" or path in {None, "/"}) for key in held)
    ]


def tell(  # noqa: PLR0917 - whom, what, about what
    session: AsyncSession,
    members: Iterable[str],
    code: str,
    record: Tariff,
    params: dict[str, Any],
    now: datetime,
) -> None:
    """An in-app message that opens the tariff."""
    for member in members:
        session.add(
            Notification(
                id=new_id(),
                workspace_id=record.workspace_id,
                member_id=member,
                code=code,
                params={"tariff": record.name, "link": f"/settlement/tariffs/{record.id}", **params},
                created_at=now,
            )
        )
    announce(session, record.workspace_id, "notifications")
