"""`/tickets/new`: staff open a ticket: which workflow, where, and its start form."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.regions import Region
from backend.contracts.workflows import WorkflowItem
from frontend.addresses import use_query
from frontend.i18n import pick
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.icon import icon
from frontend.widgets.island import island

Choices = tuple[list[WorkflowItem], list[Region]]


@component
def new_ticket() -> VdomDict:
    """`?workflow=` and `?region=` choose beforehand."""
    shell = use_shell()
    loaded = use_resource(lambda: _load(shell))
    return html.div(
        {"className": "mx-auto flex max-w-3xl flex-col gap-5"},
        html.h1({"className": "text-xl font-semibold"}, shell.t("tickets.new.title")),
        show(loaded, shell.t, lambda found: chooser(found, key="chooser") if found[0] else _none(shell)),
    )


def _none(shell: Shell) -> VdomDict:
    return empty(shell.t("tickets.new.empty"), shell.t("tickets.new.empty.text"), name="workflow")


async def _load(shell: Shell) -> Choices:
    """Published workflows and the regions in reach."""
    workflows: Page[WorkflowItem] = await shell.api.list_workflows()
    regions = await shell.api.list_regions()
    return [item for item in workflows.items if item.release_number], regions.items


@component
def chooser(found: Choices) -> VdomDict:
    """Two choices, then the form; what has only one answer is chosen already."""
    shell = use_shell()
    query = use_query()
    workflows, regions = found
    only_workflow = workflows[0].id if len(workflows) == 1 else ""
    own = shell.session.region.id if shell.session.region else ""
    workflow_id, set_workflow = use_state(query.get("workflow") or only_workflow)
    region_id, set_region = use_state(query.get("region") or own)

    async def heard(kind: str, detail: dict[str, Any]) -> None:
        if kind == "completed":
            shell.toast(shell.t("tickets.new.done", number=detail.get("number", "")), "success")
            following = detail.get("next_task_id")
            shell.go(f"/tickets/{detail['id']}" + (f"?task={following}" if following else ""))

    named = [(item.id, pick(item.name, shell.locale)) for item in workflows]
    places = [(item.id, " / ".join(pick(name, shell.locale) for name in item.path)) for item in regions]
    follows = query.get("follows") or ""
    known = any(item.id == workflow_id for item in workflows) and any(
        item.id == region_id for item in regions
    )
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.div(
            {"className": "alert alert-info alert-soft", "role": "status"},
            icon("link", 18),
            shell.t("tickets.new.follows", number=query.get("number") or ""),
        )
        if follows
        else None,
        html.section(
            {"className": "tf-card grid gap-4 sm:grid-cols-2"},
            _select("workflow", named, workflow_id, set_workflow, shell),
            _select("region", places, region_id, set_region, shell),
        ),
        html.div(
            {
                "key": f"{workflow_id} {region_id}",
                "className": "[--tf-bottom:calc(3.5rem+env(safe-area-inset-bottom))] md:[--tf-bottom:0px]",
            },
            island(
                "form",
                "FormIsland",
                {
                    "formUrl": f"/workflows/{workflow_id}/start-form"
                    + (f"?{urlencode({'follow_up_of': follows})}" if follows else ""),
                    "submitUrl": "/tickets",
                    "submitExtra": {"workflow_id": workflow_id, "region_id": region_id}
                    | ({"follow_up_of": follows} if follows else {}),
                    "locale": shell.locale,
                    "zone": shell.zone,
                    "csrf": shell.session.csrf,
                    "memberId": shell.session.member_id,
                    "titled": True,
                },
                heard,
            ),
        )
        if known
        else html.p({"className": "text-muted text-center py-8"}, shell.t("tickets.new.pick")),
    )


def _select(name: str, options: list[tuple[str, str]], chosen: str, choose: Any, shell: Shell) -> VdomDict:
    return html.label(
        {"className": "flex flex-col gap-1"},
        html.span({"className": "text-sm text-muted"}, shell.t(f"tickets.new.{name}")),
        html.select(
            {
                "name": name,
                "className": "select w-full",
                "value": chosen,
                "onChange": lambda event: choose(str(event["target"]["value"])),
            },
            html.option({"key": "", "value": ""}, shell.t("tickets.new.choose")),
            [html.option({"key": key, "value": key}, text) for key, text in options],
        ),
    )
