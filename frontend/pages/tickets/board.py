"""`/tickets/board`: the open tasks of one workflow side by side, a column for each step."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.tasks import Board, BoardColumn, Task
from backend.contracts.workflows import WorkflowItem
from frontend.addresses import address, use_query
from frontend.i18n import pick
from frontend.pages.tickets.queue import task_state
from frontend.paging import load_all
from frontend.session import Shell, use_changes, use_every, use_resource, use_shell
from frontend.widgets.entry_box import choice_box
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.icon import icon
from frontend.widgets.parts import page_head, priority_badge

HERE = "/tickets/board"
VIEWS = ("all", "team", "mine")
MINUTE = 60.0


@component
def board() -> VdomDict:
    """Which workflow and whose tasks stands in the address."""
    shell = use_shell()
    query = use_query()
    view = query.get("view", "") if query.get("view") in VIEWS else VIEWS[0]
    loaded = use_resource(lambda: load_all(shell.api.list_workflows))

    def draw(found: list[WorkflowItem]) -> VdomDict:
        running = [item for item in found if item.release_number is not None]
        if not running:
            return html.div(
                {"className": "tf-card"},
                empty(shell.t("tickets.board.none"), shell.t("tickets.board.none.text"), name="workflow"),
            )
        busiest = max(running, key=lambda item: item.open_tickets).id
        wanted = query.get("workflow", "")
        chosen = wanted if wanted in {item.id for item in running} else busiest
        return html.div(
            {"className": "flex flex-col gap-4"},
            _choices(running, chosen, view, shell),
            columns(chosen, view, key=f"{chosen} {view}"),
        )

    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(
            shell.t("tickets.board"),
            shell.t("tickets.board.text"),
            html.a(
                {"href": "/tickets", "className": "btn btn-sm"},
                icon("list-checks", 16),
                shell.t("tickets.board.leave"),
            ),
        ),
        show(loaded, shell.t, draw, skeleton(4, "h-24", label=shell.t("shell.loading"))),
    )


def _choices(found: list[WorkflowItem], chosen: str, view: str, shell: Shell) -> VdomDict:
    def tab(each: str) -> VdomDict:
        active = each == view
        look = "bg-accent text-accent-content font-medium" if active else "text-muted hover:bg-base-200"
        attributes = {"key": each, "href": address(HERE, workflow=chosen, view=each)}
        if active:
            attributes["aria-current"] = "true"
        return html.a(
            attributes | {"className": f"rounded-field px-2.5 py-1 text-sm whitespace-nowrap {look}"},
            shell.t(f"tickets.view.{each}"),
        )

    options = [(item.id, pick(item.name, shell.locale)) for item in found]
    return html.div(
        {"className": "flex flex-wrap items-end gap-x-4 gap-y-2"},
        html.div(
            {"className": "w-full sm:w-72"},
            choice_box(
                shell.t("tickets.board.workflow"),
                options,
                chosen,
                lambda wanted: shell.go(address(HERE, workflow=wanted, view=view)),
            ),
        ),
        html.nav(
            {"className": "flex gap-1 overflow-x-auto", "aria-label": shell.t("tickets.views")},
            [tab(each) for each in VIEWS],
        ),
    )


@component
def columns(workflow_id: str, view: str) -> VdomDict:
    """Loads again when a task changes."""
    shell = use_shell()
    use_every(MINUTE)
    changed = use_changes("tasks")
    loaded = use_resource(lambda: shell.api.find_board(workflow_id, view), workflow_id, view, changed)

    def draw(found: Board) -> VdomDict:
        return html.div(
            {
                "className": "relative flex snap-x snap-mandatory items-start gap-3 overflow-x-auto pb-3",
                "tabIndex": 0,
                "role": "group",
                "aria-label": shell.t("tickets.board"),
            },
            [_column(each, shell) for each in found.columns],
        )

    return html.div(show(loaded, shell.t, draw, skeleton(3, "h-40", label=shell.t("shell.loading"))))


def _column(column: BoardColumn, shell: Shell) -> VdomDict:
    more = column.count - len(column.items)
    return html.section(
        {
            "key": column.node,
            "aria-label": pick(column.label, shell.locale),
            "className": "w-[17.5rem] shrink-0 snap-start rounded-box border border-base-300 p-2",
        },
        html.h2(
            {"className": "flex items-center justify-between gap-2 px-1 pb-2 text-sm font-medium"},
            html.span({"className": "min-w-0 truncate"}, pick(column.label, shell.locale)),
            html.span({"className": "badge badge-sm badge-ghost tf-tabular"}, str(column.count)),
        ),
        html.ul({"className": "flex flex-col gap-2"}, [_card(task, shell) for task in column.items])
        if column.items
        else html.p({"className": "px-1 py-3 text-sm text-muted"}, shell.t("tickets.board.empty")),
        html.p({"className": "px-1 pt-2 text-sm text-muted"}, shell.t("tickets.board.more", count=more))
        if more > 0
        else None,
    )


def _card(task: Task, shell: Shell) -> VdomDict:
    region = pick(task.region_path[-1], shell.locale) if task.region_path else ""
    holder = task.assignee.name if task.assignee else shell.t("tickets.board.free")
    facts = " · ".join(part for part in (task.item, region, task.number) if part)
    return html.li(
        {"key": task.id},
        html.a(
            {
                "href": address(f"/tickets/{task.ticket_id}", view="all", task=task.id),
                "className": "block rounded-field border border-base-300 bg-base-100 p-3 "
                "hover:border-primary",
            },
            html.div({"className": "truncate font-medium", "title": task.title}, task.title),
            html.div({"className": "mt-0.5 truncate text-sm text-muted tf-tabular"}, facts),
            html.div(
                {"className": "mt-2 flex flex-wrap items-center justify-between gap-1 text-sm"},
                html.span(
                    {"className": "inline-flex min-w-0 items-center gap-1 text-muted"},
                    icon("user", 14),
                    holder,
                ),
                html.span(
                    {"className": "inline-flex gap-1"},
                    priority_badge(task.priority, shell.t),
                    task_state(task, shell),
                ),
            ),
        ),
    )
