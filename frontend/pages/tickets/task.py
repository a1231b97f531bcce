"""The task in hand: its form, and taking, giving back or handing it on; else for whom the ticket waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Reference
from backend.contracts.tasks import Task
from backend.contracts.tickets import TicketDetail
from frontend.addresses import address, use_query
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.tickets.people import person_dialog
from frontend.pages.tickets.returning import return_dialog
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.figures import moment, time_left
from frontend.widgets.icon import icon
from frontend.widgets.island import island

LEFT_BY = ("task_completed", "returned")


def choose_task(tasks: list[Task], wanted: str) -> Task | None:
    """The one asked for, else one's own, else any that is open."""
    own = sorted(tasks, key=lambda task: (task.id != wanted, not task.mine))
    return own[0] if own else None


def name_task(task: Task, shell: Shell) -> str:
    """With its item, where the same step is open once for each item of a list."""
    return " · ".join(part for part in (pick(task.label, shell.locale), task.item) if part)


@component
def current_task(found: TicketDetail, wanted: str, reload: Callable[[], None]) -> VdomDict:
    """The form of the chosen task, or what the ticket waits for."""
    shell = use_shell()
    query = use_query()
    held: Any = use_ref(None)
    left, set_left = use_state("")
    lost: Task | None = held.current
    if lost is not None and lost.id != left and _is_overtaken(lost, found, shell):
        return html.div(
            {"className": "flex flex-col gap-3"},
            _overtaken(lost, found, lambda _event: set_left(lost.id), shell),
            _form(lost, reload, shell, closed=True),
        )
    task = choose_task(found.tasks, wanted)
    held.current = task if task is not None and task.mine else None
    if task is None:
        return _nothing_due(found, shell)
    return html.div(
        {"className": "flex flex-col gap-3"},
        _choices(found, task, query, shell) if len(found.tasks) > 1 or task.item else None,
        _form(task, reload, shell) if task.mine else _waiting(task, reload, shell),
    )


def _doer(task: Task, found: TicketDetail) -> Reference | None:
    """Who did it or sent it back, by the timeline."""
    done = [each for each in found.timeline if each.node == task.node and each.kind in LEFT_BY]
    return max(done, key=lambda each: each.at).actor if done else None


def _is_overtaken(task: Task, found: TicketDetail, shell: Shell) -> bool:
    """Somebody else closed the task whose form stands on the page: what was typed there must not vanish."""
    doer = _doer(task, found)
    by_reader = doer is not None and doer.id == shell.session.member_id
    return task.ticket_id == found.id and task.id not in {each.id for each in found.tasks} and not by_reader


def _overtaken(task: Task, found: TicketDetail, leave: Any, shell: Shell) -> VdomDict:
    doer = _doer(task, found)
    words = shell.t("tickets.overtaken", name=doer.name) if doer else shell.t("tickets.overtaken.by_nobody")
    return html.div(
        {"key": "overtaken", "role": "alert", "className": "alert alert-warning alert-soft"},
        icon("circle-alert", 20),
        html.div(
            html.p({"className": "font-medium"}, words),
            html.p({"className": "text-sm"}, shell.t("tickets.overtaken.text")),
        ),
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": leave},
            shell.t("tickets.overtaken.leave"),
        ),
    )


def _choices(found: TicketDetail, chosen: Task, query: dict[str, str], shell: Shell) -> VdomDict:
    """Several tasks are open at once: one tab each."""

    def tab(task: Task) -> VdomDict:
        active = task.id == chosen.id
        look = (
            "border-primary text-primary font-medium" if active else "border-base-300 bg-base-100 text-muted"
        )
        attributes = {"key": task.id, "href": address(f"/tickets/{found.id}", query, task=task.id)}
        if active:
            attributes["aria-current"] = "true"
        return html.a(
            attributes
            | {
                "className": f"inline-flex items-center gap-2 rounded-field border px-3 py-1.5 text-sm {look}"
            },
            icon("user" if task.mine else "clock", 14),
            name_task(task, shell),
        )

    return html.nav(
        {"className": "flex flex-wrap gap-2", "aria-label": shell.t("tickets.tasks")},
        [tab(task) for task in found.tasks],
    )


def _form(task: Task, reload: Callable[[], None], shell: Shell, *, closed: bool = False) -> VdomDict:
    """The island loads, keeps and sends the form by itself; this hears of the result."""

    async def heard(kind: str, detail: dict[str, Any]) -> None:
        if kind == "completed":
            following = detail.get("next_task_id")
            if following:
                shell.go(f"/tickets/{task.ticket_id}?task={following}")
            reload()

    props = {
        "taskId": task.id,
        "locale": shell.locale,
        "zone": shell.zone,
        "csrf": shell.session.csrf,
        "memberId": shell.session.member_id,
        "titled": True,
    }
    return html.div(
        {
            "key": task.id,
            "className": "[--tf-bottom:calc(3.5rem+env(safe-area-inset-bottom))] md:[--tf-bottom:0px]",
        },
        claiming(task.id, reload, key="free") if task.assignee is None and not closed else None,
        html.div({"key": "form"}, island("form", "FormIsland", props, heard)),
        handing(task, reload, key="handing") if not closed else None,
    )


@component
def claiming(task_id: str, reload: Callable[[], None]) -> VdomDict:
    """Nobody holds it yet."""
    shell = use_shell()

    async def claim(_event: object) -> None:
        if shell.may("run") and await attempt(
            shell, shell.api.claim_task(task_id), shell.t("tickets.claimed")
        ):
            reload()

    return html.div(
        {"className": "mb-3 flex flex-wrap items-center justify-between gap-3 tf-card py-3"},
        html.p({"className": "text-muted"}, shell.t("tickets.free")),
        _button(shell.t("tickets.claim"), "hand", claim, "btn-primary"),
    )


@component
def handing(task: Task, reload: Callable[[], None]) -> VdomDict | None:
    """What one may do with a task beside finishing it."""
    shell = use_shell()
    asking, set_asking = use_state("")

    async def give_back(_event: object) -> None:
        if shell.may("run") and await attempt(
            shell, shell.api.release_task(task.id), shell.t("tickets.released")
        ):
            reload()

    def close() -> None:
        set_asking("")

    held = task.assignee is not None
    buttons = [
        _button(shell.t("tickets.release_task"), "undo-2", give_back) if held and task.offered_to else None,
        _button(shell.t("tickets.delegate"), "send", lambda _event: set_asking("delegate")) if held else None,
        _button(shell.t("tickets.return"), "rotate-ccw", lambda _event: set_asking("return"))
        if "return" in task.may
        else None,
        _button(shell.t("tickets.sign"), "users", lambda _event: set_asking("sign"))
        if "sign" in task.may
        else None,
    ]
    if not any(buttons):
        return None
    return html.div(
        {"className": "mt-3 flex flex-wrap items-center gap-2"},
        *buttons,
        return_dialog(task.id, close, reload, key="returning") if asking == "return" else None,
        person_dialog(task.id, asking, close, reload, key=asking) if asking in {"delegate", "sign"} else None,
    )


@component
def reassigning(task_id: str, reload: Callable[[], None]) -> VdomDict:
    """Whoever leads the work gives a task to somebody else."""
    shell = use_shell()
    asking, set_asking = use_state(False)
    return html.div(
        _button(shell.t("tickets.reassign"), "send", lambda _event: set_asking(True)),
        person_dialog(task_id, "reassign", lambda: set_asking(False), reload, key="person")
        if asking
        else None,
    )


def _button(text: str, name: str, act: Any, css: str = "") -> VdomDict:
    attributes = {"key": name, "type": "button", "className": f"btn btn-sm {css}", "onClick": act}
    return html.button(attributes, icon(name, 14), text)


def _waiting(task: Task, reload: Callable[[], None], shell: Shell) -> VdomDict:
    """Somebody else's turn: whose, and until when."""
    own = task.assignee is not None and task.assignee.id == shell.session.member_id
    if task.barred and own:
        who = shell.t("tickets.barred.own")
    elif task.assignee is not None:
        who = shell.t("tickets.waiting.member", name=task.assignee.name)
    elif task.offered_to is not None:
        who = shell.t("tickets.waiting.role", role=pick(task.offered_to.label, shell.locale))
    else:
        who = shell.t("tickets.waiting.customer")
    return html.section(
        {"key": task.id, "className": "tf-card flex flex-wrap items-start gap-4"},
        html.span({"className": "rounded-field bg-accent p-2 text-accent-content"}, icon("clock", 20)),
        html.div(
            {"className": "min-w-0 flex-1 basis-48"},
            html.h2({"className": "text-base font-semibold"}, name_task(task, shell)),
            html.p(
                {"key": "barred", "className": "mt-1 flex items-start gap-2 font-medium"},
                html.span({"className": "mt-0.5 text-warning"}, icon("users", 16)),
                task.barred,
            )
            if task.barred
            else None,
            html.p({"key": "who", "className": "text-muted"}, who),
            html.p(
                {"key": "since", "className": "text-sm text-muted mt-1"},
                shell.t("tickets.waiting.since"),
                " ",
                moment(task.opened_at, shell.locale, shell.zone),
            ),
        ),
        time_left(task.due_at, shell.locale, shell.zone) if task.due_at else None,
        handing(task, reload, key="handing") if task.barred and own else None,
        reassigning(task.id, reload, key="reassign") if "reassign" in task.may else None,
        next_up(task.ticket_id, key="next") if shell.may("run") else None,
    )


def _nothing_due(found: TicketDetail, shell: Shell) -> VdomDict:
    """No task is open: it is over, or works by itself. The next one in the queue is one press away."""
    state = found.status if found.status != "running" else ("stuck" if found.incidents else "automatic")
    name, tone = {
        "completed": ("circle-check", "text-success"),
        "cancelled": ("circle-x", "text-muted"),
        "stuck": ("triangle-alert", "text-error"),
    }.get(state, ("refresh-cw", "text-muted"))
    return html.section(
        {"className": "tf-card flex flex-wrap items-center gap-4"},
        html.span({"className": tone}, icon(name, 28)),
        html.div(
            {"className": "min-w-0 flex-1 basis-48"},
            html.h2({"className": "text-base font-semibold"}, shell.t(f"tickets.over.{state}")),
            html.p({"className": "text-muted"}, moment(found.finished_at, shell.locale, shell.zone))
            if found.finished_at
            else html.p({"className": "text-muted"}, shell.t(f"tickets.over.{state}.text")),
        ),
        next_up(found.id, key="next") if shell.may("run") else None,
    )


@component
def next_up(ticket_id: str) -> VdomDict | None:
    """A button to the next task of one's own, else of the team."""
    shell = use_shell()

    async def load() -> Task | None:
        for view in ("mine", "team"):
            page = await shell.api.list_tasks(view)
            for task in page.items:
                if task.ticket_id != ticket_id and task.mine:
                    return task
        return None

    task = use_resource(load, ticket_id).value
    if task is None:
        return None
    return html.a(
        {"href": f"/tickets/{task.ticket_id}?task={task.id}", "className": "btn btn-primary"},
        shell.t("tickets.next"),
        icon("arrow-right", 16),
    )
