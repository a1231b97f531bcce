"""Projects and what hours cost."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.labour import LabourRate, Project
from frontend.i18n import format_date, pick
from frontend.paging import load_all
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import money
from frontend.widgets.generated import (
    both_languages,
    choice_field,
    choices_field,
    generated_form,
    object_of,
    region_field,
    text_field,
)
from frontend.widgets.parts import badge, card


@component
def projects() -> VdomDict:
    """The list, and a form for one more."""
    shell = use_shell()
    t = shell.t
    count, set_count = use_state(0)
    loaded = use_resource(shell.api.list_projects, use_changes("labour"), count)
    workflows = use_resource(lambda: load_all(shell.api.list_workflows)).value or []

    def heard(kind: str, _detail: dict[str, Any]) -> None:
        if kind == "submitted":
            shell.toast(t("labour.saved"), "success")
            set_count(lambda old: old + 1)

    def draw(page: Page[Project]) -> VdomDict:
        if not page.items:
            return empty(t("labour.projects.empty"), t("labour.projects.empty.text"), name="layers")
        return html.ul([_project(project, shell) for project in page.items])

    fields = {
        "key": text_field(
            t("labour.projects.key"),
            longest=60,
            pattern="^[a-z0-9][a-z0-9_-]*$",
            hint=t("labour.projects.key.hint"),
        ),
        "name": both_languages(t("labour.projects.name")),
        "region_id": region_field(t("labour.projects.region")),
        "workflows": choices_field(
            t("labour.projects.workflows"),
            [(item.id, pick(item.name, shell.locale)) for item in workflows],
            hint=t("labour.projects.workflows.hint"),
        ),
    }
    if not workflows:
        del fields["workflows"]
    return html.div(
        {"className": "flex flex-col gap-5"},
        card(html.div(show(loaded, t, draw)), title=t("labour.part.projects")),
        card(
            html.div(
                {"key": f"{count} {len(workflows)}"},
                generated_form(
                    shell,
                    object_of(fields, ["key", "name"]),
                    heard,
                    url="/projects",
                    submit=t("labour.projects.add"),
                ),
            ),
            title=t("labour.projects.new"),
        ),
    )


def _project(project: Project, shell: Shell) -> VdomDict:
    region = " / ".join(pick(name, shell.locale) for name in project.region_path)
    flows = shell.t("labour.projects.flows", count=len(project.workflows)) if project.workflows else ""
    below = " · ".join(part for part in (project.key, region, flows) if part)
    return html.li(
        {"key": project.id, "className": "flex items-center gap-4 border-b border-base-300 py-2.5"},
        html.span(
            {"className": "min-w-0 flex-1"},
            html.span({"className": "block font-medium"}, pick(project.name, shell.locale)),
            html.span({"className": "text-sm text-muted"}, below),
        ),
        None if project.active else badge(shell.t("labour.projects.closed")),
    )


@component
def rates() -> VdomDict:
    """By person, the newest first; a new one from a day on."""
    shell = use_shell()
    t = shell.t
    count, set_count = use_state(0)
    loaded = use_resource(shell.api.list_labour_rates, use_changes("labour"), count)
    people = use_resource(lambda: load_all(shell.api.list_members)).value or []

    def heard(kind: str, _detail: dict[str, Any]) -> None:
        if kind == "submitted":
            shell.toast(t("labour.saved"), "success")
            set_count(lambda old: old + 1)

    def draw(page: Page[LabourRate]) -> VdomDict:
        if not page.items:
            return empty(t("labour.rates.empty"), t("labour.rates.empty.text"), name="users")
        return html.ul([_rate(rate, shell) for rate in page.items])

    kinds = [(kind, t(f"labour.kind.{kind}")) for kind in ("full_time", "part_time")]
    fields = {
        "member_id": choice_field(t("labour.rates.member"), [(each.id, each.name) for each in people]),
        "kind": choice_field(t("labour.rates.kind"), kinds),
        "hourly": {
            "type": "integer",
            "x-type": "money",
            "x-currency": "CNY",
            "minimum": 0,
            "title": t("labour.rates.hourly"),
        },
        "currency": text_field(t("labour.rates.currency"), longest=3, default="CNY", minLength=3),
        "valid_from": {"type": "string", "format": "date", "title": t("labour.rates.valid_from")},
    }
    form = generated_form(
        shell,
        object_of(fields, list(fields)),
        heard,
        ui={"hourly": {"ui:widget": "money"}},
        url="/labour-rates",
        submit=t("labour.rates.add"),
    )
    return html.div(
        {"className": "flex flex-col gap-5"},
        card(html.div(show(loaded, t, draw)), title=t("labour.part.rates")),
        card(
            html.div({"key": f"{count} {len(people)}"}, form if people else None), title=t("labour.rates.new")
        ),
    )


def _rate(rate: LabourRate, shell: Shell) -> VdomDict:
    since = shell.t("labour.rates.since", day=format_date(rate.valid_from, shell.locale))
    return html.li(
        {"key": rate.id, "className": "flex items-center gap-4 border-b border-base-300 py-2.5"},
        html.span(
            {"className": "min-w-0 flex-1"},
            html.span({"className": "block font-medium"}, rate.member.name),
            html.span(
                {"className": "text-sm text-muted"}, f"{shell.t(f'labour.kind.{rate.kind}')} · {since}"
            ),
        ),
        money(rate.hourly, rate.currency, shell.locale, "font-medium"),
    )
