"""Steps that could not go on: by workflow, step and cause; then each of them, to be mended."""

from __future__ import annotations

from collections.abc import Callable

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.operations import (
    BulkIncidents,
    IncidentFilter,
    IncidentGroup,
    IncidentGroups,
    IncidentItem,
)
from frontend.addresses import address, use_query
from frontend.i18n import pick
from frontend.pages.admin.bulk import bulk_button
from frontend.pages.admin.mending import mending
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import relative
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, page_head

HERE = "/admin/incidents"


@component
def incidents() -> VdomDict:
    """Groups first; the chosen group's incidents below."""
    shell = use_shell()
    query = use_query()
    changed = use_changes("ticket:*")
    loaded = use_resource(shell.api.group_incidents, changed)

    def draw(found: IncidentGroups) -> VdomDict:
        if not found.items:
            text, more = shell.t("operations.incidents.none"), shell.t("operations.incidents.none.text")
            return html.div({"className": "tf-card"}, empty(text, more, name="circle-check"))
        chosen = next((group for group in found.items if _is_chosen(group, query)), None)
        return html.div(
            {"className": "flex flex-col gap-5"},
            html.ul(
                {"className": "tf-card p-0"}, [_group(group, group is chosen, shell) for group in found.items]
            ),
            incident_list(_filter_of(chosen), loaded.reload, key=_key(chosen)) if chosen else None,
        )

    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(shell.t("admin.section.incidents"), shell.t("operations.incidents.text")),
        html.div(show(loaded, shell.t, draw)),
    )


def _key(group: IncidentGroup | None) -> str:
    return f"{group.workflow.id}:{group.node}:{group.code}" if group else ""


def _filter_of(group: IncidentGroup | None) -> IncidentFilter:
    if group is None:
        return IncidentFilter()
    return IncidentFilter(workflow_id=group.workflow.id, node=group.node, code=group.code)


def _is_chosen(group: IncidentGroup, query: dict[str, str]) -> bool:
    asked = (query.get("workflow"), query.get("node"), query.get("code"))
    return asked == (group.workflow.id, group.node, group.code)


def _group(group: IncidentGroup, chosen: bool, shell: Shell) -> VdomDict:
    t = shell.t
    href = address(HERE, workflow=group.workflow.id, node=group.node, code=group.code)
    filter_ = _filter_of(group)
    return html.li(
        {
            "key": _key(group),
            "className": "flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-base-300 px-5 py-4 "
            f"last:border-0 {'bg-base-200' if chosen else ''}",
        },
        html.span({"className": "text-error mt-0.5"}, icon("triangle-alert", 18)),
        html.div(
            {"className": "min-w-0 flex-1 basis-64"},
            html.div(
                {"className": "flex flex-wrap items-center gap-2"},
                html.a(
                    {"href": href, "className": "font-medium tf-link"},
                    f"{pick(group.workflow.name, shell.locale)} › {pick(group.label, shell.locale)}",
                ),
                badge(t("operations.incidents.count", count=group.count), "soft badge-error"),
            ),
            html.p({"className": "break-words"}, group.message),
            html.p({"className": "mt-1 text-sm text-muted"}, group.advice),
            html.p(
                {"className": "mt-1 text-sm text-muted"},
                t("operations.incidents.since"),
                " ",
                relative(group.oldest_at, shell.locale, shell.zone),
            ),
        ),
        bulk_button(
            t("operations.incidents.retry_all"),
            "rotate-ccw",
            lambda: shell.api.mend_incidents(BulkIncidents(action="retry", filter=filter_)),
            lambda: None,
            key="retry",
        ),
    )


@component
def incident_list(wanted: IncidentFilter, reload: Callable[[], None]) -> VdomDict:
    """The open ones of a group, newest first; one of them can be opened."""
    shell = use_shell()
    opened, set_opened = use_state("")
    changed = use_changes("ticket:*")
    filters = {"workflow_id": wanted.workflow_id, "node": wanted.node, "code": wanted.code}
    loaded, growing = use_pages(lambda cursor: shell.api.list_incidents(cursor, **filters), changed)

    def done() -> None:
        set_opened("")
        loaded.reload()
        reload()

    def row(item: IncidentItem) -> VdomDict:
        is_open = item.id == opened
        return html.li(
            {"key": item.id, "className": "border-b border-base-300 px-5 py-3.5 last:border-0"},
            html.div(
                {"className": "flex flex-wrap items-center gap-x-4 gap-y-2"},
                html.div(
                    {"className": "min-w-0 flex-1 basis-48"},
                    html.a(
                        {"href": f"/tickets/{item.ticket_id}", "className": "tf-link tf-tabular"}, item.number
                    ),
                    html.span({"className": "ml-2 break-words"}, item.title),
                    html.p({"className": "text-sm text-muted break-words"}, item.message),
                ),
                html.span({"className": "text-sm text-muted"}, relative(item.at, shell.locale, shell.zone)),
                html.button(
                    {
                        "type": "button",
                        "className": "btn btn-sm",
                        "aria-expanded": "true" if is_open else "false",
                        "onClick": lambda _event: set_opened("" if is_open else item.id),
                    },
                    shell.t("operations.incidents.mend"),
                ),
            ),
            html.div({"className": "mt-3"}, mending(item.id, done, key=item.id)) if is_open else None,
        )

    def draw(page: Page[IncidentItem]) -> VdomDict:
        return html.div(
            html.ul({"className": "tf-card p-0"}, [row(item) for item in page.items]),
            more_button(page, growing, shell),
        )

    return html.div(show(loaded, shell.t, draw))
