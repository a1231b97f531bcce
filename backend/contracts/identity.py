"""Sign-in, the session, members, roles."""

from __future__ import annotations

import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from backend.contracts.common import Reference, Text

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Email = Annotated[str, Meta(min_length=3, max_length=254)]
Password = Annotated[str, Meta(min_length=1, max_length=200)]
Key = Annotated[str, Meta(min_length=1, max_length=60)]


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Email
    password: Password


class SetUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first account of an empty deployment; `token` is the one-time set-up token it printed."""

    token: Annotated[str, Meta(max_length=200)]
    workspace_name: Annotated[str, Meta(min_length=1, max_length=200)]
    name: Name
    email: Email
    password: Password


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
    """Who is signed in. `rights` are verbs: view, edit, publish, run, settle, administer.

    `zone` is that of the member's region, else of the workspace's first root region.
    """

    user: SessionUser
    member_id: str
    workspace: Reference
    roles: list[str]
    rights: list[str]
    csrf: str
    region: SessionRegion | None = None
    zone: str = "Asia/Shanghai"


class Preferences(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one may change of oneself; an absent field stays as it is."""

    locale: str | None = None
    theme: str | None = None


class ChangePassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changing one's own password takes the present one."""

    current_password: Password
    new_password: Password


class CreateApiToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`name` says which machine or program will use it."""

    name: Name


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """A machine's key: `Authorization: Bearer <secret>` acts as `member`, with the rights of that moment."""

    id: str
    name: str
    member: Reference
    created_at: datetime.datetime
    secret: str | None = None
    """Only in the answer that created it: shown once, stored nowhere."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the workspace. `email` is empty for those who may not administer."""

    id: str
    user_id: str
    name: str
    email: str
    roles: list[str]
    active: bool = True
    region: SessionRegion | None = None
    department: str = ""
    level: str | None = None
    skills: list[str] = []
    teams: list[str] = []
    """Keys of the member's teams."""
    initial_password: str | None = None
    """Only in the answer that created the member without a password: shown once, stored nowhere."""


class CreateMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new account. Without `password` one is generated and answered once."""

    name: Name
    email: Email
    roles: Annotated[list[Key], Meta(max_length=30)]
    region_id: str | None = None
    password: Password | None = None
    department: Annotated[str, Meta(max_length=60)] = ""
    level: Annotated[str, Meta(max_length=60)] = ""
    skills: Annotated[list[Key], Meta(max_length=50)] = []
    teams: Annotated[list[Key], Meta(max_length=50)] = []


class UpdateMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays. `region_id` null means the whole workspace; a new password signs the
    member out.
    """

    name: Name | UnsetType = UNSET
    roles: Annotated[list[Key], Meta(max_length=30)] | UnsetType = UNSET
    region_id: str | UnsetType | None = UNSET
    password: Password | UnsetType = UNSET
    department: Annotated[str, Meta(max_length=60)] | UnsetType = UNSET
    level: Annotated[str, Meta(max_length=60)] | UnsetType = UNSET
    skills: Annotated[list[Key], Meta(max_length=50)] | UnsetType = UNSET
    teams: Annotated[list[Key], Meta(max_length=50)] | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """`scope` region: the rights hold in the member's region and below; workspace: everywhere."""

    key: str
    name: Text
    rights: list[str]
    scope: str = "workspace"
