"""Who calls: a session cookie or an API token, looked up on every request so that a revoked one ends at once.

A write that the cookie authenticates must also carry the session's CSRF token, and an Origin, when the
browser sends
one, must be ours.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import ApiToken, Member, Region, Role, User, UserSession
from backend.db.session import Database
from backend.db.types import encode_moment
from backend.features.platform.actor import Actor, Grant, is_public
from backend.features.platform.bodies import READING_METHODS
from backend.features.platform.clock import Clock
from backend.features.platform.errors import NotAllowed, SignInRequired
from backend.runtime.statements import Statement, read_json

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
                return await find_by_token(database, token.strip())
            token = read_cookie(headers.get(b"cookie", ""))
            if not token:
                return None
            actor = await find_by_session(database, token, clock)
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


async def find_by_session(database: Database, token: str, clock: Clock) -> Actor | None:
    """The member of a live session, or None."""
    hashed = hash_token(token)
    now: Any = encode_moment(clock()) if database.dialect == "sqlite" else clock()
    rows = await database.ask(_OF_SESSION, token=hashed, now=now)
    return _read_actor(rows, csrf=rows[0][-1], token_hash=hashed) if rows else None


async def find_by_token(database: Database, token: str) -> Actor:
    """The member of an API token. Raises SignInRequired: a wrong token is never taken as nobody."""
    rows = await database.ask(_OF_TOKEN, token=hash_token(token))
    if not rows:
        raise SignInRequired()
    return _read_actor(rows)


async def load_actor(session: AsyncSession, member_id: str) -> Actor | None:
    """A member with rights as they are now; None when the member is no longer active."""
    rows = (await session.execute(_OF_MEMBER, {"member": member_id})).all()
    return _read_actor(rows) if rows else None


_ACTOR = (
    select(
        Member.workspace_id,
        Member.id,
        Member.user_id,
        Member.name,
        Member.roles,
        Member.teams,
        Member.region_id,
        Region.path,
        User.locale,
        Role.key,
        Role.rights,
        Role.scope,
    )
    .join(User, User.id == Member.user_id)
    .outerjoin(Region, Region.id == Member.region_id)
    .outerjoin(Role, Role.workspace_id == Member.workspace_id)
    .where(Member.active)
    .order_by(Role.key)
)
"""One row for each role of the workspace: every request asks this, so it is one statement, built once and
executed near the driver."""
_OF_MEMBER = _ACTOR.where(Member.id == bindparam("member"))
_OF_SESSION = Statement(
    _ACTOR.add_columns(UserSession.csrf)
    .join(UserSession, UserSession.member_id == Member.id)
    .where(
        UserSession.token_hash == bindparam("token"),
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > bindparam("now"),
    )
)
_OF_TOKEN = Statement(
    _ACTOR.join(ApiToken, ApiToken.member_id == Member.id).where(
        ApiToken.token_hash == bindparam("token"), ApiToken.revoked_at.is_(None)
    )
)


def _read_actor(rows: Sequence[Sequence[Any]], *, csrf: str = "", token_hash: str | None = None) -> Actor:
    workspace, member, user, name, roles, teams, region, path, locale = rows[0][:9]
    region_path, held = path or "/", read_json(roles)
    grants = tuple(
        Grant(key, frozenset(read_json(rights)), region_path if scope == "region" else "/")
        for key, rights, scope in (row[9:12] for row in rows)
        if key in held
    )
    return Actor(
        workspace_id=workspace,
        member_id=member,
        user_id=user,
        name=name,
        grants=grants,
        region_id=region,
        region_path=region_path,
        locale=locale,
        teams=tuple(read_json(teams)),
        csrf=csrf,
        session=token_hash,
    )
