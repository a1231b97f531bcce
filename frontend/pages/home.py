"""Home: what this member does all day comes first - tasks, workflows, templates, money."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from reactpy import component, html
from reactpy.types import Component, VdomDict

from backend.contracts.common import Page
from backend.contracts.settlement import Earnings, Summary
from backend.contracts.tasks import Task
from backend.contracts.tickets import TicketItem
from backend.contracts.workflows import WorkflowItem
from frontend.addresses import address
from frontend.i18n import pick
from frontend.session import Rendered, Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import money, relative, time_left
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, button_link, card, priority_badge

MOST = 6
CARD = "mb-5 break-inside-avoid"


@component
def home() -> VdomDict:
    """Cards by right; staff see their queue first, admins their workflows, finance the sums."""
    shell = use_shell()
    cards: list[Component] = []
    if shell.may("administer"):
        cards.append(stuck(key="stuck"))
    if shell.may("run"):
        cards += [my_tasks(key="tasks"), team_tasks(key="team")]
    if shell.may("edit", "publish"):
        cards.append(my_workflows(key="workflows"))
    if shell.may("settle"):
        cards.append(sums(key="sums"))
    if shell.may("run"):
        cards.append(earnings(key="earnings"))
    if shell.may("view"):
        cards.append(open_tickets(key="tickets"))
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.h1(
            {"className": "text-xl font-semibold"},
            shell.t("home.greeting", name=shell.session.user.name),
        ),
        first_steps(key="steps") if shell.may("edit", "publish", "administer") else None,
        html.div({"className": "columns-1 lg:columns-2 gap-5"}, cards),
    )


def _row(href: str, key: str, *children: Rendered) -> VdomDict:
    css = "flex items-center justify-between gap-3 py-3 -mx-2 px-2 rounded-field hover:bg-base-200"
    return html.li(
        {"key": key, "className": "border-b border-base-300 last:border-0"},
        html.a({"href": href, "className": css}, *children),
    )


def _words(title: str, below: str) -> VdomDict:
    return html.div(
        {"className": "min-w-0"},
        html.div({"className": "truncate font-medium"}, title),
        html.div({"className": "truncate text-sm text-muted"}, below),
    )


@component
def my_tasks() -> VdomDict:
    """The member's own tasks, the most urgent first."""
    shell = use_shell()
    changed = use_changes("tasks")
    loaded = use_resource(lambda: shell.api.list_tasks("mine"), changed)

    def draw(page: Page[Task]) -> VdomDict:
        if not page.items:
            return empty(shell.t("home.tasks.empty"), shell.t("home.tasks.empty.text"))
        return html.ul([_task_row(task, shell) for task in page.items[:MOST]])

    action = button_link(shell.t("home.tasks.all"), "/tickets")
    return card(show(loaded, shell.t, draw), title=shell.t("home.tasks.title"), actions=[action], css=CARD)


@component
def team_tasks() -> VdomDict | None:
    """What is offered to the member's roles and nobody has taken; nothing when there is none."""
    shell = use_shell()
    changed = use_changes("tasks")
    page = use_resource(lambda: shell.api.list_tasks("team"), changed).value
    if page is None or not page.items:
        return None
    action = button_link(shell.t("home.team.all"), "/tickets?view=team")
    rows = html.ul([_task_row(task, shell) for task in page.items[:MOST]])
    return card(rows, title=shell.t("home.team.title"), actions=[action], css=CARD)


@component
def stuck() -> VdomDict | None:
    """Jobs that gave up; nothing when there are none."""
    shell = use_shell()
    changed = use_changes("tasks", "ticket:*")
    page = use_resource(lambda: shell.api.list_jobs(status="dead"), changed).value
    if page is None or not page.items:
        return None
    action = button_link(shell.t("home.stuck.all"), "/admin/jobs")
    rows = [
        _row(
            f"/tickets/{job.ticket_id}" if job.ticket_id else "/admin/jobs",
            job.id,
            _words(job.number or job.kind, job.error or job.kind),
            html.span({"className": "text-error"}, icon("circle-alert", 18)),
        )
        for job in page.items[:MOST]
    ]
    return card(html.ul(rows), title=shell.t("home.stuck.title"), actions=[action], css=CARD)


async def _find_steps(shell: Shell) -> list[tuple[str, str, bool]]:
    """(name, where, whether it is done) of what a new workspace needs before its first ticket."""
    workflows = (await shell.api.list_workflows()).items
    tickets = (await shell.api.list_tickets(view="all", limit=1)).items
    draft = next((item.id for item in workflows if not item.release_number), "")
    steps = [
        ("template", "/templates", bool(workflows)),
        (
            "publish",
            f"/workflows/{draft}/design" if draft else "/workflows",
            any(item.release_number for item in workflows),
        ),
        ("ticket", "/tickets/new", bool(tickets)),
    ]
    if shell.may("administer"):
        members = (await shell.api.list_members()).items
        steps.insert(2, ("members", "/admin/members", len(members) > 1))
    return steps


@component
def first_steps() -> VdomDict | None:
    """The way to the first ticket, until it has been gone."""
    shell = use_shell()
    changed = use_changes("workflow:*", "tasks")
    steps = use_resource(lambda: _find_steps(shell), changed).value
    if steps is None or all(done for _, _, done in steps):
        return None
    following = next(name for name, _, done in steps if not done)

    def step(at: int, name: str, href: str, done: bool) -> VdomDict:
        mark = icon("check", 16) if done else str(at + 1)
        look = "bg-success/12 text-success" if done else "bg-base-200"
        if name == following:
            look = "bg-primary text-primary-content"
        return html.li(
            {"key": name},
            html.a(
                {"href": href, "className": "flex gap-3 rounded-field p-2 hover:bg-base-200"},
                html.span(
                    {
                        "className": "inline-flex size-7 shrink-0 items-center justify-center rounded-full "
                        f"text-sm font-medium {look}"
                    },
                    mark,
                ),
                html.span(
                    html.span({"className": "block font-medium"}, shell.t(f"home.steps.{name}")),
                    html.span({"className": "block text-sm text-muted"}, shell.t(f"home.steps.{name}.text")),
                    html.span({"className": "sr-only"}, shell.t("home.steps.done")) if done else None,
                ),
            ),
        )

    rows = [step(at, *each) for at, each in enumerate(steps)]
    return card(
        html.ol({"className": "grid gap-2 sm:grid-cols-2 xl:grid-cols-4"}, rows),
        title=shell.t("home.steps.title"),
    )


def _task_row(task: Task, shell: Shell) -> VdomDict:
    region = pick(task.region_path[-1], shell.locale) if task.region_path else ""
    return _row(
        f"/tickets/{task.ticket_id}?task={task.id}",
        task.id,
        _words(task.title, f"{pick(task.label, shell.locale)} · {region} · {task.number}"),
        html.div(
            {"className": "flex shrink-0 items-center gap-2"},
            priority_badge(task.priority, shell.t),
            time_left(task.due_at, shell.locale, shell.zone) if task.due_at else None,
        ),
    )


@component
def my_workflows() -> VdomDict:
    """Workflows, the last changed first."""
    shell = use_shell()
    changed = use_changes("workflow:*")
    loaded = use_resource(shell.api.list_workflows, changed)

    def draw(page: Page[WorkflowItem]) -> VdomDict:
        if not page.items:
            browse = button_link(
                shell.t("home.workflows.template"), "/templates", "layout-template", "btn-primary btn-sm"
            )
            return empty(
                shell.t("home.workflows.empty"), shell.t("home.workflows.empty.text"), browse, name="workflow"
            )
        return html.ul([_workflow_row(item, shell) for item in page.items[:MOST]])

    action = button_link(shell.t("home.workflows.all"), "/workflows")
    return card(
        show(loaded, shell.t, draw), title=shell.t("home.workflows.title"), actions=[action], css=CARD
    )


def _workflow_row(item: WorkflowItem, shell: Shell) -> VdomDict:
    release = (
        badge(shell.t("home.workflows.release", number=item.release_number), "success")
        if item.release_number
        else badge(shell.t("home.workflows.draft"))
    )
    return _row(
        f"/workflows/{item.id}/design",
        item.id,
        html.div(
            {"className": "min-w-0"},
            html.div({"className": "truncate font-medium"}, pick(item.name, shell.locale)),
            html.div(
                {"className": "text-sm text-muted"}, relative(item.updated_at, shell.locale, shell.zone)
            ),
        ),
        html.div(
            {"className": "flex shrink-0 items-center gap-2"},
            html.span(
                {"className": "text-sm text-muted tf-tabular"},
                shell.t("home.workflows.open", count=item.open_tickets),
            ),
            release,
        ),
    )


@component
def sums() -> VdomDict:
    """This month's sums by region."""
    shell = use_shell()
    changed = use_changes("settlement")
    loaded = use_resource(
        lambda: shell.api.summarize_settlement(
            "region", **{"from": datetime.now(ZoneInfo(shell.zone)).strftime("%Y-%m-01")}
        ),
        changed,
    )

    def draw(page: Summary) -> VdomDict:
        if not page.items:
            return empty(
                shell.t("home.settlement.empty"), shell.t("home.settlement.empty.text"), name="coins"
            )
        return html.ul(
            [
                _row(
                    address("/settlement", item.opens)
                    if item.opens
                    else address("/settlement/lines", item.filters),
                    f"{item.key} {item.currency}",
                    html.span({"className": "truncate"}, item.label),
                    money(item.amount, item.currency, shell.locale, "font-medium"),
                )
                for item in page.items[:MOST]
            ]
        )

    action = button_link(shell.t("home.settlement.all"), "/settlement")
    return card(
        show(loaded, shell.t, draw), title=shell.t("home.settlement.title"), actions=[action], css=CARD
    )


@component
def earnings() -> VdomDict:
    """What the member earned this month."""
    shell = use_shell()
    changed = use_changes("settlement")
    loaded = use_resource(shell.api.find_earnings, changed)

    def draw(found: Earnings) -> VdomDict:
        if not found.totals:
            return html.p({"className": "text-muted"}, shell.t("home.earnings.empty"))
        return html.div(
            {"className": "flex flex-wrap gap-6 text-2xl font-semibold"},
            [
                html.div({"key": total.currency}, money(total.amount, total.currency, shell.locale))
                for total in found.totals
            ],
        )

    action = button_link(shell.t("home.earnings.all"), "/me/earnings")
    return card(show(loaded, shell.t, draw), title=shell.t("home.earnings.title"), actions=[action], css=CARD)


@component
def open_tickets() -> VdomDict:
    """Open tickets the member may see, the newest first."""
    shell = use_shell()
    changed = use_changes("tasks", "ticket:*")
    loaded = use_resource(lambda: shell.api.list_tickets(view="open", limit=MOST), changed)

    def draw(page: Page[TicketItem]) -> VdomDict:
        if not page.items:
            return empty(shell.t("home.tickets.empty"), shell.t("home.tickets.empty.text"), name="ticket")
        return html.ul([_ticket_row(item, shell) for item in page.items[:MOST]])

    action = button_link(shell.t("home.tickets.all"), "/tickets")
    return card(show(loaded, shell.t, draw), title=shell.t("home.tickets.title"), actions=[action], css=CARD)


def _ticket_row(item: TicketItem, shell: Shell) -> VdomDict:
    region = " / ".join(pick(name, shell.locale) for name in item.region.path)
    return _row(
        f"/tickets/{item.id}",
        item.id,
        _words(item.title, f"{item.number} · {region}"),
        html.div(
            {"className": "flex shrink-0 items-center gap-2 text-sm text-muted"},
            priority_badge(item.priority, shell.t),
            relative(item.created_at, shell.locale, shell.zone),
        ),
    )
