"""A quick HTTP client for load: raw sockets that stay open, so that the client is never what is measured."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import NamedTuple
from urllib.parse import urlsplit


class Request(NamedTuple):
    """One POST, ready to be sent."""

    host: str
    port: int
    content: bytes


def make_post(url: str, body: bytes, **headers: str) -> Request:
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"host: {parts.netloc}", "content-type: application/json"]
    lines += [f"content-length: {len(body)}", "accept-language: en"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([*lines, "", ""]).encode()
    return Request(parts.hostname or "127.0.0.1", parts.port or 80, head + body)


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lowered = head.lower()
    if b"transfer-encoding: chunked" in lowered:
        body = b""
        while size := int((await reader.readline()).strip() or b"0", 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)
    else:
        at = lowered.index(b"content-length:") + 15
        body = await reader.readexactly(int(lowered[at : lowered.index(b"\r\n", at)]))
    return int(head[9:12]), body


async def send_once(request: Request) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection(request.host, request.port)
    try:
        writer.write(request.content)
        return await _read_answer(reader)
    finally:
        writer.close()


async def rate(request: Request, connections: int, seconds: float) -> float:
    """Requests a second answered with 2xx. Raises AssertionError for any other answer."""
    statuses: Counter[int] = Counter()
    began = time.perf_counter()

    async def run() -> None:
        reader, writer = await asyncio.open_connection(request.host, request.port)
        while time.perf_counter() - began < seconds:
            writer.write(request.content)
            status, _ = await _read_answer(reader)
            statuses[status] += 1
        writer.close()

    await asyncio.gather(*(run() for _ in range(connections)))
    assert all(200 <= status < 300 for status in statuses), statuses
    return sum(statuses.values()) / (time.perf_counter() - began)
