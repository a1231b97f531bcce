"""Dispatch: choose who owns the ticket from here on."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from backend.node_sdk import (
    SCOPES,
    Call,
    Fail,
    Go,
    Label,
    NodeContext,
    NodeType,
    Outcome,
    Port,
    Scope,
    Signal,
    reference,
    titled,
)

STRATEGIES = {
    "least_load": ("手头工单最少的人", "Whoever has the least to do"),
    "round_robin": ("轮流", "In turn"),
    "last_handler": ("上次服务该客户的人", "Whoever served this customer last"),
}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Among whom, and how one is chosen."""

    role: Annotated[str | None, titled("角色", "Role", widget="role-ref")] = None
    strategy: Annotated[
        Literal["least_load", "round_robin", "last_handler"],
        titled("选择方式", "How one is chosen", choices=STRATEGIES),
    ] = "least_load"
    skill: Annotated[
        str,
        titled(
            "所需技能", "Skill needed", help=("例如 data.service", "For example data.service"), widget="cel"
        ),
    ] = ""
    scope: Annotated[Scope, titled("范围", "Where", choices=SCOPES)] = "region"


def ports(config: Config) -> tuple[Port, ...]:
    nobody = Port("nobody", Label("无人可派", "Nobody free"), "normal", required=False)
    return (Port("assigned", Label("已派单", "Assigned")), nobody)


def enter(config: Config, context: NodeContext) -> Outcome:
    skill = context.find(config.skill) if config.skill else None
    return Call(
        job="dispatch",
        payload={
            "role": config.role,
            "strategy": config.strategy,
            "skill": None if skill is None else str(skill),
            "scope": config.scope,
            "previous": context.people.get("owner"),
        },
    )


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    if signal.kind != "job_done" or not isinstance(signal.result, dict):
        return Fail(code="unexpected_signal", params={"signal": signal.kind})
    member: Any = signal.result.get("member")
    reason = {"role": config.role or "", **dict(signal.result.get("reason") or {})}
    if not member:
        return Go(port="nobody", notes=(("dispatched_nobody", reason),))
    return Go(
        port="assigned",
        people={"owner": str(member), context.node: str(member)},
        notes=(("dispatched", {**reason, "member": str(member), "strategy": config.strategy}),),
    )


def describe(config: Config) -> Label:
    zh, en = STRATEGIES[config.strategy]
    role = reference("role", config.role) if config.role else ""
    return Label(f"派给{role or '未选择的角色'}：{zh}", f"To {role or 'no role yet'}: {en.lower()}")


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    return () if config.role else (("role_missing", "/role"),)


NODE_TYPE = NodeType(
    type="dispatch",
    version=1,
    family="automatic",
    shape="activity",
    label=Label("派单", "Dispatch"),
    help=Label("自动选择负责人", "Chooses who owns the ticket"),
    icon="route",
    config=Config,
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    expressions=lambda config: (("/skill", config.skill),) if config.skill else (),
    problems=problems,
)
