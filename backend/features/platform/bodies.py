"""What a request may carry: 1 MiB of JSON, 64 levels deep, no null characters, no key twice in one object.
Checked before anything decodes it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPScope,
    Receive,
    Scope,
    Send,
    WebSocketReceiveMessage,
)

from backend.features.platform.errors import BadRequest, TooLarge, UnsupportedContent

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_NULL_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def limit_bodies(app: ASGIApp) -> ASGIApp:
    """Middleware: reads the body of a write at once and hands it on. Only routes with `opt={"uploads": True}`
    take multipart, and have their own limit: everywhere else it would pass by what is checked here.
    """

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        _check_address(scope)
        if scope["method"] in READING_METHODS:
            await app(scope, receive, send)
            return
        if _is_multipart(scope):
            if not scope["route_handler"].opt.get("uploads"):
                raise UnsupportedContent()
            if not _has_boundary(scope):
                raise BadRequest("no_form")
            await app(scope, receive, send)
            return
        body = await _read(scope, receive)
        check_json(body)
        scope["body"] = body  # type: ignore[typeddict-unknown-key]
        pending: list[HTTPReceiveMessage] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> HTTPReceiveMessage | WebSocketReceiveMessage:
            return pending.pop() if pending else await receive()

        await app(scope, replay, send)

    return middleware


def check_json(body: bytes) -> None:
    """Raises BadRequest for nesting beyond the limit, broken UTF-8, null characters, which no column can
    hold, and a key written twice, of which every decoder would lose one.
    """
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and measure_depth(body) > MAX_DEPTH:
        raise BadRequest("body_too_deep", params={"limit": MAX_DEPTH})
    if _NULL_ESCAPE.search(body):
        raise BadRequest("null_character")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("invalid_json") from error
    repeated = find_repeated(body)
    if repeated is not None:
        raise BadRequest("duplicate_key", params={"key": repeated[:80]})


def find_repeated(body: bytes) -> str | None:
    """A key that stands twice in one object; None also for what is no JSON, which the decoder will say."""
    found: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        if len(pairs) > len({name for name, _ in pairs}):
            names = [name for name, _ in pairs]
            found.append(next(name for name in names if names.count(name) > 1))

    try:
        json.loads(body, object_pairs_hook=note, parse_int=len, parse_float=len)
    except ValueError:
        return None
    return found[0] if found else None


def measure_depth(body: bytes) -> int:
    """The deepest nesting of brackets outside strings."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", body)):
        depth += 1 if bracket in (b"[", b"{") else -1
        deepest = max(deepest, depth)
    return deepest


def _check_address(scope: HTTPScope) -> None:
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        raise BadRequest("null_character")


def _is_multipart(scope: HTTPScope) -> bool:
    kinds = [value for name, value in scope["headers"] if name.lower() == b"content-type"]
    return bool(kinds) and kinds[0].lower().startswith(b"multipart/form-data")


def _has_boundary(scope: HTTPScope) -> bool:
    return any(name.lower() == b"content-type" and b"boundary=" in value for name, value in scope["headers"])


async def _read(scope: HTTPScope, receive: Receive) -> bytes:
    announced = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
    if announced and announced[0].isdigit() and int(announced[0]) > MAX_BYTES:
        raise TooLarge(params={"limit": "1 MiB"})
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BadRequest()
        body += message.get("body", b"")
        if len(body) > MAX_BYTES:
            raise TooLarge(params={"limit": "1 MiB"})
        if not message.get("more_body", False):
            return bytes(body)
