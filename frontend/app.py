"""Puts the screens in front of the API.

    app = mount(litestar_app, FrontendSettings(public_url="https://..."))

| path | answered by |
|---|---|
| `/static/...`, `/reactpy/static/...`, `/reactpy/modules/...` | files, compressed and cached |
| `/login`, `/logout`, `/setup` | plain forms (`signin.py`) |
| `/f/{token}`, `/t/{token}` | plain pages of customers with the public island; no account, no socket |
| `/reactpy/frontend.root.root/` (socket) | ReactPy behind the guard (`guard.py`) |
| `/api/...`, `/schema...` and everything that is not a GET | the API |
| every other GET | the document of the ReactPy pages, or the sign-in page |

Adding a page: a component in `frontend/pages/<noun>.py`, one line in `frontend/routes.py`, its texts in
`frontend/i18n/{zh,en}/<namespace>.json`. The component gets the names of its path as arguments:

    @component
    def ticket(ticket_id: str) -> VdomDict:
        shell = use_shell()                                  # api, session, locale, t, may, toast, go
        changed = use_changes(f"ticket:{ticket_id}")          # rises when the ticket changed
        loaded = use_resource(lambda: shell.api.find_ticket(ticket_id), ticket_id, changed)
        return html.div(show(loaded, shell.t, lambda found: html.h1(found.title)))

Links are plain `html.a({"href": "/tickets"})`; the shell script turns them into navigation without a reload.
State lives in leaves: what renders again is sent again with everything below it. Use `key` in every list.
"""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from reactpy import config
from reactpy.executors.asgi import ReactPyMiddleware

from backend.contracts.identity import SessionInfo
from frontend.api.client import ApiClient
from frontend.api.transport import ApiError, Caller, Transport
from frontend.asgi import App, Receive, Scope, Send, read_headers, redirect
from frontend.assets import STATIC, StaticFiles
from frontend.documents import make_nonce, page_document, public_document, send_document
from frontend.guard import GuardLimits, SocketGuard
from frontend.i18n import choose_locale, translator
from frontend.root import choose
from frontend.routes import find_page
from frontend.signin import SignInPages, find_locale

ROOT = "frontend.root.root"
OF_THE_API = ("/api/", "/schema", "/metrics")
SIGN_IN = frozenset({"/login", "/logout", "/setup"})
PUBLIC = {"/f/": "form", "/t/": "ticket"}
LONGEST_TOKEN = 200


class FrontendSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`origins` (scheme://host) are those of a proxy that hides the host; usually none is needed."""

    origins: frozenset[str] = frozenset()
    limits: GuardLimits = GuardLimits()


def mount(api: App, settings: FrontendSettings | None = None) -> App:
    """The whole product as one ASGI app; `api` is the Litestar application."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # one line for each call in process says nothing
    # In turn: a parent that renders while its child does cancels the child half-way and unmounts what it had
    # already unmounted (a dialog that closes and reloads the page around it broke the page so).
    config.REACTPY_ASYNC_RENDERING.current = False
    chosen = settings or FrontendSettings()
    roots = {
        "/static/": STATIC,
        "/reactpy/static/": _reactpy_static(),
        "/reactpy/modules/": config.REACTPY_WEB_MODULES_DIR.current,
    }
    return StaticFiles(_Screens(api, chosen), roots)


def _reactpy_static() -> Path:
    found = importlib.util.find_spec("reactpy")
    if found is None or found.origin is None:
        raise RuntimeError("reactpy is not installed")
    return Path(found.origin).parent / "static"


class _Screens:
    """Routes one request or socket."""

    def __init__(self, api: App, settings: FrontendSettings) -> None:
        self._api = api
        self._sign_in = SignInPages(api, settings.origins)
        pages = ReactPyMiddleware(_refuse, [ROOT])
        self._sockets = SocketGuard(
            _with_api(api, pages),
            find_session=self._find_session,
            origins=settings.origins,
            limits=settings.limits,
            draw_broken=draw_broken,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "websocket" and path.startswith("/reactpy/"):
            if path != f"/reactpy/{ROOT}/":
                await _refuse(scope, receive, send)
                return
            await self._sockets(scope, receive, send)
        elif scope["type"] != "http" or path.startswith(OF_THE_API):
            await self._api(scope, receive, send)
        elif path in SIGN_IN:
            await self._sign_in(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await self._api(scope, receive, send)
        else:
            await self._draw(path, scope, send)

    async def _draw(self, path: str, scope: Scope, send: Send) -> None:
        nonce = make_nonce()
        for prefix, kind in PUBLIC.items():
            token = path.removeprefix(prefix)
            if path.startswith(prefix) and token and "/" not in token and len(token) <= LONGEST_TOKEN:
                locale = find_locale(read_headers(scope))
                await send_document(scope, send, (200, public_document(locale, kind, token), nonce))
                return
        session = await self._find_session(scope)
        if session is None:
            asked = path + (f"?{query}" if (query := scope["query_string"].decode("latin-1")) else "")
            await redirect(send, "/login" if asked == "/" else f"/login?next={quote(asked, safe='')}")
            return
        choice = choose(session, scope)
        found = find_page(path)
        bundle = found.page.bundle if found else ""
        html = page_document(choice.locale, choice.theme, session.csrf, nonce, bundle)
        await send_document(scope, send, (200, html, nonce))

    async def _find_session(self, scope: Scope) -> SessionInfo | None:
        """Asked of the API each time, so that a revoked session ends here too."""
        if "cookie" not in read_headers(scope):
            return None
        try:
            return await ApiClient(Transport(self._api, Caller.of(scope))).find_session()
        except ApiError as error:
            if error.problem.status in (401, 403):
                return None
            raise


def draw_broken(session: SessionInfo) -> dict[str, Any]:
    """What stands where a component failed: words, and a link that loads the page anew."""
    t = translator(choose_locale(session.user.locale))
    words = {"tagName": "p", "children": [t("shell.error.text")]}
    again = {
        "tagName": "a",
        "attributes": {"href": "", "className": "btn btn-sm", "target": "_self"},
        "children": [t("shell.error.reload")],
    }
    css = "alert alert-error alert-soft flex flex-wrap"
    return {"tagName": "div", "attributes": {"role": "alert", "className": css}, "children": [words, again]}


def _with_api(api: App, pages: App) -> App:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        scope["tierflow.api"] = api
        await pages(scope, receive, send)

    return serve


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Only the one root component is served by ReactPy; nothing else is behind it."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
