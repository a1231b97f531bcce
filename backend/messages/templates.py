"""The gallery, cloning, and scenarios played."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "parameters_invalid": ("参数还需要修改", "The parameters need mending"),
    "parameter_required": ("请填写", "Please fill this in"),
    "parameter_unknown": ("没有名为“{name}”的参数", "There is no parameter called “{name}”"),
    "parameter_unfit": ("这个值不合要求", "This value does not fit"),
    "template_broken": ("模板包有误：{where}：{reason}", "The template is broken: {where}: {reason}"),
    "template_defaults_unfit": (
        "参数默认值不合要求：{reason}",
        "The defaults of the parameters do not fit: {reason}",
    ),
    "template_not_proven": (
        "流程过大，未能证明其正确",
        "The workflow is too large to be proven sound",
    ),
    "template_unknown": ("没有这个模板", "There is no such template"),
    "scenario_unknown": ("没有这个演练", "There is no such scenario"),
    "template_release_note": (
        "由模板 {template} {version} 创建",
        "Made from the template {template} {version}",
    ),
    # steps of a scenario
    "play_start_customer": ("客户提交", "The customer submits"),
    "play_start_staff": ("员工建单", "Staff open the ticket"),
    "play_start_system": ("系统建单", "Another system opens the ticket"),
    "play_complete": ("{node}：{action}", "{node}: {action}"),
    "play_advance": ("{length}后", "{length} later"),
    "play_message": ("收到消息“{name}”", "Message “{name}” arrives"),
    "play_job": ("{node}：外部系统回复", "{node}: the outside answers"),
    "play_add_item": ("{node}：增加一项", "{node}: one more item"),
    "play_cancel": ("工单被取消", "The ticket is cancelled"),
    "play_look": ("查看", "A look"),
    "play_mismatch": ("{what}：应为 {expected}，实为 {found}", "{what}: expected {expected}, found {found}"),
}
