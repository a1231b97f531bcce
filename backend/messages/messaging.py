"""Sentences about messages, signals, subflows and links between tickets."""

TEXTS: dict[str, tuple[str, str]] = {
    # config
    "signal_missing": ("“{node}”还没有填写信号名。", "“{node}” has no signal name yet."),
    "workflow_missing": ("“{node}”还没有选择业务流程。", "“{node}” has no workflow yet."),
    "keep_out_of_range": (
        "“{node}”的保留时间须大于零且不超过 30 天。",
        "“{node}” keeps its message for more than zero and at most 30 days.",
    ),
    "workflow_unknown": (
        "“{node}”选择的业务流程不存在。",
        "The workflow that “{node}” names does not exist.",
    ),
    "workflow_unpublished": (
        "“{node}”选择的流程“{workflow}”还没有发布，发布前无法发起。",
        "“{node}” starts “{workflow}”, which is not published yet; it cannot be started before that.",
    ),
    # incidents
    "correlation_unfit": (
        "“对应关系”须是一段文字或一个数字，且不超过 200 个字符（{value}）。",
        "What a message is found by must be one text or number of at most 200 characters ({value}).",
    ),
    "region_missing": ("区域字段“{field}”没有填写。", "The region field “{field}” is empty."),
    "subflow_workflow_unknown": (
        "要发起的流程“{workflow}”不存在或还没有发布。",
        "The workflow “{workflow}” does not exist or is not published.",
    ),
    "subflow_region_unknown": (
        "要发起的子工单的区域不存在。",
        "The other ticket's region does not exist.",
    ),
    "subflow_too_deep": (
        "子流程最多嵌套 {limit} 层。",
        "Subflows may stand in each other {limit} deep at most.",
    ),
    "too_many_children": (
        "一步之内最多发起 {limit} 张子工单。",
        "At most {limit} tickets may be started by one step.",
    ),
    "child_data_unfit": (
        "传给“{workflow}”的字段不符合它的开始表单：{fields}。",
        "Fields given to “{workflow}” do not fit its start form: {fields}.",
    ),
    "child_refused": (
        "流程“{workflow}”不能由其他流程发起。",
        "The workflow “{workflow}” cannot be started by another one.",
    ),
    "child_cancelled": ("子工单 {number} 被取消了。", "Ticket {number} was cancelled."),
    "child_failed": ("子工单 {number} 未能办成。", "Ticket {number} failed."),
    "reason_parent_gone": ("上级工单不再需要它", "The ticket above no longer needs it"),
    # notes
    "message_sent": ("已发送消息 {name}", "Sent message {name}"),
    "message_sent_to": ("已发送消息 {name}（{correlation}）", "Sent message {name} ({correlation})"),
    "signal_sent": ("已发出信号 {name}", "Gave signal {name}"),
    "subflow_started": ("已发起 {number}", "Started {number}"),
    "subflow_done": ("{number} 已办结", "{number} is done"),
    "subflow_failed": ("子工单未能完成（{code}）", "The other ticket was not completed ({code})"),
    # timeline
    "timeline_signal": ("收到信号 {name}", "Signal {name} came"),
    "timeline_started_parent": ("由上级工单发起", "Started by another ticket"),
    "waits_for_message": ("消息 {name}", "message {name}"),
    "waits_for_message_of": ("消息 {name}（{correlation}）", "message {name} ({correlation})"),
    "waits_for_signal": ("信号 {name}", "signal {name}"),
    "waits_for_signal_of": ("信号 {name}（{correlation}）", "signal {name} ({correlation})"),
    "waits_for_event": ("{name}", "{name}"),
    "waits_for_event_of": ("{name}（{correlation}）", "{name} ({correlation})"),
    "waits_for_child": ("子工单 {number}", "ticket {number}"),
    # links
    "link_to_itself": ("工单不能关联自己。", "A ticket cannot be linked to itself."),
    "link_exists": ("两张工单已经这样关联。", "The two tickets are linked like that already."),
    "link_fixed": ("子工单的关联不能删除。", "The link to a ticket that a step started cannot be removed."),
    "too_many_links": ("一张工单最多关联 {limit} 张工单。", "A ticket is linked to {limit} others at most."),
    # corrections
    "field_unknown": ("工单没有这个字段。", "The ticket has no such field."),
    "field_not_editable": ("您不能修改这个字段。", "You may not change this field."),
    "correct_save": ("保存更正", "Save the correction"),
}
