"""Split: several ways at the same time."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from backend.node_sdk import Fork, Label, NodeContext, NodeType, Outcome, Port, titled


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of the edges are taken."""

    mode: Annotated[
        Literal["all", "any"],
        titled(
            "走哪些分支",
            "Which branches",
            choices={
                "all": ("全部分支", "All of them"),
                "any": ("条件成立的分支", "Those whose condition holds"),
            },
        ),
    ] = "all"


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("分支", "Branch")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    return Fork(mode=config.mode)


def describe(config: Config) -> Label:
    if config.mode == "all":
        return Label("同时走全部分支", "All branches at the same time")
    return Label("同时走条件成立的分支", "Every branch whose condition holds")


NODE_TYPE = NodeType(
    type="split",
    version=1,
    family="flow",
    shape="fork",
    label=Label("并行分支", "Parallel split"),
    help=Label("几条路同时进行", "Several ways at the same time"),
    icon="git-fork",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    fork_mode=lambda config: config.mode,
)
