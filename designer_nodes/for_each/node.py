"""For each: the same way once for every item of a list, at the same time or one after the other."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from backend.node_sdk import (
    NAME,
    Fail,
    Instances,
    Label,
    NodeContext,
    NodeType,
    Outcome,
    Port,
    Spread,
    ValueUnfit,
    titled,
    to_json,
)

FIELD = r"^[A-Za-z_]\w{0,39}$"


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The items, what one of them is called inside, and where the results go."""

    items: Annotated[
        str,
        titled(
            "逐项处理什么",
            "For each of",
            help=(
                "一个列表，例如 data.devices；或一个整数，例如 3",
                "A list such as data.devices, or a whole number such as 3",
            ),
            widget="cel",
        ),
    ] = ""
    item: Annotated[
        str,
        titled(
            "每一项的名称",
            "One of them is called",
            help=("分支内用 data.名称 读取", "Read as data.name inside"),
            pattern=NAME,
        ),
    ] = "item"
    into: Annotated[
        str,
        titled(
            "结果存入字段",
            "Results go to",
            help=("每一项的数据按顺序存成列表", "The data of every item, as a list in their order"),
            widget="field-name",
            pattern=FIELD,
        ),
    ] = "results"
    sequential: Annotated[bool, titled("一项做完再做下一项", "One after the other")] = False
    max: Annotated[int, titled("最多几项", "At most", ge=1, le=200)] = 100


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("each", Label("每一项", "Each")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    value: Any = context.evaluate(config.items)
    if isinstance(value, int) and not isinstance(value, bool):
        if value > config.max:
            return Fail(code="too_many_items", params={"count": value, "limit": config.max})
        value = list(range(1, value + 1))
    if not isinstance(value, (list, tuple)):
        return Fail(code="items_unfit", params={"type": type(value).__name__})
    try:
        items = tuple(to_json(item) for item in value)
    except ValueUnfit as unfit:
        return Fail(code="items_unfit", params={"type": str(unfit)})
    return Spread(
        items=items,
        name=config.item,
        into=config.into,
        sequential=config.sequential,
        limit=config.max,
    )


def describe(config: Config) -> Label:
    if not config.items:
        return Label("还没有设置逐项处理什么", "Nothing to go through yet")
    if config.sequential:
        return Label(f"{config.items} 的每一项，依次", f"Each of {config.items}, one after the other")
    return Label(f"{config.items} 的每一项，同时", f"Each of {config.items}, at the same time")


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    return () if config.items else (("items_missing", "/items"),)


NODE_TYPE = NodeType(
    type="for_each",
    version=1,
    family="flow",
    shape="fork",
    label=Label("逐项处理", "For each"),
    help=Label("列表里的每一项都走一遍同样的步骤", "The same steps for every item of a list"),
    icon="layers",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    instances=lambda config: Instances(config.item, config.into, config.sequential),
    expressions=lambda config: (("/items", config.items),) if config.items else (),
    problems=problems,
)
