"""Making a workspace and its accounts: the same steps for the set-up link, the demo and the members page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Member, Region, Role, User, Workspace
from backend.db.types import new_id
from backend.features.platform.actor import RIGHTS
from backend.features.platform.errors import invalid_field
from backend.messages import render

BUILT_IN_ROLES: dict[str, tuple[tuple[str, ...], str]] = {
    "admin": (RIGHTS, "workspace"),
    "implementer": (("view", "edit", "publish", "run"), "workspace"),
    "finance": (("view", "settle"), "workspace"),
    "regional_manager": (("view", "run"), "region"),
    "agent": (("run",), "region"),
}
"""key -> (rights, scope)."""

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")


def clean_email(email: str, pointer: str = "/email") -> str:
    """Trimmed and lower case. Raises Invalid."""
    cleaned = email.strip().lower()
    if not _EMAIL.fullmatch(cleaned):
        raise invalid_field(pointer, "email_invalid")
    return cleaned


def clean_name(name: str, pointer: str = "/name") -> str:
    """Trimmed. Raises Invalid when nothing is left."""
    cleaned = name.strip()
    if not cleaned:
        raise invalid_field(pointer, "name_required")
    return cleaned


async def create_workspace(session: AsyncSession, name: str, now: datetime) -> Workspace:
    """A workspace with the built-in roles."""
    workspace = Workspace(id=new_id(), name=name, settings={}, created_at=now)
    session.add(workspace)
    await session.flush()
    for key, (rights, scope) in BUILT_IN_ROLES.items():
        texts = {locale: render(f"role_{key}", {}, locale) for locale in ("zh", "en")}
        session.add(
            Role(
                id=new_id(),
                workspace_id=workspace.id,
                key=key,
                name=texts,
                rights=list(rights),
                scope=scope,
            )
        )
    await session.flush()
    return workspace


async def create_root_region(session: AsyncSession, workspace_id: str) -> Region:
    """The region that holds all others, so that the first ticket has somewhere to belong."""
    region = Region(
        id=new_id(),
        workspace_id=workspace_id,
        key="all",
        parent_id=None,
        path="/all/",
        name={"zh": "全国", "en": "All regions"},
        zone="Asia/Shanghai",
        currency="CNY",
        calendar={},
    )
    session.add(region)
    await session.flush()
    return region


async def create_account(
    session: AsyncSession,
    workspace_id: str,
    *,
    name: str,
    email: str,
    password_hash: str,
    roles: Sequence[str],
    now: datetime,
    region_id: str | None = None,
    department: str = "",
    level: str = "",
    skills: Sequence[str] = (),
    teams: Sequence[str] = (),
) -> Member:
    """A user and their place in the workspace. The caller has checked that the address is free."""
    user = User(id=new_id(), email=email, password_hash=password_hash, name=name, created_at=now)
    session.add(user)
    await session.flush()
    member = Member(
        id=new_id(),
        workspace_id=workspace_id,
        user_id=user.id,
        name=name,
        roles=list(roles),
        region_id=region_id,
        department=department,
        level=level,
        skills=list(skills),
        teams=list(teams),
        active=True,
        created_at=now,
    )
    session.add(member)
    await session.flush()
    return member
