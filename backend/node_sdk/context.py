"""What a node's functions may see of the ticket, and what can wake a waiting node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec


class NodeContext(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A read-only view of the ticket at one moment.

    `ticket` holds id, number, title, priority, region, region_path, source, channel, created_at, creator,
    workflow, zone and handling_seconds (working time of people by node id); `customer` holds name, phone,
    grade; `people` maps a slot ("owner", a node id) to the member id last chosen or seen there.
    `memo` is what this token's node stored with its last outcome.
    """

    node: str
    visit: int
    """1 for the first token that ever entered this node, 2 for the second ..."""
    data: Mapping[str, Any]
    ticket: Mapping[str, Any]
    customer: Mapping[str, Any]
    people: Mapping[str, str]
    now: datetime
    memo: Mapping[str, Any]
    evaluate: Callable[[str], Any]
    """CEL over data, ticket, customer, now. Raises ExpressionFailed (the engine turns it into an
    incident)."""
    find: Callable[[str], Any]
    """The same, but None where a field it reads is missing: for optional attributes, never for amounts."""


class Signal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Why a waiting node is called again.

    task_completed: `outcome`, `data` (what this form wrote), `member`; tasks: votes so far as {task id:
    outcome}.
    timer_fired: `name`. job_done / job_failed: `result` or `code`. message: `name`, `data`.
    """

    kind: Literal["task_completed", "timer_fired", "job_done", "job_failed", "message"]
    name: str = ""
    outcome: str = ""
    data: Mapping[str, Any] = {}
    member: str | None = None
    result: Any = None
    code: str = ""
    votes: Mapping[str, str] = {}
    """For nodes that opened several tasks: outcome of each closed one, by task id."""
    opened: int = 1
    """How many tasks the node opened."""
