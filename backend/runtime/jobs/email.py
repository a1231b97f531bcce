"""Mail through the workspace's own SMTP server: at an address that was checked (backend.runtime.outside), an
inner one only if the workspace's list of inner hosts has the server.

At-least-once with a stable Message-ID for each job and recipient, by which mail systems drop repetitions.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Any, Literal, NamedTuple

import aiosmtplib
import msgspec

from backend.runtime.jobs.port import ClaimedJob, JobDelayed, JobRefused
from backend.runtime.outside import (
    HostRefused,
    Resolve,
    find_address,
    find_allowed,
    load_allow_list,
    resolve_host,
)
from backend.runtime.people import is_responsible
from backend.runtime.people_statements import ADDRESSES
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.statements import CONNECTION, TICKET_PATH, read_json

TIMEOUT_S = 20.0


class SmtpConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The `smtp` connection."""

    host: str
    port: int = 587
    sender: str
    username: str = ""
    password: str | None = None
    security: Literal["none", "starttls", "tls"] = "starttls"


class Recipient(NamedTuple):
    """Where to, and in which language."""

    address: str
    locale: str


class EmailHandler:
    """Payload {to, subject{zh,en}, body{zh,en}} -> {"sent": n}."""

    def __init__(self, driver: Driver, resolve: Resolve = resolve_host) -> None:
        self._driver = driver
        self._resolve = resolve

    async def __call__(self, job: ClaimedJob) -> dict[str, Any]:
        config = await self._read_config(job.workspace_id)
        recipients = await self._driver.run(find_recipients(job))
        if not recipients:
            raise JobRefused("no_recipient", to=str((job.payload.get("to") or {}).get("kind", "")))
        messages = [write_message(job, config, recipient) for recipient in recipients]
        await _send(config, await self._find_address(job.workspace_id, config), messages)
        return {"sent": len(messages)}

    async def _find_address(self, workspace_id: str, config: SmtpConfig) -> str:
        listed = await self._driver.run(load_allow_list(workspace_id))
        try:
            allowed = find_allowed(listed, config.host, config.port, named=True)
            return await find_address(allowed, config.host, config.port, self._resolve)
        except HostRefused as refused:
            failed = JobDelayed if refused.reason == "host_unknown" else JobRefused
            raise failed(f"smtp_{refused.reason}", host=refused.host) from refused

    async def _read_config(self, workspace_id: str) -> SmtpConfig:
        row = await self._driver.run(ask_one(CONNECTION, workspace=workspace_id, kind="smtp"))
        if row is None:
            raise JobRefused("smtp_not_set_up")
        try:
            return msgspec.convert(read_json(row[0]), SmtpConfig)
        except msgspec.ValidationError as error:
            raise JobRefused("smtp_not_set_up") from error


def find_recipients(job: ClaimedJob) -> Script[list[Recipient]]:
    """Members by role or id, or a bare address."""
    to: dict[str, Any] = job.payload.get("to") or {}
    kind = to.get("kind")
    if kind in {"address", "customer"}:
        address = parseaddr(str(to.get("address") or ""))[1]
        return [Recipient(address, "zh")] if "@" in address else []
    rows = yield from ask(ADDRESSES, workspace=job.workspace_id)
    if kind == "member":
        return [Recipient(row[4], row[5] or "zh") for row in rows if row[0] == to.get("member")]
    path = yield from ask_one(TICKET_PATH, ticket=job.ticket_id, workspace=job.workspace_id)
    return [
        Recipient(row[4], row[5] or "zh")
        for row in rows
        if to.get("role") in read_json(row[2])
        and (to.get("scope") == "workspace" or is_responsible(row[3], path[0] if path else "/"))
    ]


def write_message(job: ClaimedJob, config: SmtpConfig, recipient: Recipient) -> EmailMessage:
    """Plain text in the recipient's language. Line breaks in a subject are folded away, so no header can
    be added."""
    message = EmailMessage()
    message["From"] = config.sender
    message["To"] = Address(addr_spec=recipient.address)
    message["Subject"] = " ".join(_choose(job.payload.get("subject"), recipient.locale).split())
    message["Date"] = format_datetime(job.due_at)
    domain = parseaddr(config.sender)[1].rpartition("@")[2] or "localhost"
    mark = sha256(recipient.address.lower().encode()).hexdigest()[:12]
    message["Message-ID"] = f"<{job.id}.{mark}@{domain}>"
    message.set_content(_choose(job.payload.get("body"), recipient.locale))
    return message


def _choose(texts: Any, locale: str) -> str:
    texts = texts if isinstance(texts, dict) else {}
    return str(texts.get(locale) or texts.get("zh") or texts.get("en") or "")


async def _connect(address: str, port: int) -> socket.socket:
    """Raises OSError, TimeoutError among them."""
    found = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    found.setblocking(False)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await asyncio.get_running_loop().sock_connect(found, (address, port))
    except BaseException:
        found.close()
        raise
    return found


async def _send(config: SmtpConfig, address: str, messages: Iterable[EmailMessage]) -> None:
    """The certificate is that of the name, whatever the address."""
    try:
        opened = await _connect(address, config.port)
    except OSError as error:
        raise JobDelayed("smtp_unreachable", reason=type(error).__name__) from error
    client = aiosmtplib.SMTP(
        hostname=config.host,
        sock=opened,
        timeout=TIMEOUT_S,
        use_tls=config.security == "tls",
        start_tls=config.security == "starttls",
    )
    try:
        async with client:
            if config.username:
                await client.login(config.username, config.password or "")
            for message in messages:
                await client.send_message(message)
    except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPAuthenticationError) as error:
        raise JobRefused("smtp_refused", reason=type(error).__name__) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise JobDelayed("smtp_unreachable", reason=type(error).__name__) from error
