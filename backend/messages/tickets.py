"""Sentences of tickets, tasks and what customers see."""

TEXTS: dict[str, tuple[str, str]] = {
    # refusals
    "task_taken": ("这项待办已由别人认领。", "Somebody else has taken this task."),
    "task_closed_by": ("{member} 刚刚完成了这一步。", "{member} has just finished this step."),
    "task_has_no_role": (
        "这项待办只派给了一个人，不能放回；可以转交给同事。",
        "This task belongs to one person only and cannot be given back; hand it on to a colleague instead.",
    ),
    "until_without_zone": (
        "恢复时间需要带时区，例如 2026-03-02T09:00:00+08:00。",
        "The moment to resume needs an offset, such as 2026-03-02T09:00:00+08:00.",
    ),
    "clock_name_first_response": ("首次响应", "First response"),
    "clock_name_resolution": ("解决时限", "Resolution"),
    "clock_mark_target": ("到期", "Due"),
    "clock_mark_remind": ("提醒", "Remind"),
    "clock_mark_escalate": ("升级", "Escalate"),
    "clock_mark_raise_priority": ("提高优先级", "Raise priority"),
    "clock_mark_reassign": ("改派", "Reassign"),
    "member_unfit": (
        "这位成员不能处理这一步，请换一位。",
        "This member may not do this step; choose somebody else.",
    ),
    "offered_to_region": ("本区域所有人", "anyone of the region"),
    "member_unknown": ("没有这位成员，或已停用。", "There is no such active member."),
    "workflow_not_published": (
        "这个流程还没有发布，不能建单。",
        "This workflow has no release yet, so no ticket can be opened.",
    ),
    "source_refused": ("这个流程不接受这种方式建单。", "This workflow cannot be started this way."),
    "file_unknown": (
        "附件不存在或不属于您，请重新上传。",
        "This file is unknown or not yours; please upload it again.",
    ),
    "link_closed": (
        "这个入口已停用，请向商家索取新的二维码。",
        "This link is closed; please ask for a new one.",
    ),
    # timeline
    "timeline_started_customer": ("客户提交", "Submitted by the customer"),
    "timeline_started_staff": ("员工建单", "Opened by staff"),
    "timeline_started_system": ("系统建单", "Opened by another system"),
    "timeline_claimed": ("认领“{task}”", "Took “{task}”"),
    "timeline_released": ("把“{task}”放回待领取", "Gave “{task}” back"),
    "timeline_delegated": ("把“{task}”转交给 {member}", "Handed “{task}” on to {member}"),
    "timeline_completed": ("“{task}”：{outcome}", "“{task}”: {outcome}"),
    "timeline_signer_added": ("为“{task}”加签：{member}", "Asked {member} to sign “{task}” as well"),
    "timeline_returned": ("把“{task}”退回到“{to}”", "Returned “{task}” to “{to}”"),
    "timeline_returned_direct": (
        "把“{task}”退回到“{to}”，处理完直接回到这里",
        "Returned “{task}” to “{to}”, to come straight back",
    ),
    "timeline_withdrawn": ("建单人撤回", "Withdrawn by who opened it"),
    "timeline_withdrawn_by_customer": ("客户撤回", "Withdrawn by the customer"),
    "timeline_suspended": ("挂起：{reason}", "Suspended: {reason}"),
    "timeline_suspended_until": ("挂起到 {until}：{reason}", "Suspended until {until}: {reason}"),
    "timeline_resumed": ("恢复处理", "Resumed"),
    "timeline_calendar_changed": (
        "区域的工作时间改变，时限随之调整",
        "The region's working hours changed, and the limits with them",
    ),
    "timeline_message": ("收到消息“{name}”", "Message “{name}” arrived"),
    "timeline_unknown": ("有变化", "Something changed"),
}
