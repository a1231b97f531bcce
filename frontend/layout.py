"""The frame of every page: rail of icons (desktop), tab bar (phone), header with bell and account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from reactpy import component, html
from reactpy.types import Component, VdomDict

from frontend.bell import bell
from frontend.routes import PAGES, Page
from frontend.session import Shell, use_shell
from frontend.widgets.icon import icon

MOST_TABS = 5
THEMES = (("light", "sun"), ("dark", "moon"), ("system", "monitor"))


@component
def layout(page: Component, place: Page | None, head: Component | None = None) -> VdomDict:
    """`place` is where the reader stands; None for a path without a page. `head` takes the title's place."""
    shell = use_shell()
    wide = place is not None and place.wide
    inner = "mx-auto w-full max-w-7xl p-4 md:p-6 pb-24 md:pb-6"
    if place is not None and (wide or place.edge):
        inner = "flex-1 min-h-0 min-w-0"
    return html.div(
        {"className": "flex min-h-dvh" + (" h-dvh overflow-hidden" if wide else "")},
        html.a(
            {
                "href": "#main",
                "className": "sr-only focus:not-sr-only focus:absolute focus:z-50 btn btn-sm m-2",
            },
            shell.t("shell.skip"),
        ),
        _rail(shell),
        html.div(
            {"className": "flex flex-1 min-w-0 flex-col md:pl-14"},
            _header(shell, place, head),
            html.main({"id": "main", "tabIndex": -1, "className": f"{inner} outline-none"}, page),
        ),
        _tab_bar(shell),
    )


def _entries(shell: Shell) -> list[Page]:
    return [page for page in PAGES if page.nav and (not page.rights or shell.may(*page.rights))]


def _is_here(page: Page, path: str) -> bool:
    return path == page.path if page.path == "/" else path == page.path or path.startswith(f"{page.path}/")


def _link(page: Page, shell: Shell, css: str, text: VdomDict, size: int) -> VdomDict:
    assert page.nav is not None
    attributes: dict[str, object] = {"key": page.path, "href": page.path, "className": css}
    if _is_here(page, shell.path):
        attributes["aria-current"] = "page"
    return html.a(attributes, icon(page.nav.icon, size), text)


def _rail(shell: Shell) -> VdomDict:
    """Icons; their names slide out while the pointer or the focus is on the rail."""

    def entry(page: Page) -> VdomDict:
        name = html.span(
            {
                "className": "whitespace-nowrap opacity-0 group-hover:opacity-100 "
                "group-focus-within:opacity-100"
            },
            shell.t(f"shell.nav.{page.nav.text}") if page.nav else "",
        )
        return _link(page, shell, "tf-nav", name, 18)

    return html.nav(
        {
            "aria-label": shell.t("shell.nav"),
            "className": "group hidden md:flex fixed inset-y-0 left-0 z-30 w-14 hover:w-52 focus-within:w-52 "
            "flex-col gap-1 overflow-hidden border-r border-base-300 bg-base-100 p-2 "
            "transition-[width] duration-150",
        },
        html.a(
            {"href": "/", "className": "flex items-center gap-3 h-10 px-1 mb-3 font-semibold"},
            html.img({"src": "/static/icon.svg", "width": 30, "height": 30, "alt": ""}),
            html.span(
                {"className": "opacity-0 group-hover:opacity-100 group-focus-within:opacity-100"},
                shell.t("shell.product"),
            ),
        ),
        [entry(page) for page in _entries(shell)],
    )


def _tab_bar(shell: Shell) -> VdomDict:
    def tab(page: Page) -> VdomDict:
        name = html.span(shell.t(f"shell.nav.{page.nav.text}") if page.nav else "")
        return _link(page, shell, "tf-tab", name, 20)

    entries = [page for page in _entries(shell) if page.nav and page.nav.on_phone][:MOST_TABS]
    return html.nav(
        {
            "aria-label": shell.t("shell.nav"),
            "className": "md:hidden fixed inset-x-0 bottom-0 z-30 flex border-t border-base-300 bg-base-100 "
            "pb-[env(safe-area-inset-bottom)]",
        },
        [tab(page) for page in entries],
    )


def _beyond_tabs(shell: Shell) -> VdomDict | None:
    """On a phone: the pages for which the tab bar has no room."""
    shown = [page for page in _entries(shell) if page.nav and page.nav.on_phone][:MOST_TABS]
    others = [page for page in _entries(shell) if page not in shown]
    if not others:
        return None

    def link(page: Page) -> VdomDict:
        name = html.span(shell.t(f"shell.nav.{page.nav.text}") if page.nav else "")
        return _link(page, shell, "tf-nav", name, 18)

    return html.div(
        {"className": "flex flex-col border-t border-base-300 pt-1 md:hidden"},
        [link(page) for page in others],
    )


def _header(shell: Shell, place: Page | None, head: Component | None) -> VdomDict:
    title = shell.t(place.title) if place else ""
    standard = (
        html.div({"className": "font-semibold truncate"}, title),
        html.div({"className": "text-muted truncate text-sm hidden sm:block"}, shell.session.workspace.name),
        html.div({"className": "flex-1"}),
    )
    return html.header(
        {
            "className": "sticky top-0 z-20 flex h-14 shrink-0 items-center gap-2 border-b border-base-300 "
            "bg-base-100 px-4"
        },
        *((html.div({"className": "min-w-0 flex-1 self-stretch"}, head),) if head else standard),
        bell(key="bell"),
        _account(shell),
    )


def _account(shell: Shell) -> VdomDict:
    user = shell.session.user
    return html.details(
        {"className": "dropdown dropdown-end"},
        html.summary(
            {
                "className": "btn btn-ghost btn-square list-none",
                "aria-label": shell.t("shell.menu.account"),
            },
            html.span(
                {
                    "className": "inline-flex size-8 items-center justify-center rounded-full bg-accent "
                    "text-accent-content text-sm font-medium"
                },
                user.name[:1].upper(),
            ),
        ),
        html.div(
            {"className": "dropdown-content z-40 mt-2 w-64 tf-card p-2 flex flex-col gap-1"},
            html.div(
                {"className": "px-3 py-2"},
                html.div({"className": "font-medium"}, user.name),
                html.div({"className": "text-muted text-sm truncate"}, user.email),
            ),
            _choices(
                shell.t("shell.menu.language"),
                [(code, shell.t(f"shell.language.{code}"), "") for code in ("zh", "en")],
                shell.locale,
                lambda code: shell.change_preferences(code, shell.theme),
            ),
            _choices(
                shell.t("shell.menu.theme"),
                [(key, shell.t(f"shell.theme.{key}"), name) for key, name in THEMES],
                shell.theme,
                lambda key: shell.change_preferences(shell.locale, key),
            ),
            _beyond_tabs(shell),
            html.a(
                {"href": "/me", "className": "btn btn-ghost btn-sm btn-block mt-1 justify-start gap-3"},
                icon("settings", 16),
                shell.t("shell.menu.preferences"),
            ),
            html.form(
                {"method": "post", "action": "/logout", "className": "mt-1 border-t border-base-300 pt-2"},
                html.input({"type": "hidden", "name": "csrf", "value": shell.session.csrf}),
                html.button(
                    {"type": "submit", "className": "btn btn-ghost btn-sm btn-block justify-start gap-3"},
                    icon("log-out", 16),
                    shell.t("shell.menu.sign_out"),
                ),
            ),
        ),
    )


def _choices(
    title: str,
    options: Sequence[tuple[str, str, str]],
    chosen: str,
    choose: Callable[[str], Awaitable[None]],
) -> VdomDict:
    """A few exclusive options side by side; an option is (key, text, icon)."""

    def option(key: str, text: str, name: str) -> VdomDict:
        async def pick(_event: object) -> None:
            await choose(key)

        active = key == chosen
        return html.button(
            {
                "key": key,
                "type": "button",
                "aria-pressed": "true" if active else "false",
                "title": text,
                "className": f"btn btn-sm flex-1 join-item {'btn-primary' if active else ''}",
                "onClick": pick,
            },
            icon(name, 16) if name else text,
            html.span({"className": "sr-only"}, text) if name else None,
        )

    return html.div(
        {"className": "px-3 py-1 flex flex-col gap-1", "role": "group", "aria-label": title},
        html.span({"className": "text-xs text-muted"}, title),
        html.div({"className": "join flex"}, [option(*each) for each in options]),
    )
