"""Sentences of tickets, tasks and what customers see."""

TEXTS: dict[str, tuple[str, str]] = {
    # refusals
    "task_taken": ("这项待办已由别人认领。", "Somebody else has taken this task."),
    "task_closed_by": ("{member} 刚刚完成了这一步。", "{member} has just finished this step."),
    "task_has_no_role": (
        "这项待办只派给了一个人，不能退回；可以转交给同事。",
        "This task belongs to one person only and cannot be given back; hand it on to a colleague instead.",
    ),
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
    "timeline_released": ("退回“{task}”", "Gave “{task}” back"),
    "timeline_delegated": ("把“{task}”转交给 {member}", "Handed “{task}” on to {member}"),
    "timeline_completed": ("“{task}”：{outcome}", "“{task}”: {outcome}"),
    "timeline_message": ("收到消息“{name}”", "Message “{name}” arrived"),
    "timeline_unknown": ("有变化", "Something changed"),
}
