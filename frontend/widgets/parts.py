"""Cards, badges, tables, tabs, dialogs and the like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reactpy import html
from reactpy.types import Component, VdomDict

from frontend.i18n import Translate
from frontend.session import Rendered
from frontend.widgets.icon import icon

PRIORITY_TONES = {
    "urgent": "badge-error",
    "high": "badge-warning",
    "normal": "badge-ghost",
    "low": "badge-ghost",
}


def card(
    *children: Rendered, title: str = "", actions: Sequence[Component | VdomDict] = (), css: str = ""
) -> VdomDict:
    """A white card; with a title it is a section of its own."""
    head = html.div(
        {"className": "flex items-center justify-between gap-3 mb-4"},
        html.h2({"className": "text-base font-semibold"}, title),
        html.div({"className": "flex items-center gap-2"}, *actions),
    )
    return html.section({"className": f"tf-card {css}"}, head if title else None, *children)


def page_head(title: str, text: str = "", *actions: Component | VdomDict) -> VdomDict:
    """What the page is for, and its main commands."""
    return html.div(
        {"className": "flex flex-wrap items-start justify-between gap-x-6 gap-y-3"},
        html.div(
            {"className": "min-w-0"},
            html.h1({"className": "text-xl font-semibold"}, title),
            html.p({"className": "mt-1 text-muted"}, text) if text else None,
        ),
        html.div({"className": "flex flex-wrap gap-2"}, *actions) if actions else None,
    )


def badge(text: str, tone: str = "ghost", name: str = "") -> VdomDict:
    """A short state; `tone` is ghost, success, warning, error, info or primary."""
    return html.span(
        {"className": f"badge badge-sm badge-{tone} gap-1 whitespace-nowrap"},
        icon(name, 12) if name else None,
        text,
    )


def priority_badge(priority: str, t: Translate) -> VdomDict | None:
    """Nothing for normal tickets."""
    if priority == "normal":
        return None
    return html.span(
        {"className": f"badge badge-sm {PRIORITY_TONES.get(priority, 'badge-ghost')}"},
        t(f"priority.{priority}"),
    )


def button_link(text: str, href: str, name: str = "", css: str = "btn-sm") -> VdomDict:
    """A link that looks like a button."""
    return html.a({"className": f"btn {css}", "href": href}, icon(name, 16) if name else None, text)


def table(heads: Sequence[str], rows: Sequence[VdomDict], label: str) -> VdomDict:
    """`rows` are `html.tr` with a `key` each. Scrolls sideways by itself on a phone."""
    return html.div(
        {"className": "overflow-x-auto", "tabIndex": 0, "role": "region", "aria-label": label},
        html.table(
            {"className": "table"},
            html.thead(
                html.tr([html.th({"key": at, "scope": "col"}, head) for at, head in enumerate(heads)])
            ),
            html.tbody(list(rows)),
        ),
    )


def pager(
    t: Translate, back: Callable[[], None] | None, forward: Callable[[], None] | None
) -> VdomDict | None:
    """Buttons between the pages of a list; None where there is only one."""
    if back is None and forward is None:
        return None

    def step(text: str, go: Callable[[], None] | None) -> VdomDict:
        attributes = {"type": "button", "className": "btn btn-sm", "disabled": go is None}
        return html.button(attributes | ({"onClick": lambda _event: go()} if go else {}), text)

    return html.div(
        {"className": "flex justify-end gap-2 mt-4"},
        step(t("shell.page.previous"), back),
        step(t("shell.page.next"), forward),
    )


def tabs(options: Sequence[tuple[str, str]], chosen: str, choose: Callable[[str], None]) -> VdomDict:
    """`options` are (key, text); for the parts of one page."""

    def tab(key: str, text: str) -> VdomDict:
        active = key == chosen
        return html.button(
            {
                "key": key,
                "type": "button",
                "role": "tab",
                "aria-selected": "true" if active else "false",
                "className": f"tab {'tab-active' if active else ''}",
                "onClick": lambda _event: choose(key),
            },
            text,
        )

    return html.div(
        {"role": "tablist", "className": "tabs tabs-border"}, [tab(key, text) for key, text in options]
    )


def breadcrumbs(*crumbs: tuple[str, str | None]) -> VdomDict:
    """(text, path) from the outermost inwards; the last one is where the reader stands and has no path."""
    items = [
        html.li(
            {"key": at},
            html.a({"href": path}, text) if path else html.span({"aria-current": "page"}, text),
        )
        for at, (text, path) in enumerate(crumbs)
    ]
    return html.nav({"className": "breadcrumbs text-sm py-0"}, html.ul(items))


def dialog(
    title: str, t: Translate, close: Callable[[], None], *children: Rendered, actions: Sequence[VdomDict] = ()
) -> VdomDict:
    """A modal dialog; render it while it is open. The shell script traps the focus; Escape clicks close."""
    return html.div(
        {"className": "modal modal-open", "role": "dialog", "aria-modal": "true", "aria-label": title},
        html.div(
            {"className": "modal-box border border-base-300"},
            html.div(
                {"className": "flex items-start justify-between gap-4 mb-4"},
                html.h2({"className": "text-lg font-semibold"}, title),
                html.button(
                    {
                        "type": "button",
                        "className": "btn btn-ghost btn-sm btn-square",
                        "aria-label": t("shell.close"),
                        "data-dialog-close": "",
                        "onClick": lambda _event: close(),
                    },
                    icon("x", 16),
                ),
            ),
            *children,
            html.div({"className": "modal-action"}, *actions) if actions else None,
        ),
    )
