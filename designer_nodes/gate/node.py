"""Gate: wait until something about the ticket holds, such as another branch having come so far."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backend.node_sdk import Go, Label, NodeContext, NodeType, Outcome, Port, Signal, Watch, titled

NodeId = Annotated[str, msgspec.Meta(max_length=64)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is set must hold."""

    condition: Annotated[
        str,
        titled(
            "等到什么成立",
            "Until this holds",
            help=("例如 data.paid == true", "For example data.paid == true"),
            widget="cel",
        ),
    ] = ""
    reached: Annotated[
        NodeId | None,
        titled("等到走到过哪一步", "Until this step has been reached", widget="node-ref"),
    ] = None
    before: Annotated[
        NodeId | None,
        titled(
            "并且还没走到哪一步",
            "And this step has not",
            help=("已经走到则走“错过”出口", "Once it has, the way out is “missed”"),
            widget="node-ref",
        ),
    ] = None


def ports(config: Config) -> tuple[Port, ...]:
    following = Port("next", Label("继续", "Goes on"))
    return (following, Port("missed", Label("错过", "Missed"))) if config.before else (following,)


def enter(config: Config, context: NodeContext) -> Outcome:
    if config.before and context.visits.get(config.before):
        return Go(port="missed")
    if config.reached and not context.visits.get(config.reached):
        return Watch()
    if config.condition and context.find(config.condition) is not True:
        return Watch()
    return Go(port="next")


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    return enter(config, context)


def describe(config: Config) -> Label:
    if config.condition:
        return Label(f"等到 {config.condition}", f"Until {config.condition}")
    if config.reached:
        return Label("等到另一步走到过", "Until another step has been reached")
    return Label("还没有设置等什么", "Waits for nothing yet")


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    return () if config.condition or config.reached else (("gate_without_condition", "/condition"),)


def nodes(config: Config) -> tuple[tuple[str, str], ...]:
    named = (("/reached", config.reached), ("/before", config.before))
    return tuple((pointer, node) for pointer, node in named if node)


NODE_TYPE = NodeType(
    type="gate",
    version=1,
    family="flow",
    shape="activity",
    label=Label("条件等待", "Gate"),
    help=Label("等到条件成立，或另一步走到过", "Waits until a condition holds or another step was reached"),
    icon="milestone",
    config=Config,
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    expressions=lambda config: (("/condition", config.condition),) if config.condition else (),
    problems=problems,
    pauses=True,
    watches=True,
    nodes=nodes,
)
