"""Subflow: start a ticket of another workflow, and wait for its result or go on at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from backend.node_sdk import (
    Call,
    DataPath,
    Fail,
    Go,
    Label,
    NodeContext,
    NodeType,
    Outcome,
    Port,
    Signal,
    ValueUnfit,
    WrittenField,
    read_path,
    reference,
    titled,
    to_json,
    write_path,
)

WorkflowKey = Annotated[str, msgspec.Meta(max_length=80)]
FROM_CHILD = r"^(number|result|(data\.)?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)$"


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field of the other ticket's start form, and what it begins with."""

    field: Annotated[
        str, titled("子工单字段", "Its field", pattern=r"^[A-Za-z_]\w*$", min_length=1, max_length=64)
    ]
    value: Annotated[str, titled("值", "Value", widget="cel", min_length=1)]


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field of this ticket, and where in the other one its value is found."""

    field: Annotated[DataPath, titled("本工单字段", "Field here", widget="field-name")]
    path: Annotated[
        str,
        titled(
            "取自",
            "Taken from",
            help=(
                "子工单的字段，例如 data.amount；number 为其编号，result 为其结果代码",
                "A field of the other ticket such as data.amount; number is its number, "
                "result its result code",
            ),
            pattern=FROM_CHILD,
            max_length=200,
        ),
    ]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which workflow, what it is given, and what comes back."""

    workflow: Annotated[WorkflowKey | None, titled("业务流程", "Workflow", widget="workflow-ref")] = None
    wait: Annotated[
        bool,
        titled(
            "等它办完再继续",
            "Wait until it is done",
            help=("不等待则发起后立即继续", "If not, this ticket goes on at once"),
        ),
    ] = True
    region: Annotated[
        Literal["same", "field"],
        titled(
            "在哪个区域",
            "In which region",
            choices={"same": ("与本工单相同", "The same"), "field": ("取自字段", "That of a field")},
        ),
    ] = "same"
    region_field: Annotated[
        str | None, titled("区域字段", "Region field", widget="field-ref", when={"region": "field"})
    ] = None
    title: Annotated[
        str,
        titled(
            "子工单标题",
            "Its title",
            help=("不填则由子流程决定", "Empty: as that workflow says"),
            widget="cel",
        ),
    ] = ""
    inputs: Annotated[tuple[Input, ...], titled("传给子工单", "Given to it", max_length=100)] = ()
    outputs: Annotated[tuple[Output, ...], titled("取回", "Brought back", max_length=100)] = ()


def ports(config: Config) -> tuple[Port, ...]:
    done = Label("已办结", "Done") if config.wait else Label("已发起", "Started")
    return (
        Port("next", done),
        Port("error", Label("未能完成", "Not completed"), "error", required=False),
    )


def enter(config: Config, context: NodeContext) -> Outcome:
    data: dict[str, Any] = {}
    for given in config.inputs:
        try:
            data[given.field] = to_json(context.evaluate(given.value))
        except ValueUnfit as unfit:
            return Fail(code="value_unfit", params={"field": given.field, "value": str(unfit)})
    region = read_path(context, config.region_field or "") if config.region == "field" else None
    if config.region == "field" and not isinstance(region, str):
        return Fail(code="region_missing", params={"field": config.region_field or ""})
    title = str(context.evaluate(config.title))[:200] if config.title else ""
    payload = {
        "workflow": config.workflow or "",
        "region": region,
        "title": title,
        "data": {name: value for name, value in data.items() if value is not None},
        "customer": dict(context.customer),
        "wait": config.wait,
    }
    return Call(job="start_child", payload=payload)


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    if signal.kind == "job_failed":
        return Go(port="error", notes=(("subflow_failed", {"code": signal.code, **signal.data}),))
    result: Mapping[str, Any] = signal.result if isinstance(signal.result, dict) else {}
    values: dict[str, Any] = {}
    for output in config.outputs:
        found = _find(result, output.path)
        if found is not None:
            values.update(write_path({**context.data, **values}, output.field, found))
    code = "subflow_done" if config.wait else "subflow_started"
    return Go(port="next", set=values, notes=((code, {"number": str(result.get("number", ""))}),))


def _find(result: Mapping[str, Any], path: str) -> Any:
    if path in {"number", "result"}:
        return result.get(path)
    value: Any = result.get("data")
    for part in path.removeprefix("data.").split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def describe(config: Config) -> Label:
    if not config.workflow:
        return Label("还没有选择业务流程", "No workflow yet")
    name = reference("workflow", config.workflow)
    if config.wait:
        return Label(f"发起“{name}”并等它办完", f"Starts {name} and waits for it")
    return Label(f"发起“{name}”", f"Starts {name}")


def expressions(config: Config) -> tuple[tuple[str, str], ...]:
    inputs = tuple((f"/inputs/{at}/value", given.value) for at, given in enumerate(config.inputs))
    return (*inputs, ("/title", config.title)) if config.title else inputs


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = [] if config.workflow else [("workflow_missing", "/workflow")]
    if config.region == "field" and not config.region_field:
        found.append(("field_missing", "/region_field"))
    names = [given.field for given in config.inputs]
    found.extend(
        ("name_repeated", f"/inputs/{at}/field") for at, name in enumerate(names) if name in names[:at]
    )
    return tuple(found)


NODE_TYPE = NodeType(
    type="subflow",
    version=1,
    family="flow",
    shape="activity",
    label=Label("子流程", "Subflow"),
    help=Label("发起另一个流程的工单，可等它办完", "Starts a ticket of another workflow; may wait for it"),
    icon="workflow",
    config=Config,
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    expressions=expressions,
    problems=problems,
    writes=lambda config: tuple(WrittenField(output.field) for output in config.outputs),
    pauses=True,
)
