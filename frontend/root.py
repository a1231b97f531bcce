"""The component that ReactPy serves: surroundings of all pages, the layout, the page of the current path."""

from __future__ import annotations

from typing import Any

import msgspec
from reactpy import (
    component,
    html,
    use_async_effect,
    use_connection,
    use_location,
    use_memo,
    use_ref,
    use_state,
)
from reactpy.types import Component, VdomDict
from reactpy_router import browser_router, route

from backend.contracts.identity import Preferences, SessionInfo
from frontend.api.client import ApiClient
from frontend.api.transport import ApiError, Caller, Transport
from frontend.asgi import App, Scope, read_headers
from frontend.changes import ChangeFeed
from frontend.layout import layout
from frontend.pages.trouble import forbidden, missing
from frontend.routes import find_page
from frontend.session import Shell, ShellContext
from frontend.signin import find_locale
from frontend.toasts import ToastBoard, toasts

APPEARANCES = ("light", "dark", "system")


class Choice(msgspec.Struct, frozen=True):
    """Language and appearance as chosen last."""

    locale: str
    theme: str


def choose(session: SessionInfo, scope: Scope) -> Choice:
    """What the member chose, else what the browser prefers."""
    locale = session.user.locale or find_locale(read_headers(scope))
    theme = session.user.theme if session.user.theme in APPEARANCES else "system"
    return Choice("en" if locale.startswith("en") else "zh", theme or "system")


@component
def root() -> Component:
    """One per socket. The guard has put the session and the API into the scope."""
    return browser_router(route("{path:any}", surroundings(key="surroundings")))


@component
def surroundings() -> Any:
    """Holds language, appearance, toasts and the change feed; everything else holds its own state."""
    scope: Any = use_connection().scope
    session: SessionInfo = scope["tierflow.session"]
    app: App = scope["tierflow.api"]
    chosen, set_chosen = use_state(lambda: choose(session, scope))
    target, set_target = use_state(("", 0))
    board = use_memo(ToastBoard, dependencies=[])
    api = use_memo(lambda: _make_api(app, scope, session, chosen.locale), dependencies=[chosen.locale])
    feed = use_ref(ChangeFeed(api)).current
    path = use_location().path

    async def change_preferences(locale: str, theme: str) -> None:
        set_chosen(Choice(locale, theme))
        try:
            await api.change_preferences(Preferences(locale=locale, theme=theme))
        except ApiError as error:
            board.add(error.problem.detail or error.problem.title, "error")

    def go(wanted: str) -> None:
        set_target(lambda old: (wanted, old[1] + 1))

    use_async_effect(feed.run, dependencies=[])
    shell = Shell(
        api=api,
        session=session,
        feed=feed,
        locale=chosen.locale,
        theme=chosen.theme,
        path=path,
        change_preferences=change_preferences,
        toast=board.add,
        go=go,
    )
    return ShellContext(_screen(shell, target), toasts(board, key="toasts"), value=shell)


def _screen(shell: Shell, target: tuple[str, int]) -> VdomDict:
    found = find_page(shell.path)
    title = shell.t(found.page.title if found else "shell.missing.title")
    page: Component
    head: Component | None = None
    if found is None:
        page = missing(key=shell.path)
    elif found.page.rights and not shell.may(*found.page.rights):
        page = forbidden(key=shell.path)
    else:
        if found.page.head is not None:
            head = found.page.head(**found.parameters, key=f"head {shell.path} {shell.locale}")
        page = found.page.draw(**found.parameters, key=f"{found.page.group or shell.path} {shell.locale}")
    return html.div(
        {"key": "screen"},
        html.div(
            {
                "id": "tf-document",
                "hidden": True,
                "data-appearance": shell.theme,
                "data-locale": shell.locale,
                "data-title": f"{title} · {shell.t('shell.product')}",
                "data-go": target[0],
                "data-go-number": str(target[1]) if target[1] else "",
            }
        ),
        layout(page, found.page if found else None, head, key=f"layout {shell.locale}"),
    )


def _make_api(app: App, scope: Scope, session: SessionInfo, locale: str) -> ApiClient:
    return ApiClient(Transport(app, Caller.of(scope, locale=locale, csrf=session.csrf)))
