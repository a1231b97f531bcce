"""The links by which customers open tickets: switched off and on here; they are made in the designer."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.workflows import EntryLink
from frontend.api.transport import quoted
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.session import use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.parts import badge, button_link, card


@component
def doors(workflow_id: str) -> VdomDict:
    """A printed code keeps its address: switched on again, it works again."""
    shell = use_shell()
    t = shell.t
    loaded = use_resource(lambda: shell.api.list_entry_links(workflow_id), workflow_id)
    regions = use_resource(shell.api.list_regions)
    names = {each.id: pick(each.name, shell.locale) for each in regions.value.items} if regions.value else {}

    def row(link: EntryLink) -> VdomDict:
        async def switch(_event: object) -> None:
            path = f"/entry-links/{quoted(link.id)}"
            work = shell.api.transport.write(EntryLink, "PATCH", path, {"active": not link.active})
            said = t("triggers.switched_off" if link.active else "triggers.switched_on")
            if await attempt(shell, work, said):
                loaded.reload()

        place = names.get(link.region_id or "", "")
        return html.li(
            {"key": link.id, "className": "flex items-start gap-3 py-3"},
            html.div(
                {"className": "min-w-0 flex-1"},
                html.div(
                    {"className": "flex flex-wrap items-center gap-2"},
                    html.span({"className": "font-medium break-words"}, link.name or link.channel),
                    badge(place) if place else None,
                    badge(t("triggers.off"), "soft badge-warning") if not link.active else None,
                ),
                html.a({"className": "tf-link block truncate text-sm", "href": link.url}, link.url),
            ),
            html.input(
                {
                    "type": "checkbox",
                    "className": "toggle toggle-sm toggle-success",
                    "checked": link.active,
                    "aria-label": t("triggers.active", name=link.name or link.channel),
                    "onChange": switch,
                }
            )
            if shell.may("publish")
            else None,
        )

    def draw(page: Page[EntryLink]) -> VdomDict:
        if not page.items:
            return html.p({"className": "text-sm text-muted"}, t("triggers.doors.empty"))
        return html.ul(
            {"className": "flex flex-col divide-y divide-base-300"}, [row(link) for link in page.items]
        )

    go = button_link(t("triggers.doors.add"), f"/workflows/{workflow_id}/design", "route")
    return card(
        html.p({"className": "mb-2 text-sm text-muted"}, t("triggers.doors.text")),
        html.div(show(loaded, t, draw)),
        title=t("triggers.doors"),
        actions=[go],
    )
