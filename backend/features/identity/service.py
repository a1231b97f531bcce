"""Signing in and out, the set-up link, and changes to members."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import identity as wire
from backend.db.models import Member, Region, Role, SetupLink, SignInAttempt, User, UserSession
from backend.db.session import Database
from backend.db.types import new_id
from backend.features.identity.passwords import (
    check_password,
    generate_password,
    hash_password,
    verify_password,
)
from backend.features.identity.queries import (
    count_attempts,
    find_active_member,
    find_member,
    find_setup_link,
    find_user,
    has_workspace,
)
from backend.features.identity.teams import check_teams
from backend.features.identity.workspaces import (
    clean_email,
    clean_name,
    create_account,
    create_root_region,
    create_workspace,
)
from backend.features.platform.actor import Actor
from backend.features.platform.authentication import hash_token
from backend.features.platform.errors import (
    BadRequest,
    Conflict,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooManyTries,
    invalid_field,
)
from backend.runtime.audit import append

MAX_TRIES = 10
WINDOW = timedelta(minutes=15)
SESSION_AGE = timedelta(days=14)


class SignedIn(msgspec.Struct, frozen=True):
    """A new session; `token` is the cookie's value and is known only now."""

    token: str
    member_id: str


# --- sessions ---


async def sign_in(
    database: Database, credentials: wire.SignIn, address: str, now: datetime, replaced: str | None
) -> SignedIn:
    """A fresh session. `replaced` is the hash of a session the browser already had, which ends.

    Each try is counted before the password is looked at, in a transaction of its own, so that parallel
    guesses count too; a right password clears the account's count and its own try of the address, so that an
    office behind one address can sign in. Raises TooManyTries, SignInRequired (`wrong_credentials`).
    """
    email = credentials.email.strip().lower()
    await count_try(database, (f"account:{email}", f"address:{address}"), now)
    async with database.reading() as session:
        user = await find_user(session, email)
        member = await find_active_member(session, user.id) if user else None
    matches = await verify_password(user.password_hash if user else None, credentials.password)
    if not matches or member is None:
        raise SignInRequired("wrong_credentials")
    async with database.unit_of_work() as session:
        await session.execute(delete(SignInAttempt).where(SignInAttempt.subject == f"account:{email}"))
        here = (SignInAttempt.subject == f"address:{address}"[:300], SignInAttempt.at == now)
        await session.execute(delete(SignInAttempt).where(*here))
        if replaced:
            await revoke_session(session, replaced, now)
        return await open_session(session, member, now)


async def count_try(database: Database, subjects: tuple[str, ...], now: datetime) -> None:
    """Raises TooManyTries when a subject has had its tries of the last minutes."""
    since = now - WINDOW
    async with database.unit_of_work() as session:
        await session.execute(delete(SignInAttempt).where(SignInAttempt.at <= since))
        for subject in subjects:
            if session.get_bind().dialect.name == "postgresql":
                lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))")
                await session.execute(lock, {"subject": subject})
            tries, oldest = await count_attempts(session, subject, since)
            if tries >= MAX_TRIES and oldest is not None:
                wait = max(1, int((oldest + WINDOW - now).total_seconds()))
                raise TooManyTries(
                    "too_many_tries", params={"minutes": -(-wait // 60)}, extras={"retry_after": wait}
                )
            session.add(SignInAttempt(id=new_id(), subject=subject[:300], at=now))


async def open_session(session: AsyncSession, member: Member, now: datetime) -> SignedIn:
    """A new token each time: nothing a visitor brought along becomes a session."""
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            token_hash=hash_token(token),
            workspace_id=member.workspace_id,
            member_id=member.id,
            user_id=member.user_id,
            csrf=secrets.token_urlsafe(24),
            created_at=now,
            expires_at=now + SESSION_AGE,
        )
    )
    await session.flush()
    await append(session, member.workspace_id, member.id, "session.opened", f"member:{member.id}", {})
    return SignedIn(token, member.id)


async def revoke_session(session: AsyncSession, token_hash: str, now: datetime) -> None:
    """Ends one session."""
    live = (UserSession.token_hash == token_hash, UserSession.revoked_at.is_(None))
    await session.execute(update(UserSession).where(*live).values(revoked_at=now))


async def revoke_member_sessions(session: AsyncSession, member_id: str, now: datetime) -> None:
    """Ends all sessions of a member."""
    live = (UserSession.member_id == member_id, UserSession.revoked_at.is_(None))
    await session.execute(update(UserSession).where(*live).values(revoked_at=now))


# --- the set-up link ---


async def issue_setup_link(session: AsyncSession, now: datetime) -> str | None:
    """A fresh one-time token when nothing was set up yet; older unused ones end. None otherwise."""
    if await has_workspace(session):
        return None
    await session.execute(delete(SetupLink).where(SetupLink.used_at.is_(None)))
    token = secrets.token_urlsafe(32)
    session.add(SetupLink(token_hash=hash_token(token), created_at=now))
    await session.flush()
    return token


async def set_up(session: AsyncSession, request: wire.SetUp, now: datetime) -> SignedIn:
    """The workspace and its first administrator. Raises NotAllowed (`setup_link_invalid`), Invalid."""
    link = await find_setup_link(session, hash_token(request.token))
    if link is None or await has_workspace(session):
        raise NotAllowed("setup_link_invalid")
    name, email = clean_name(request.name), clean_email(request.email)
    workspace_name = clean_name(request.workspace_name, "/workspace_name")
    check_password(request.password)
    used = update(SetupLink).where(SetupLink.token_hash == link.token_hash, SetupLink.used_at.is_(None))
    claimed = await session.execute(used.values(used_at=now).returning(SetupLink.token_hash))
    if claimed.first() is None:
        raise NotAllowed("setup_link_invalid")
    workspace = await create_workspace(session, workspace_name, now)
    await create_root_region(session, workspace.id)
    member = await create_account(
        session,
        workspace.id,
        name=name,
        email=email,
        password_hash=await hash_password(request.password),
        roles=["admin"],
        now=now,
    )
    await append(session, workspace.id, member.id, "workspace.created", f"workspace:{workspace.id}", {})
    return await open_session(session, member, now)


# --- oneself ---


async def change_preferences(session: AsyncSession, actor: Actor, change: wire.Preferences) -> None:
    """Language and theme. Raises Invalid."""
    if change.locale not in {None, "", "zh", "en"}:
        raise invalid_field("/locale", "unknown_locale")
    if change.theme not in {None, "", "light", "dark", "system"}:
        raise invalid_field("/theme", "unknown_theme")
    user = await session.get_one(User, actor.user_id)
    user.locale = user.locale if change.locale is None else change.locale
    user.theme = user.theme if change.theme is None else change.theme


# --- members ---


async def add_member(
    session: AsyncSession, actor: Actor, request: wire.CreateMember, now: datetime
) -> tuple[Member, str | None]:
    """The member, and the generated password if none was given. Raises Invalid, Conflict (`email_taken`)."""
    email, name = clean_email(request.email), clean_name(request.name)
    generated = generate_password() if request.password is None else None
    password = generated or request.password or ""
    check_password(password)
    await _check_roles(session, actor.workspace_id, request.roles)
    await _check_region(session, actor.workspace_id, request.region_id)
    await check_teams(session, actor.workspace_id, request.teams)
    if await find_user(session, email) is not None:
        raise Conflict("email_taken")
    member = await create_account(
        session,
        actor.workspace_id,
        name=name,
        email=email,
        password_hash=await hash_password(password),
        roles=request.roles,
        now=now,
        region_id=request.region_id,
        department=request.department,
        level=request.level,
        skills=request.skills,
        teams=request.teams,
    )
    detail = {"name": name, "roles": list(request.roles)}
    await append(
        session, actor.workspace_id, actor.member_id, "member.created", f"member:{member.id}", detail
    )
    return member, generated


async def change_member(
    session: AsyncSession, actor: Actor, member_id: str, change: wire.UpdateMember, now: datetime
) -> Member:
    """Applies what is present. Raises NotFound, Invalid, BadRequest (`last_administrator`)."""
    found = await find_member(session, actor.workspace_id, member_id)
    if found is None:
        raise NotFound()
    member = found[0]
    given = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not msgspec.UNSET
    }
    password = given.pop("password", None)
    if "name" in given:
        given["name"] = clean_name(given["name"])
    if "roles" in given:
        await _check_roles(session, actor.workspace_id, given["roles"])
    if "region_id" in given:
        await _check_region(session, actor.workspace_id, given["region_id"])
    if "teams" in given:
        await check_teams(session, actor.workspace_id, given["teams"])
    for name, value in given.items():
        setattr(member, name, value)
    if password is not None:
        check_password(password)
        user = await session.get_one(User, member.user_id)
        user.password_hash = await hash_password(password)
    if password is not None or not member.active:
        await revoke_member_sessions(session, member.id, now)
    await session.flush()
    await _check_administrator_left(session, actor.workspace_id)
    changed = {"changed": sorted([*given, *(["password"] if password else [])])}
    await append(
        session, actor.workspace_id, actor.member_id, "member.changed", f"member:{member.id}", changed
    )
    return member


async def _check_roles(session: AsyncSession, workspace_id: str, roles: list[str]) -> None:
    known = set((await session.execute(select(Role.key).where(Role.workspace_id == workspace_id))).scalars())
    for at, role in enumerate(roles):
        if role not in known:
            raise invalid_field(f"/roles/{at}", "unknown_role", role=role)


async def _check_region(session: AsyncSession, workspace_id: str, region_id: str | None) -> None:
    if region_id is None:
        return
    owned = select(func.count()).where(Region.workspace_id == workspace_id, Region.id == region_id)
    if not (await session.execute(owned)).scalar_one():
        raise invalid_field("/region_id", "unknown_region")


async def _check_administrator_left(session: AsyncSession, workspace_id: str) -> None:
    active = select(Member.roles).where(Member.workspace_id == workspace_id, Member.active)
    if not any("admin" in roles for roles in (await session.execute(active)).scalars()):
        raise BadRequest("last_administrator")
