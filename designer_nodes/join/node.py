"""Join: wait for parallel branches."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backend.node_sdk import (
    Join,
    JoinMode,
    JoinRule,
    Label,
    NodeContext,
    NodeType,
    Outcome,
    Port,
    titled,
)

MODES = {
    "all": ("每条进入的连线都到齐", "One on every incoming edge"),
    "any": ("第一个到达", "The first"),
    "n": ("到达指定数量", "A number of them"),
    "scope": ("所有仍在进行的分支", "Every branch that still lives"),
    "each": ("不等待，每条各自继续", "Nobody; each goes on by itself"),
}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to wait for."""

    mode: Annotated[JoinMode, titled("等待谁", "Wait for", choices=MODES)] = "scope"
    n: Annotated[int, titled("数量", "How many", when={"mode": "n"}, ge=1, le=200)] = 1
    keep_rest: Annotated[
        bool,
        titled(
            "其余的继续做完",
            "Let the rest finish",
            help=(
                "不勾选则取消其余的分支",
                "Otherwise the other branches are cancelled",
            ),
            when={"mode": ("any", "n")},
        ),
    ] = False


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("汇合后", "Together")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    return Join(mode=config.mode, n=config.n, keep_rest=config.keep_rest)


def describe(config: Config) -> Label:
    if config.mode not in {"any", "n"}:
        zh, en = MODES[config.mode]
        return Label(zh, en)
    zh, en = (
        MODES["any"] if config.mode == "any" else (f"到达 {config.n} 条后继续", f"Goes on after {config.n}")
    )
    if config.keep_rest:
        return Label(f"{zh}，其余照常做完", f"{en}; the rest finishes")
    return Label(f"{zh}，其余取消", f"{en}; the rest is cancelled")


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
    join_mode=lambda config: JoinRule(config.mode, config.n, config.keep_rest),
)
