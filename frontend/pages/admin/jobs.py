"""Work that is owed: timers and automatic steps, and those that gave up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.administration import Job
from backend.contracts.common import Page
from frontend.attempts import attempt
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import moment, relative
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, page_head, tabs

STATUSES = ("dead", "pending", "running", "done", "cancelled")
TONES = {"dead": "soft badge-error", "running": "soft badge-info", "done": "soft badge-success"}
KINDS = frozenset({"webhook", "email", "timer"})


@component
def jobs() -> VdomDict:
    """Those that gave up come first: somebody has to look at them."""
    shell = use_shell()
    status, set_status = use_state("dead")
    options = [(key, shell.t(f"admin.jobs.status.{key}")) for key in STATUSES]
    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(shell.t("admin.section.jobs"), shell.t("admin.jobs.text")),
        html.div({"className": "overflow-x-auto"}, tabs(options, status, set_status)),
        job_list(status, key=status),
    )


@component
def job_list(status: str) -> VdomDict:
    """Jobs of one status, the latest due first."""
    shell = use_shell()
    changed = use_changes("jobs", "ticket:*")
    loaded, growing = use_pages(lambda cursor: shell.api.list_jobs(status, cursor), status, changed)

    async def retry(job: Job) -> None:
        if await attempt(shell, shell.api.retry_job(job.id), shell.t("admin.jobs.retried")):
            loaded.reload()

    def draw(page: Page[Job]) -> VdomDict:
        if not page.items:
            name = "circle-check" if status == "dead" else "list-checks"
            text = "admin.jobs.empty.dead" if status == "dead" else "admin.jobs.empty"
            return html.div(
                {"className": "tf-card"}, empty(shell.t(text), shell.t("admin.jobs.empty.text"), name=name)
            )
        return html.div(
            html.ul({"className": "tf-card p-0"}, [job_row(job, retry, key=job.id) for job in page.items]),
            more_button(page, growing, shell),
        )

    return html.div(show(loaded, shell.t, draw))


@component
def job_row(job: Job, retry: Callable[[Job], Awaitable[None]]) -> VdomDict:
    """What it is for, when it is due, why it failed."""
    shell = use_shell()

    async def press(_event: object) -> None:
        await retry(job)

    return html.li(
        {
            "className": "flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-base-300 px-5 py-3.5 "
            "last:border-0"
        },
        html.div(
            {"className": "min-w-0 flex-1 basis-60"},
            html.div(
                {"className": "flex flex-wrap items-center gap-2"},
                html.span({"className": "font-medium"}, _name(job, shell)),
                badge(shell.t(f"admin.jobs.status.{job.status}"), TONES.get(job.status, "ghost")),
                html.a({"href": f"/tickets/{job.ticket_id}", "className": "tf-link tf-tabular"}, job.number)
                if job.ticket_id and job.number
                else None,
            ),
            html.div({"className": "break-words text-sm text-error"}, job.error) if job.error else None,
        ),
        html.div(
            {"className": "text-sm text-muted"},
            html.div(shell.t("admin.jobs.due"), " ", moment(job.due_at, shell.locale)),
            html.div(relative(job.due_at, shell.locale), " · ", shell.t("admin.jobs.tries", count=job.tries)),
        ),
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": press},
            icon("rotate-ccw", 14),
            shell.t("admin.jobs.retry"),
        )
        if job.status == "dead"
        else None,
    )


def _name(job: Job, shell: Shell) -> str:
    return shell.t(f"admin.jobs.kind.{job.kind}") if job.kind in KINDS else job.kind
