"""Service level clocks as a workflow's settings hold them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from backend.node_sdk import Label, NodeRef, RungConfig, titled

TO_NODE: dict[str, object] = {"stops_at": "node"}
# Any step may stop a clock or let it rest, also one where nobody works, such as waiting for parts:
# node-ref, not human-ref.


class Targets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Allowed time by the ticket's priority; what is left out is that of normal tickets."""

    normal: Annotated[timedelta | None, titled("普通", "Normal", widget="duration")] = None
    urgent: Annotated[timedelta | None, titled("紧急", "Urgent", widget="duration")] = None
    high: Annotated[timedelta | None, titled("高", "High", widget="duration")] = None
    low: Annotated[timedelta | None, titled("低", "Low", widget="duration")] = None


class ClockConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one clock counts, when it stands still, and who hears of it."""

    name: Annotated[Label, titled("名称", "Name", widget="localized")] = Label("", "")
    targets: Annotated[Targets, titled("承诺时间", "Promised time")] = Targets()
    working_hours: Annotated[bool, titled("只算工作时间", "Count working hours only")] = True
    stops_at: Annotated[
        Literal["first_response", "end", "node"],
        titled(
            "何时停止",
            "It stops",
            choices={
                "first_response": ("员工首次处理", "When staff first act"),
                "end": ("工单结束", "When the ticket ends"),
                "node": ("到达某个步骤", "When a step is reached"),
            },
        ),
    ] = "end"
    node: Annotated[NodeRef | None, titled("步骤", "Step", widget="node-ref", when=TO_NODE)] = None
    pause_for_customer: Annotated[
        bool, titled("等待客户时暂停", "Stand still while it is the customer's turn")
    ] = True
    pause_nodes: Annotated[
        tuple[NodeRef, ...],
        titled("停在这些步骤时暂停", "Stand still at these steps", widget="node-ref", max_length=50),
    ] = ()
    ladder: Annotated[tuple[RungConfig, ...], titled("提醒与升级", "Reminders", max_length=10)] = ()


def target_of(config: ClockConfig, priority: str) -> int:
    """Allowed seconds; 0 where the clock has no promise to keep."""
    targets = config.targets
    by_priority = {"urgent": targets.urgent, "high": targets.high, "low": targets.low}
    target = by_priority.get(priority) or targets.normal
    return int(target.total_seconds()) if target is not None else 0
