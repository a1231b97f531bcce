"""Who calls, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from backend.features.platform.errors import NotAllowed, SignInRequired

Right = Literal["view", "edit", "publish", "run", "settle", "administer"]
RIGHTS: tuple[Right, ...] = ("view", "edit", "publish", "run", "settle", "administer")


class Grant(msgspec.Struct, frozen=True):
    """One role of a member: its rights, and the region path below which they hold."""

    role: str
    rights: frozenset[str]
    path: str


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The member behind a request. Made afresh for each one, so that a revoked session or right ends at
    once.
    """

    workspace_id: str
    member_id: str
    user_id: str
    name: str
    grants: tuple[Grant, ...]
    region_id: str | None
    region_path: str
    """Path of the member's region, such as `/cn/east/`; `/` for the whole workspace."""
    locale: str
    teams: tuple[str, ...] = ()
    """Keys of the member's teams."""
    csrf: str = ""
    session: str | None = None
    """Hash of the session's token; None for an API token."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Keys of the member's roles."""
        return tuple(grant.role for grant in self.grants)

    @property
    def rights(self) -> tuple[str, ...]:
        """Verbs the member has somewhere, in the fixed order."""
        held = set[str]().union(*(grant.rights for grant in self.grants))
        return tuple(right for right in RIGHTS if right in held)

    def reach(self, *rights: Right) -> str | None:
        """The region path prefix where any of these rights holds: `/` is everywhere, None nowhere."""
        paths = {grant.path for grant in self.grants if grant.rights.intersection(rights)}
        return min(paths, key=len) if paths else None

    def may(self, right: Right, region_path: str | None = None) -> bool:
        """Whether the right holds, at this region path when one is given."""
        reach = self.reach(right)
        return reach is not None and (region_path is None or region_path.startswith(reach))

    def require(self, right: Right, region_path: str | None = None) -> None:
        """Raises NotAllowed."""
        if not self.may(right, region_path):
            raise NotAllowed()


class Requirement:
    """A guard that a route declares: `guards=[requires("edit")]`. Any one of several rights is enough."""

    def __init__(self, rights: Iterable[Right]) -> None:
        self.rights = tuple(rights)

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        """Raises SignInRequired, NotAllowed."""
        actor = connection.scope.get("user")
        if not isinstance(actor, Actor):
            raise SignInRequired()
        if self.rights and not any(actor.may(right) for right in self.rights):
            raise NotAllowed()


def requires(*rights: Right) -> Requirement:
    """One of these rights, somewhere. The handler still checks the region."""
    return Requirement(rights)


signed_in = Requirement(())
"""Anybody with a session: one's own things."""


async def public(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Declares a route open to everybody; the handler authenticates by what it is given (password, public
    token).
    """


def is_public(handler: BaseRouteHandler) -> bool:
    """Whether a route declares itself open to everybody."""
    return public in handler.resolve_guards()
