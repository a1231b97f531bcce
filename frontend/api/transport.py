"""One request to the API, in process, as the person behind a socket or a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from backend.contracts.common import Problem
from frontend.asgi import App, Scope, read_headers

Answer = TypeVar("Answer")
BASE = "http://tierflow.internal"


class ApiError(Exception):
    """The API refused. `problem` says why, in the caller's language."""

    def __init__(self, problem: Problem, headers: Mapping[str, str]) -> None:
        super().__init__(f"{problem.status} {problem.code}")
        self.problem = problem
        self.headers = headers


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """On whose behalf a request is made: their cookies, address and language."""

    cookie: str = ""
    csrf: str = ""
    locale: str = "zh"
    address: str = "127.0.0.1"
    host: str = ""
    scheme: str = "http"

    @classmethod
    def of(cls, scope: Scope, *, locale: str = "zh", csrf: str = "") -> Caller:
        """The caller as a page's or socket's scope shows them."""
        headers = read_headers(scope)
        client = scope.get("client")
        return cls(
            cookie=headers.get("cookie", ""),
            csrf=csrf,
            locale=locale,
            address=client[0] if client else "127.0.0.1",
            host=headers.get("host", ""),
            scheme="https" if scope["scheme"] in ("https", "wss") else "http",
        )

    def headers(self) -> dict[str, str]:
        """What the API needs to know them by."""
        found = {"accept-language": "zh-CN" if self.locale == "zh" else "en"}
        for name, value in (("cookie", self.cookie), ("x-csrf-token", self.csrf), ("host", self.host)):
            if value:
                found[name] = value
        if self.host:
            found["origin"] = f"{self.scheme}://{self.host}"
        return found


class Transport:
    """Sends requests of one caller to the API."""

    def __init__(self, app: App, caller: Caller) -> None:
        self.caller = caller
        self._transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(caller.address, 0))

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Raises ApiError for every answer from 400 on."""
        content = None if body is None else msgspec.json.encode(body)
        sent = self.caller.headers() | dict(headers or {})
        if content is not None:
            sent.setdefault("content-type", "application/json")
        wanted = {name: str(value) for name, value in (query or {}).items() if value is not None}
        async with httpx.AsyncClient(transport=self._transport, base_url=BASE, timeout=None) as client:
            answer = await client.request(
                method, f"/api/v1{path}", content=content, params=wanted or None, headers=sent
            )
        if answer.status_code >= 400:
            raise ApiError(_read_problem(answer), answer.headers)
        return answer

    async def read(self, kind: type[Answer], path: str, /, **query: Any) -> Answer:
        """GET `path`, decoded as `kind`."""
        answer = await self.send("GET", path, query=query)
        return msgspec.json.decode(answer.content, type=kind)

    async def write(
        self,
        kind: type[Answer],
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        revision: int | None = None,
        media_type: str | None = None,
    ) -> Answer:
        """Changes something; `key` makes a repetition answer the same, `revision` guards a draft."""
        headers = {}
        if key is not None:
            headers["idempotency-key"] = key
        if revision is not None:
            headers["if-match"] = f'"{revision}"'
        if media_type is not None:
            headers["content-type"] = media_type
        answer = await self.send(method, path, body=body, headers=headers)
        return msgspec.json.decode(answer.content or b"null", type=kind)


def quoted(part: str) -> str:
    """One segment of a path: what came from an address bar must not become two."""
    return quote(part, safe="")


def _read_problem(answer: httpx.Response) -> Problem:
    try:
        return msgspec.json.decode(answer.content, type=Problem)
    except msgspec.DecodeError:
        return Problem(title=answer.reason_phrase, status=answer.status_code, code="unexpected")
