"""Send message: wake the tickets that wait for it."""

from __future__ import annotations

from datetime import timedelta
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
    read_correlation,
    titled,
    to_json,
)

LONGEST = timedelta(days=30)


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field that the message brings; the ticket that receives it keeps it under this name."""

    name: Annotated[str, titled("字段", "Field", pattern=r"^[A-Za-z_]\w*$", min_length=1, max_length=64)]
    value: Annotated[str, titled("值", "Value", widget="cel", min_length=1)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent, and whom it finds."""

    name: Annotated[
        Name | None,
        titled("消息名", "Message", help=("小写字母、数字和 _", "Lower case letters, digits and _")),
    ] = None
    correlation: Annotated[
        str,
        titled(
            "对应关系",
            "Which one",
            help=(
                "与等待方填写的值相同的工单会收到；不填则发给没有填写对应关系的等待",
                "Tickets that wait with the same value receive it. Empty: those that wait without a value",
            ),
            widget="cel",
            max_length=2000,
        ),
    ] = ""
    values: Annotated[tuple[Value, ...], titled("附带的字段", "Fields sent along", max_length=50)] = ()
    keep: Annotated[
        timedelta | None,
        titled(
            "无人等待时保留多久",
            "If nobody waits yet, keep it for",
            help=("不填则不保留；最长 30 天", "Empty: it is not kept; 30 days at most"),
            widget="duration",
        ),
    ] = None


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("下一步", "Next")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    try:
        correlation = read_correlation(context, config.correlation)
    except ValueUnfit as unfit:
        return Fail(code="correlation_unfit", params={"value": str(unfit)})
    data: dict[str, Any] = {}
    for value in config.values:
        try:
            data[value.name] = to_json(context.evaluate(value.value))
        except ValueUnfit as unfit:
            return Fail(code="value_unfit", params={"field": value.name, "value": str(unfit)})
    keep = min(config.keep, LONGEST) if config.keep else timedelta(0)
    message = Outgoing(
        name=config.name or "",
        correlation=correlation,
        data=data,
        keep_seconds=int(keep.total_seconds()),
    )
    params = {"name": message.name, "correlation": correlation}
    code = "message_sent_to" if correlation else "message_sent"
    return Go(port="next", send=(message,), notes=((code, params),))


def describe(config: Config) -> Label:
    return Label(f"发送消息 {config.name or ''}", f"Sends message {config.name or ''}")


def expressions(config: Config) -> tuple[tuple[str, str], ...]:
    values = tuple((f"/values/{at}/value", value.value) for at, value in enumerate(config.values))
    return (*values, ("/correlation", config.correlation)) if config.correlation else values


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = [] if config.name else [("message_missing", "/name")]
    if config.keep is not None and not timedelta(0) < config.keep <= LONGEST:
        found.append(("keep_out_of_range", "/keep"))
    names = [value.name for value in config.values]
    found.extend(
        ("name_repeated", f"/values/{at}/name") for at, name in enumerate(names) if name in names[:at]
    )
    return tuple(found)


NODE_TYPE = NodeType(
    type="send_message",
    version=1,
    family="automatic",
    shape="activity",
    label=Label("发送消息", "Send message"),
    help=Label("唤醒正在等待这条消息的工单", "Wakes the tickets that wait for this message"),
    icon="message-square",
    config=Config,
    defaults={"keep": "P1D"},
    ports=ports,
    enter=enter,
    describe=describe,
    expressions=expressions,
    problems=problems,
)
