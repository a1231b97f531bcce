"""Workspaces, people, roles, sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment


class Workspace(Record):
    """A tenant; nothing crosses it."""

    __tablename__ = "workspaces"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment)


class User(Record):
    """A person who can sign in."""

    __tablename__ = "users"
    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Lower case."""
    password_hash: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(100))
    locale: Mapped[str] = mapped_column(String(5), default="")
    """`zh`, `en`, or empty: the browser's."""
    theme: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)


class Member(Record):
    """A user's place in a workspace: roles, region, skills."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    roles: Mapped[list[str]] = mapped_column(Json)
    region_id: Mapped[str | None] = mapped_column(ID, ForeignKey("regions.id"))
    """None: the whole workspace."""
    department: Mapped[str] = mapped_column(String(60), default="")
    level: Mapped[str] = mapped_column(String(60), default="")
    skills: Mapped[list[str]] = mapped_column(Json, default=list)
    teams: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    """Keys of the teams they belong to."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Team(Record):
    """People who share a queue, whatever their roles and regions. Who belongs to it stands with the
    members."""

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[dict[str, str]] = mapped_column(Json)


class Role(Record):
    """A named set of rights. `scope` region: only the member's region and below."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[dict[str, str]] = mapped_column(Json)
    rights: Mapped[list[str]] = mapped_column(Json)
    scope: Mapped[str] = mapped_column(String(10), default="workspace")


class UserSession(Record):
    """A signed-in browser. The cookie's value is stored hashed (SHA-256)."""

    __tablename__ = "user_sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace_id: Mapped[InWorkspace]
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), index=True)
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class ApiToken(Record):
    """A machine's key, stored hashed."""

    __tablename__ = "api_tokens"
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class SetupLink(Record):
    """The one-time link of an empty installation."""

    __tablename__ = "setup_links"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class SignInAttempt(Record):
    """A failed try, counted per account and per address."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_subject_at", "subject", "at"),)
    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(300))
    """`account:<email>` or `address:<ip>`."""
    at: Mapped[datetime] = mapped_column(Moment)
