"""Sign-in, the session, members, roles."""

from __future__ import annotations

import msgspec

from backend.contracts.common import Reference, Text


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    email: str
    password: str


class SetUp(msgspec.Struct, frozen=True, kw_only=True):
    """The first account of an empty deployment; `token` is the one-time set-up token it printed."""

    token: str
    workspace_name: str
    name: str
    email: str
    password: str


class SessionUser(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    email: str
    locale: str | None = None
    theme: str | None = None


class SessionRegion(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: Text


class SessionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in. `rights` are verbs: view, edit, publish, run, settle, administer."""

    user: SessionUser
    member_id: str
    workspace: Reference
    roles: list[str]
    rights: list[str]
    csrf: str
    region: SessionRegion | None = None


class Preferences(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one may change of oneself; an absent field stays as it is."""

    locale: str | None = None
    theme: str | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    user_id: str
    name: str
    email: str
    roles: list[str]
    active: bool = True
    region: SessionRegion | None = None
    level: str | None = None


class Role(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: Text
    rights: list[str]
