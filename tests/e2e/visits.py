"""Somebody in front of a browser: who they are, what they look at, and what the browser complains about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response

from frontend.i18n import translator
from tests.support.browsing import DESKTOP, TAKES_PICTURES, take_picture
from tests.support.serving import Account, LiveServer

API = "/api/v1"
PATIENCE = 30_000
"""Milliseconds a locator waits, on a machine that does other things too."""
LAST_LOOK = os.environ.get("TIERFLOW_LAST_LOOK", "")
"""A folder for how each page looked when its test ended, to find out why one failed."""
SOCKET_OPEN = "html[data-socket=open]"
TAGS = {"zh": "zh-CN", "en": "en-GB"}


class Member:
    """One signed-in account, at the API: to arrange what a test is not about, and to see what came of it."""

    def __init__(self, url: str, account: Account) -> None:
        self.account = account
        # each request its own connection: the server closes idle ones, sometimes just as they are used again
        once = httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(base_url=url, timeout=PATIENCE / 1000, limits=once)
        words = {"email": account.email, "password": account.password}
        self.client.post(f"{API}/session", json=words).raise_for_status()
        self.session: dict[str, Any] = self.get("/session")
        self.client.headers["x-csrf-token"] = self.session["csrf"]

    def get(self, path: str, **query: Any) -> Any:
        return self._read(self.client.get(f"{API}{path}", params=query))

    def post(self, path: str, body: Any = None) -> Any:
        return self._read(self.client.post(f"{API}{path}", json=body))

    def prefer(self, locale: str, theme: str) -> None:
        self._read(self.client.patch(f"{API}/me", json={"locale": locale, "theme": theme}))

    def edit_draft(self, workflow_id: str, patch: dict[str, Any]) -> Any:
        """A merge patch on top of whatever the draft is now."""
        revision = self.get(f"/workflows/{workflow_id}/draft")["revision"]
        headers = {"if-match": f'"{revision}"', "content-type": "application/merge-patch+json"}
        path = f"{API}/workflows/{workflow_id}/draft"
        return self._read(self.client.patch(path, content=msgspec.json.encode(patch), headers=headers))

    def cookies(self) -> list[dict[str, str]]:
        """For a browser context."""
        url = str(self.client.base_url)
        jar = self.client.cookies.jar
        return [{"name": each.name, "value": each.value or "", "url": url} for each in jar]

    @staticmethod
    def _read(answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.request.url} {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


class Complaints:
    """What no page may do: write errors to the console, fail in a script, ask a foreign host, get a 5xx.

    `expected` are the 4xx answers that a test provokes; the browser writes each to the console.
    """

    def __init__(self, context: BrowserContext, host: str) -> None:
        self.found: list[str] = []
        self.expected: set[int] = set()
        self._host = host
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.found.append(f"script: {error.error}"))
        context.on("request", self._see)
        context.on("response", self._answer)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type != "error" or message.text.startswith("Failed to load resource"):
            return  # answers are judged below
        self.found.append(f"console: {message.text}")

    def _see(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self._host:
            self.found.append(f"foreign host: {request.url}")

    def _answer(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.found.append(f"answer: {response.status} {response.url}")


class Visit:
    """A page of ours in a browser context of its own, in one language, at one width."""

    def __init__(self, page: Page, locale: str, complaints: Complaints) -> None:
        self.page = page
        self.locale = locale
        self.t = translator(locale)
        self.complaints = complaints

    def open(self, path: str) -> Page:
        """A page of members: ready when its socket is open and nothing is a skeleton any more."""
        self.page.goto(path)
        self.page.locator(SOCKET_OPEN).wait_for(state="attached")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Until what the page still loads is there."""
        self.page.locator("#main > *").first.wait_for()
        for waiting in (".skeleton:visible", "[aria-busy=true]:visible"):
            self.page.locator(waiting).first.wait_for(state="detached")

    def button(self, key: str, **params: object) -> Locator:
        return self.page.get_by_role("button", name=self.t(key, **params), exact=True)


class Visits:
    """Opens visits and hears their complaints when the test is over."""

    def __init__(self, browser: Browser, server: LiveServer) -> None:
        self._browser = browser
        self._server = server
        self._open: list[tuple[BrowserContext, Complaints]] = []

    def start(
        self, member: Member | None, locale: str = "zh", size: dict[str, int] = DESKTOP, theme: str = "light"
    ) -> Visit:
        """`member` None: somebody without an account. Phones have touch."""
        context = self._browser.new_context(
            base_url=self._server.url,
            locale=TAGS[locale],
            timezone_id="Asia/Shanghai",
            viewport={"width": size["width"], "height": size["height"]},
            has_touch=size["width"] < 500,
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        if member is not None:
            member.prefer(locale, theme)
            context.add_cookies(member.cookies())  # type: ignore[arg-type]
        complaints = Complaints(context, urlsplit(self._server.url).netloc)
        self._open.append((context, complaints))
        return Visit(context.new_page(), locale, complaints)

    def picture(
        self,
        member: Member,
        path: str,
        name: str,
        size: dict[str, int],
        arrange: Callable[[Visit], object] = lambda visit: None,
    ) -> None:
        """A picture for the guides in each language, once `arrange` has brought the page to it; nothing where
        no pictures are asked for."""
        if not TAKES_PICTURES:
            return
        for locale in TAGS:
            visit = self.start(member, locale, size)
            page = visit.open(path)
            arrange(visit)
            take_picture(page, f"{name}.{locale}")

    def finish(self) -> None:
        """Close everything; fail with what was heard."""
        heard = []
        for at, (context, complaints) in enumerate(self._open):
            if LAST_LOOK and context.pages:
                context.pages[-1].screenshot(path=f"{LAST_LOOK}/{at}.png")
            context.close()
            heard += complaints.found
        assert not heard, "\n".join(heard)


@contextmanager
def visiting(browser: Browser, server: LiveServer) -> Iterator[Visits]:
    """Hears the complaints at the end."""
    visits = Visits(browser, server)
    try:
        yield visits
    finally:
        visits.finish()
