"""Projects and what hours cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page, Problem
from backend.contracts.labour import LabourRate, Project, UpdateProject
from frontend.api.transport import ApiError
from frontend.attempts import attempt
from frontend.i18n import format_date, pick
from frontend.paging import load_all
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import money
from frontend.widgets.generated import (
    Refusal,
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
        return html.ul([project_row(project, loaded.reload, key=project.id) for project in page.items])

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


@component
def project_row(project: Project, reload: Callable[[], None]) -> VdomDict:
    """One project; closing it asks first."""
    shell = use_shell()
    t = shell.t
    asking, set_asking = use_state(False)
    region = " / ".join(pick(name, shell.locale) for name in project.region_path)
    flows = t("labour.projects.flows", count=len(project.workflows)) if project.workflows else ""
    below = " · ".join(part for part in (project.key, region, flows) if part)

    async def turn(_event: Any) -> None:
        set_asking(False)
        change = shell.api.change_project(project.id, UpdateProject(active=not project.active))
        if await attempt(shell, change, t("labour.saved")):
            reload()

    def button(key: str, press: Any, css: str = "") -> VdomDict:
        attributes = {"key": key, "type": "button", "className": f"btn btn-sm {css}", "onClick": press}
        return html.button(attributes, t(f"labour.projects.{key}"))

    closing = html.div(
        {"key": "ask", "className": "mt-2 flex flex-wrap items-center gap-3 rounded-field bg-base-200 p-3"},
        html.p({"className": "min-w-0 flex-1 basis-60 text-sm"}, t("labour.projects.close.ask")),
        button("keep", lambda _event: set_asking(False)),
        button("close", turn, "btn-error"),
    )
    return html.li(
        {"className": "border-b border-base-300 py-2.5 last:border-0"},
        html.div(
            {"className": "flex flex-wrap items-center gap-x-4 gap-y-1"},
            html.span(
                {"className": "min-w-0 flex-1 basis-48"},
                html.span({"className": "block font-medium"}, pick(project.name, shell.locale)),
                html.span({"className": "text-sm text-muted"}, below),
            ),
            None if project.active else badge(t("labour.projects.closed")),
            html.div(
                {"key": f"turn {project.active} {asking}"},
                None
                if asking or not shell.may("settle")
                else button("close", lambda _event: set_asking(True))
                if project.active
                else button("open", turn),
            ),
        ),
        closing if asking else None,
    )


@component
def rates() -> VdomDict:
    """By person, the newest first; a new one from a day on."""
    shell = use_shell()
    t = shell.t
    count, set_count = use_state(0)
    loaded = use_resource(shell.api.list_labour_rates, use_changes("labour"), count)
    people = use_resource(lambda: load_all(shell.api.list_members)).value or []
    regions = use_resource(shell.api.list_regions).value
    currencies = list(dict.fromkeys(each.currency for each in (regions.items if regions else [])))
    refusal, set_refusal = use_state(_no_refusal)

    async def heard(kind: str, detail: dict[str, Any]) -> None:
        if kind != "submit":
            return
        value = {"currency": currencies[0], **detail["value"]}
        try:
            await shell.api.add_labour_rate(_to_rate(value))
        except ApiError as error:
            problem = _place_faults(error.problem, value)
            set_refusal(lambda old: Refusal((old.attempt if old else 0) + 1, problem))
            return
        shell.toast(t("labour.saved"), "success")
        set_refusal(None)
        set_count(lambda old: old + 1)

    def draw(page: Page[LabourRate]) -> VdomDict:
        if not page.items:
            return empty(t("labour.rates.empty"), t("labour.rates.empty.text"), name="users")
        return html.ul([_rate(rate, shell) for rate in page.items])

    kinds = [(kind, t(f"labour.kind.{kind}")) for kind in ("full_time", "part_time")]
    fields = {
        "member_id": choice_field(t("labour.rates.member"), [(each.id, each.name) for each in people]),
        "kind": choice_field(t("labour.rates.kind"), kinds),
        **(
            {"currency": choice_field(t("labour.rates.currency"), [(each, each) for each in currencies])}
            if len(currencies) > 1
            else {}
        ),
        **{
            f"hourly_{each}": {
                "type": "integer",
                "x-type": "money",
                "x-currency": each,
                "minimum": 0,
                "title": t("labour.rates.hourly"),
            }
            for each in currencies
        },
        "valid_from": {"type": "string", "format": "date", "title": t("labour.rates.valid_from")},
    }
    form = generated_form(
        shell,
        object_of(fields, list(fields)),
        heard,
        ui={f"hourly_{each}": _hourly_ui(each, alone=len(currencies) == 1) for each in currencies},
        value={"currency": currencies[0]} if currencies else {},
        submit=t("labour.rates.add"),
        refusal=refusal,
    )
    return html.div(
        {"className": "flex flex-col gap-5"},
        card(html.div(show(loaded, t, draw)), title=t("labour.part.rates")),
        card(
            html.div(
                {"key": f"{count} {len(people)} {len(currencies)}"}, form if people and currencies else None
            ),
            title=t("labour.rates.new"),
        ),
    )


def _no_refusal() -> Refusal | None:
    return None


def _hourly_ui(currency: str, *, alone: bool) -> dict[str, Any]:
    """Asked in the currency that is chosen above it, with its own number of decimals."""
    shown = {"ui:showIf": {"field": "currency", "op": "eq", "value": currency}}
    return {"ui:widget": "money", **({} if alone else shown)}


def _to_rate(value: dict[str, Any]) -> dict[str, Any]:
    """The answers as the API takes them."""
    kept: dict[str, Any] = {
        name: value[name] for name in ("member_id", "kind", "currency", "valid_from") if name in value
    }
    return {**kept, "hourly": value.get(f"hourly_{value.get('currency')}")}


def _place_faults(problem: Problem, value: dict[str, Any]) -> Problem:
    field = f"/hourly_{value.get('currency')}"
    errors = [
        msgspec.structs.replace(fault, pointer=field) if fault.pointer == "/hourly" else fault
        for fault in problem.errors
    ]
    return msgspec.structs.replace(problem, errors=errors)


def _rate(rate: LabourRate, shell: Shell) -> VdomDict:
    since = shell.t("labour.rates.since", day=format_date(rate.valid_from, shell.locale))
    return html.li(
        {
            "key": rate.id,
            "className": "flex items-center gap-4 border-b border-base-300 py-2.5 last:border-0",
        },
        html.span(
            {"className": "min-w-0 flex-1"},
            html.span({"className": "block font-medium"}, rate.member.name),
            html.span(
                {"className": "text-sm text-muted"}, f"{shell.t(f'labour.kind.{rate.kind}')} · {since}"
            ),
        ),
        money(rate.hourly, rate.currency, shell.locale, "font-medium"),
    )
