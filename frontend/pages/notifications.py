"""`/notifications`: everything that was told to the member, the newest first."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.notifications import MarkRead, Notification
from frontend.attempts import attempt
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import relative
from frontend.widgets.parts import badge, card


@component
def notifications() -> VdomDict:
    """Opening one leads to what it is about."""
    shell = use_shell()
    changed = use_changes("notifications")

    async def load(cursor: str | None) -> Page[Notification]:
        found = await shell.api.list_notifications(cursor)
        return Page(items=found.items, next=found.next)

    loaded, growing = use_pages(load, changed)

    async def read_all(_event: object) -> None:
        if await attempt(shell, shell.api.mark_read(MarkRead(all=True))):
            loaded.reload()

    def draw(page: Page[Notification]) -> VdomDict:
        if not page.items:
            text = shell.t("notifications.empty.text")
            return card(empty(shell.t("notifications.empty"), text, name="bell"))
        items = html.ul([_item(each, shell) for each in page.items])
        return html.div(
            html.section({"className": "tf-card p-0 overflow-hidden"}, items),
            more_button(page, growing, shell),
        )

    unread = any(not each.read for each in (loaded.value.items if loaded.value else []))
    button = html.button(
        {"type": "button", "className": "btn btn-sm", "onClick": read_all}, shell.t("notifications.read_all")
    )
    return html.div(
        {"className": "mx-auto flex max-w-3xl flex-col gap-5"},
        html.div(
            {"className": "flex items-center justify-between gap-3"},
            html.h1({"className": "text-xl font-semibold"}, shell.t("notifications.title")),
            button if unread else None,
        ),
        show(loaded, shell.t, draw, card(skeleton(4, "h-10", shell.t("shell.loading")))),
    )


def _item(item: Notification, shell: Shell) -> VdomDict:
    async def read(_event: object) -> None:
        if not item.read:
            await attempt(shell, shell.api.mark_read(MarkRead(ids=[item.id])))

    inner = [
        html.span(
            {"className": f"min-w-0 flex-1 break-words {'' if item.read else 'font-medium'}"}, item.text
        ),
        badge(shell.t("notifications.unread"), "soft badge-primary") if not item.read else None,
        html.span({"className": "text-sm text-muted"}, relative(item.at, shell.locale, shell.zone)),
    ]
    css = "flex items-center gap-3 px-5 py-3"
    return html.li(
        {"key": item.id, "className": "border-b border-base-300 last:border-0"},
        html.a({"href": item.link, "className": f"{css} hover:bg-base-200", "onClick": read}, *inner)
        if item.link
        else html.div({"className": css}, *inner),
    )
