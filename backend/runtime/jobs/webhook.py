"""Calling other systems, without becoming a way into ours.

Only hosts of the workspace's list are called, at an address that was checked (backend.runtime.outside).
Redirects are not followed. At-least-once: the receiver can drop repetitions by the Idempotency-Key, which
is the job's id on every try.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
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
from backend.runtime.scripts import Driver
from backend.runtime.tracing import current_trace

MAX_ANSWER = 1_048_576
MAX_TIMEOUT_S = 30.0
TRY_AGAIN = frozenset({408, 425, 429})
HOP_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "idempotency-key", "traceparent"}
)


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
        address = await self._find_address(job.workspace_id, url)
        return await self._call(job, url, address)

    async def _find_address(self, workspace_id: str, url: httpx.URL) -> str:
        listed = await self._driver.run(load_allow_list(workspace_id))
        try:
            allowed = find_allowed(listed, url.host, _port(url))
            return await find_address(allowed, url.host, _port(url), self._resolve)
        except HostRefused as refused:
            failed = JobDelayed if refused.reason == "host_unknown" else JobRefused
            raise failed(f"webhook_{refused.reason}", host=refused.host) from refused

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
