"""The guard in front of the real ReactPy middleware, driven by a raw client."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
from pathlib import Path
from typing import Any

import pytest
from reactpy import component, html, use_state
from reactpy.executors.asgi import ReactPyMiddleware
from reactpy.types import VdomDict

from frontend.api.client import ApiClient
from frontend.api.transport import ApiError, Caller, Transport
from frontend.asgi import App, Receive, Scope, Send
from frontend.guard import (
    CLOSE_MALFORMED,
    CLOSE_RIGHTS_CHANGED,
    CLOSE_SIGNED_OUT,
    CLOSE_TOO_BIG,
    GuardLimits,
    SocketGuard,
)
from tests.unit.frontend.conftest import Accounts, RawSocket, make_session

PATIENT = GuardLimits(recheck=60, messages_per_second=1e9, burst=10**9)
BAD_MESSAGES = 100_000
MOST_GROWTH = 20 * 1024 * 1024


@component
def counter() -> VdomDict:
    """A page with one button and one bad link."""
    count, set_count = use_state(0)
    return html.div(
        html.button({"onClick": lambda _event: set_count(count + 1)}, f"clicked {count}"),
        html.a({"href": "javascript:alert(1)"}, "link"),
    )


async def nowhere(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """No HTTP behind the socket."""


def guard(api: App, limits: GuardLimits = PATIENT, origins: frozenset[str] = frozenset()) -> App:
    async def find_session(scope: Scope) -> Any:
        try:
            return await ApiClient(Transport(api, Caller.of(scope))).find_session()
        except ApiError:
            return None

    pages = ReactPyMiddleware(nowhere, [f"{__name__}.counter"])
    pages.root_components = {"frontend.root.root": counter}
    return SocketGuard(pages, find_session=find_session, origins=origins, limits=limits)


def event(target: str, *data: Any) -> str:
    return json.dumps({"type": "layout-event", "target": target, "data": list(data), "seq": 0})


def find_target(message: Any) -> str:
    """The target of the page's button."""
    text = message["text"]
    assert "eventHandlers" in text
    start = text.index('"target":"') + len('"target":"')
    found: str = text[start : text.index('"', start)]
    return found


async def open_page(socket: RawSocket) -> str:
    assert (await socket.receive())["type"] == "websocket.accept"
    return find_target(await socket.receive())


async def test_a_click_reaches_the_page_and_its_answer_comes_back(api: App) -> None:
    async with RawSocket(guard(api)) as socket:
        target = await open_page(socket)
        socket.send(event(target, {}))
        assert "clicked 1" in (await socket.receive())["text"]


async def test_a_javascript_link_does_not_pass(api: App) -> None:
    async with RawSocket(guard(api)) as socket:
        await socket.receive()
        assert "javascript" not in (await socket.receive())["text"]


@pytest.mark.parametrize(
    ("cookie", "origin"),
    [
        (None, "http://site.test"),
        ("forged", "http://site.test"),
        ("good", None),
        ("good", "null"),
        ("good", "http://elsewhere.test"),
        ("good", "http://site.test.elsewhere.test"),
        ("good", "file://site.test"),
    ],
)
async def test_strangers_are_refused_before_the_socket_is_accepted(
    api: App, cookie: str | None, origin: str | None
) -> None:
    async with RawSocket(guard(api), cookie=cookie, origin=origin) as socket:
        assert (await socket.receive())["type"] == "websocket.close"


async def test_an_origin_of_the_settings_is_ours_too(api: App) -> None:
    app = guard(api, origins=frozenset({"https://public.test"}))
    async with RawSocket(app, origin="https://public.test") as socket:
        assert (await socket.receive())["type"] == "websocket.accept"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", CLOSE_MALFORMED),
        ("nonsense", CLOSE_MALFORMED),
        ("[]", CLOSE_MALFORMED),
        ("null", CLOSE_MALFORMED),
        ('{"type":"other","target":"a","data":[]}', CLOSE_MALFORMED),
        ('{"type":"layout-event","target":7,"data":[]}', CLOSE_MALFORMED),
        ('{"type":"layout-event","target":"a","data":{}}', CLOSE_MALFORMED),
        ('{"type":"layout-event","data":[]}', CLOSE_MALFORMED),
        ('{"type":"layout-event","target":"a","data":[],"more":1}', CLOSE_MALFORMED),
        (event("a" * 3000), CLOSE_MALFORMED),
        (event("a", *range(9)), CLOSE_MALFORMED),
        ("[" * 100_000, CLOSE_MALFORMED),
        (event("a", "x" * 300_000), CLOSE_TOO_BIG),
        (event("a", "\u4e00" * 90_000).encode().decode("unicode_escape"), CLOSE_TOO_BIG),
    ],
)
async def test_a_bad_frame_closes_the_socket(api: App, frame: str, code: int) -> None:
    async with RawSocket(guard(api)) as socket:
        await open_page(socket)
        socket.send(frame)
        assert await socket.wait_closed() == code


async def test_a_binary_frame_closes_the_socket(api: App) -> None:
    async with RawSocket(guard(api)) as socket:
        await open_page(socket)
        socket.send(None, bytes=b"\x00\x01")
        assert await socket.wait_closed() == CLOSE_MALFORMED


async def test_unknown_targets_are_dropped_and_too_many_close_the_socket(api: App) -> None:
    async with RawSocket(guard(api)) as socket:
        target = await open_page(socket)
        socket.send(event("/gone:onClick", {}))
        socket.send(event(target, {}))
        assert "clicked 1" in (await socket.receive())["text"]
        for number in range(PATIENT.unknown_targets):
            socket.send(event(f"/{number}:onClick", {}))
        assert await socket.wait_closed() == CLOSE_MALFORMED


async def test_a_member_holds_a_bounded_number_of_sockets(api: App) -> None:
    app = guard(api, GuardLimits(sockets_per_member=2))
    async with RawSocket(app) as first, RawSocket(app) as second, RawSocket(app) as third:
        assert (await first.receive())["type"] == "websocket.accept"
        assert (await second.receive())["type"] == "websocket.accept"
        assert (await third.receive())["type"] == "websocket.close"
        async with RawSocket(app, cookie="other") as another_member:
            assert (await another_member.receive())["type"] == "websocket.accept"
    async with RawSocket(app) as later:
        assert (await later.receive())["type"] == "websocket.accept"


async def test_a_revoked_session_ends_the_socket(api: App, accounts: Accounts) -> None:
    async with RawSocket(guard(api, GuardLimits(recheck=0.05))) as socket:
        await open_page(socket)
        del accounts.sessions["good"]
        assert await socket.wait_closed() == CLOSE_SIGNED_OUT


async def test_changed_rights_end_the_socket(api: App, accounts: Accounts) -> None:
    async with RawSocket(guard(api, GuardLimits(recheck=0.05))) as socket:
        await open_page(socket)
        accounts.sessions["good"] = make_session("m1", ("view",))
        assert await socket.wait_closed() == CLOSE_RIGHTS_CHANGED


def test_the_session_is_asked_again_within_five_seconds() -> None:
    assert GuardLimits().recheck <= 5


async def test_a_flood_is_read_at_the_allowed_rate(api: App) -> None:
    async with RawSocket(guard(api, GuardLimits(messages_per_second=100, burst=10))) as socket:
        target = await open_page(socket)
        started = asyncio.get_running_loop().time()
        for _ in range(60):
            socket.send(event(target, {}))
        while not socket.to_app.empty():
            await asyncio.sleep(0.01)
        assert asyncio.get_running_loop().time() - started >= 0.4


def resident() -> int:
    """Bytes of memory in use now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


async def send_bad_messages(app: App, count: int) -> None:
    """Unknown targets, as many a socket as it takes; then the next socket."""
    sent = 0
    while sent < count:
        async with RawSocket(app) as socket:
            await open_page(socket)
            for number in range(PATIENT.unknown_targets + 1):
                socket.send(event(f"/{sent + number}/{'x' * 200}:onClick", {}))
            sent += PATIENT.unknown_targets + 1
            assert await socket.wait_closed() == CLOSE_MALFORMED


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
async def test_memory_stays_flat_under_bad_messages(api: App) -> None:
    app = guard(api)
    await send_bad_messages(app, 5_000)
    gc.collect()
    before = resident()
    await send_bad_messages(app, BAD_MESSAGES)
    gc.collect()
    assert resident() - before <= MOST_GROWTH
