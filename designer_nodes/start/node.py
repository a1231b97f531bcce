"""Start: where a ticket comes from, and the form that opens it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from backend.node_sdk import Go, Label, NodeContext, NodeType, Outcome, Port, titled

Source = Literal["customer", "staff", "system"]
SOURCES = {
    "customer": ("客户", "Customers"),
    "staff": ("员工", "Staff"),
    "system": ("其他系统", "Other systems"),
}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How tickets begin."""

    form: Annotated[str | None, titled("表单", "Form", widget="form-ref")] = None
    sources: Annotated[
        tuple[Source, ...],
        titled("谁可以发起", "Who may start it", choices=SOURCES, min_length=1, max_length=3),
    ] = ("customer", "staff")
    stage: Annotated[bool, titled("显示在客户进度中", "Show in the customer's progress")] = True
    stage_label: Annotated[
        Label | None,
        titled(
            "进度名称",
            "Name in the progress",
            help=("不填则用节点名称", "Empty: the name of the step"),
            widget="localized",
            when={"stage": True},
        ),
    ] = None


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("开始", "Begins")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    return Go(port="next")


def describe(config: Config) -> Label:
    zh = "、".join(SOURCES[source][0] for source in config.sources)
    en = ", ".join(SOURCES[source][1].lower() for source in config.sources)
    return Label(f"由{zh}发起", f"Started by {en}")


def form(config: Any) -> str | None:
    return config.form if isinstance(config, Config) else None


NODE_TYPE = NodeType(
    type="start",
    version=1,
    family="entry",
    shape="start",
    label=Label("开始", "Start"),
    help=Label("工单从这里进入流程", "Where a ticket enters the workflow"),
    icon="log-in",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    form=form,
    milestone=True,
)
