"""Jobs, their limits, and what to do about incidents."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "job_not_waiting": (
        "只有等待中的任务可以放弃；计时属于工单，随工单一起取消",
        "Only a waiting job can be given up; timers belong to their tickets and end with them",
    ),
    "limit_pattern_unfit": (
        "“{pattern}”不是有效的目标：填主机名、email、*.example.com 或 *",
        "“{pattern}” is no target: give a host, email, *.example.com or *",
    ),
    "limit_pattern_taken": ("“{pattern}”已经有一条限制", "There is a limit for “{pattern}” already"),
    "limit_says_nothing": ("请至少填写一项限制", "Set at least one of the limits"),
    "bulk_needs_what": (
        "请给出要处理的编号或筛选条件，二者取一",
        "Say which ones: either by ids or by a filter",
    ),
    "bulk_finds_nothing": ("没有符合条件的项目", "There is nothing of that kind"),
    "bulk_run_unknown": ("没有这项批量处理", "There is no such bulk run"),
    # what to do about an incident
    "advice_any": (
        "先看原因，改好数据或外部系统后重试；确实不需要这一步时，可以填入结果并跳过。",
        "Look at the cause, mend the data or the other system, then retry; a step that is not needed can be "
        "skipped with its result filled in.",
    ),
    "advice_expression_missing_field": (
        "补上缺少的字段再重试；如果经常发生，请在流程里把它设为必填。",
        "Fill in the missing field and retry; if it happens often, make the field required.",
    ),
    "advice_expression_wrong_type": (
        "字段的内容和公式不符，请改正后重试。",
        "What the field holds does not fit the expression; correct it and retry.",
    ),
    "advice_value_unfit": (
        "外部返回的内容不符合表单，请改正后跳过，或修正对方系统后重试。",
        "What came back does not fit the form: skip with the right value, or retry when it is mended.",
    ),
    "advice_date_out_of_range": (
        "等待或时限算出来太长，请改正相关字段后重试。",
        "The wait or the limit comes out far too long; correct the fields it is reckoned from, then retry.",
    ),
    "advice_calendar_closed": (
        "请在“区域”里设置工作时间，然后重试。",
        "Set working hours under Regions, then retry.",
    ),
    "advice_no_tariff_row": (
        "请在结算档位表里补上这一行，然后重试；不会重复入账。",
        "Add the missing row to the tariff, then retry; nothing is booked twice.",
    ),
    "advice_no_way_on": (
        "所有条件都不成立：改正数据后重试，或选择一个出口跳过。",
        "No condition holds: correct the data and retry, or skip by one of the exits.",
    ),
    "advice_no_recipient": (
        "没有可以通知的人：请为对应角色或区域安排成员，然后重试。",
        "There is nobody to tell: give the role or region a member, then retry.",
    ),
    "advice_webhook_unreachable": (
        "对方系统没有响应；恢复后重试，可以批量。",
        "The other system did not answer; retry when it is back, all at once if you like.",
    ),
    "advice_webhook_failed_status": (
        "对方系统拒绝了请求；核对数据和对方的日志，然后重试。",
        "The other system refused; check the data and its log, then retry.",
    ),
    "advice_webhook_host_not_allowed": (
        "请在“对外连接”里允许这个主机，然后重试。",
        "Allow this host under Connections, then retry.",
    ),
    "advice_webhook_address_refused": (
        "如果确实要访问内网，请在“对外连接”里把这个主机加入“允许的内网主机”，然后重试。",
        "If it is meant to be inside, add it to the allowed inner hosts under Connections, then retry.",
    ),
    "advice_smtp_address_refused": (
        "请在“对外连接”里把邮件服务器加入“允许的内网主机”，然后重试。",
        "Add the mail server to the allowed inner hosts under Connections, then retry.",
    ),
    "advice_smtp_unreachable": (
        "邮件服务器没有响应；恢复后重试。",
        "The mail server did not answer; retry when it is back.",
    ),
    "advice_smtp_not_set_up": (
        "请在“对外连接”里填写邮件服务器，然后重试。",
        "Set the mail server under Connections, then retry.",
    ),
    "advice_endless_loop": (
        "流程在自动步骤之间绕圈：改正数据让它走出循环，或取消工单，并修正流程。",
        "The flow goes round between automatic steps: correct the data so that it leaves, or cancel the "
        "ticket; and mend the workflow.",
    ),
}
