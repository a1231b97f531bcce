"""Compensate: undo what earlier steps did, the last one first."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backend.node_sdk import Compensate, Label, NodeContext, NodeType, Outcome, Port, titled

NodeId = Annotated[str, msgspec.Meta(max_length=64)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which steps are undone; none named: every one that can be."""

    nodes: Annotated[
        tuple[NodeId, ...],
        titled(
            "撤销哪些步骤",
            "Steps to undo",
            help=("不选则撤销所有能撤销的步骤", "None chosen: every step that can be undone"),
            widget="node-ref",
            max_length=100,
        ),
    ] = ()


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("已撤销", "Undone")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    return Compensate(nodes=config.nodes)


def describe(config: Config) -> Label:
    count = len(config.nodes)
    if not count:
        return Label("撤销已完成的步骤，后做的先撤", "Undoes the finished steps, the last one first")
    return Label(
        f"撤销 {count} 个步骤，后做的先撤", f"Undoes {count} step{'s' * (count > 1)}, the last one first"
    )


NODE_TYPE = NodeType(
    type="compensate",
    version=1,
    family="flow",
    shape="activity",
    label=Label("补偿", "Compensate"),
    help=Label("按相反的顺序撤销做过的步骤", "Undoes what was done, in reverse order"),
    icon="undo-2",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    compensates=lambda config: config.nodes,
    nodes=lambda config: tuple((f"/nodes/{at}", node) for at, node in enumerate(config.nodes)),
)
