"""`/workflows`: all workflows, the newest first, and a new one."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.workflows import WorkflowItem
from frontend.i18n import pick
from frontend.pages.workflows.place import PARTS
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import relative
from frontend.widgets.generated import both_languages, generated_form, object_of
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, button_link, dialog, page_head
from frontend.widgets.search_box import search_box


@component
def catalog() -> VdomDict:
    """Head, search, list; the list alone renders when it changes."""
    shell = use_shell()
    text, set_text = use_state("")
    is_new, set_new = use_state(False)
    browse = button_link(shell.t("workflows.from_template"), "/templates", "layout-template")
    create = html.button(
        {"type": "button", "className": "btn btn-sm btn-primary", "onClick": lambda _event: set_new(True)},
        icon("plus", 16),
        shell.t("workflows.new"),
    )
    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(
            shell.t("workflows.title"),
            shell.t("workflows.text"),
            *([browse, create] if shell.may("edit") else []),
        ),
        html.div({"className": "max-w-sm"}, search_box(shell.t("workflows.search"), set_text, key="search")),
        workflow_list(text, key="list"),
        new_workflow(lambda: set_new(False), key="new") if is_new else None,
    )


@component
def workflow_list(text: str) -> VdomDict:
    """Those whose name or key holds `text`."""
    shell = use_shell()
    changed = use_changes("workflow:*")
    loaded, growing = use_pages(shell.api.list_workflows, changed)

    def draw(page: Page[WorkflowItem]) -> VdomDict:
        wanted = text.casefold()
        found = [
            item for item in page.items if wanted in f"{item.name.zh} {item.name.en} {item.key}".casefold()
        ]
        if not found:
            return html.div({"className": "tf-card"}, _nothing(shell, bool(text)))
        return html.div(
            html.ul({"className": "tf-card p-0"}, [_row(item, shell) for item in found]),
            more_button(page, growing, shell),
        )

    return html.div(show(loaded, shell.t, draw))


def _nothing(shell: Shell, searched: bool) -> VdomDict:
    if searched:
        return empty(shell.t("workflows.none_found"), shell.t("workflows.none_found.text"), name="search")
    browse = button_link(
        shell.t("workflows.from_template"), "/templates", "layout-template", "btn-sm btn-primary"
    )
    return empty(
        shell.t("workflows.empty"),
        shell.t("workflows.empty.text"),
        *([browse] if shell.may("edit") else []),
        name="workflow",
    )


def _row(item: WorkflowItem, shell: Shell) -> VdomDict:
    t = shell.t
    state = (
        badge(t("workflows.release", number=item.release_number), "soft badge-success", "circle-check")
        if item.release_number
        else badge(t("workflows.never"), "ghost")
    )
    return html.li(
        {
            "key": item.id,
            "className": "flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-base-300 px-5 py-4 "
            "last:border-0 hover:bg-base-200/60",
        },
        html.a(
            {"href": f"/workflows/{item.id}/design", "className": "min-w-0 flex-1 basis-60"},
            html.span({"className": "block truncate font-medium"}, pick(item.name, shell.locale)),
            html.span(
                {"className": "flex flex-wrap gap-x-3 text-sm text-muted"},
                html.span({"className": "truncate"}, item.key),
                html.span({"className": "tf-tabular"}, t("workflows.revision", revision=item.draft_revision)),
                relative(item.updated_at, shell.locale, shell.zone),
            ),
        ),
        html.div(
            {"className": "flex items-center gap-3"},
            html.span(
                {"className": "text-sm text-muted tf-tabular"}, t("workflows.open", count=item.open_tickets)
            ),
            state,
        ),
        html.div(
            {"className": "flex gap-1"},
            [_shortcut(item.id, part, name, shell) for part, name in PARTS],
        ),
    )


def _shortcut(workflow_id: str, part: str, name: str, shell: Shell) -> VdomDict:
    label = shell.t(f"workflows.part.{part}")
    return html.a(
        {
            "key": part,
            "href": f"/workflows/{workflow_id}/{part}",
            "className": "btn btn-ghost btn-sm btn-square",
            "aria-label": label,
            "title": label,
        },
        icon(name, 16),
    )


@component
def new_workflow(close: Any) -> VdomDict:
    """Asks for the name; the workflow opens in the designer."""
    shell = use_shell()

    def heard(kind: str, detail: dict[str, Any]) -> None:
        close()
        if kind == "submitted":
            shell.go(f"/workflows/{detail['answer']['id']}/design")

    schema = object_of({"name": both_languages(shell.t("workflows.name"))}, ["name"])
    return dialog(
        shell.t("workflows.new"),
        shell.t,
        close,
        generated_form(
            shell,
            schema,
            heard,
            url="/workflows",
            submit=shell.t("workflows.create"),
            cancel=shell.t("shell.cancel"),
        ),
    )
