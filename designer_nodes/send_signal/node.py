"""Send signal: wake every ticket that waits for it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from backend.node_sdk import (
    Fail,
    Go,
    Label,
    Name,
    NodeContext,
    NodeType,
    Outcome,
    Outgoing,
    Port,
    ValueUnfit,
    titled,
    to_json,
)


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field that the signal brings; the tickets that hear it keep it under this name."""

    name: Annotated[str, titled("字段", "Field", pattern=r"^[A-Za-z_]\w*$", min_length=1, max_length=64)]
    value: Annotated[str, titled("值", "Value", widget="cel", min_length=1)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told to everybody who waits at this moment; a signal is never kept."""

    name: Annotated[
        Name | None,
        titled("信号名", "Signal", help=("小写字母、数字和 _", "Lower case letters, digits and _")),
    ] = None
    values: Annotated[tuple[Value, ...], titled("附带的字段", "Fields sent along", max_length=50)] = ()


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("下一步", "Next")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    data: dict[str, Any] = {}
    for value in config.values:
        try:
            data[value.name] = to_json(context.evaluate(value.value))
        except ValueUnfit as unfit:
            return Fail(code="value_unfit", params={"field": value.name, "value": str(unfit)})
    signal = Outgoing(name=config.name or "", data=data, signal=True)
    return Go(port="next", send=(signal,), notes=(("signal_sent", {"name": signal.name}),))


def describe(config: Config) -> Label:
    return Label(f"发出信号 {config.name or ''}", f"Gives signal {config.name or ''}")


def expressions(config: Config) -> tuple[tuple[str, str], ...]:
    return tuple((f"/values/{at}/value", value.value) for at, value in enumerate(config.values))


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = [] if config.name else [("signal_missing", "/name")]
    names = [value.name for value in config.values]
    found.extend(
        ("name_repeated", f"/values/{at}/name") for at, name in enumerate(names) if name in names[:at]
    )
    return tuple(found)


NODE_TYPE = NodeType(
    type="send_signal",
    version=1,
    family="automatic",
    shape="activity",
    label=Label("发出信号", "Send signal"),
    help=Label("唤醒所有正在等待这个信号的工单", "Wakes every ticket that waits for this signal"),
    icon="radio",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    expressions=expressions,
    problems=problems,
)
