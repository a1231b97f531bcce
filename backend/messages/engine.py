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
    "ticket_cancelled": ("工单已取消：{reason}", "Ticket cancelled: {reason}"),
    "data_changed": ("更正了 {fields}", "Corrected {fields}"),
    "incident_resolved": ("异常已处理", "Incident dealt with"),
}
