"""Graph v1 and the definition around it, as values.

The JSON is the format of drafts, releases, templates and export alike. Maps are keyed by id, so that edits of
different nodes never touch the same key and an RFC 7396 merge patch is the language of every edit.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from backend.graph.clocks import ClockConfig
from backend.node_sdk import EMPTY, FILLED, Label, titled

TIMER: dict[str, object] = {"kind": "timer"}
FROM_NOW: dict[str, object] = {"kind": "timer", "field": EMPTY}
BY_DATE: dict[str, object] = {"kind": "timer", "field": FILLED}
REPEATED: dict[str, object] = {"kind": "timer", "interrupting": False}


class Position(msgspec.Struct, frozen=True):
    """Canvas coordinates in pixels."""

    x: float
    y: float


class Boundary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What may happen to a step while it waits, and leads out of it by a port of its own.

    timer: `after` some time (plain or working), or at the date in `field`; then again `every` so often,
    `times` in all. message, signal: of this `name` (and correlation, CEL). error: the step's incident or
    failed job, of this `code` or any. Interrupting, the step is called off; else a further branch begins and
    the step goes on.
    """

    kind: Annotated[
        Literal["timer", "message", "signal", "error"],
        titled(
            "发生什么",
            "What happens",
            choices={
                "timer": ("到时间", "A time comes"),
                "message": ("收到消息", "A message arrives"),
                "signal": ("收到信号", "A signal is given"),
                "error": ("这一步出错", "The step fails"),
            },
        ),
    ]
    label: Annotated[Label, titled("名称", "Name", widget="localized")] = Label("", "")
    interrupting: Annotated[
        bool,
        titled(
            "停下这一步",
            "Call the step off",
            help=("不勾选则另开一条路，这一步继续", "If not, a further branch begins and the step goes on"),
            when={"kind": ("timer", "message", "signal")},
        ),
    ] = True
    after: Annotated[timedelta | None, titled("多久以后", "After", widget="duration", when=FROM_NOW)] = None
    working_hours: Annotated[
        bool,
        titled(
            "只算工作时间",
            "Count working hours only",
            help=("按工单所在区域", "Of the ticket's region"),
            when=TIMER,
        ),
    ] = False
    field: Annotated[
        str,
        titled(
            "或按日期字段",
            "Or by a date of the ticket",
            help=("如到期日；不填则按上面的时长", "Such as a due date; empty: the length above"),
            widget="field-ref",
            when=TIMER,
        ),
    ] = ""
    direction: Annotated[
        Literal["before", "after"],
        titled(
            "提前还是推后",
            "Before or after that date",
            choices={"before": ("提前", "Before"), "after": ("推后", "After")},
            when=BY_DATE,
        ),
    ] = "before"
    offset: Annotated[
        timedelta | None, titled("相差多久", "By how much", widget="duration", when=BY_DATE)
    ] = None
    time_of_day: Annotated[
        str,
        titled(
            "当天几点",
            "At what time",
            help=("字段只有日期时使用", "For a date without a time"),
            when=BY_DATE,
            pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        ),
    ] = "09:00"
    every: Annotated[
        timedelta | None,
        titled(
            "之后每隔多久再来",
            "Then again every",
            help=("只用于不停下这一步时", "Only where the step goes on"),
            widget="duration",
            when=REPEATED,
        ),
    ] = None
    times: Annotated[int, titled("一共几次", "How many times in all", when=REPEATED, ge=1, le=100)] = 1
    name: Annotated[
        str,
        titled(
            "消息或信号名",
            "Message or signal",
            help=("小写字母、数字和 _", "Lower case letters, digits and _"),
            when={"kind": ("message", "signal")},
        ),
    ] = ""
    correlation: Annotated[
        str,
        titled(
            "关联",
            "Correlation",
            help=(
                "只认关联相同的消息，例如 data.order_no",
                "Only one that carries the same, as data.order_no",
            ),
            widget="cel",
            when={"kind": "message"},
        ),
    ] = ""
    code: Annotated[
        str,
        titled("错误代码", "Error code", help=("不填则任何错误", "Empty: any error"), when={"kind": "error"}),
    ] = ""


class Node(msgspec.Struct, frozen=True):
    """One step. `config` is decoded by the node type's own struct."""

    type: str
    v: int = 1
    label: Label = Label("", "")
    config: dict[str, Any] = {}
    position: Position = Position(0, 0)
    boundary: dict[str, Boundary] = {}
    """By the name of the port that each adds to those of the node's type."""
    compensation: str | None = None
    """Id of the step that undoes this one; it stands apart, and no edge leads to it."""


class Edge(msgspec.Struct, frozen=True):
    """Leaves `port` of `source`. `when` is CEL; `order` ranks the edges of one port."""

    source: str
    port: str
    target: str
    when: str | None = None
    order: int = 0
    label: Label | None = None


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """Nodes and edges by id."""

    format: Literal["tierflow.graph/1"] = "tierflow.graph/1"
    nodes: dict[str, Node] = {}
    edges: dict[str, Edge] = {}


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form: JSON Schema 2020-12 plus uiSchema."""

    title: Label = Label("", "")
    schema: dict[str, Any] = {}
    ui: dict[str, Any] = {}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for the whole workflow."""

    title: str = ""
    """CEL text that names a ticket; empty: the workflow's name."""
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    tariff_policy: Literal["at_completion", "at_creation"] = "at_completion"
    cancel_money: Literal["reverse", "keep"] = "reverse"
    """What becomes of the money that a ticket has booked when it is cancelled."""
    unresolved_party: Literal["quarantine", "incident"] = "quarantine"
    """Where money goes of which nobody knows whose it is: into quarantine, or the ticket waits."""
    withdraw: Literal["never", "before_first_task", "any_time"] = "before_first_task"
    """Until when whoever opened a ticket may take it back."""
    sla: dict[str, ClockConfig] = {}
    """Service level clocks by key, such as `first_response` and `resolution`."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft holds and a release freezes."""

    format: Literal["tierflow.workflow/1"] = "tierflow.workflow/1"
    name: Label = Label("", "")
    graph: Graph = Graph()
    forms: dict[str, Form] = {}
    settings: Settings = Settings()


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """What a finding concerns; all empty: the whole workflow."""

    node: str | None = None
    edge: str | None = None
    form: str | None = None
    pointer: str | None = None
    """JSON pointer into the definition."""


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """A finding: a stable code with the params of its message, where, and the path that shows it."""

    code: str
    severity: Literal["error", "warning"] = "error"
    where: Where = Where()
    params: dict[str, Any] = {}
    path: tuple[str, ...] = ()
    """Node ids in the order a token visits them."""
    fix: dict[str, Any] | None = None
    """A merge patch over the definition that mends it, when there is an obvious one."""
    fix_code: str = ""
    """What the fix does, when that differs from case to case; else the finding's own code stands for it."""


class Soundness(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict of the bounded search."""

    verdict: Literal["sound", "unsound", "not_proven"]
    states: int
    issues: tuple[Issue, ...] = ()
