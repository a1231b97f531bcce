"""Rating: the customer gives stars and a comment."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec

from backend.node_sdk import (
    TIMEOUT_PORT,
    Fail,
    Go,
    Label,
    NodeContext,
    NodeType,
    Offer,
    OpenTasks,
    Outcome,
    Port,
    Signal,
    Sla,
    TaskAction,
    TaskSpec,
    describe_duration,
    titled,
)


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long the customer has. Without a form of its own, stars go to `rating` and words to `comment`."""

    form: Annotated[
        str | None,
        titled("表单", "Form", help=("不选则为星级加留言", "None: stars and a comment"), widget="form-ref"),
    ] = None
    wait: Annotated[timedelta | None, titled("最多等多久", "Wait at most", widget="duration")] = None
    stage: Annotated[bool, titled("显示在客户进度中", "Show in the customer's progress")] = True
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


def ports(config: Config) -> tuple[Port, ...]:
    rated = Port("rated", Label("已评价", "Rated"))
    return (rated, TIMEOUT_PORT) if config.wait else (rated,)


def enter(config: Config, context: NodeContext) -> Outcome:
    sla = None
    if config.wait is not None:
        sla = Sla(seconds=int(config.wait.total_seconds()), working_hours=False, timeout_port="timeout")
    spec = TaskSpec(
        kind="rating",
        form=config.form,
        offer=Offer(to="customer"),
        actions=(TaskAction(outcome="rated", zh="提交评价", en="Send the rating"),),
        sla=sla,
    )
    return OpenTasks(tasks=(spec,))


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    if signal.kind != "task_completed":
        return Fail(code="unexpected_signal", params={"signal": signal.kind})
    return Go(port="rated")


def describe(config: Config) -> Label:
    if config.wait is None:
        return Label("客户评价", "The customer rates")
    length = describe_duration(config.wait)
    return Label(f"客户评价，最多等 {length.zh}", f"The customer rates, at most {length.en}")


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    if config.wait is not None and config.wait <= timedelta(0):
        return (("duration_not_positive", "/wait"),)
    return ()


NODE_TYPE = NodeType(
    type="rating",
    version=1,
    family="human",
    shape="activity",
    label=Label("客户评价", "Rating"),
    help=Label("请客户打分并留言", "The customer gives stars and a comment"),
    icon="star",
    config=Config,
    defaults={"wait": "P7D"},
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    form=lambda config: config.form,
    problems=problems,
    pauses=True,
    milestone=True,
)
