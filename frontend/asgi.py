"""ASGI words used across the frontend, and two small answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = Sequence[tuple[str, str]]


def read_headers(scope: Scope) -> dict[str, str]:
    """Header names in lower case; of repeated headers the last one counts, cookies are joined."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}; {value}" if name == "cookie" and name in found else value
    return found


def read_cookies(headers: Mapping[str, str]) -> dict[str, str]:
    """Cookies by name. Parsed by hand because `http.cookies` drops the whole header at one odd cookie."""
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return {name: value.strip('"') for name, _, value in pairs if name}


async def respond(send: Send, status: int, body: bytes, headers: Headers) -> None:
    """One whole answer; adds its length."""
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def redirect(send: Send, location: str, headers: Headers = ()) -> None:
    """303: the browser asks for `location` with GET."""
    await respond(send, 303, b"", [("location", location), ("cache-control", "no-store"), *headers])


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The request's body, or None when it is longer than `limit` bytes or the client left."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)
