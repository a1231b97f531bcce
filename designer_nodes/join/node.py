"""Join: wait for parallel branches."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from backend.node_sdk import Join, Label, NodeContext, NodeType, Outcome, Port, titled

MODES = {
    "all": ("每条进入的连线都到齐", "One on every incoming edge"),
    "any": ("第一个到达，其余取消", "The first; the rest is cancelled"),
    "n": ("到达指定数量，其余取消", "A number of them; the rest is cancelled"),
    "scope": ("所有仍在进行的分支", "Every branch that still lives"),
}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to wait for."""

    mode: Annotated[Literal["all", "any", "n", "scope"], titled("等待谁", "Wait for", choices=MODES)] = (
        "scope"
    )
    n: Annotated[int, titled("数量", "How many", when={"mode": "n"}, ge=1, le=100)] = 1


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("汇合后", "Together")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    return Join(mode=config.mode, n=config.n)


def describe(config: Config) -> Label:
    if config.mode == "n":
        return Label(f"到达 {config.n} 条后继续", f"Goes on after {config.n}")
    zh, en = MODES[config.mode]
    return Label(zh, en)


NODE_TYPE = NodeType(
    type="join",
    version=1,
    family="flow",
    shape="join",
    label=Label("汇合", "Join"),
    help=Label("等并行的分支到齐", "Waits for parallel branches"),
    icon="git-merge",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    join_mode=lambda config: (config.mode, config.n),
)
