"""`/settlement/labour`: what projects cost in a month, down to each hour; projects, rates, confirmation."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.labour import LabourCost, LabourRun, ProjectCost
from frontend.addresses import address, use_query
from frontend.attempts import attempt
from frontend.pages.settlement.hours import hours_list, show_hours
from frontend.pages.settlement.labour_settings import projects, rates
from frontend.pages.settlement.periods import move_month, name_month, this_month
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card, tabs

PATH = "/settlement/labour"
PARTS = ("cost", "waiting", "projects", "rates")


@component
def labour() -> VdomDict:
    """`?month=2026-11&project=`: the hours behind one project's cost."""
    shell = use_shell()
    query = use_query()
    month = query.get("month") or this_month(shell.zone)
    part, set_part = use_state("cost")
    parts = PARTS if shell.may("settle") else PARTS[:1]
    project = query.get("project", "")
    return html.div(
        {"className": "mx-auto flex max-w-5xl flex-col gap-5"},
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            html.h1({"className": "text-xl font-semibold"}, shell.t("labour.title")),
            _months(month, shell),
        ),
        html.p({"className": "text-muted"}, shell.t("labour.text")),
        tabs([(name, shell.t(f"labour.part.{name}")) for name in parts], part, set_part),
        html.div({"key": f"{part} {month} {project}"}, _part(part, month, project)),
    )


def _part(part: str, month: str, project: str) -> Any:
    match part:
        case "waiting":
            return hours_list(month, "entered", "")
        case "projects":
            return projects()
        case "rates":
            return rates()
        case _:
            return month_cost(month, project)


def _months(month: str, shell: Shell) -> VdomDict:
    try:
        before, after = move_month(month, -1), move_month(month, 1)
    except ValueError:
        now = this_month(shell.zone)
        before, after = move_month(now, -1), now

    def step(to: str, name: str, text: str) -> VdomDict:
        attributes = {
            "href": address(PATH, month=to),
            "className": "btn btn-sm btn-square",
            "aria-label": text,
        }
        return html.a(attributes, icon(name, 16))

    return html.div(
        {"className": "flex items-center gap-3"},
        step(before, "chevron-left", shell.t("earnings.before")),
        html.span({"className": "font-medium tf-tabular"}, name_month(month, shell)),
        step(after, "chevron-right", shell.t("earnings.after")),
    )


@component
def month_cost(month: str, project: str) -> VdomDict:
    """By project; a project opens to its hours."""
    shell = use_shell()
    loaded = use_resource(lambda: shell.api.find_labour_cost(month), month, use_changes("labour"))

    async def gather(_event: Any) -> None:
        if await attempt(shell, shell.api.gather_hours(month), shell.t("labour.gathering")):
            loaded.reload()

    async def turn(run: LabourRun) -> None:
        action = "stop" if run.state == "running" else "resume"
        if await attempt(shell, shell.api.turn_gathering(run.id, action)):
            loaded.reload()

    def draw(found: LabourCost) -> VdomDict:
        t = shell.t
        export = address("/api/v1/labour-cost/export.csv", {"month": month})
        return html.div(
            {"className": "flex flex-col gap-5"},
            html.section(
                {"className": "tf-card flex flex-wrap items-center justify-between gap-4"},
                html.div(
                    {"className": "flex flex-wrap gap-6"},
                    [
                        html.div(
                            {"key": total.currency},
                            html.p({"className": "text-sm text-muted"}, t("labour.total")),
                            money(total.amount, total.currency, shell.locale, "text-2xl font-semibold"),
                        )
                        for total in found.total
                    ]
                    or html.p({"className": "text-muted"}, t("labour.nothing")),
                    badge(t("labour.waiting", count=found.waiting), "warning") if found.waiting else None,
                ),
                html.div(
                    {"className": "flex flex-wrap gap-2"},
                    html.a(
                        {"className": "btn btn-sm", "href": export, "download": True},
                        icon("download", 16),
                        t("labour.export"),
                    ),
                    html.button(
                        {"type": "button", "className": "btn btn-primary btn-sm", "onClick": gather},
                        icon("refresh-cw", 16),
                        t("labour.gather"),
                    )
                    if shell.may("settle")
                    else None,
                ),
                _run(found.run, turn, shell) if found.run else None,
            ),
            html.div({"key": "projects"}, _projects(found.items, month, project, shell)),
            html.div({"key": project}, hours_list(month, "booked", project)) if project else None,
        )

    return html.div(show(loaded, shell.t, draw, card(skeleton(4, "h-12", shell.t("shell.loading")))))


def _run(run: LabourRun, turn: Any, shell: Shell) -> VdomDict:
    t = shell.t

    async def press(_event: Any) -> None:
        await turn(run)

    words = [t(f"labour.run.{run.state}"), t("labour.run.counts", done=run.done, booked=run.booked)]
    if run.unmatched:
        words.append(t("labour.run.unmatched", count=run.unmatched))
    return html.div(
        {
            "className": "flex w-full flex-wrap items-center gap-3 border-t border-base-300 pt-3 text-sm",
            "data-state": run.state,
        },
        html.span({"className": "text-muted"}, " · ".join(words)),
        html.span({"className": "text-warning"}, t("labour.run.unpriced", names=", ".join(run.unpriced[:8])))
        if run.unpriced
        else None,
        html.button(
            {"type": "button", "className": "btn btn-xs", "onClick": press},
            t("labour.run.stop" if run.state == "running" else "labour.run.resume"),
        )
        if run.state != "done" and shell.may("settle")
        else None,
    )


def _projects(items: list[ProjectCost], month: str, chosen: str, shell: Shell) -> VdomDict:
    t = shell.t
    if not items:
        return card(empty(t("labour.empty"), t("labour.empty.text"), name="clock"))
    most = max(item.amount for item in items) or 1

    def row(item: ProjectCost) -> VdomDict:
        here = item.project.id == chosen
        href = address(PATH, month=month, project=None if here else item.project.id)
        share = f"{item.amount * 100 // most}%"
        part_time = f"{item.part_time * 100 // item.amount if item.amount else 0}%"
        return html.li(
            {
                "key": f"{item.project.id} {item.currency}",
                "className": "border-b border-base-300 last:border-0",
            },
            html.a(
                {
                    "href": href,
                    "className": "block px-5 py-3 hover:bg-base-200",
                    "aria-current": "true" if here else "false",
                },
                html.span(
                    {"className": "flex flex-wrap items-baseline justify-between gap-x-4"},
                    html.span({"className": "font-medium"}, item.project.name),
                    money(item.amount, item.currency, shell.locale, "font-medium"),
                ),
                html.span(
                    {"className": "text-sm text-muted"},
                    t(
                        "labour.project",
                        hours=show_hours(item.seconds),
                        people=item.people,
                        share=part_time,
                    ),
                ),
                html.span(
                    {"className": "mt-1.5 block h-2 overflow-hidden rounded-full bg-base-200"},
                    html.span(
                        {"className": "block h-full rounded-full bg-primary", "style": {"width": share}}
                    ),
                ),
            ),
        )

    return html.section({"className": "tf-card p-0 overflow-hidden"}, html.ul([row(item) for item in items]))
