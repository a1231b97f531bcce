"""Finishing several tasks of the queue with one press: choosing them, the button, and how each one went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.tasks import BulkComplete, BulkResults, Task, TaskAction
from frontend.api.transport import ApiError
from frontend.i18n import pick
from frontend.pages.tickets.people import comment_box
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.icon import icon
from frontend.widgets.parts import dialog

MOST = 50


class Picked:
    """What is ticked in the list. Rows write here without rendering the list again; the bar hears of it."""

    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.heard: Callable[[int], object] | None = None

    def toggle(self, task: Task) -> None:
        if self.tasks.pop(task.id, None) is None and len(self.tasks) < MOST:
            self.tasks[task.id] = task
        if self.heard is not None:
            self.heard(len(self.tasks))


def tick_box(task: Task, picked: Picked, shell: Shell) -> VdomDict:
    """Beside a row of the queue."""
    return html.label(
        {"className": "flex cursor-pointer items-center pl-3"},
        html.input(
            {
                "type": "checkbox",
                "className": "checkbox checkbox-sm checkbox-primary",
                "aria-label": shell.t("tickets.bulk.pick", title=task.title, number=task.number),
                "onChange": lambda _event: picked.toggle(task),
            }
        ),
    )


@component
def bulk_bar(picked: Picked, leave: Callable[[], None]) -> VdomDict:
    """How many are ticked; the way on."""
    shell = use_shell()
    count, set_count = use_state(0)
    asking, set_asking = use_state(False)
    picked.heard = set_count
    return html.div(
        {
            "className": "sticky bottom-16 md:bottom-0 z-10 flex items-center gap-2 border-t border-base-300 "
            "bg-base-100 p-3"
        },
        html.span({"className": "flex-1 text-sm"}, shell.t("tickets.bulk.count", count=count)),
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: leave()},
            shell.t("shell.cancel"),
        ),
        html.button(
            {
                "type": "button",
                "className": "btn btn-primary btn-sm",
                "disabled": not count,
                "onClick": lambda _event: set_asking(True),
            },
            shell.t("tickets.bulk.finish"),
        ),
        bulk_dialog(list(picked.tasks.values()), lambda: set_asking(False), leave, key="dialog")
        if asking
        else None,
    )


@component
def bulk_dialog(chosen: list[Task], close: Callable[[], None], leave: Callable[[], None]) -> VdomDict:
    """The buttons that all of them have; then how it went."""
    shell = use_shell()
    results, set_results = use_state(_nothing)
    comment: Any = use_ref("")

    async def load() -> list[TaskAction]:
        details = [await shell.api.find_task(task.id) for task in chosen]
        return common_actions([detail.actions for detail in details])

    loaded = use_resource(load)

    async def press(action: TaskAction) -> None:
        words = comment.current.strip()
        if action.needs_comment and not words:
            shell.toast(shell.t("tickets.bulk.needs_comment"), "error")
            return
        wanted = BulkComplete(
            task_ids=[task.id for task in chosen], outcome=action.outcome, comment=words or None
        )
        try:
            set_results(await shell.api.complete_many(wanted))
        except ApiError as error:
            shell.toast(error.problem.detail or error.problem.title, "error")

    title = shell.t("tickets.bulk.finish")
    if results is not None:
        return dialog(title, shell.t, leave, _report(chosen, results, shell))

    def draw(actions: list[TaskAction]) -> VdomDict:
        if not actions:
            return html.p({"className": "text-muted"}, shell.t("tickets.bulk.nothing_common"))
        return html.div(
            html.p({"className": "text-muted"}, shell.t("tickets.bulk.text", count=len(chosen))),
            comment_box(shell.t("tickets.comment.optional"), comment),
            html.div(
                {"className": "mt-4 flex flex-wrap justify-end gap-2"},
                [_action(action, press, shell) for action in actions],
            ),
        )

    return dialog(title, shell.t, close, show(loaded, shell.t, draw))


def _nothing() -> BulkResults | None:
    return None


def common_actions(lists: list[list[TaskAction]]) -> list[TaskAction]:
    """Buttons of the same meaning and words that every task has, in the order of the first."""
    if not lists:
        return []
    others = [{(action.outcome, action.label) for action in actions} for actions in lists[1:]]
    return [action for action in lists[0] if all((action.outcome, action.label) in known for known in others)]


def _action(action: TaskAction, press: Any, shell: Shell) -> VdomDict:
    tone = {"primary": "btn-primary", "danger": "btn-error"}.get(action.style, "")

    async def act(_event: object) -> None:
        await press(action)

    return html.button(
        {"key": action.outcome, "type": "button", "className": f"btn {tone}", "onClick": act},
        pick(action.label, shell.locale),
    )


def _report(chosen: list[Task], results: BulkResults, shell: Shell) -> VdomDict:
    """Those that did not work stand first, each with its reason and a way to it."""
    tasks = {task.id: task for task in chosen}
    failed = [item for item in results.items if not item.done and item.task_id in tasks]
    return html.div(
        html.p(
            {"className": "flex items-center gap-2 font-medium"},
            html.span({"className": "text-success"}, icon("circle-check", 18)),
            shell.t("tickets.bulk.done", count=results.done),
        ),
        html.ul(
            {"className": "mt-3 flex flex-col gap-2"},
            [
                html.li(
                    {"key": item.task_id, "className": "flex gap-2"},
                    html.span({"className": "text-error"}, icon("circle-alert", 16)),
                    html.div(
                        html.a(
                            {
                                "className": "tf-link",
                                "href": f"/tickets/{tasks[item.task_id].ticket_id}?task={item.task_id}",
                            },
                            f"{tasks[item.task_id].title} · {tasks[item.task_id].number}",
                        ),
                        html.p({"className": "text-sm text-muted"}, item.message),
                    ),
                )
                for item in failed
            ],
        )
        if failed
        else None,
    )
