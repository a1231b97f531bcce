"""Connections to the outside: the mail server, and the hosts that webhooks may call. Secrets go in, never
out.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import administration as wire
from backend.db.models import Connection
from backend.features.identity.workspaces import clean_email
from backend.features.platform.actor import Actor
from backend.features.platform.errors import FieldError, Invalid, NotFound, invalid_field
from backend.features.platform.problems import describe_shape
from backend.runtime.audit import append
from backend.runtime.outside import LIST, HostRefused, find_allowed, read_allow_list, refuse_plainly_inner

KINDS: dict[str, type[msgspec.Struct]] = {"smtp": wire.SmtpConfig, "webhook": wire.WebhookConfig}
HIDDEN = "********"
MAX_HOSTS = 200
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_PORT = re.compile(r":\d{1,5}$")


async def show_connection(session: AsyncSession, actor: Actor, kind: str) -> wire.Connection:
    """What is stored; an empty config when nothing is. Raises NotFound for an unknown kind."""
    if kind not in KINDS:
        raise NotFound()
    stored = await session.get(Connection, (actor.workspace_id, kind))
    if stored is None:
        return wire.Connection(kind=kind, config={})
    shown = {**stored.config}
    if shown.get("password"):
        shown["password"] = HIDDEN
    return wire.Connection(kind=kind, config=shown, updated_at=stored.updated_at)


async def save_connection(
    session: AsyncSession, actor: Actor, kind: str, config: dict[str, Any], now: datetime
) -> None:
    """Raises NotFound, Invalid."""
    if kind not in KINDS:
        raise NotFound()
    checked = _check(kind, config)
    if kind == "smtp":
        await _refuse_inner(session, actor, checked)
    stored = await session.get(Connection, (actor.workspace_id, kind))
    if stored is None:
        stored = Connection(workspace_id=actor.workspace_id, kind=kind, config={}, updated_at=now)
        session.add(stored)
    if checked.get("password", "") in {None, HIDDEN}:
        kept = stored.config.get("password")
        if kept and checked["username"] and stored.config.get("host") != checked["host"]:
            raise invalid_field("/password", "password_of_other_host")
        checked["password"] = kept if stored.config.get("host") == checked["host"] else None
    stored.config = checked
    stored.updated_at = now
    await session.flush()
    await append(session, actor.workspace_id, actor.member_id, "connection.changed", f"connection:{kind}", {})


async def _refuse_inner(session: AsyncSession, actor: Actor, smtp: dict[str, Any]) -> None:
    """A mail server inside has to stand on the list of inner hosts. Raises Invalid."""
    stored = await session.get(Connection, (actor.workspace_id, LIST))
    listed = read_allow_list(stored.config if stored else {})
    try:
        refuse_plainly_inner(find_allowed(listed, smtp["host"], smtp["port"], named=True), smtp["host"])
    except HostRefused as refused:
        raise invalid_field("/host", f"smtp_{refused.reason}", host=refused.host) from refused


def _check(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    try:
        value = msgspec.convert(config, KINDS[kind])
    except msgspec.ValidationError as error:
        message = str(error)
        where = re.search(r"`\$\.?(.*)`$", message)
        raise Invalid(
            errors=[describe_shape(message.split(" - ", maxsplit=1)[0], where[1] if where else "")]
        ) from error
    if isinstance(value, wire.SmtpConfig):
        return _check_smtp(value)
    if isinstance(value, wire.WebhookConfig):
        return _check_webhook(value)
    raise NotFound()


def _check_smtp(value: wire.SmtpConfig) -> dict[str, Any]:
    errors: list[FieldError] = []
    host = value.host.strip().lower()
    if not _is_host(host):
        errors.append(FieldError("/host", "host_invalid", {"host": value.host}))
    if not 1 <= value.port <= 65535:
        errors.append(FieldError("/port", "out_of_range"))
    if value.security not in {"none", "starttls", "tls"}:
        errors.append(FieldError("/security", "out_of_range"))
    if errors:
        raise Invalid(errors=errors)
    sender = clean_email(value.sender, "/sender")
    return {**msgspec.structs.asdict(value), "host": host, "sender": sender}


def _check_webhook(value: wire.WebhookConfig) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for name in ("hosts", "private_hosts"):
        hosts = [host.strip().lower() for host in getattr(value, name)]
        if len(hosts) > MAX_HOSTS:
            raise invalid_field(f"/{name}", "out_of_range")
        for at, host in enumerate(hosts):
            if not _is_host(_PORT.sub("", host).removeprefix("*.")):
                raise invalid_field(f"/{name}/{at}", "host_invalid", host=host)
        cleaned[name] = hosts
    return cleaned


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return bool(_HOST.fullmatch(host))
    return True
