"""The bell: unread notifications, live."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.notifications import MarkRead, Notification, Notifications
from frontend.api.transport import ApiError
from frontend.session import Resource, Shell, use_changes, use_resource, use_shell
from frontend.widgets.figures import relative
from frontend.widgets.icon import icon

MOST_SHOWN = 8
MOST_COUNTED = 99


@component
def bell() -> VdomDict:
    """A button with the number of unread notifications, and the newest of them below it."""
    shell = use_shell()
    changed = use_changes("notifications")
    loaded = use_resource(shell.api.list_notifications, changed)
    unread = loaded.value.unread if loaded.value else 0
    label = shell.t("shell.bell.unread", count=unread) if unread else shell.t("shell.bell")
    return html.details(
        {"className": "dropdown dropdown-end"},
        html.summary(
            {"className": "btn btn-ghost btn-square list-none relative", "aria-label": label},
            icon("bell", 18),
            html.span(
                {"className": "absolute right-0 top-0 badge badge-error badge-xs px-1 tf-tabular"},
                str(unread) if unread <= MOST_COUNTED else f"{MOST_COUNTED}+",
            )
            if unread
            else None,
        ),
        html.div(
            {"className": "dropdown-content z-40 mt-2 w-80 max-w-[calc(100vw-2rem)] tf-card p-2"},
            _list(loaded, shell),
        ),
    )


def _list(loaded: Resource[Notifications], shell: Shell) -> VdomDict:
    items = loaded.value.items[:MOST_SHOWN] if loaded.value else []
    if not items:
        return html.p({"className": "text-muted text-sm p-3"}, shell.t("shell.bell.empty"))

    async def read_all(_event: object) -> None:
        try:
            await shell.api.mark_read(MarkRead(all=True))
        except ApiError as error:
            shell.toast(error.problem.detail or error.problem.title, "error")
        loaded.reload()

    return html.div(
        {"className": "flex flex-col gap-1"},
        html.ul({"className": "flex flex-col"}, [_item(item, shell) for item in items]),
        html.div(
            {"className": "flex justify-between gap-2"},
            html.a(
                {"href": "/notifications", "className": "btn btn-ghost btn-sm"}, shell.t("shell.bell.all")
            ),
            html.button(
                {"type": "button", "className": "btn btn-ghost btn-sm", "onClick": read_all},
                shell.t("shell.bell.read_all"),
            ),
        ),
    )


def _item(item: Notification, shell: Shell) -> VdomDict:
    words = html.span({"className": "" if item.read else "font-medium"}, item.text)
    when = html.span({"className": "text-muted text-xs"}, relative(item.at, shell.locale, shell.zone))
    css = "flex flex-col gap-0.5 rounded-field px-3 py-2 hover:bg-base-200"
    inner = html.a({"href": item.link, "className": css}, words, when) if item.link else None
    return html.li({"key": item.id}, inner or html.div({"className": css}, words, when))
