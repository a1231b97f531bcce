"""The list beside the ticket: tasks by whose they are, or tickets by search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import Component, VdomDict

from backend.contracts.common import Page
from backend.contracts.tasks import Task
from backend.contracts.tickets import TicketItem
from frontend.addresses import address
from frontend.i18n import pick
from frontend.pages.tickets.bulk import Picked, bulk_bar, tick_box
from frontend.pages.tickets.task import name_task
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_every, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import relative, time_left
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, priority_badge
from frontend.widgets.search_box import search_box

TASK_VIEWS = ("mine", "team", "all")
TICKET_VIEWS = ("open", "closed")
STATUS_TONES = {"running": "primary", "suspended": "warning", "completed": "success", "cancelled": "ghost"}
MINUTE = 60.0


@component
def queue(chosen: str, task_id: str, view: str) -> VdomDict:
    """`chosen` and `task_id` are the ticket and task in hand.

    `view` is one of TASK_VIEWS or TICKET_VIEWS; when it is absent, those who work see their
    own tasks and the others what is open.
    """
    shell = use_shell()
    text, set_text = use_state("")
    works = shell.may("run") and not shell.may("edit", "administer")
    default = "mine" if works else "open"
    shown = view if view in (*TASK_VIEWS, *TICKET_VIEWS) else default
    body: Component
    if text:
        body = ticket_list(chosen, "all", text, key=f"search {text}")
    elif shown in TASK_VIEWS:
        body = task_list(chosen, task_id, shown, key=shown)
    else:
        body = ticket_list(chosen, shown, "", key=shown)
    return html.div(
        {"className": "flex flex-col"},
        html.div(
            {"className": "sticky top-14 md:top-0 z-10 bg-base-100 border-b border-base-300"},
            html.div(
                {"className": "flex gap-2 p-3 pb-2"},
                search_box(shell.t("tickets.search"), set_text, key="search"),
                html.a(
                    {
                        "key": "board",
                        "href": "/tickets/board",
                        "className": "btn btn-sm h-9",
                        "aria-label": shell.t("tickets.board"),
                        "title": shell.t("tickets.board"),
                    },
                    icon("layout-template", 16),
                ),
                html.a(
                    {
                        "href": "/tickets/new",
                        "className": "btn btn-primary btn-sm h-9",
                        "aria-label": shell.t("tickets.new"),
                        "title": shell.t("tickets.new"),
                    },
                    icon("plus", 16),
                )
                if shell.may("run")
                else None,
            ),
            _views(shell, "" if text else shown, chosen),
        ),
        body,
    )


def _views(shell: Shell, shown: str, chosen: str) -> VdomDict:
    path = f"/tickets/{chosen}" if chosen else "/tickets"
    views = (*TASK_VIEWS, *TICKET_VIEWS) if shell.may("run") else ("open", "all", "closed")

    def tab(view: str) -> VdomDict:
        active = view == shown
        look = "bg-accent text-accent-content font-medium" if active else "text-muted hover:bg-base-200"
        attributes = {"key": view, "href": address(path, view=view)}
        if active:
            attributes["aria-current"] = "true"
        return html.a(
            attributes | {"className": f"rounded-field px-2.5 py-1 text-sm whitespace-nowrap {look}"},
            shell.t(f"tickets.view.{view}"),
        )

    return html.nav(
        {"className": "flex gap-1 overflow-x-auto px-3 pb-2", "aria-label": shell.t("tickets.views")},
        [tab(view) for view in views],
    )


@component
def task_list(chosen: str, task_id: str, view: str) -> VdomDict:
    """Open tasks, the most pressing first."""
    shell = use_shell()
    use_every(MINUTE)
    changed = use_changes("tasks")
    picked, set_picked = use_state(_no_picking)
    loaded, growing = use_pages(lambda cursor: shell.api.list_tasks(view, cursor), changed)

    def draw(page: Page[Task]) -> VdomDict:
        if not page.items:
            return _empty_tasks(shell, view)
        here = [task.id for task in page.items if task.ticket_id == chosen]
        marked = task_id if task_id in here else "".join(here[:1])
        rows = [_task_row(task, view, task.id == marked, picked, shell) for task in page.items]
        several = sum(task.mine for task in page.items) > 1
        return html.div(
            _pick_button(lambda: set_picked(Picked()), shell) if several and picked is None else None,
            html.ul(rows),
            more_button(page, growing, shell),
            bulk_bar(picked, lambda: set_picked(None), key="bulk") if picked is not None else None,
        )

    return html.div(show(loaded, shell.t, draw, _waiting(shell)))


@component
def ticket_list(chosen: str, view: str, text: str) -> VdomDict:
    """Tickets in sight, the newest first."""
    shell = use_shell()
    use_every(MINUTE)
    changed = use_changes("tasks", "ticket:*")
    loaded, growing = use_pages(
        lambda cursor: shell.api.list_tickets(cursor, view=view, q=text or None, limit=30), changed
    )

    def draw(page: Page[TicketItem]) -> VdomDict:
        if not page.items:
            key = "tickets.empty.search" if text else f"tickets.empty.{view}"
            return empty(shell.t(key), shell.t(f"{key}.text"), name="search" if text else "ticket")
        rows = [_ticket_row(item, view, item.id == chosen, shell) for item in page.items]
        return html.div(html.ul(rows), more_button(page, growing, shell))

    return html.div(show(loaded, shell.t, draw, _waiting(shell)))


def _waiting(shell: Shell) -> VdomDict:
    return html.div({"className": "p-3"}, skeleton(5, label=shell.t("shell.loading")))


def _empty_tasks(shell: Shell, view: str) -> VdomDict:
    elsewhere = html.a(
        {"href": address("/tickets", view="team"), "className": "btn btn-sm"}, shell.t("tickets.view.team")
    )
    actions = [elsewhere] if view == "mine" else []
    return empty(shell.t(f"tickets.empty.{view}"), shell.t(f"tickets.empty.{view}.text"), *actions)


def _no_picking() -> Picked | None:
    return None


def _pick_button(start: Callable[[], None], shell: Shell) -> VdomDict:
    return html.div(
        {"className": "flex justify-end border-b border-base-300 px-3 py-1"},
        html.button(
            {"type": "button", "className": "btn btn-ghost btn-xs", "onClick": lambda _event: start()},
            icon("list-checks", 14),
            shell.t("tickets.bulk.start"),
        ),
    )


def _row(
    key: str,
    href: str,
    active: bool,
    lines: tuple[list[Any], list[Any]],
    box: VdomDict | None = None,
) -> VdomDict:
    """Two lines, so that many fit: what it is with its state, then where it stands."""
    first, second = lines
    look = "bg-accent/50 border-l-primary" if active else "border-l-transparent hover:bg-base-200"
    attributes = {"href": href, "className": f"block min-w-0 flex-1 border-l-3 px-3 py-2.5 {look}"}
    if active:
        attributes["aria-current"] = "true"
    line = "flex items-center justify-between gap-2"
    return html.li(
        {"key": key, "className": "flex border-b border-base-300"},
        box,
        html.a(
            attributes,
            html.div({"className": line}, *first),
            html.div({"className": f"mt-1 text-sm text-muted {line}"}, *second),
        ),
    )


def _task_row(task: Task, view: str, active: bool, picked: Picked | None, shell: Shell) -> VdomDict:
    region = pick(task.region_path[-1], shell.locale) if task.region_path else ""
    holder = task.assignee.name if task.assignee and view == "all" else ""
    facts = (name_task(task, shell), holder, region, task.number)
    return _row(
        task.id,
        address(f"/tickets/{task.ticket_id}", view=view, task=task.id),
        active,
        (
            [_title(task.title), task_state(task, shell)],
            [_facts(*facts), _priority(task.priority, shell)],
        ),
        tick_box(task, picked, shell) if picked is not None and task.mine else None,
    )


def task_state(task: Task, shell: Shell) -> VdomDict | None:
    """What keeps the reader from it, else how long there is."""
    due = task.due_at or task.ticket_due_at
    if task.barred:
        return html.span({"title": task.barred}, badge(shell.t("tickets.barred"), "ghost", "users"))
    if task.suspended:
        return badge(shell.t("tickets.status.suspended"), "ghost", "pause")
    return time_left(due, shell.locale, shell.zone) if due else None


def _ticket_row(item: TicketItem, view: str, active: bool, shell: Shell) -> VdomDict:
    region = pick(item.region.path[-1], shell.locale) if item.region.path else ""
    kept = view if view in TICKET_VIEWS else None
    running = item.status == "running"
    state = badge(shell.t(f"tickets.status.{item.status}"), f"soft badge-{STATUS_TONES[item.status]}")
    return _row(
        item.id,
        address(f"/tickets/{item.id}", view=kept),
        active,
        (
            [
                _title(item.title),
                state
                if view != "open" or item.status == "suspended"
                else relative(item.created_at, shell.locale, shell.zone, css="text-sm text-muted"),
            ],
            [
                _facts(pick(item.workflow.name, shell.locale), region, item.number),
                _priority(item.priority, shell)
                if running
                else relative(item.created_at, shell.locale, shell.zone),
            ],
        ),
    )


def _title(title: str) -> VdomDict:
    return html.div({"className": "min-w-0 truncate font-medium", "title": title}, title)


def _facts(*facts: str) -> VdomDict:
    words = " · ".join(fact for fact in facts if fact)
    return html.span({"className": "min-w-0 truncate tf-tabular", "title": words}, words)


def _priority(priority: str, shell: Shell) -> VdomDict | None:
    shown = priority_badge(priority, shell.t)
    return html.span({"className": "inline-flex shrink-0"}, shown) if shown else None
