"""Wait: for a length of time, until a date of the ticket, or for a message."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

from backend.node_sdk import (
    Fail,
    Go,
    Label,
    Name,
    NodeContext,
    NodeType,
    Outcome,
    Port,
    Signal,
    Sleep,
    ValueUnfit,
    describe_duration,
    read_correlation,
    read_moment,
    read_path,
    reference,
    titled,
)

MODES = {
    "duration": ("一段时间", "A length of time"),
    "until": ("直到某个日期字段", "Until a date of the ticket"),
    "message": ("直到收到消息", "Until a message arrives"),
    "signal": ("直到收到信号", "Until a signal is given"),
}
FOR_MESSAGE = {"mode": "message"}
OUTSIDE = {"mode": ("message", "signal")}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is waited for. `offset` counts before or after the field's moment."""

    mode: Annotated[
        Literal["duration", "until", "message", "signal"], titled("等什么", "Wait for", choices=MODES)
    ] = "duration"
    duration: Annotated[
        timedelta | None, titled("时长", "How long", widget="duration", when={"mode": "duration"})
    ] = None
    working_hours: Annotated[
        bool, titled("只算工作时间", "Count working hours only", when={"mode": "duration"})
    ] = False
    field: Annotated[
        str | None, titled("日期字段", "Date field", widget="field-ref", when={"mode": "until"})
    ] = None
    direction: Annotated[
        Literal["before", "after"],
        titled(
            "提前还是推后",
            "Before or after that date",
            choices={"before": ("提前", "Before"), "after": ("推后", "After")},
            when={"mode": "until"},
        ),
    ] = "before"
    offset: Annotated[
        timedelta | None,
        titled(
            "相差多久",
            "By how much",
            help=("不填则正好在那时", "Empty: at that very moment"),
            widget="duration",
            when={"mode": "until"},
        ),
    ] = None
    time_of_day: Annotated[
        str,
        titled(
            "当天几点",
            "At what time",
            help=("字段只有日期时使用", "For a date without a time"),
            when={"mode": "until"},
            pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        ),
    ] = "09:00"
    message: Annotated[
        Name | None,
        titled(
            "消息名",
            "Message",
            help=("小写字母、数字和 _", "Lower case letters, digits and _"),
            when=FOR_MESSAGE,
        ),
    ] = None
    correlation: Annotated[
        str,
        titled(
            "对应关系",
            "Which one",
            help=(
                "消息带有相同的值才会唤醒这张工单，例如工单编号；不填则任何没有对应值的同名消息都会唤醒",
                "Only a message with the same value wakes this ticket, such as its number. "
                "Empty: any message of this name without a value",
            ),
            widget="cel",
            when=FOR_MESSAGE,
            max_length=2000,
        ),
    ] = ""
    signal: Annotated[
        Name | None,
        titled(
            "信号名",
            "Signal",
            help=("信号会唤醒所有等待它的工单", "A signal wakes every ticket that waits for it"),
            when={"mode": "signal"},
        ),
    ] = None
    timeout: Annotated[timedelta | None, titled("最多等多久", "At most", widget="duration", when=OUTSIDE)] = (
        None
    )


TIMED_OUT = Port("timeout", Label("没有等到", "It did not come"), "timeout")


def ports(config: Config) -> tuple[Port, ...]:
    following = Port("next", Label("继续", "Goes on"))
    return (following, TIMED_OUT) if config.mode in OUTSIDE["mode"] and config.timeout else (following,)


def enter(config: Config, context: NodeContext) -> Outcome:
    if config.mode in OUTSIDE["mode"]:
        return _wait_outside(config, context)
    if config.mode == "duration":
        length = config.duration or timedelta(0)
        if config.working_hours and length > timedelta(0):
            return Sleep(working_seconds=int(length.total_seconds()))
        return _sleep_until(context, context.now + length)
    value = read_path(context, config.field or "")
    moment = read_moment(value, config.time_of_day, str(context.ticket.get("zone") or "UTC"))
    if moment is None:
        return Fail(code="wait_date_missing", params={"field": config.field or ""})
    offset = config.offset or timedelta(0)
    return _sleep_until(context, moment - offset if config.direction == "before" else moment + offset)


def _wait_outside(config: Config, context: NodeContext) -> Outcome:
    until = context.now + config.timeout if config.timeout else None
    if config.mode == "signal":
        return Sleep(until=until, signal=config.signal)
    try:
        correlation = read_correlation(context, config.correlation)
    except ValueUnfit as unfit:
        return Fail(code="correlation_unfit", params={"value": str(unfit)})
    return Sleep(until=until, message=config.message, correlation=correlation)


def _sleep_until(context: NodeContext, moment: datetime) -> Outcome:
    """A moment that has passed is not waited for."""
    return Go(port="next") if moment <= context.now else Sleep(until=moment)


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    if signal.kind == "message":
        return Go(port="next", set=dict(signal.data))
    if signal.kind == "timer_fired":
        return Go(port="timeout" if config.mode in OUTSIDE["mode"] else "next")
    return Fail(code="unexpected_signal", params={"signal": signal.kind})


def describe(config: Config) -> Label:
    if config.mode == "message":
        return Label(f"等待消息 {config.message or ''}", f"Waits for message {config.message or ''}")
    if config.mode == "signal":
        return Label(f"等待信号 {config.signal or ''}", f"Waits for signal {config.signal or ''}")
    if config.mode == "duration":
        length = describe_duration(config.duration or timedelta(0))
        zh, en = ("（工作时间）", " of working time") if config.working_hours else ("", "")
        return Label(f"等待 {length.zh}{zh}", f"Waits {length.en}{en}")
    field = reference("field", config.field) if config.field else ""
    if not config.offset:
        return Label(f"直到{field or '未选择的日期'}", f"Until {field or 'a date not chosen'}")
    length = describe_duration(config.offset)
    zh, en = ("前", "before") if config.direction == "before" else ("后", "after")
    return Label(
        f"{field or '未选择的日期'}{zh} {length.zh}", f"{length.en} {en} {field or 'a date not chosen'}"
    )


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    lengths = (("duration", config.duration), ("offset", config.offset), ("timeout", config.timeout))
    found.extend(
        ("duration_not_positive", f"/{name}")
        for name, length in lengths
        if length is not None and length < timedelta(0)
    )
    if config.mode == "duration" and not config.duration:
        found.append(("duration_missing", "/duration"))
    if config.mode == "until" and not config.field:
        found.append(("field_missing", "/field"))
    if config.mode == "message" and not config.message:
        found.append(("message_missing", "/message"))
    if config.mode == "signal" and not config.signal:
        found.append(("signal_missing", "/signal"))
    return tuple(found)


def expressions(config: Config) -> tuple[tuple[str, str], ...]:
    waits = config.mode == "message" and config.correlation
    return (("/correlation", config.correlation),) if waits else ()


NODE_TYPE = NodeType(
    type="wait",
    version=1,
    family="flow",
    shape="activity",
    label=Label("等待", "Wait"),
    help=Label("等一段时间、等到某天，或等一条消息", "For some time, until a date, or for a message"),
    icon="timer",
    config=Config,
    defaults={"mode": "duration", "duration": "PT1H", "correlation": "ticket.number"},
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    expressions=expressions,
    problems=problems,
    pauses=True,
)
