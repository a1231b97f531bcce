"""Settlement periods: rules, obstacles, what a close found."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "period_kind_unknown": (
        "“{kind}”不是一种结算周期，请选择周、月、季或自定义",
        "“{kind}” is no kind of period; choose week, month, quarter or custom",
    ),
    "period_rule_invalid": (
        "这里填写的内容不合适，请按说明填写",
        "This is not a fitting value; please follow the hint",
    ),
    "period_rule_excess": (
        "只有自定义周期才有起始日和长度",
        "Only custom periods have a first day and a length",
    ),
    "period_anchor_missing": (
        "请填写自定义周期的起始日",
        "Give the first day of a custom period",
    ),
    "period_length_missing": (
        "请填写长度：几个月或几天，二者选一",
        "Give the length: a number of months or of days, one of the two",
    ),
    "period_length_unfit": (
        "长度应在 1 到 {most} 之间",
        "The length must be between 1 and {most}",
    ),
    "period_overlaps": (
        "与现有的结算期 {period}（到 {ends} 为止）重叠，请选择之后的日期",
        "This overlaps the period {period}, which runs until {ends}; choose a later day",
    ),
    "period_step_refused": (
        "结算期 {period} 现在不能这样做，请刷新后再看",
        "The period {period} cannot do that now; please look again",
    ),
    "period_obstacles": (
        "结账前还有需要确认的事项",
        "There are things to confirm before the close",
    ),
    "period_not_closing": (
        "这个结算期没有正在进行的结账",
        "No close of this period is under way",
    ),
    "period.obstacle.not_over": (
        "结算期还有 {count} 天才结束，之后完成的工单会记入下一期",
        "The period runs {count} more days; what is finished after the close counts in the next one",
    ),
    "period.obstacle.quarantined": (
        "有 {count} 笔金额还没有确定归属",
        "{count} amounts wait for somebody to say whose they are",
    ),
    "period.obstacle.disputed": (
        "有 {count} 个疑问还没有答复",
        "{count} questions are not answered yet",
    ),
    "period.obstacle.unbooked": (
        "有 {count} 张工单的金额因异常没有入账",
        "{count} tickets could not book their money",
    ),
    "period.obstacle.earlier_open": (
        "更早的 {count} 个结算期还没有结账",
        "{count} earlier periods are not closed yet",
    ),
    "period.obstacle.running": (
        "有 {count} 张工单还在处理中，结账之后完成的会记入下一期",
        "{count} tickets are still under way; what is finished after the close counts in the next period",
    ),
    "period.finding.postings_unbalanced": (
        "有 {count} 笔记账借贷不平",
        "{count} postings do not balance",
    ),
    "period.finding.totals_unbalanced": (
        "{count} 个币种的合计不为零",
        "The sums of {count} currencies do not come to zero",
    ),
    "period.finding.sums_differ": (
        "有 {count} 个累计数与明细不一致",
        "{count} accumulated sums differ from their lines",
    ),
    "period.finding.lines_missed": (
        "有明细没有被计入，请重新结账",
        "Some lines were not counted; please close again",
    ),
    "period.kind.member": ("人员", "People"),
    "period.kind.department": ("部门", "Departments"),
    "period.kind.region": ("区域资金池", "Region pools"),
    "period.kind.partner": ("合作伙伴", "Partners"),
    "period.kind.account": ("其他账户", "Other accounts"),
    "period.kind.project": ("项目", "Projects"),
    "period.kind.customer": ("客户", "Customers"),
    "period.kind.tax": ("税费", "Taxes"),
}
