"""A small API with sessions, and a raw ASGI client for sockets and requests.

The guard and the pages only ever see the API from outside, so a Litestar app with the one route they ask is a
real part here, not an imitation of one: the whole product is exercised in tests/e2e.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, Response, delete, get, post
from litestar.params import Body

from backend.contracts.common import Problem, Reference
from backend.contracts.identity import SessionInfo, SessionUser, SignIn
from frontend.asgi import App


class Accounts:
    """Sessions by cookie; a test revokes one by removing it."""

    def __init__(self) -> None:
        self.sessions: dict[str, SessionInfo] = {"good": make_session("m1"), "other": make_session("m2")}


def make_session(member: str, rights: tuple[str, ...] = ("view", "run")) -> SessionInfo:
    """A signed-in member."""
    return SessionInfo(
        user=SessionUser(id=f"u-{member}", name="林晓", email="lin@example.test", locale="zh"),
        member_id=member,
        workspace=Reference(id="w", name="示例"),
        roles=["agent"],
        rights=list(rights),
        csrf="csrf-1",
    )


def refuse(status: int, code: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    """Problem details, as the API answers them."""
    body = msgspec.json.encode(Problem(title=code, status=status, code=code))
    return Response(body, status_code=status, media_type="application/problem+json", headers=headers)


def make_api(accounts: Accounts) -> App:
    """The routes that the shell itself asks."""

    @get("/api/v1/session")
    async def show(request: Request[Any, Any, Any]) -> Response[Any]:
        found = accounts.sessions.get(request.cookies.get("tf_session", ""))
        return Response(found) if found else refuse(401, "sign_in_required")

    @post("/api/v1/session")
    async def sign_in(data: Annotated[SignIn, Body()]) -> Response[Any]:
        if data.password == "too often":
            return refuse(429, "too_many_attempts", {"retry-after": "840"})
        if data.password != "right":
            return refuse(401, "wrong_credentials")
        cookie = "tf_session=good; Path=/; HttpOnly; SameSite=lax"
        return Response(accounts.sessions["good"], status_code=201, headers={"set-cookie": cookie})

    @delete("/api/v1/session", status_code=204)
    async def sign_out(request: Request[Any, Any, Any]) -> None:
        if request.headers.get("x-csrf-token") == "csrf-1":
            accounts.sessions.pop(request.cookies["tf_session"], None)

    return Litestar([show, sign_in, sign_out], openapi_config=None)  # type: ignore[return-value]


@pytest.fixture
def accounts() -> Accounts:
    """Who is signed in."""
    return Accounts()


@pytest.fixture
def api(accounts: Accounts) -> App:
    """The API as an ASGI app."""
    return make_api(accounts)


class RawSocket:
    """A socket client that speaks ASGI, so that a test may send what no browser would."""

    def __init__(
        self, app: App, *, cookie: str | None = "good", origin: str | None = "http://site.test"
    ) -> None:
        headers = [(b"host", b"site.test")]
        if cookie is not None:
            headers.append((b"cookie", f"tf_session={cookie}".encode()))
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        self._scope: dict[str, Any] = {
            "type": "websocket",
            "path": "/reactpy/frontend.root.root/",
            "query_string": b"path=/",
            "headers": headers,
            "scheme": "ws",
            "client": ("192.0.2.1", 5000),
        }
        self._app = app
        self.to_app: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.from_app: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> RawSocket:
        self.to_app.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(self._run())
        return self

    async def _run(self) -> None:
        await self._app(self._scope, self.to_app.get, self.from_app.put)

    async def __aexit__(self, *_: object) -> None:
        self.to_app.put_nowait({"type": "websocket.disconnect", "code": 1001})
        if self.task is not None:
            await asyncio.wait_for(self.task, 5)

    def send(self, text: str | None = None, **more: Any) -> None:
        """One frame."""
        self.to_app.put_nowait({"type": "websocket.receive", "text": text, **more})

    async def receive(self, seconds: float = 5) -> MutableMapping[str, Any]:
        """The next message of the server."""
        return await asyncio.wait_for(self.from_app.get(), seconds)

    async def wait_closed(self, seconds: float = 5) -> int:
        """The code with which the server closes; layouts before that are dropped."""
        while True:
            message = await self.receive(seconds)
            if message["type"] == "websocket.close":
                code: int = message["code"]
                return code


def browse(app: App) -> httpx.AsyncClient:
    """An HTTP client that asks `app` as a browser at http://site.test would."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://site.test")
