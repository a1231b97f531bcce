"""Audit log, jobs, connections to the outside, health."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from backend.contracts.common import Reference


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One act. `hash` covers the entry and `previous`, so that a removed or altered entry shows."""

    id: str
    seq: int
    at: datetime.datetime
    action: str
    subject: str
    detail: dict[str, Any]
    hash: str
    previous: str
    by: Reference | None = None


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach the outside. Secrets are never sent back: a stored one shows as `********`."""

    kind: str
    config: dict[str, Any]
    updated_at: datetime.datetime | None = None


class SmtpConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`security` is none, starttls or tls. An absent password keeps the stored one."""

    host: str
    sender: str
    port: int = 587
    username: str = ""
    password: str | None = None
    security: str = "starttls"


class WebhookConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hosts that nodes may call; everything else is closed. `private_hosts` may resolve to inner
    addresses.
    """

    hosts: list[str] = []
    private_hosts: list[str] = []


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is ok; anything else is a problem with status 503."""

    status: str
    version: str
    database: str
