"""The scenario format: events in, and after each what must be open, stored and booked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec


class TicketStart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts of the scenario's ticket."""

    region: str | None = None
    priority: str = "normal"
    source: Literal["customer", "staff", "system"] = "customer"
    channel: str = ""
    creator: str | None = None


class Complete(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Press a button. With several open tasks at the node, the one assigned to `member`, else the oldest."""

    node: str
    outcome: str = "done"
    data: dict[str, Any] = {}
    member: str | None = None
    comment: str | None = None
    instance: int | None = None
    """Of the tasks inside instances of a `for_each`, that of this number (from 1)."""


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named message (or signal) arrives."""

    name: str
    data: dict[str, Any] = {}
    correlation: str = ""
    signal: bool = False


class JobAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answer the job that is open at a node: `fail` is a code, else `result`."""

    node: str
    result: Any = None
    fail: str | None = None


class NewItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One more item for a `for_each` that is under way."""

    node: str
    item: Any


class Cancel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ticket is stopped by hand; with `compensate` what it did is undone first."""

    reason: str = ""
    compensate: bool = False


class Expect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must hold after the step. Lines are compared by the members named; all of a step must be
    matched."""

    open: tuple[str, ...] | None = None
    status: str | None = None
    data: dict[str, Any] | None = None
    priority: str | None = None
    result: str | None = None
    incidents: tuple[str, ...] | None = None
    lines: tuple[dict[str, Any], ...] | None = None


class ScenarioStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that happens. None of them: only look."""

    complete: Complete | None = None
    advance: timedelta | None = None
    message: Message | None = None
    job: JobAnswer | None = None
    add_item: NewItem | None = None
    cancel: Cancel | None = None
    expect: Expect = Expect()


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tierflow.scenario/1`. `expect` is what must hold right after the start; `workflow` names one of a
    template."""

    format: Annotated[str, msgspec.Meta(pattern=r"^tierflow\.scenario/1$")] = "tierflow.scenario/1"
    name: dict[str, str] = {}
    workflow: str | None = None
    ticket: TicketStart = TicketStart()
    customer: dict[str, Any] = {}
    start: dict[str, Any] = {}
    at: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    expect: Expect = Expect()
    steps: tuple[ScenarioStep, ...] = ()
