"""Race: several ways are open, and the first event decides which one is taken."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backend.node_sdk import Fork, Label, NodeContext, NodeType, Outcome, Port, titled


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every edge is a way that may win; the node has only a remark."""

    note: Annotated[
        Label, titled("备注", "Remark", help=("显示在卡片上", "Stands on the card"), widget="localized")
    ] = Label("", "")


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("可能发生的事", "What may happen")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    return Fork(mode="first")


def describe(config: Config) -> Label:
    zh, en = config.note.zh, config.note.en
    if zh or en:
        return Label(zh or en, en or zh)
    return Label("先发生的那条路继续，其余取消", "Whatever happens first goes on; the rest is cancelled")


NODE_TYPE = NodeType(
    type="race",
    version=1,
    family="flow",
    shape="fork",
    label=Label("首个事件", "First event"),
    help=Label("几件事里先发生的决定走哪条路", "Whatever happens first decides the way"),
    icon="flag-triangle-right",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    fork_mode=lambda config: "first",
)
