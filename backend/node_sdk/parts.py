"""Config parts that several node types share: who is asked, and the clock of a human step."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from backend.node_sdk.context import NodeContext
from backend.node_sdk.fields import titled
from backend.node_sdk.outcomes import Acknowledgement, Offer, Rung, Sla
from backend.node_sdk.references import reference
from backend.node_sdk.types import Label, Port

Access = Literal["hidden", "readonly", "editable", "required"]
Scope = Literal["region", "workspace"]

NAME = r"^[a-z][a-z0-9_]{0,39}$"
"""Pattern of outcome, message and measure names."""

Name = Annotated[str, msgspec.Meta(pattern=NAME)]
RoleKey = Annotated[str, msgspec.Meta(max_length=60)]
TeamKey = Annotated[str, msgspec.Meta(max_length=60)]
NodeRef = Annotated[str, msgspec.Meta(max_length=80)]
MemberId = Annotated[str, msgspec.Meta(max_length=36)]
DataPath = Annotated[str, msgspec.Meta(pattern=r"^(data\.)?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]
"""A field of the ticket's data, such as `data.visit.date`."""

TO_ROLE: dict[str, object] = {"to": ("role", "creator")}
"""A role stands in for a creator who is unknown."""

SCOPES = {
    "region": ("工单所在区域", "The ticket's region"),
    "workspace": ("整个工作空间", "The whole workspace"),
}


class OfferConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may do a step."""

    to: Annotated[
        Literal["role", "team", "region", "owner", "customer", "creator", "member"],
        titled(
            "交给谁",
            "Offered to",
            choices={
                "role": ("某个角色", "A role"),
                "team": ("某个小组", "A team"),
                "region": ("本区域所有人", "Anyone of the region"),
                "owner": ("工单负责人", "The ticket's owner"),
                "customer": ("客户", "The customer"),
                "creator": ("建单人", "Whoever created the ticket"),
                "member": ("指定成员", "One member"),
            },
        ),
    ] = "role"
    role: Annotated[RoleKey | None, titled("角色", "Role", widget="role-ref", when=TO_ROLE)] = None
    member: Annotated[
        MemberId | None, titled("成员", "Member", widget="member-ref", when={"to": "member"})
    ] = None
    team: Annotated[TeamKey | None, titled("小组", "Team", widget="team-ref", when={"to": "team"})] = None
    scope: Annotated[Scope, titled("范围", "Where", choices=SCOPES, when=TO_ROLE)] = "region"


RUNG_ACTIONS = {
    "remind": ("提醒处理人", "Remind"),
    "escalate": ("升级给", "Escalate to"),
    "raise_priority": ("提高优先级", "Raise the priority"),
    "reassign": ("改派给", "Give to"),
}
NEEDS_ROLE = ("escalate", "reassign")
TO_SOMEBODY: dict[str, object] = {"action": NEEDS_ROLE}


class RungConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reminder or an escalation on the way to the limit."""

    percent: Annotated[int, titled("到达时限的百分之几", "At percent of the allowed time", ge=1, le=1000)] = (
        80
    )
    action: Annotated[
        Literal["remind", "escalate", "raise_priority", "reassign"],
        titled("动作", "Action", choices=RUNG_ACTIONS),
    ] = "remind"
    role: Annotated[RoleKey | None, titled("角色", "Role", widget="role-ref", when=TO_SOMEBODY)] = None


class AcknowledgeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody must take the task soon, however long it may take then."""

    within: Annotated[timedelta | None, titled("多久内认领", "Taken within", widget="duration")] = None
    action: Annotated[
        Literal["remind", "escalate", "raise_priority", "reassign"],
        titled("无人认领时", "If nobody takes it", choices=RUNG_ACTIONS),
    ] = "remind"
    role: Annotated[RoleKey | None, titled("角色", "Role", widget="role-ref", when=TO_SOMEBODY)] = None


NotBy = Annotated[
    tuple[NodeRef, ...],
    titled(
        "不能由这些步骤的处理人来做",
        "Not by who did",
        help=("四眼原则：同一个人不能两步都做", "Four eyes: one person may not do both"),
        widget="doer-ref",
        max_length=20,
    ),
]


def name_barred(not_by: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The steps that `NotBy` names, for `NodeType.nodes`; "creator" is no step."""
    return tuple((f"/not_by/{at}", node) for at, node in enumerate(not_by) if node != "creator")


class SlaConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Allowed time of a human step; no duration, no clock."""

    duration: Annotated[timedelta | None, titled("处理时限", "Allowed time", widget="duration")] = None
    working_hours: Annotated[bool, titled("只算工作时间", "Count working hours only")] = True
    ladder: Annotated[tuple[RungConfig, ...], titled("提醒与升级", "Reminders", max_length=10)] = ()
    timeout: Annotated[
        bool,
        titled("到时自动转走", "Move on at the limit", help=("走“超时”出口", "Leaves by the timeout port")),
    ] = False
    acknowledge: Annotated[AcknowledgeConfig, titled("认领时限", "Taken in time")] = AcknowledgeConfig()


TIMEOUT_PORT = Port("timeout", Label("超时", "Timed out"), "timeout")


def offer_of(config: OfferConfig, context: NodeContext) -> Offer:
    """The offer at this moment; only one to the creator depends on it. A creator who is unknown (a
    customer's ticket) leaves it to the role, if one is named."""
    if config.to == "creator":
        creator = context.people.get("creator")
        if creator is not None:
            return Offer(to="member", member=creator)
        return Offer(to="role", role=config.role, scope=config.scope)
    return Offer(to=config.to, role=config.role, member=config.member, team=config.team, scope=config.scope)


def acknowledge_of(config: SlaConfig) -> Acknowledgement | None:
    wanted = config.acknowledge
    if wanted.within is None:
        return None
    return Acknowledgement(
        seconds=int(wanted.within.total_seconds()),
        rung=Rung(percent=100, action=wanted.action, role=wanted.role),
        working_hours=config.working_hours,
    )


def sla_of(config: SlaConfig) -> Sla | None:
    if config.duration is None:
        return None
    return Sla(
        seconds=int(config.duration.total_seconds()),
        working_hours=config.working_hours,
        ladder=tuple(Rung(percent=r.percent, action=r.action, role=r.role) for r in config.ladder),
        timeout_port="timeout" if config.timeout else None,
    )


def offer_problems(config: OfferConfig, pointer: str = "/offer") -> tuple[tuple[str, str], ...]:
    if config.to == "role" and not config.role:
        return (("role_missing", f"{pointer}/role"),)
    if config.to == "member" and not config.member:
        return (("member_missing", f"{pointer}/member"),)
    if config.to == "team" and not config.team:
        return (("team_missing", f"{pointer}/team"),)
    return ()


def sla_problems(config: SlaConfig) -> tuple[tuple[str, str], ...]:
    """A clock that cannot run: reminders or a timeout without an allowed time, escalation to nobody."""
    found: list[tuple[str, str]] = []
    if config.duration is None and (config.ladder or config.timeout):
        found.append(("sla_without_duration", "/sla/duration"))
    if config.duration is not None and config.duration.total_seconds() <= 0:
        found.append(("duration_not_positive", "/sla/duration"))
    found.extend(
        ("role_missing", f"/sla/ladder/{at}/role")
        for at, rung in enumerate(config.ladder)
        if rung.action in NEEDS_ROLE and not rung.role
    )
    wanted = config.acknowledge
    if wanted.within is not None and wanted.within.total_seconds() <= 0:
        found.append(("duration_not_positive", "/sla/acknowledge/within"))
    if wanted.within is not None and wanted.action in NEEDS_ROLE and not wanted.role:
        found.append(("role_missing", "/sla/acknowledge/role"))
    return tuple(found)


def describe_offer(config: OfferConfig) -> Label:
    role = reference("role", config.role) if config.role else ""
    team = reference("team", config.team) if config.team else ""
    names = {
        "role": Label(role or "未选择的角色", role or "a role not chosen"),
        "team": Label(team or "未选择的小组", team or "a team not chosen"),
        "region": Label("本区域的人", "anyone of the region"),
        "owner": Label("工单负责人", "the owner"),
        "customer": Label("客户", "the customer"),
        "creator": Label("建单人", "the creator"),
        "member": Label("指定成员", "one member"),
    }
    return names[config.to]


def describe_duration(duration: timedelta) -> Label:
    """A length of time in its largest whole unit."""
    seconds = int(duration.total_seconds())
    for size, zh, en in ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min")):
        if seconds and seconds % size == 0:
            return Label(f"{seconds // size} {zh}", f"{seconds // size} {en}")
    return Label(f"{seconds} 秒", f"{seconds} s")


def describe_sla(config: SlaConfig) -> Label:
    if config.duration is None:
        return Label("", "")
    length = describe_duration(config.duration)
    hours = ("工作时间 ", " working") if config.working_hours else ("", "")
    return Label(f" · {hours[0]}{length.zh}内", f" · within {length.en}{hours[1]}")
