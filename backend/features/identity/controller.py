"""Routes of sign-in, oneself, members and roles."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, Router, delete, get, patch, post
from litestar.datastructures import Cookie
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import identity as wire
from backend.contracts import teams as team_wire
from backend.contracts.common import Page, Text
from backend.db.models import ApiToken, Member, Region
from backend.db.session import Database
from backend.features.identity import credentials, service, teams
from backend.features.identity.queries import (
    describe_session,
    find_csrf,
    find_member,
    list_roles,
    present_member,
    select_members,
)
from backend.features.platform.actor import Actor, public, requires, signed_in
from backend.features.platform.authentication import COOKIE, hash_token, load_actor, read_cookie
from backend.features.platform.clock import Clock
from backend.features.platform.errors import NotFound, SignInRequired
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.platform.settings import Settings


def _make_cookie(token: str, settings: Settings) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=token,
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
        path="/",
        max_age=int(service.SESSION_AGE.total_seconds()),
    )


async def _answer_signed_in(
    database: Database, signed: service.SignedIn, settings: Settings, status: int
) -> Response[wire.SessionInfo]:
    async with database.reading() as session:
        actor = await load_actor(session, signed.member_id)
        if actor is None:
            raise SignInRequired()
        info = await describe_session(session, actor)
        csrf = await find_csrf(session, hash_token(signed.token))
    answer = msgspec.structs.replace(info, csrf=csrf)
    return Response(answer, status_code=status, cookies=[_make_cookie(signed.token, settings)])


class SessionController(Controller):
    """Signing in and out."""

    path = "/session"
    tags = ("session",)

    @post("", guards=[public], opt={"replays": False}, status_code=201)
    async def sign_in(
        self,
        *,
        data: wire.SignIn,
        request: Request[Any, Any, Any],
        database: Database,
        clock: Clock,
        address: str,
        settings: Settings,
    ) -> Response[wire.SessionInfo]:
        """Sign in with address and password; sets the session cookie. At most 10 tries in 15 minutes."""
        held = read_cookie(request.headers.get("cookie", ""))
        replaced = hash_token(held) if held else None
        signed = await service.sign_in(database, data, address, clock(), replaced)
        return await _answer_signed_in(database, signed, settings, 201)

    @get("", guards=[signed_in])
    async def show(self, actor: Actor, reading: AsyncSession) -> wire.SessionInfo:
        """Who is signed in, with the token that writes must carry."""
        return await describe_session(reading, actor)

    @delete("", guards=[signed_in], status_code=204)
    async def sign_out(self, actor: Actor, session: AsyncSession, clock: Clock) -> Response[None]:
        """End this session."""
        if actor.session:
            await service.revoke_session(session, actor.session, clock())
        gone = Cookie(key=COOKIE, value="", path="/", max_age=0, httponly=True, samesite="lax")
        return Response(None, status_code=204, cookies=[gone])


@post("/setup", guards=[public], opt={"replays": False}, status_code=201, tags=["session"])
async def set_up(
    data: wire.SetUp, database: Database, clock: Clock, settings: Settings
) -> Response[wire.SessionInfo]:
    """Create the workspace and its first administrator with the one-time token of an empty installation."""
    async with database.unit_of_work() as session:
        signed = await service.set_up(session, data, clock())
    return await _answer_signed_in(database, signed, settings, 201)


@patch("/me", guards=[signed_in], tags=["session"])
async def change_me(data: wire.Preferences, actor: Actor, session: AsyncSession) -> wire.SessionInfo:
    """Change one's own language or theme."""
    await service.change_preferences(session, actor, data)
    await session.flush()
    return await describe_session(session, actor)


@post("/me/password", guards=[signed_in], opt={"replays": False}, status_code=204, tags=["session"])
async def change_password(data: wire.ChangePassword, actor: Actor, database: Database, clock: Clock) -> None:
    """Change one's own password; every other session of one's own ends."""
    await credentials.change_password(database, actor, data, clock())


class TokenController(Controller):
    """Keys for machines."""

    path = "/api-tokens"
    tags = ("session",)
    guards = (signed_in,)

    @get("")
    async def list_tokens(
        self, actor: Actor, reading: AsyncSession, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[wire.ApiToken]:
        """Live keys, newest first: one's own, and for administrators everybody's."""
        statement = credentials.select_tokens(actor).order_by(ApiToken.id.desc()).limit(limit + 1)
        if cursor:
            statement = statement.where(after((ApiToken.id,), decode_cursor(cursor, str), descending=True))
        rows = (await reading.execute(statement)).all()
        return make_page(
            rows, limit, lambda row: credentials.present_token(row[0], row[1]), lambda row: (row[0].id,)
        )

    @post("", opt={"replays": False}, status_code=201)
    async def create_token(
        self, data: wire.CreateApiToken, actor: Actor, session: AsyncSession, clock: Clock
    ) -> wire.ApiToken:
        """A key that acts as oneself. Its secret is answered this once."""
        return await credentials.create_token(session, actor, data, clock())

    @delete("/{token_id:str}", status_code=204)
    async def revoke_token(self, token_id: str, actor: Actor, session: AsyncSession, clock: Clock) -> None:
        """End a key at once."""
        await credentials.revoke_token(session, actor, token_id, clock())


class MemberController(Controller):
    """People of the workspace."""

    path = "/members"
    tags = ("members",)

    @get("", guards=[requires("view", "run", "administer")])
    async def list_members(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        role: Annotated[
            str | None, Parameter(max_length=60, description="Only members with this role")
        ] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[wire.Member]:
        """Members by name; addresses only for administrators."""
        statement = select_members(actor.workspace_id).order_by(Member.name, Member.id)
        if cursor:
            last = decode_cursor(cursor, str, str)
            statement = statement.where(after((Member.name, Member.id), last, descending=False))
        if role is None:
            statement = statement.limit(limit + 1)
        rows = [(row[0], row[1], row[2]) for row in (await reading.execute(statement)).all()]
        kept = [row for row in rows if role is None or role in row[0].roles]
        private = actor.may("administer")
        return make_page(
            kept,
            limit,
            lambda row: present_member(*row, private=private),
            lambda row: (row[0].name, row[0].id),
        )

    @post("", guards=[requires("administer")], opt={"replays": False}, status_code=201)
    async def add_member(
        self, data: wire.CreateMember, actor: Actor, session: AsyncSession, clock: Clock
    ) -> wire.Member:
        """Create an account. Without a password one is generated and answered this once."""
        member, generated = await service.add_member(session, actor, data, clock())
        region = await session.get(Region, member.region_id) if member.region_id else None
        shown = present_member(member, data.email.strip().lower(), region, private=True)
        return msgspec.structs.replace(shown, initial_password=generated)

    @patch("/{member_id:str}", guards=[requires("administer")])
    async def change_member(
        self, member_id: str, data: wire.UpdateMember, actor: Actor, session: AsyncSession, clock: Clock
    ) -> wire.Member:
        """Change name, roles, region, level, skills; deactivate; set a new password. Signs the member out as
        needed.
        """
        await service.change_member(session, actor, member_id, data, clock())
        found = await find_member(session, actor.workspace_id, member_id)
        if found is None:
            raise NotFound()
        return present_member(*found, private=True)


class TeamController(Controller):
    """Teams: people who share a queue, whatever their roles and regions."""

    path = "/teams"
    tags = ("members",)

    @get("", guards=[signed_in])
    async def list_teams(self, actor: Actor, reading: AsyncSession) -> Page[team_wire.Team]:
        """All teams with their members."""
        return Page(items=await teams.list_teams(reading, actor))

    @post("", guards=[requires("administer")], status_code=201)
    async def add_team(
        self, data: team_wire.CreateTeam, actor: Actor, session: AsyncSession
    ) -> team_wire.Team:
        """A new team."""
        return await teams.add_team(session, actor, data)

    @patch("/{team_id:str}", guards=[requires("administer")])
    async def change_team(
        self, team_id: str, data: team_wire.UpdateTeam, actor: Actor, session: AsyncSession
    ) -> team_wire.Team:
        """Rename it, or say who belongs to it."""
        return await teams.change_team(session, actor, team_id, data)


@get("/roles", guards=[signed_in], tags=["members"])
async def show_roles(actor: Actor, reading: AsyncSession) -> Page[wire.Role]:
    """All roles with their rights."""
    roles = await list_roles(reading, actor.workspace_id)
    return Page(
        items=[
            wire.Role(key=role.key, name=Text(**role.name), rights=list(role.rights), scope=role.scope)
            for role in roles
        ]
    )


ROUTER = Router(
    path="/",
    route_handlers=[
        SessionController,
        set_up,
        change_me,
        change_password,
        TokenController,
        MemberController,
        TeamController,
        show_roles,
    ],
)
