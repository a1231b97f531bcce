"""Sentences about labour: what hours cost, and why they cannot be booked."""

TEXTS: dict[str, tuple[str, str]] = {
    "why.labour": ("项目 {project} 的工时 {hours}", "{hours} hours for the project {project}"),
    "party_project": ("{name}（项目）", "{name} (project)"),
    "kind_project": ("项目", "Project"),
    "labour_full_time": ("全职", "Full time"),
    "labour_part_time": ("兼职", "Part time"),
    "labour_source_ticket": ("工单", "Ticket"),
    "labour_source_timesheet": ("工时填报", "Timesheet"),
    "labour_column_day": ("日期", "Day"),
    "labour_column_project": ("项目", "Project"),
    "labour_column_member": ("人员", "Person"),
    "labour_column_kind": ("用工", "Employment"),
    "labour_column_source": ("来源", "Source"),
    "labour_column_ticket": ("工单", "Ticket"),
    "labour_column_hours": ("小时", "Hours"),
    "labour_column_amount": ("金额", "Amount"),
    "labour_column_currency": ("币种", "Currency"),
    "labour_column_note": ("备注", "Note"),
    "labour_entry_state": (
        "这条工时现在不能这样处理，请刷新页面。",
        "These hours cannot be handled like that now; please look again.",
    ),
    "labour_own_entry": (
        "自己的或自己填报的工时要由另一个人确认。",
        "Hours that you worked or entered must be confirmed by somebody else.",
    ),
    "labour_no_rate": (
        "这个人当天还没有人工单价，请先设置。",
        "This person has no rate on that day; set one first.",
    ),
    "labour_day_unfit": (
        "只能填报最近三个月、不晚于今天的日期。",
        "Enter a day of the last three months, not later than today.",
    ),
    "labour_day_full": ("这一天的工时超过 24 小时。", "This makes more than 24 hours on one day."),
    "labour_rate_taken": (
        "这个人从这一天起已经有单价了。",
        "This person has a rate from this day already.",
    ),
    "labour_run_busy": ("这个月正在归集，请稍候。", "This month is being gathered already."),
    "labour_run_state": ("归集任务现在不能这样操作。", "The gathering cannot do that now."),
    "project_key_taken": ("代码“{key}”已被另一个项目使用。", "Another project has the key “{key}”."),
    "project_closed": ("这个项目已经关闭。", "This project is closed."),
    "unknown_workflow": ("没有这个业务流程。", "There is no such workflow."),
}
