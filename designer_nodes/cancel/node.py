"""Cancel: call off whatever stands at some other steps, then go on."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backend.node_sdk import Cut, Label, NodeContext, NodeType, Outcome, Port, titled

NodeId = Annotated[str, msgspec.Meta(max_length=64)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The part of the workflow that is called off."""

    nodes: Annotated[
        tuple[NodeId, ...], titled("取消哪些步骤", "Steps to cancel", widget="node-ref", max_length=100)
    ] = ()


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("继续", "Goes on")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    return Cut(nodes=config.nodes)


def describe(config: Config) -> Label:
    count = len(config.nodes)
    if not count:
        return Label("还没有选择要取消的步骤", "No steps to cancel yet")
    return Label(f"取消 {count} 个步骤上的工作", f"Cancels the work at {count} step{'s' * (count > 1)}")


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    return () if config.nodes else (("node_missing", "/nodes"),)


NODE_TYPE = NodeType(
    type="cancel",
    version=1,
    family="flow",
    shape="activity",
    label=Label("取消部分流程", "Cancel steps"),
    help=Label("取消正在其他步骤上的工作", "Calls off what is open at other steps"),
    icon="scissors",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    problems=problems,
    cuts=lambda config: config.nodes,
    nodes=lambda config: tuple((f"/nodes/{at}", node) for at, node in enumerate(config.nodes)),
)
