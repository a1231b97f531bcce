"""Form task: somebody fills a form and presses a button."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from backend.node_sdk import (
    NAME,
    TIMEOUT_PORT,
    Access,
    Fail,
    Go,
    Label,
    NodeContext,
    NodeType,
    NotBy,
    OfferConfig,
    OpenTasks,
    Outcome,
    Port,
    Signal,
    SlaConfig,
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

STYLES = {"primary": ("主要", "Primary"), "secondary": ("次要", "Secondary"), "danger": ("警示", "Danger")}


class Button(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further way to finish the task; it has a port of its own."""

    name: Annotated[str, titled("代码", "Code", pattern=NAME)]
    label: Annotated[Label, titled("按钮文字", "Button", widget="localized")]
    style: Annotated[Literal["primary", "secondary", "danger"], titled("样式", "Style", choices=STYLES)] = (
        "secondary"
    )
    needs_comment: Annotated[bool, titled("必须填写说明", "Asks for a comment")] = True
    validates: Annotated[bool, titled("要求表单填写完整", "The form must be complete")] = False


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is filled, by whom, until when."""

    form: Annotated[str | None, titled("表单", "Form", widget="form-ref")] = None
    offer: Annotated[OfferConfig, titled("处理人", "Who does it")] = OfferConfig()
    access: Annotated[dict[str, Access], titled("字段权限", "Field access", widget="field-access")] = {}
    show: Annotated[
        tuple[str, ...], titled("一并显示的字段", "Fields shown beside it", widget="field-ref", max_length=50)
    ] = ()
    done_label: Annotated[Label | None, titled("完成按钮", "Finish button", widget="localized")] = None
    buttons: Annotated[tuple[Button, ...], titled("其他按钮", "Further buttons", max_length=6)] = ()
    sla: Annotated[SlaConfig, titled("时限", "Time limit")] = SlaConfig()
    not_by: NotBy = ()
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
    done = Port("done", config.done_label or Label("完成", "Done"))
    others = tuple(Port(button.name, button.label) for button in config.buttons)
    return (done, *others, TIMEOUT_PORT) if config.sla.timeout else (done, *others)


def enter(config: Config, context: NodeContext) -> Outcome:
    label = config.done_label or Label("完成", "Done")
    actions = (
        TaskAction(outcome="done", zh=label.zh, en=label.en),
        *(
            TaskAction(
                outcome=button.name,
                zh=button.label.zh,
                en=button.label.en,
                style=button.style,
                needs_comment=button.needs_comment,
                validates=button.validates,
            )
            for button in config.buttons
        ),
    )
    spec = TaskSpec(
        kind="form",
        form=config.form,
        offer=offer_of(config.offer, context),
        actions=actions,
        access=config.access,
        sla=sla_of(config.sla),
        show=config.show,
        not_by=config.not_by,
        acknowledge=acknowledge_of(config.sla),
    )
    return OpenTasks(tasks=(spec,))


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    if signal.kind != "task_completed":
        return Fail(code="unexpected_signal", params={"signal": signal.kind})
    return Go(port=signal.outcome)


def describe(config: Config) -> Label:
    who, limit = describe_offer(config.offer), describe_sla(config.sla)
    return Label(f"由{who.zh}填写{limit.zh}", f"Filled by {who.en}{limit.en}")


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    names = [button.name for button in config.buttons]
    repeated = tuple(
        ("name_repeated", f"/buttons/{at}/name")
        for at, name in enumerate(names)
        if name in names[:at] or name in {"done", "timeout"}
    )
    return (*offer_problems(config.offer), *sla_problems(config.sla), *repeated)


NODE_TYPE = NodeType(
    type="form_task",
    version=1,
    family="human",
    shape="activity",
    label=Label("填写表单", "Form task"),
    help=Label("请人填写表单后继续", "Somebody fills a form, then the work goes on"),
    icon="clipboard-pen",
    config=Config,
    defaults={"offer": {"to": "role"}},
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    form=lambda config: config.form,
    problems=problems,
    pauses=True,
    milestone=True,
    nodes=lambda config: name_barred(config.not_by),
)
