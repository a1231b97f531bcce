"""Drafts, publishing, releases, entry links."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "stale_revision": (
        "别人刚刚改过这个流程，请先查看对方的修改",
        "Somebody else has changed this workflow; look at their change first",
    ),
    "invalid_definition": ("流程定义的格式不正确", "The workflow definition is not valid"),
    "definition_too_large": ("流程过大，最多 {limit}", "The workflow is too large; the limit is {limit}"),
    "unsound": ("流程还有问题，暂时不能发布", "The workflow still has problems and cannot be published"),
    "stranger_named": (
        "“{node}”指定的成员不在这个工作空间，或已停用，请重新选择",
        "The member that “{node}” names is no active member of this workspace; choose another",
    ),
    "nothing_to_publish": ("与当前版本相比没有改动", "Nothing has changed since the current release"),
    "workflow_key_taken": ("流程编号“{key}”已存在", "A workflow with the key “{key}” already exists"),
    "workflow_key_invalid": (
        "编号只能用小写字母、数字、横线和下划线，最多 60 个字符",
        "The key may use lower-case letters, digits, dash and underscore, up to 60 characters",
    ),
    "workflow_name_required": ("请填写流程名称", "Enter a name for the workflow"),
    "publish_first": ("请先发布流程", "Publish the workflow first"),
    "invalid_channel": (
        "渠道只能用字母、数字、横线和下划线，最多 60 个字符",
        "The channel may use letters, digits, dash and underscore, up to 60 characters",
    ),
    "fix_label": ("一键修复", "Fix it"),
    "start_label": ("开始", "Start"),
    "end_label": ("结束", "End"),
    "field_ticket_priority": ("优先级", "Priority"),
    "field_ticket_channel": ("渠道", "Channel"),
    "field_ticket_source": ("来源", "Source"),
    "field_ticket_region": ("区域", "Region"),
    "field_customer_grade": ("客户等级", "Customer grade"),
    "field_ticket_created_at": ("创建时间", "Created at"),
    "priority_low": ("低", "Low"),
    "priority_normal": ("普通", "Normal"),
    "priority_high": ("高", "High"),
    "priority_urgent": ("紧急", "Urgent"),
    "source_customer": ("客户提交", "Customer"),
    "source_staff": ("员工创建", "Staff"),
    "source_system": ("系统创建", "System"),
}
