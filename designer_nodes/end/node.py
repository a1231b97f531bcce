"""End: a way through the workflow finishes here; the ticket is finished when no other way is still open."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backend.node_sdk import NAME, End, Label, NodeContext, NodeType, Outcome, Port, titled


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it ends."""

    result: Annotated[
        str,
        titled(
            "结果代码",
            "Result",
            help=("用于统计，例如 resolved、refused", "For statistics, such as resolved or refused"),
            pattern=NAME,
        ),
    ] = "completed"
    terminate: Annotated[
        bool,
        titled(
            "立即结束整张工单",
            "End the whole ticket at once",
            help=("其他分支上未完成的步骤会被取消", "Steps still open on other branches are cancelled"),
        ),
    ] = False
    error: Annotated[
        str,
        titled(
            "作为失败结束",
            "Ends as a failure",
            help=(
                "错误代码；其他分支会被取消，作为子流程时上级工单会收到这个错误",
                "A code; other branches are cancelled, and the ticket that started this one gets the error",
            ),
            pattern=r"^([a-z][a-z0-9_]{0,39})?$",
        ),
    ] = ""
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
    return ()


def enter(config: Config, context: NodeContext) -> Outcome:
    return End(terminate=config.terminate, result=config.result, error=config.error)


def describe(config: Config) -> Label:
    if config.error:
        return Label(f"以失败结束：{config.error}", f"Ends as a failure: {config.error}")
    if config.terminate:
        return Label("结束整张工单", "Ends the whole ticket")
    if config.result != "completed":
        return Label(f"结果：{config.result}", f"Result: {config.result}")
    return Label("这条路结束", "This way ends")


NODE_TYPE = NodeType(
    type="end",
    version=1,
    family="entry",
    shape="end",
    label=Label("结束", "End"),
    help=Label("这条路到此为止", "This way through the workflow ends"),
    icon="flag",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    milestone=True,
)
