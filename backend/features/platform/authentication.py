"""Who calls: a session cookie or an API token, looked up on every request so that a revoked one ends at once.

A write that the cookie authenticates must also carry the session's CSRF token, and an Origin, when the
browser sends
one, must be ours.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import ApiToken, Member, Region, Role, User, UserSession
from backend.db.session import Database
from backend.features.platform.actor import Actor, Grant, is_public
from backend.features.platform.bodies import READING_METHODS
from backend.features.platform.clock import Clock
from backend.features.platform.errors import NotAllowed, SignInRequired

COOKIE = "tf_session"


def hash_token(token: str) -> str:
    """SHA-256 of a random token: what is stored. No salt is needed, the token has 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(database: Database, clock: Clock, public_url: str) -> Callable[[ASGIApp], ASGIApp]:
    """Middleware that puts the Actor, or None, at `scope["user"]`. A public route runs without looking."""
    home = urlsplit(public_url).netloc

    def wrap(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == ScopeType.HTTP:
                scope["user"] = None
                headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
                scope["user"] = await _identify(scope, headers)
            await app(scope, receive, send)

        async def _identify(scope: HTTPScope, headers: dict[bytes, str]) -> Actor | None:
            writes = scope["method"] not in READING_METHODS
            if writes:
                check_origin(headers, home)
            if is_public(scope["route_handler"]):
                return None
            authorization = headers.get(b"authorization", "")
            if authorization:
                scheme, _, token = authorization.partition(" ")
                if scheme.lower() != "bearer":
                    raise SignInRequired()
                async with database.reading() as session:
                    return await find_by_token(session, token.strip())
            token = read_cookie(headers.get(b"cookie", ""))
            if not token:
                return None
            async with database.reading() as session:
                actor = await find_by_session(session, token, clock)
            if actor is not None and writes:
                check_csrf(headers.get(b"x-csrf-token", ""), actor.csrf)
            return actor

        return middleware

    return wrap


def check_origin(headers: dict[bytes, str], home: str) -> None:
    """Raises NotAllowed when a browser says that the request comes from another site."""
    origin = headers.get(b"origin")
    if origin is None:
        return
    if urlsplit(origin).netloc not in {headers.get(b"host", ""), home} - {""}:
        raise NotAllowed("foreign_origin")


def check_csrf(given: str, expected: str) -> None:
    """Raises NotAllowed."""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise NotAllowed("csrf_mismatch")


def read_cookie(header: str) -> str:
    """The session's token; empty when there is none or the header cannot be read."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            try:
                morsel = SimpleCookie(f"{name}={value}").get(COOKIE)
            except CookieError:
                return ""
            return morsel.value if morsel else ""
    return ""


async def find_by_session(session: AsyncSession, token: str, clock: Clock) -> Actor | None:
    """The member of a live session, or None."""
    record = await session.get(UserSession, hash_token(token))
    if record is None or record.revoked_at is not None or record.expires_at <= clock():
        return None
    return await load_actor(session, record.member_id, csrf=record.csrf, token_hash=record.token_hash)


async def find_by_token(session: AsyncSession, token: str) -> Actor:
    """The member of an API token. Raises SignInRequired: a wrong token is never taken as nobody."""
    statement = select(ApiToken).where(ApiToken.token_hash == hash_token(token))
    record = (await session.execute(statement)).scalar_one_or_none()
    actor = None
    if record is not None and record.revoked_at is None:
        actor = await load_actor(session, record.member_id)
    if actor is None:
        raise SignInRequired()
    return actor


async def load_actor(
    session: AsyncSession, member_id: str, *, csrf: str = "", token_hash: str | None = None
) -> Actor | None:
    """A member with rights as they are now; None when the member is no longer active."""
    statement = (
        select(Member, User, Region.path)
        .join(User, User.id == Member.user_id)
        .outerjoin(Region, Region.id == Member.region_id)
        .where(Member.id == member_id, Member.active)
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        return None
    member, user, path = found
    region_path = path or "/"
    roles = select(Role).where(Role.workspace_id == member.workspace_id, Role.key.in_(member.roles))
    grants = tuple(
        Grant(role.key, frozenset(role.rights), region_path if role.scope == "region" else "/")
        for role in (await session.execute(roles)).scalars()
    )
    return Actor(
        workspace_id=member.workspace_id,
        member_id=member.id,
        user_id=user.id,
        name=member.name,
        grants=grants,
        region_id=member.region_id,
        region_path=region_path,
        locale=user.locale,
        teams=tuple(member.teams),
        csrf=csrf,
        session=token_hash,
    )
