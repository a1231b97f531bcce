"""Sentences about tickets under way: refusals, incidents and the timeline."""

TEXTS: dict[str, tuple[str, str]] = {
    # refusals
    "task_closed": ("这一步已经完成或被取消了。", "This step has already been finished or called off."),
    "unknown_outcome": ("这一步没有“{outcome}”这个操作。", "This step has no action “{outcome}”."),
    "already_started": ("这张工单已经开始了。", "This ticket has already begun."),
    "not_running": ("这张工单已经结束。", "This ticket is not under way any more."),
    "unknown_start": ("没有“{start}”这个开始节点。", "There is no start “{start}”."),
    "timer_gone": ("这个计时已经取消。", "This timer has been called off."),
    "timer_early": ("时间还没到。", "It is not time yet."),
    "nobody_waits": ("没有工单在等待消息“{name}”。", "Nobody waits for the message “{name}”."),
    "job_gone": ("这项后台工作已经不需要了。", "This background job is not wanted any more."),
    "incident_closed": ("这个异常已经处理过了。", "This incident has already been dealt with."),
    "ticket_suspended": (
        "这张工单已挂起，恢复后才能处理。",
        "This ticket is suspended; resume it before going on.",
    ),
    "already_suspended": ("这张工单已经挂起了。", "This ticket is suspended already."),
    "not_suspended": ("这张工单没有挂起。", "This ticket is not suspended."),
    "until_past": ("恢复时间必须晚于现在。", "The moment to resume must lie in the future."),
    "four_eyes": (
        "您已经做过“{node}”，这一步需要换一个人来做。",
        "Whoever did “{node}” may not do this step: it needs somebody else.",
    ),
    "cannot_return": ("不能退回到这一步。", "The work cannot be returned to that step."),
    "cannot_come_back": (
        "从那一步不能直接回到这里，请选择“重新走一遍”。",
        "From that step the work cannot come straight back; let it go through what follows again.",
    ),
    "not_an_approval": ("只有审批可以加签。", "Only an approval can have one more signer."),
    "already_signer": ("这个人已经在审批了。", "This person is asked already."),
    "too_many_signers": ("审批人不能超过 {limit} 位。", "No more than {limit} people can be asked."),
    "cannot_withdraw": (
        "已经有人处理，不能撤回了。",
        "Somebody has worked on it already, so it cannot be withdrawn.",
    ),
    "calendar_unchanged": ("工作时间没有变化。", "The working hours have not changed."),
    "ticket_field_fixed": ("工单的“{field}”不能修改。", "The ticket's “{field}” cannot be changed."),
    # incidents
    "endless_loop": (
        "自动步骤连续执行超过 {limit} 次，已停下。",
        "More than {limit} automatic steps in a row; stopped.",
    ),
    "too_many_branches": (
        "同时进行的分支超过 {limit} 条，已停下。",
        "More than {limit} branches at once; stopped.",
    ),
    "deadlock_now": ("所有分支都在等待彼此。", "All branches wait for each other."),
    "no_way_on": ("没有一条连线的条件成立，不知道往哪走。", "No edge's condition holds; there is no way on."),
    "no_branch": ("没有一条分支的条件成立。", "No branch's condition holds."),
    "job_given_up": (
        "管理员放弃了这项后台工作。",
        "An administrator gave this background job up.",
    ),
    "date_out_of_range": (
        "算出的时间超出了日历的范围（等待或时限太长）。",
        "The moment it leads to lies beyond the calendar: the wait or the limit is too long.",
    ),
    "node_error": ("这个步骤内部出错（{type}）。", "The step failed inside ({type})."),
    "node_cannot_resume": ("这个步骤无法继续。", "The step cannot go on."),
    "unexpected_signal": ("这个步骤收到了意外的结果。", "The step got an answer it did not expect."),
    "calendar_closed": (
        "区域日历（{zone}）没有工作时间，无法计算时限。",
        "The region's calendar ({zone}) has no working hours, so the limit cannot be computed.",
    ),
    "expression_missing_field": (
        "公式需要的字段“{field}”没有填写：{text}",
        "The field “{field}” is empty, but this expression needs it: {text}",
    ),
    "expression_wrong_type": (
        "公式里的数据类型不匹配：{text}",
        "The types in this expression do not fit: {text}",
    ),
    "expression_arithmetic": (
        "公式无法计算（如除以零）：{text}",
        "It cannot be computed (say, division by zero): {text}",
    ),
    "expression_failed": ("公式无法计算：{text}", "This expression cannot be computed: {text}"),
    "expression_not_boolean": (
        "条件的结果不是“是”或“否”：{text}",
        "The condition does not answer yes or no: {text}",
    ),
    # timeline
    "branch_taken": ("走向“{to}”", "Went on to “{to}”"),
    "task_overdue": ("已超过时限", "Past its time limit"),
    "task_timeout": ("到时未处理，自动转走", "Timed out and moved on"),
    "task_reassigned": ("到时未处理，改派给 {role}", "Late, and given to {role}"),
    "task_not_taken": ("到时无人认领", "Nobody took it in time"),
    "came_back": ("处理完毕，直接回到退回人", "Done, and straight back to who returned it"),
    "resumed_by_itself": ("到期自动恢复", "Resumed by itself"),
    "clock_breached": ("“{clock}”超时", "“{clock}” is past its target"),
    "clock_remind": ("“{clock}”已用 {percent}%，已提醒处理人", "“{clock}” is at {percent}%: reminded"),
    "clock_escalate": (
        "“{clock}”已用 {percent}%，已升级给 {role}",
        "“{clock}” is at {percent}%: up to {role}",
    ),
    "clock_raise_priority": (
        "“{clock}”已用 {percent}%，已提高优先级",
        "“{clock}” is at {percent}%: the priority was raised",
    ),
    "clock_reassign": (
        "“{clock}”已用 {percent}%，改派给 {role}",
        "“{clock}” is at {percent}%: given to {role}",
    ),
    # why a clock runs or stands
    "clock_why_started": ("开始计时", "It began"),
    "clock_why_answered": ("客户已回复，继续计时", "The customer answered"),
    "clock_why_resumed": ("工单已恢复，继续计时", "The ticket was resumed"),
    "clock_why_went_on": ("离开了暂停的步骤，继续计时", "The step that stops it was left"),
    "clock_why_priority": ("优先级改变，承诺时间随之改变", "The priority changed, and the promise with it"),
    "clock_why_calendar": (
        "工作时间改变；已计的时间保留，之后按新的算",
        "The working hours changed; what was counted stays",
    ),
    "clock_why_customer": ("等待客户", "It is the customer's turn"),
    "clock_why_suspended": ("工单挂起", "The ticket was suspended"),
    "clock_why_node": ("停在“{nodes}”", "At “{nodes}”"),
    "clock_why_responded": ("员工首次处理，停止计时", "Staff acted for the first time"),
    "clock_why_reached": ("到达“{nodes}”，停止计时", "“{nodes}” was reached"),
    "clock_why_ended": ("工单结束，停止计时", "The ticket ended"),
    "clock_why_dropped": ("流程不再有这个时限", "The workflow has this clock no more"),
    "ticket_cancelled": ("工单已取消：{reason}", "Ticket cancelled: {reason}"),
    "data_changed": ("更正了 {fields}", "Corrected {fields}"),
    "incident_resolved": ("异常已处理", "Incident dealt with"),
}
