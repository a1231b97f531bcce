"""Calling other systems, without becoming a way into ours.

Closed by default: only hosts of the workspace's `webhook` connection are called. The name is resolved
once, the address is checked and then called itself, so that a second answer of the name server cannot
lead elsewhere. Addresses that are not public are refused unless the entry says `private`. Redirects are
not followed. At-least-once: the receiver can drop repetitions by the Idempotency-Key, which is the job's
id on every try.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx
import msgspec

from backend.runtime.jobs.port import ClaimedJob, JobDelayed, JobRefused
from backend.runtime.scripts import Driver, ask_one
from backend.runtime.statements import CONNECTION, read_json
from backend.runtime.tracing import current_trace

MAX_ANSWER = 1_048_576
MAX_TIMEOUT_S = 30.0
TRY_AGAIN = frozenset({408, 425, 429})
HOP_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "idempotency-key", "traceparent"}
)

_ENTRY = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^:]+)(?::(?P<port>\d+))?")

Resolve = Callable[[str, int], Awaitable[list[str]]]


class AllowedHost(NamedTuple):
    """One entry of the allow-list; `private` permits addresses that are not public."""

    host: str
    """A name, an address, or `*.` and a domain: any name below it."""
    port: int | None
    """None: any."""
    private: bool

    def covers(self, host: str, port: int) -> bool:
        """Whether the entry is for this host and port."""
        if self.port not in {None, port}:
            return False
        if self.host.startswith("*."):
            return host.endswith(self.host[1:])
        return host == self.host


async def resolve_host(host: str, port: int) -> list[str]:
    """Addresses of a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class WebhookHandler:
    """Answers {"status", "body"}: JSON where the other side sent JSON, else text."""

    def __init__(
        self,
        driver: Driver,
        resolve: Resolve = resolve_host,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._driver = driver
        self._resolve = resolve
        self._transport = transport

    async def __call__(self, job: ClaimedJob) -> dict[str, Any]:
        url = _read_url(str(job.payload.get("url", "")))
        allowed = await self._find_allowed(job.workspace_id, url)
        address = await self._find_address(url, allowed)
        return await self._call(job, url, address)

    async def _find_allowed(self, workspace_id: str, url: httpx.URL) -> AllowedHost:
        row = await self._driver.run(ask_one(CONNECTION, workspace=workspace_id, kind="webhook"))
        config = read_json(row[0]) if row else {}
        for entry in read_allow_list(config):
            if entry.covers(url.host.lower(), _port(url)):
                return entry
        raise JobRefused("webhook_host_not_allowed", host=url.host)

    async def _find_address(self, url: httpx.URL, allowed: AllowedHost) -> str:
        try:
            addresses = await self._resolve(url.host, _port(url))
        except OSError as error:
            raise JobDelayed("webhook_host_unknown", host=url.host) from error
        for address in addresses:
            if not allowed.private and not is_public(address):
                raise JobRefused("webhook_address_refused", host=url.host)
        if not addresses:
            raise JobDelayed("webhook_host_unknown", host=url.host)
        return addresses[0]

    async def _call(self, job: ClaimedJob, url: httpx.URL, address: str) -> dict[str, Any]:
        timeout = min(float(job.payload.get("timeout") or 10.0), MAX_TIMEOUT_S)
        headers = {
            name: str(value)
            for name, value in (job.payload.get("headers") or {}).items()
            if name.lower() not in HOP_HEADERS
        }
        headers |= {"Host": url.netloc.decode("ascii"), "Idempotency-Key": job.id}
        if trace := current_trace():
            headers["traceparent"] = trace
        body = job.payload.get("body")
        content = None if body is None else msgspec.json.encode(body)
        if content is not None:
            headers.setdefault("Content-Type", "application/json")
        client = httpx.AsyncClient(
            follow_redirects=False, trust_env=False, timeout=timeout, transport=self._transport
        )
        try:
            async with (
                asyncio.timeout(timeout),
                client,
                client.stream(
                    str(job.payload.get("method", "POST")),
                    url.copy_with(host=address),
                    headers=headers,
                    content=content,
                    extensions={"sni_hostname": url.host},
                ) as response,
            ):
                return _judge(response, await _read_body(response), url.host)
        except (httpx.TransportError, TimeoutError) as error:
            raise JobDelayed("webhook_unreachable", host=url.host, reason=type(error).__name__) from error


def read_allow_list(config: dict[str, Any]) -> list[AllowedHost]:
    """Each entry is `host` or `host:port`; `private_hosts` first: who is in both lists may have an inner
    address."""
    listed = [(entry, True) for entry in config.get("private_hosts") or []]
    listed += [(entry, False) for entry in config.get("hosts") or []]
    return [_read_entry(str(entry), private) for entry, private in listed]


def _read_entry(entry: str, private: bool) -> AllowedHost:
    found = _ENTRY.fullmatch(entry.lower())
    if found is None:
        return AllowedHost(entry.lower(), None, private)
    return AllowedHost(found["host"].strip("[]"), int(found["port"]) if found["port"] else None, private)


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet; embedded IPv4 addresses are looked through."""
    found = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(found, ipaddress.IPv6Address):
        embedded = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if embedded is not None:
            return is_public(str(embedded))
    return found.is_global and not found.is_multicast


def _read_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise JobRefused("webhook_url_invalid") from error
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
        raise JobRefused("webhook_url_invalid")
    return url


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


async def _read_body(response: httpx.Response) -> bytes:
    """Raises JobRefused for more than MAX_ANSWER bytes (after decompression)."""
    received = bytearray()
    async for chunk in response.aiter_bytes():
        received += chunk
        if len(received) > MAX_ANSWER:
            raise JobRefused("webhook_answer_too_large")
    return bytes(received)


def _judge(response: httpx.Response, body: bytes, host: str) -> dict[str, Any]:
    if response.is_success:
        return {"status": response.status_code, "body": _read_answer(response, body)}
    if response.status_code in TRY_AGAIN or response.is_server_error:
        after = _read_pause(response)
        raise JobDelayed("webhook_failed_status", after=after, host=host, status=response.status_code)
    raise JobRefused("webhook_failed_status", host=host, status=response.status_code)


def _read_pause(response: httpx.Response) -> float:
    """Seconds that the other side asks us to stay away; dates are not read."""
    wanted = response.headers.get("retry-after", "")
    return float(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0.0


def _read_answer(response: httpx.Response, body: bytes) -> Any:
    if "json" in response.headers.get("content-type", ""):
        try:
            return msgspec.json.decode(body)
        except msgspec.DecodeError:
            pass
    return body.decode(response.encoding or "utf-8", errors="replace").replace("\0", "")
