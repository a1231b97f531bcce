"""Decision: the first edge whose condition holds, else the default edge."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backend.node_sdk import Choose, Label, NodeContext, NodeType, Outcome, Port, titled


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The conditions stand on the edges; the node has only a remark."""

    note: Annotated[
        Label, titled("备注", "Remark", help=("显示在卡片上", "Stands on the card"), widget="localized")
    ] = Label("", "")


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("下一步", "Next")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    return Choose()


def describe(config: Config) -> Label:
    zh, en = config.note.zh, config.note.en
    if zh or en:
        return Label(zh or en, en or zh)
    return Label("按条件走其中一条", "One of its ways, by condition")


NODE_TYPE = NodeType(
    type="decision",
    version=1,
    family="flow",
    shape="choice",
    label=Label("条件分支", "Decision"),
    help=Label("按条件选择一条路", "Takes one way, by condition"),
    icon="split",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
)
