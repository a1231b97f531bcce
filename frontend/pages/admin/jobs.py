"""Work that is owed: what waits and for what, who works, and those that gave up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from reactpy import component, html, use_state
from reactpy.types import Component, VdomDict

from backend.contracts.common import Page
from backend.contracts.operations import BulkJobs, Job, JobDetail, JobFilter, JobGroup, JobOverview
from frontend.addresses import address, use_query
from frontend.attempts import attempt
from frontend.pages.admin.bulk import bulk_button
from frontend.pages.admin.limits import limits
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_every, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import moment, relative
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card, page_head

HERE = "/admin/jobs"
STATUSES = ("dead", "pending", "running", "done", "cancelled")
TONES = {"dead": "soft badge-error", "running": "soft badge-info", "done": "soft badge-success"}
KINDS = frozenset(
    {
        *("webhook", "email", "timer", "event", "start_child", "report_to_parent", "cancel_child"),
        *("bulk", "rehearsal", "migration", "calendar_changed"),
        *("trigger_tick", "trigger_scan", "trigger_event", "trigger_message", "trigger_date"),
    }
)
"""Those with a name; one that a node of somebody else's brings goes by its own."""


@component
def jobs() -> VdomDict:
    """An overview that opens into lists; those that gave up come first: somebody has to look at them."""
    shell = use_shell()
    query = use_query()
    status = query.get("status") if query.get("status") in STATUSES else "dead"
    kind, target = query.get("kind"), query.get("target")
    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(shell.t("admin.section.jobs"), shell.t("admin.jobs.text")),
        overview(key="overview"),
        _filters(status or "dead", kind, target, shell),
        job_list(status or "dead", kind, target, key=f"{status}:{kind}:{target}"),
        limits(key="limits"),
    )


@component
def overview() -> VdomDict:
    """Asked every few seconds."""
    shell = use_shell()
    loaded = use_resource(shell.api.survey_jobs, use_every(5.0))

    def draw(found: JobOverview) -> VdomDict:
        return html.div(
            {"className": "grid gap-5 lg:grid-cols-2"}, _flow(found, shell), _workers(found, shell)
        )

    return html.div(show(loaded, shell.t, draw))


def _figure(label: str, value: Any, tone: str = "") -> VdomDict:
    return html.div(
        html.dt({"className": "text-sm text-muted"}, label),
        html.dd({"className": f"text-lg font-semibold tf-tabular {tone}"}, value),
    )


def _flow(found: JobOverview, shell: Shell) -> VdomDict:
    t = shell.t
    late = found.lag_seconds > 60
    return card(
        html.dl(
            {"className": "grid grid-cols-2 gap-4 sm:grid-cols-4"},
            _figure(
                t("operations.jobs.lag"),
                t("operations.jobs.seconds", count=round(found.lag_seconds)),
                "text-error" if late else "",
            ),
            _figure(t("operations.jobs.minute"), found.done_last_minute),
            _figure(t("operations.jobs.hour"), found.done_last_hour),
            _figure(
                t("operations.jobs.next"),
                relative(found.next_at, shell.locale, shell.zone)
                if found.next_at
                else t("operations.jobs.nothing"),
            ),
        ),
        html.ul({"className": "mt-4 flex flex-col"}, [_group(group, shell) for group in found.groups])
        if found.groups
        else None,
        title=t("operations.jobs.flow"),
    )


def _group(group: JobGroup, shell: Shell) -> VdomDict:
    href = address(HERE, status=group.status, kind=group.kind, target=group.target)
    return html.li(
        {
            "key": f"{group.status}:{group.kind}:{group.target}",
            "className": "flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-base-300 py-2 text-sm",
        },
        badge(shell.t(f"admin.jobs.status.{group.status}"), TONES.get(group.status, "ghost")),
        html.a(
            {"href": href, "className": "tf-link min-w-0 break-all"}, _name(group.kind, group.target, shell)
        ),
        html.span({"className": "ml-auto font-medium tf-tabular"}, group.count),
        html.span(
            {"className": "w-full text-muted sm:w-auto"},
            shell.t("operations.jobs.oldest"),
            " ",
            relative(group.oldest_at, shell.locale, shell.zone),
        ),
    )


def _workers(found: JobOverview, shell: Shell) -> VdomDict:
    t = shell.t
    if not found.workers:
        body: VdomDict = html.p({"className": "text-error"}, t("operations.workers.none"))
    else:
        body = html.ul(
            [
                html.li(
                    {
                        "key": worker.name,
                        "className": "flex flex-wrap items-center gap-x-3 gap-y-1 py-2 text-sm",
                    },
                    badge(
                        t("operations.workers.alive" if worker.alive else "operations.workers.lost"),
                        "soft badge-success" if worker.alive else "soft badge-error",
                    ),
                    html.span({"className": "break-all"}, worker.name),
                    html.span({"className": "text-muted"}, t(f"operations.workers.{worker.kind}")),
                    html.span(
                        {"className": "ml-auto text-muted"},
                        t("operations.workers.running", count=worker.running),
                        " · ",
                        relative(worker.seen_at, shell.locale, shell.zone),
                    ),
                )
                for worker in found.workers
            ]
        )
    return card(body, title=t("operations.workers"))


def _filters(status: str, kind: str | None, target: str | None, shell: Shell) -> VdomDict:
    def tab(key: str) -> VdomDict:
        attributes = {
            "key": key,
            "href": address(HERE, status=key, kind=kind, target=target),
            "className": f"tab whitespace-nowrap {'tab-active' if key == status else ''}",
        }
        if key == status:
            attributes["aria-current"] = "true"
        return html.a(attributes, shell.t(f"admin.jobs.status.{key}"))

    asked = _name(kind or "", target or "", shell)
    return html.div(
        {"className": "flex flex-wrap items-center gap-3"},
        html.nav(
            {"className": "tabs tabs-border overflow-x-auto", "aria-label": shell.t("admin.section.jobs")},
            [tab(key) for key in STATUSES],
        ),
        html.a({"className": "btn btn-xs", "href": address(HERE, status=status)}, asked, icon("x", 12))
        if asked
        else None,
    )


def _bulk(status: str, kind: str | None, target: str | None, shell: Shell) -> Component | None:
    if status not in {"dead", "pending"} or kind == "timer":
        return None
    action = "retry" if status == "dead" else "cancel"
    wanted = msgspec.convert({"status": status, "kind": kind, "target": target}, JobFilter)
    request = msgspec.convert({"action": action}, BulkJobs)
    return bulk_button(
        shell.t(f"operations.jobs.{action}_all"),
        "rotate-ccw" if action == "retry" else "circle-x",
        lambda: shell.api.change_jobs(msgspec.structs.replace(request, filter=wanted)),
        lambda: None,
        key=f"bulk:{status}:{kind}:{target}",
    )


@component
def job_list(status: str, kind: str | None, target: str | None) -> VdomDict:
    """Jobs of one status, the latest due first."""
    shell = use_shell()
    opened, set_opened = use_state("")
    changed = use_changes("jobs", "ticket:*")
    filters = {"status": status, "kind": kind, "target": target}
    loaded, growing = use_pages(lambda cursor: shell.api.list_jobs(cursor, **filters), changed)

    async def act(job_id: str, action: str) -> None:
        done = shell.t("admin.jobs.retried" if action == "retry" else "operations.jobs.cancelled")
        if shell.may("administer") and await attempt(shell, shell.api.change_job(job_id, action), done):
            loaded.reload()

    def draw(page: Page[Job]) -> VdomDict:
        if not page.items:
            name = "circle-check" if status == "dead" else "list-checks"
            text = "admin.jobs.empty.dead" if status == "dead" else "admin.jobs.empty"
            return html.div(
                {"className": "tf-card"}, empty(shell.t(text), shell.t("admin.jobs.empty.text"), name=name)
            )
        rows = [_row(job, job.id == opened, set_opened, act, shell) for job in page.items]
        bulk = _bulk(status, kind, target, shell)
        return html.div(
            html.div({"className": "mb-3 flex justify-end"}, bulk) if bulk is not None else None,
            html.ul({"className": "tf-card p-0"}, rows),
            more_button(page, growing, shell),
        )

    return html.div(show(loaded, shell.t, draw))


def _row(job: Job, is_open: bool, open_one: Callable[[str], None], act: Any, shell: Shell) -> VdomDict:
    """What it is for, when it is due, why it failed."""
    t = shell.t
    action = {"dead": "retry", "pending": "cancel"}.get(job.status) if job.kind != "timer" else None

    async def press(_event: object) -> None:
        await act(job.id, action)

    return html.li(
        {"key": job.id, "className": "border-b border-base-300 px-5 py-3.5 last:border-0"},
        html.div(
            {"className": "flex flex-wrap items-start gap-x-4 gap-y-2"},
            html.div(
                {"className": "min-w-0 flex-1 basis-60"},
                html.div(
                    {"className": "flex flex-wrap items-center gap-2"},
                    html.button(
                        {
                            "type": "button",
                            "className": "font-medium tf-link break-all text-left",
                            "aria-expanded": "true" if is_open else "false",
                            "onClick": lambda _event: open_one("" if is_open else job.id),
                        },
                        _name(job.kind, job.target, shell),
                    ),
                    badge(t(f"admin.jobs.status.{job.status}"), TONES.get(job.status, "ghost")),
                    badge(t(f"operations.jobs.held.{job.held}"), "soft badge-warning") if job.held else None,
                    html.a(
                        {"href": f"/tickets/{job.ticket_id}", "className": "tf-link tf-tabular"}, job.number
                    )
                    if job.ticket_id and job.number
                    else None,
                ),
                html.div({"className": "break-words text-sm text-error"}, job.message)
                if job.message
                else None,
            ),
            html.div(
                {"className": "text-sm text-muted"},
                html.div(t("admin.jobs.due"), " ", moment(job.due_at, shell.locale, shell.zone)),
                html.div(
                    relative(job.due_at, shell.locale, shell.zone),
                    " · ",
                    t("admin.jobs.tries", count=job.tries),
                ),
            ),
            html.button(
                {"type": "button", "className": "btn btn-sm", "onClick": press},
                icon("rotate-ccw" if action == "retry" else "circle-x", 14),
                t("admin.jobs.retry" if action == "retry" else "operations.jobs.cancel"),
            )
            if action
            else None,
        ),
        job_detail(job.id, key=job.id) if is_open else None,
    )


@component
def job_detail(job_id: str) -> VdomDict:
    """What it carries, without secrets, and each failed try."""
    shell = use_shell()
    loaded = use_resource(lambda: shell.api.find_job(job_id), job_id)

    def draw(found: JobDetail) -> VdomDict:
        text = msgspec.json.format(msgspec.json.encode(found.payload), indent=2).decode()
        return html.div(
            {"className": "mt-3 flex flex-col gap-3"},
            html.ol(
                {"className": "text-sm"},
                [
                    html.li({"key": at}, moment(each.at, shell.locale, shell.zone), " · ", each.message)
                    for at, each in enumerate(found.failures)
                ],
            )
            if found.failures
            else None,
            html.pre(
                {"className": "max-h-72 overflow-auto rounded-field bg-base-200 p-3 text-xs", "tabIndex": 0},
                text,
            ),
            html.p({"className": "text-sm text-muted break-all"}, f"{found.job.id} · trace {found.trace_id}")
            if found.trace_id
            else None,
        )

    return html.div(show(loaded, shell.t, draw))


def _name(kind: str, target: str, shell: Shell) -> str:
    name = shell.t(f"admin.jobs.kind.{kind}") if kind in KINDS else kind
    return f"{name} · {target}" if target and target != kind else name
