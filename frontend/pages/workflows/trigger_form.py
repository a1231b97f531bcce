"""The form of a trigger, drawn from its kind's schema, and how its answers become a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page, Problem
from backend.contracts.triggers import Trigger, TriggerKind
from backend.contracts.workflows import WorkflowItem
from frontend.api.transport import ApiError, quoted
from frontend.i18n import pick
from frontend.pages.workflows.trigger_names import describe_names, use_fields
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.generated import (
    Refusal,
    choice_field,
    generated_form,
    object_of,
    region_field,
    text_field,
)
from frontend.widgets.parts import dialog

OWN = ("name", "region_id", "password")
"""What belongs to every trigger; the rest of the form is its config."""


@component
def trigger_form(
    workflow_id: str, kind: TriggerKind, trigger: Trigger | None, close: Callable[[Trigger | None], None]
) -> VdomDict:
    """Without a trigger it makes one."""
    shell = use_shell()
    refusal, set_refusal = use_state(_no_refusal)
    workflows = use_resource(shell.api.list_workflows)
    fields = use_fields(shell, workflow_id)

    async def heard(event: str, detail: dict[str, Any]) -> None:
        if event != "submit":
            close(None)
            return
        body = to_body(detail["value"])
        try:
            if trigger is None:
                path = f"/workflows/{quoted(workflow_id)}/triggers"
                saved = await shell.api.transport.write(Trigger, "POST", path, body | {"kind": kind.kind})
            else:
                path = f"/triggers/{quoted(trigger.id)}"
                saved = await shell.api.transport.write(Trigger, "PATCH", path, body)
        except ApiError as error:
            problem = _flatten(error.problem)
            set_refusal(lambda old: Refusal((old.attempt if old else 0) + 1, problem))
            return
        shell.toast(shell.t("triggers.saved"), "success")
        close(saved)

    def draw(page: Page[WorkflowItem]) -> VdomDict:
        return generated_form(
            shell,
            describe_form(shell, kind, page.items),
            heard,
            value=to_value(trigger) if trigger else {},
            submit=shell.t("triggers.save"),
            cancel=shell.t("shell.cancel"),
            refusal=refusal,
            expressions=describe_names(
                shell, workflow_id, kind.kind, fields.value.items if fields.value else []
            ),
        )

    title = trigger.name if trigger else shell.t("triggers.new_of", kind=pick(kind.label, shell.locale))
    return dialog(title, shell.t, lambda: close(None), html.div(show(workflows, shell.t, draw)))


def _no_refusal() -> Refusal | None:
    return None


def describe_form(shell: Shell, kind: TriggerKind, workflows: list[WorkflowItem]) -> dict[str, Any]:
    """Name and region, then the config's own fields; a choice of workflows has their names."""
    t = shell.t
    config = kind.config_schema
    names = [(item.id, pick(item.name, shell.locale) or item.key) for item in workflows]
    fields = {
        "name": text_field(t("triggers.name"), longest=100, minLength=1),
        "region_id": region_field(t("triggers.region"), hint=t("triggers.region.hint")),
    }
    for name, field in config.get("properties", {}).items():
        fields[name] = _choose_workflow(field, names) if field.get("x-widget") == "workflow-ref" else field
        if kind.kind == "email" and name == "username":
            hint = t("triggers.password.hint")
            fields["password"] = text_field(t("triggers.password"), longest=500, hint=hint, format="password")
    return object_of(fields, ["name", *config.get("required", [])])


def _choose_workflow(field: dict[str, Any], names: list[tuple[str, str]]) -> dict[str, Any]:
    kept = {name: part for name, part in field.items() if name.startswith("x-") and name != "x-widget"}
    return {**choice_field("", names), **kept}


def to_value(trigger: Trigger) -> dict[str, Any]:
    """The form's answers of a stored trigger."""
    value = {**trigger.config, "name": trigger.name, "region_id": trigger.region_id}
    return {name: part for name, part in value.items() if part not in (None, "", [])}


def to_body(value: dict[str, Any]) -> dict[str, Any]:
    """The request: what is left empty has its default."""
    config = {name: part for name, part in value.items() if name not in OWN}
    body = {"name": value.get("name", ""), "region_id": value.get("region_id"), "config": config}
    return body | ({"password": value["password"]} if value.get("password") else {})


def _flatten(problem: Problem) -> Problem:
    """The config's faults stand at the form's own fields."""
    errors = [
        msgspec.structs.replace(fault, pointer=fault.pointer.removeprefix("/config"))
        for fault in problem.errors
    ]
    return msgspec.structs.replace(problem, errors=errors)
