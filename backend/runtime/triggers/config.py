"""What a trigger of each kind is told: the structs behind the screens' generated forms."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from backend.graph.expressions import ROOTS
from backend.node_sdk import titled

NAMES = (*ROOTS, "body", "mail", "record")
"""What expressions of triggers may begin with; those that a kind does not have are empty objects."""

MAX_PAIRS = 100
Cel = Annotated[str, msgspec.Meta(max_length=2048)]
FieldKey = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_]\w{0,79}$")]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
EventName = Literal["created", "completed", "cancelled", "overdue", "changed"]


class Assignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field of the start form, and where its value comes from."""

    field: Annotated[FieldKey, titled("表单字段", "Form field")]
    value: Annotated[
        Cel,
        titled(
            "取值",
            "Value",
            widget="cel",
            help=("CEL 表达式，如 body.order.id", "CEL, such as body.order.id"),
            min_length=1,
        ),
    ]


CONDITION = titled(
    "条件",
    "Condition",
    condition=True,
    help=("不成立就不建单；不填则总是建单", "No ticket unless it holds. Empty: always"),
)
MAPPING = titled(
    "填写表单",
    "Fill in the form",
    help=("不填则按同名字段带入", "Empty: fields of the same name are taken over"),
    max_length=MAX_PAIRS,
)
CUSTOMER = titled(
    "客户资料",
    "Customer",
    help=(
        "如 name、phone、email；不填则从表单里取",
        "Such as name, phone, email; empty: taken from the form",
    ),
    max_length=20,
)
REGION = titled(
    "按内容决定区域",
    "Region by content",
    help=(
        "CEL，结果是区域编号；不填则用上面选的区域",
        "CEL that gives a region's key; empty: the region chosen above",
    ),
    widget="cel",
)
CHANNEL = titled(
    "渠道", "Channel", help=("记在工单上", "Noted on the ticket"), pattern=r"^[A-Za-z0-9_-]{0,60}$"
)


class ApiConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another system sends the fields of the start form."""

    condition: Annotated[Cel, CONDITION] = ""
    mapping: Annotated[tuple[Assignment, ...], MAPPING] = ()
    customer: Annotated[tuple[Assignment, ...], CUSTOMER] = ()
    region: Annotated[Cel, REGION] = ""
    channel: Annotated[str, CHANNEL] = "api"


class WebhookConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another system sends whatever it sends, signed."""

    condition: Annotated[Cel, CONDITION] = ""
    mapping: Annotated[tuple[Assignment, ...], MAPPING] = ()
    customer: Annotated[tuple[Assignment, ...], CUSTOMER] = ()
    region: Annotated[Cel, REGION] = ""
    channel: Annotated[str, CHANNEL] = "webhook"


class ScheduleConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At the moments of a cron expression, on the clocks of the region."""

    cron: Annotated[
        str,
        titled(
            "时间（cron）",
            "When (cron)",
            help=(
                "分 时 日 月 周，如 0 9 * * 1-5 是工作日 9:00；L 是月末",
                "minute hour day month weekday; 0 9 * * 1-5 is 9:00 on weekdays, L the last day",
            ),
            min_length=9,
            max_length=100,
        ),
    ]
    catch_up: Annotated[
        Literal["last", "all", "none"],
        titled(
            "停机错过的",
            "Missed while down",
            choices={
                "last": ("只补最近一次", "Make up the last one"),
                "all": ("逐次补上", "Make up each one"),
                "none": ("不补", "Leave them out"),
            },
        ),
    ] = "last"
    condition: Annotated[Cel, CONDITION] = ""
    mapping: Annotated[tuple[Assignment, ...], MAPPING] = ()
    customer: Annotated[tuple[Assignment, ...], CUSTOMER] = ()
    channel: Annotated[str, CHANNEL] = "schedule"


class EventConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When something happens to another ticket."""

    event: Annotated[
        EventName,
        titled(
            "发生什么",
            "What happens",
            choices={
                "created": ("建单", "A ticket is opened"),
                "completed": ("办结", "A ticket is completed"),
                "cancelled": ("取消", "A ticket is cancelled"),
                "overdue": ("待办超时", "A task is overdue"),
                "changed": ("数据变化", "Data changes"),
            },
        ),
    ] = "completed"
    workflow_id: Annotated[
        str | None,
        titled(
            "哪个流程的工单",
            "Tickets of",
            help=("不选则任何流程", "Empty: of any workflow"),
            widget="workflow-ref",
        ),
    ] = None
    fields: Annotated[
        tuple[FieldKey, ...],
        titled(
            "哪些字段变化",
            "Fields that change",
            help=("不填则任何字段", "Empty: any field"),
            when={"event": "changed"},
            max_length=50,
        ),
    ] = ()
    condition: Annotated[Cel, CONDITION] = ""
    mapping: Annotated[tuple[Assignment, ...], MAPPING] = ()
    customer: Annotated[
        tuple[Assignment, ...],
        titled(
            "客户资料",
            "Customer",
            help=("不填则沿用原工单的客户", "Empty: that of the ticket it happened to"),
        ),
    ] = ()
    region: Annotated[
        Cel,
        titled(
            "按内容决定区域",
            "Region by content",
            help=(
                "不填则用上面选的区域，再不然沿用原工单的",
                "Empty: the region above, else that of the ticket",
            ),
            widget="cel",
        ),
    ] = ""
    channel: Annotated[str, CHANNEL] = "event"


class RecordDateConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some days before or after a date: a contract's end, a certificate's expiry."""

    source: Annotated[
        Literal["tickets", "records"],
        titled(
            "日期在哪里",
            "Where the date stands",
            choices={
                "tickets": ("工单的字段", "In tickets"),
                "records": ("资料表", "In a collection of records"),
            },
        ),
    ] = "tickets"
    workflow_id: Annotated[
        str | None, titled("流程", "Workflow", widget="workflow-ref", when={"source": "tickets"})
    ] = None
    collection: Annotated[
        Key | None,
        titled(
            "资料表名称",
            "Collection",
            help=("通过 API 写入，如 contracts", "Written by the API, such as contracts"),
            when={"source": "records"},
        ),
    ] = None
    field: Annotated[FieldKey, titled("日期字段", "Date field")]
    days: Annotated[
        int,
        titled(
            "提前或延后（天）",
            "Days before or after",
            help=("-30 是提前 30 天", "-30 is 30 days before"),
            ge=-3650,
            le=3650,
        ),
    ] = -30
    time: Annotated[
        str,
        titled(
            "几点", "Time of day", help=("如 09:00", "Such as 09:00"), pattern=r"^([01]\d|2[0-3]):[0-5]\d$"
        ),
    ] = "09:00"
    condition: Annotated[Cel, CONDITION] = ""
    mapping: Annotated[tuple[Assignment, ...], MAPPING] = ()
    customer: Annotated[tuple[Assignment, ...], CUSTOMER] = ()
    region: Annotated[Cel, REGION] = ""
    channel: Annotated[str, CHANNEL] = "date"


class EmailConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each new mail in a mailbox (IMAP)."""

    host: Annotated[str, titled("IMAP 服务器", "IMAP server", min_length=1, max_length=253)]
    port: Annotated[int, titled("端口", "Port", ge=1, le=65535)] = 993
    security: Annotated[
        Literal["tls", "starttls", "none"],
        titled(
            "加密",
            "Encryption",
            choices={"tls": ("TLS", "TLS"), "starttls": ("STARTTLS", "STARTTLS"), "none": ("不加密", "None")},
        ),
    ] = "tls"
    username: Annotated[str, titled("账号", "User", min_length=1, max_length=254)]
    folder: Annotated[str, titled("文件夹", "Folder", min_length=1, max_length=200)] = "INBOX"
    minutes: Annotated[int, titled("每隔几分钟查看", "Look every (minutes)", ge=1, le=1440)] = 5
    existing: Annotated[bool, titled("也处理已有的邮件", "Also take the mail that is already there")] = False
    condition: Annotated[Cel, CONDITION] = ""
    mapping: Annotated[
        tuple[Assignment, ...],
        titled(
            "填写表单",
            "Fill in the form",
            help=(
                "可用 mail.subject、mail.text、mail.from、mail.from_name、mail.attachments",
                "mail.subject, mail.text, mail.from, mail.from_name, mail.attachments",
            ),
            max_length=MAX_PAIRS,
        ),
    ] = ()
    customer: Annotated[
        tuple[Assignment, ...],
        titled("客户资料", "Customer", help=("不填则用发件人", "Empty: the sender"), max_length=20),
    ] = ()
    region: Annotated[Cel, REGION] = ""
    channel: Annotated[str, CHANNEL] = "email"


class MessageConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named message that no running ticket takes."""

    message: Annotated[
        str,
        titled(
            "消息名称",
            "Message",
            help=("如 order_paid", "Such as order_paid"),
            pattern=r"^[a-z][a-z0-9_]{0,39}$",
        ),
    ]
    condition: Annotated[Cel, CONDITION] = ""
    mapping: Annotated[tuple[Assignment, ...], MAPPING] = ()
    customer: Annotated[tuple[Assignment, ...], CUSTOMER] = ()
    region: Annotated[Cel, REGION] = ""
    channel: Annotated[str, CHANNEL] = "message"


class TriggerKind(NamedTuple):
    """A kind as the screens offer it."""

    config: type[msgspec.Struct]
    icon: str
    is_timed: bool = False
    """Whether it looks again at `next_at`."""


KINDS: dict[str, TriggerKind] = {
    "api": TriggerKind(ApiConfig, "key-round"),
    "webhook": TriggerKind(WebhookConfig, "webhook"),
    "schedule": TriggerKind(ScheduleConfig, "calendar-clock", True),
    "event": TriggerKind(EventConfig, "zap"),
    "record_date": TriggerKind(RecordDateConfig, "calendar-days", True),
    "email": TriggerKind(EmailConfig, "mail", True),
    "message": TriggerKind(MessageConfig, "message-square"),
}

Config = Any
"""One of the structs above: all have condition, mapping, customer and channel, most have region."""


def read_config(kind: str, config: dict[str, Any]) -> Config:
    """The struct of a stored or submitted config. Raises KeyError, msgspec.ValidationError."""
    return msgspec.convert(config, KINDS[kind].config)
