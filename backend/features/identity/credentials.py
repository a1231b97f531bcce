"""One's own password, and keys for machines that act as their member."""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec
from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import identity as wire
from backend.contracts.common import Reference
from backend.db.models import ApiToken, Member, User, UserSession
from backend.db.session import Database
from backend.db.types import new_id
from backend.features.identity.passwords import check_password, hash_password, verify_password
from backend.features.identity.service import count_try
from backend.features.identity.workspaces import clean_name
from backend.features.platform.actor import Actor
from backend.features.platform.authentication import hash_token
from backend.features.platform.errors import Conflict, NotAllowed, NotFound, invalid_field
from backend.runtime.audit import append

PREFIX = "tf_"
"""Lets scanners of leaked secrets know one of ours."""
MAX_TOKENS = 20


def require_session(actor: Actor) -> None:
    """Credentials are changed by a person who signed in, never by a key. Raises NotAllowed."""
    if actor.session is None:
        raise NotAllowed()


async def change_password(
    database: Database, actor: Actor, request: wire.ChangePassword, now: datetime
) -> None:
    """Ends all other sessions of the user.

    Raises Invalid (`wrong_password`, `password_too_short`), TooManyTries: whoever finds a browser signed in
    cannot guess on.
    """
    require_session(actor)
    check_password(request.new_password, "/new_password")
    await count_try(database, (f"password:{actor.user_id}",), now)
    async with database.reading() as session:
        stored = (await session.get_one(User, actor.user_id)).password_hash
    if not await verify_password(stored, request.current_password):
        raise invalid_field("/current_password", "wrong_password")
    hashed = await hash_password(request.new_password)
    async with database.unit_of_work() as session:
        user = await session.get_one(User, actor.user_id)
        user.password_hash = hashed
        others = (
            UserSession.user_id == actor.user_id,
            UserSession.token_hash != actor.session,
            UserSession.revoked_at.is_(None),
        )
        await session.execute(update(UserSession).where(*others).values(revoked_at=now))
        await append(
            session, actor.workspace_id, actor.member_id, "password.changed", f"member:{actor.member_id}", {}
        )


# --- API tokens ---


def select_tokens(actor: Actor) -> Select[ApiToken, str]:
    """Live tokens with the name of whom they act as: one's own, and for administrators all."""
    statement = (
        select(ApiToken, Member.name)
        .join(Member, Member.id == ApiToken.member_id)
        .where(ApiToken.workspace_id == actor.workspace_id, ApiToken.revoked_at.is_(None))
    )
    if not actor.may("administer"):
        statement = statement.where(ApiToken.member_id == actor.member_id)
    return statement


async def create_token(
    session: AsyncSession, actor: Actor, request: wire.CreateApiToken, now: datetime
) -> wire.ApiToken:
    """With its secret, which is known only now. Raises NotAllowed, Invalid, Conflict (`too_many_tokens`)."""
    require_session(actor)
    name = clean_name(request.name)
    mine = select(func.count()).where(ApiToken.member_id == actor.member_id, ApiToken.revoked_at.is_(None))
    if (await session.execute(mine)).scalar_one() >= MAX_TOKENS:
        raise Conflict("too_many_tokens", params={"limit": MAX_TOKENS})
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        id=new_id(),
        workspace_id=actor.workspace_id,
        member_id=actor.member_id,
        name=name,
        token_hash=hash_token(secret),
        created_at=now,
    )
    session.add(token)
    await session.flush()
    detail = {"name": name}
    await append(
        session, actor.workspace_id, actor.member_id, "api_token.created", f"api_token:{token.id}", detail
    )
    return msgspec.structs.replace(present_token(token, actor.name), secret=secret)


async def revoke_token(session: AsyncSession, actor: Actor, token_id: str, now: datetime) -> None:
    """Ends at once. Raises NotAllowed, NotFound."""
    require_session(actor)
    found = (await session.execute(select_tokens(actor).where(ApiToken.id == token_id))).one_or_none()
    if found is None:
        raise NotFound()
    token: ApiToken = found[0]
    token.revoked_at = now
    detail = {"name": token.name}
    await append(
        session, actor.workspace_id, actor.member_id, "api_token.revoked", f"api_token:{token.id}", detail
    )


def present_token(token: ApiToken, member: str) -> wire.ApiToken:
    """Without the secret: it is not stored."""
    return wire.ApiToken(
        id=token.id,
        name=token.name,
        member=Reference(id=token.member_id, name=member),
        created_at=token.created_at,
    )
