"""`/settlement/tariffs`: all tariffs, and a new one to begin with."""

from __future__ import annotations

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.settlement import TariffItem
from frontend.i18n import pick
from frontend.pages.tariffs.beginning import beginning
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, breadcrumbs, card


@component
def tariffs() -> VdomDict:
    """The newest revision of each, and which one books now."""
    shell = use_shell()
    asking, set_asking = use_state(False)
    changed = use_changes("tariffs")
    loaded = use_resource(shell.api.list_tariffs, changed)
    add = html.button(
        {"type": "button", "className": "btn btn-primary btn-sm", "onClick": lambda _event: set_asking(True)},
        icon("plus", 16),
        shell.t("tariffs.new"),
    )
    may_add = shell.may("settle", "publish")
    return html.div(
        {"className": "flex flex-col gap-5"},
        breadcrumbs((shell.t("settlement.title"), "/settlement"), (shell.t("tariffs.title"), None)),
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            html.h1({"className": "text-xl font-semibold"}, shell.t("tariffs.title")),
            add if may_add else None,
        ),
        show(loaded, shell.t, lambda page: _list(page, shell), card(skeleton(3, "h-12"))),
        beginning(loaded.value.items, lambda: set_asking(False), key="new")
        if asking and loaded.value is not None
        else None,
    )


def _list(page: Page[TariffItem], shell: Shell) -> VdomDict:
    if not page.items:
        return card(empty(shell.t("tariffs.empty"), shell.t("tariffs.empty.text"), name="table-2"))

    def row(item: TariffItem) -> VdomDict:
        ahead = bool(item.current_revision) and item.in_force != item.current_revision
        return html.li(
            {"key": item.id, "className": "border-b border-base-300 last:border-0"},
            html.a(
                {
                    "href": f"/settlement/tariffs/{item.id}",
                    "className": "flex items-center gap-4 px-5 py-3 hover:bg-base-200",
                },
                html.span(
                    {"className": "rounded-field bg-family-money p-2 text-family-money-ink"},
                    icon("coins", 18),
                ),
                html.span(
                    {"className": "min-w-0 flex-1"},
                    html.span({"className": "block truncate font-medium"}, pick(item.name, shell.locale)),
                    html.span(
                        {"className": "block truncate text-sm text-muted"}, f"{item.currency} · {item.key}"
                    ),
                ),
                html.span(
                    {"className": "flex flex-col items-end gap-1 sm:flex-row sm:gap-2"},
                    badge(shell.t("tariffs.in_force", number=item.in_force), "soft badge-success")
                    if item.in_force
                    else None,
                    badge(shell.t("tariffs.waiting", number=item.current_revision), "soft badge-warning")
                    if ahead
                    else None,
                    badge(shell.t("tariffs.draft", number=item.current_revision + 1), "soft badge-warning")
                    if item.draft
                    else None,
                ),
                html.span({"className": "text-muted"}, icon("chevron-right", 16)),
            ),
        )

    return html.section(
        {"className": "tf-card p-0 overflow-hidden"}, html.ul([row(item) for item in page.items])
    )
