"""A dry run of a trigger with sample data: what it would start, or why nothing."""

from __future__ import annotations

import json
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.triggers import Tried, Trigger
from frontend.api.transport import ApiError, quoted
from frontend.i18n import pick
from frontend.session import Shell, use_shell
from frontend.widgets.figures import moment
from frontend.widgets.icon import icon

SAMPLES: dict[str, dict[str, Any]] = {
    "api": {"contact_name": "王芳", "problem": "空调不制冷"},
    "webhook": {"order": {"id": "A-1001", "buyer": "王芳"}},
    "event": {"data": {}, "ticket": {"number": "T-2026-0001"}, "customer": {"name": "王芳"}},
    "record_date": {"ends": "2026-12-31"},
    "email": {"subject": "空调坏了", "text": "请尽快派人", "from": "fang@example.com", "from_name": "王芳"},
    "message": {"order": "A-1001"},
}
TONES = {"started": "text-success", "failed": "text-error"}
ROWS = 6


@component
def trigger_trial(trigger: Trigger) -> VdomDict:
    """The sample is JSON as it would come; a schedule needs none."""
    shell = use_shell()
    t = shell.t
    tried, set_tried = use_state(_nothing)
    fault, set_fault = use_state("")
    start = json.dumps(SAMPLES.get(trigger.kind, {}), ensure_ascii=False, indent=2)
    text: Any = use_ref(start)

    def typed(event: dict[str, Any]) -> None:
        text.current = str(event["target"]["value"])

    async def run(_event: object) -> None:
        set_fault("")
        try:
            body = to_sample(trigger, json.loads(text.current))
        except ValueError:
            set_fault(t("triggers.try.json"))
            return
        path = f"/triggers/{quoted(trigger.id)}/try"
        try:
            found = await shell.api.transport.write(Tried, "POST", path, body)
        except ApiError as error:
            set_fault(error.problem.detail or error.problem.title)
            return
        set_tried(lambda _old: found)

    return html.div(
        {"className": "flex flex-col gap-3 rounded-field border border-base-300 p-4"},
        html.label(
            {"key": "sample", "className": "flex flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, t(f"triggers.try.{trigger.kind}")),
            html.textarea(
                {
                    "className": "textarea w-full font-mono text-xs",
                    "rows": ROWS,
                    "spellCheck": False,
                    "maxLength": 50_000,
                    "defaultValue": start,
                    "onChange": typed,
                }
            ),
        )
        if trigger.kind != "schedule"
        else None,
        html.p({"key": "fault", "className": "text-sm text-error", "role": "alert"}, fault)
        if fault
        else None,
        html.div(
            {"key": "run"},
            html.button(
                {"type": "button", "className": "btn btn-sm btn-primary", "onClick": run},
                icon("play", 14),
                t("triggers.try.run"),
            ),
        ),
        draw_tried(tried, shell) if tried else None,
    )


def _nothing() -> Tried | None:
    return None


def to_sample(trigger: Trigger, value: Any) -> dict[str, Any]:
    """The request. Raises ValueError for what is no object where one is needed."""
    region = {"region_id": trigger.region_id}
    if trigger.kind == "webhook":
        return region | {"body": value}
    if not isinstance(value, dict):
        raise ValueError("an object is needed")
    if trigger.kind == "event":
        return region | {name: value.get(name) or {} for name in ("data", "ticket", "customer")}
    if trigger.kind == "email":
        return region | {"mail": value}
    return region | {"data": value}


def draw_tried(tried: Tried, shell: Shell) -> VdomDict:
    """Nothing was written: that is said, too."""
    t = shell.t
    facts = [
        (t("triggers.try.workflow"), pick(tried.workflow, shell.locale) if tried.workflow else ""),
        (t("triggers.try.rule"), pick(tried.rule, shell.locale) if tried.rule else ""),
        (t("triggers.try.region"), tried.region or ""),
        *((name, _tell(value)) for name, value in tried.data.items()),
    ]
    return html.div(
        {
            "key": "tried",
            "className": "flex flex-col gap-2 text-sm",
            "role": "status",
            "data-tried": tried.outcome,
        },
        html.p({"className": f"font-medium {TONES.get(tried.outcome, '')}"}, tried.reason),
        html.ul(
            {"className": "text-error"},
            [
                html.li({"key": at}, f"{pick(each.label, shell.locale)}: {each.message}")
                for at, each in enumerate(tried.faults)
            ],
        )
        if tried.faults
        else None,
        html.dl(
            {"className": "grid grid-cols-[auto_1fr] gap-x-4 gap-y-1"},
            [
                html.div(
                    {"key": at, "className": "contents"},
                    html.dt({"className": "text-muted"}, name),
                    html.dd({"className": "min-w-0 break-words"}, value),
                )
                for at, (name, value) in enumerate(facts)
                if value
            ],
        ),
        html.ul(
            {"aria-label": t("triggers.next"), "className": "flex flex-wrap gap-x-4"},
            [
                html.li({"key": at}, moment(each, shell.locale, shell.zone))
                for at, each in enumerate(tried.moments)
            ],
        )
        if tried.moments
        else None,
        html.p({"className": "text-muted"}, t("triggers.try.nothing")),
    )


def _tell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
