"""Approval: one or several people say yes or no."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal

import msgspec

from backend.node_sdk import (
    TIMEOUT_PORT,
    Access,
    Call,
    Fail,
    Go,
    Label,
    NodeContext,
    NodeType,
    NotBy,
    Offer,
    OfferConfig,
    OpenTasks,
    Outcome,
    Port,
    Quorum,
    Signal,
    SlaConfig,
    Stay,
    TaskAction,
    TaskSpec,
    acknowledge_of,
    describe_offer,
    describe_sla,
    name_barred,
    offer_of,
    offer_problems,
    sla_of,
    sla_problems,
    titled,
)

Mode = Literal["any", "all", "sequential", "percentage"]
MODES = {
    "any": ("任意一人", "Anyone"),
    "all": ("所有人", "Everyone"),
    "sequential": ("依次审批", "One after the other"),
    "percentage": ("达到比例", "A share of them"),
}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who decides, how votes count, and what is shown."""

    offer: Annotated[OfferConfig, titled("审批人", "Who decides")] = OfferConfig()
    mode: Annotated[Mode, titled("通过方式", "How votes count", choices=MODES)] = "any"
    percent: Annotated[
        int, titled("通过比例（%）", "Share needed (%)", when={"mode": "percentage"}, ge=1, le=100)
    ] = 100
    returned: Annotated[bool, titled("可以退回", "May be sent back")] = False
    reject_comment: Annotated[bool, titled("拒绝时必须说明", "A refusal needs a comment")] = True
    form: Annotated[str | None, titled("意见表单", "Form", widget="form-ref")] = None
    access: Annotated[dict[str, Access], titled("字段权限", "Field access", widget="field-access")] = {}
    show: Annotated[
        tuple[str, ...], titled("待审批的内容", "What is being decided", widget="field-ref", max_length=50)
    ] = ()
    sla: Annotated[SlaConfig, titled("时限", "Time limit")] = SlaConfig()
    not_by: NotBy = ()
    stage: Annotated[bool, titled("显示在客户进度中", "Show in the customer's progress")] = False
    stage_label: Annotated[
        Label | None,
        titled(
            "进度名称",
            "Name in the progress",
            help=("不填则用节点名称", "Empty: the name of the step"),
            widget="localized",
            when={"stage": True},
        ),
    ] = None


APPROVED = Port("approved", Label("通过", "Approved"))
REJECTED = Port("rejected", Label("拒绝", "Rejected"))
RETURNED = Port("returned", Label("退回", "Sent back"))


def ports(config: Config) -> tuple[Port, ...]:
    drawn = (APPROVED, REJECTED, *((RETURNED,) if config.returned else ()))
    return (*drawn, TIMEOUT_PORT) if config.sla.timeout else drawn


def quorum_of(config: Config) -> Quorum:
    return Quorum(mode=config.mode, percent=config.percent)


def enter(config: Config, context: NodeContext) -> Outcome:
    offer = offer_of(config.offer, context)
    if config.mode == "any" or offer.to not in {"role", "team", "region"}:
        return OpenTasks(tasks=(_task(config, offer),))
    payload: dict[str, Any] = {"role": offer.role, "scope": offer.scope}
    if offer.to != "role":
        payload |= {"to": offer.to, "team": offer.team}
    return Call(job="resolve_members", payload=payload)


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    if signal.kind == "job_done":
        return _ask(config, context, signal.result)
    if signal.kind != "task_completed":
        return Fail(code="unexpected_signal", params={"signal": signal.kind})
    if signal.outcome == "returned":
        return Go(port="returned")
    members = list(context.memo.get("members", ()))
    if config.mode == "sequential" and members:
        return _next_in_line(config, context, members, signal)
    return _count(quorum_of(config), signal)


def _ask(config: Config, context: NodeContext, result: Any) -> Outcome:
    """Open the tasks once the shell has said who they are; those who did a step that rules them out are
    not asked."""
    members = list(result.get("members", ())) if isinstance(result, dict) else []
    if config.not_by:
        barred = {context.people.get(slot) for slot in config.not_by}
        members = [member for member in members if member not in barred]
    if not members:
        return Fail(code="nobody_in_role", params={"role": config.offer.role or ""})
    asked = members[:1] if config.mode == "sequential" else members
    return OpenTasks(
        tasks=tuple(_task(config, Offer(to="member", member=member)) for member in asked),
        memo={"members": members, "at": 0},
    )


def _next_in_line(config: Config, context: NodeContext, members: list[str], signal: Signal) -> Outcome:
    """The next one is asked when all who are asked now, added signers among them, have agreed."""
    following = int(context.memo.get("at", 0)) + 1
    if signal.outcome == "rejected":
        return Go(port="rejected")
    if signal.added and len(signal.votes) < signal.opened:
        return Stay()
    if following >= len(members):
        return Go(port=signal.outcome)
    task = _task(config, Offer(to="member", member=members[following]))
    return OpenTasks(tasks=(task,), memo={"members": members, "at": following})


def _count(quorum: Quorum, signal: Signal) -> Outcome:
    """approved as soon as enough have agreed, rejected as soon as that cannot happen any more.

    Where anyone may decide, a signer who was added must agree as well: else adding one would mean nothing.
    """
    votes = Counter(signal.votes.values())
    percentage = -(-signal.opened * quorum.percent // 100)
    needed = {"any": 1 + signal.added, "percentage": percentage}.get(quorum.mode, signal.opened)
    if votes["approved"] >= needed:
        return Go(port="approved", notes=_tally(votes, signal))
    if signal.opened - votes["rejected"] < needed:
        return Go(port="rejected", notes=_tally(votes, signal))
    return Stay()


def _tally(votes: Counter[str], signal: Signal) -> tuple[tuple[str, dict[str, Any]], ...]:
    """One voter's word stands in the timeline already."""
    if signal.opened == 1:
        return ()
    params = {"approved": votes["approved"], "rejected": votes["rejected"], "asked": signal.opened}
    return (("votes_counted", params),)


def _task(config: Config, offer: Offer) -> TaskSpec:
    returned = TaskAction(
        outcome="returned", zh="退回", en="Send back", style="secondary", needs_comment=True, validates=False
    )
    actions = (
        TaskAction(outcome="approved", zh="通过", en="Approve"),
        TaskAction(
            outcome="rejected",
            zh="拒绝",
            en="Reject",
            style="danger",
            needs_comment=config.reject_comment,
            validates=False,
        ),
        *((returned,) if config.returned else ()),
    )
    return TaskSpec(
        kind="approval",
        form=config.form,
        offer=offer,
        actions=actions,
        access=config.access,
        sla=sla_of(config.sla),
        show=config.show,
        not_by=config.not_by,
        acknowledge=acknowledge_of(config.sla),
    )


def describe(config: Config) -> Label:
    who, limit, mode = describe_offer(config.offer), describe_sla(config.sla), MODES[config.mode]
    if config.mode == "percentage":
        mode = (f"{config.percent}% 通过", f"{config.percent}% must agree")
    return Label(f"{who.zh}审批（{mode[0]}）{limit.zh}", f"{mode[1]}: {who.en}{limit.en}")


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    return (*offer_problems(config.offer), *sla_problems(config.sla))


NODE_TYPE = NodeType(
    type="approval",
    version=1,
    family="human",
    shape="activity",
    label=Label("审批", "Approval"),
    help=Label("由一人或多人决定是否通过", "One or several people say yes or no"),
    icon="stamp",
    config=Config,
    defaults={"offer": {"to": "role"}, "mode": "any"},
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    form=lambda config: config.form,
    problems=problems,
    pauses=True,
    nodes=lambda config: name_barred(config.not_by),
)
