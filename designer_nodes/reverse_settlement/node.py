"""Reverse settlement: take back what was booked, wholly or by the share that comes back."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from backend.node_sdk import (
    Call,
    Fail,
    Go,
    Label,
    NodeContext,
    NodeType,
    Outcome,
    Port,
    Signal,
    ValueUnfit,
    titled,
    to_decimal,
)

WHOSE = {
    "own": ("这张工单", "This ticket"),
    "follow_up": ("它所跟进的工单", "The ticket it follows up"),
    "parent": ("发起它的工单", "The ticket that started it"),
}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose money, how much of it, and why."""

    whose: Annotated[
        Literal["own", "follow_up", "parent"], titled("冲销谁的金额", "Whose amounts", choices=WHOSE)
    ] = "own"
    share: Annotated[
        str,
        titled(
            "退回的份额（公式）",
            "Share that comes back (formula)",
            help=(
                "0 到 1 之间，例如 data.returned / data.sold；不填则全部冲销。"
                "部分退回时先冲销，再按剩下的数量重新记账",
                "Between 0 and 1, such as data.returned / data.sold; empty: all of it. "
                "For a part, what was booked is taken back and the rest is booked anew",
            ),
            widget="cel",
        ),
    ] = ""
    reason: Annotated[str, titled("原因", "Reason", max_length=500)] = ""


def ports(config: Config) -> tuple[Port, ...]:
    return (
        Port("done", Label("已冲销", "Reversed")),
        Port("nothing_to_reverse", Label("没有可冲销的", "Nothing to reverse")),
        Port("failed", Label("无法冲销", "Could not reverse"), "error", required=False),
    )


def enter(config: Config, context: NodeContext) -> Outcome:
    try:
        share = to_decimal(context.evaluate(config.share)) if config.share else Decimal(1)
    except ValueUnfit as unfit:
        return Fail(code="quantity_unfit", params={"value": str(unfit)})
    if not 0 <= share <= 1:
        return Fail(code="share_unfit", params={"value": str(share)})
    return Call(
        job="reverse_settlement",
        payload={
            "whose": config.whose,
            "share": str(share),
            "reason": config.reason,
            "visit": context.visit,
        },
    )


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    if signal.kind == "job_failed":
        return Go(port="failed", notes=(("settle_failed", {"code": signal.code}),))
    result: Any = signal.result if isinstance(signal.result, dict) else {}
    if not result.get("postings"):
        return Go(port="nothing_to_reverse")
    return Go(port="done", notes=(("settlement_reversed", {"total": result.get("total", "")}),))


def describe(config: Config) -> Label:
    zh, en = WHOSE[config.whose]
    if config.share:
        return Label(f"按退回的份额冲销{zh}的金额", f"Takes back the returned share: {en.lower()}")
    return Label(f"冲销{zh}已记的金额", f"Takes back all that is booked: {en.lower()}")


def expressions(config: Config) -> tuple[tuple[str, str], ...]:
    return (("/share", config.share),) if config.share else ()


NODE_TYPE = NodeType(
    type="reverse_settlement",
    version=1,
    family="money",
    shape="activity",
    label=Label("冲销", "Reverse settlement"),
    help=Label("退货或取消时，冲销已记的金额", "Takes back what was booked, for returned goods"),
    icon="rotate-ccw",
    config=Config,
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    expressions=expressions,
)
