"""Interleave: several ways in any order, one at a time."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backend.node_sdk import Fork, Label, NodeContext, NodeType, Outcome, Port, titled


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every edge is a way to be worked; the node has only a remark."""

    note: Annotated[
        Label, titled("备注", "Remark", help=("显示在卡片上", "Stands on the card"), widget="localized")
    ] = Label("", "")


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("分支", "Branch")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    return Fork(mode="interleaved")


def describe(config: Config) -> Label:
    zh, en = config.note.zh, config.note.en
    if zh or en:
        return Label(zh or en, en or zh)
    return Label("顺序不限，一次只做一个分支", "In any order, one branch at a time")


NODE_TYPE = NodeType(
    type="interleave",
    version=1,
    family="flow",
    shape="fork",
    label=Label("依次进行", "One at a time"),
    help=Label("几个分支都要做，顺序不限，但不同时做", "All branches, in any order, never two at once"),
    icon="list-ordered",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    fork_mode=lambda config: "interleaved",
)
