"""Sentences around the ledger: refusals of tariffs, names of parties and sums, the columns of the export."""

TEXTS: dict[str, tuple[str, str]] = {
    # refusals
    "tariff_refused": (
        "结算表有错误，请修改后再保存。",
        "This tariff has errors; please mend them and save again.",
    ),
    "tariff_key_taken": ("代码“{key}”已被另一张结算表使用。", "Another tariff already has the key “{key}”."),
    "tariff_revision_unknown": (
        "这张结算表没有第 {revision} 版。",
        "This tariff has no revision {revision}.",
    ),
    "effective_in_past": (
        "生效时间不能早于现在；已记的账不会改变。",
        "A revision cannot take effect in the past; what is booked stays as it is.",
    ),
    "period_unfit": (
        "期间应写成 2026-11、2026-W47、2026-Q4 或 2026-01-26 的形式。",
        "Write the period like 2026-11, 2026-W47, 2026-Q4 or 2026-01-26.",
    ),
    "dates_reversed": ("结束日期早于开始日期。", "The last day lies before the first."),
    "settlement.no_tariff": (
        "没有名为 {tariff} 且已生效的结算表。",
        "No tariff called {tariff} is in force.",
    ),
    "settlement.tariff_invalid": ("结算表有错误：{finding}", "The tariff has an error: {finding}"),
    "settlement.condition_failed": ("条件 {text} 无法判断。", "The condition {text} cannot be evaluated."),
    "settlement.quantity_unfit": ("“{value}”不是数字。", "“{value}” is no number."),
    "settlement.party_unknown": ("还不知道收付对象：{slot}", "It is not known yet who stands for: {slot}"),
    "settlement.field_awaited": (
        "填写“{field}”后可以预估。",
        "Can be estimated once “{field}” is filled in.",
    ),
    "settlement.not_known_yet": ("结算数据还不完整。", "What this step needs is not known yet."),
    # findings that only a workspace can have
    "tariff.key_changed": (
        "代码必须一直是“{key}”，流程按它找结算表。",
        "The key must stay “{key}”: workflows find the tariff by it.",
    ),
    "tariff.currency_not_used": (
        "没有区域使用币种 {currency}。",
        "No region uses the currency {currency}.",
    ),
    "tariff.currency_of_region": (
        "区域 {region} 使用 {expected}，结算表是 {given}。",
        "Region {region} uses {expected}, this tariff {given}.",
    ),
    "tariff.condition_wrong": ("条件写法有误：{reason}", "The condition is not valid: {reason}"),
    # parties and sums
    "party_region": ("{name}（区域）", "{name} (region)"),
    "party_department": ("{name}（部门）", "{name} (department)"),
    "party_partner": ("{name}（合作方）", "{name} (partner)"),
    "party_account": ("{name}（科目）", "{name} (account)"),
    "sum_directly_in": ("{name}（本级）", "{name} (itself)"),
    "sum_without_region": ("无区域", "No region"),
    "sum_without_channel": ("未标渠道", "No channel"),
    "export_too_large": (
        "共 {count} 行，一个 Excel 文件最多 {most} 行；请缩小范围，或导出 CSV。",
        "{count} lines: a spreadsheet takes at most {most}. Narrow the choice, or export CSV.",
    ),
    "sum_without_service": ("其他", "Other"),
    # columns
    "line_input": ("{name} {value}", "{name} {value}"),
    "ledger_title": ("台账", "Ledger"),
    "column_booked_at": ("记账时间", "Booked at"),
    "column_period": ("期间", "Period"),
    "column_ticket": ("工单", "Ticket"),
    "column_service": ("业务", "Service"),
    "column_region": ("区域", "Region"),
    "column_party_kind": ("对象类型", "Party kind"),
    "column_party": ("对象", "Party"),
    "column_side": ("方向", "Side"),
    "column_account": ("科目", "Account"),
    "column_component": ("项目", "Component"),
    "column_amount": ("金额", "Amount"),
    "column_currency": ("币种", "Currency"),
    "column_tariff": ("结算表", "Tariff"),
    "column_revision": ("版本", "Revision"),
    "column_row": ("行", "Row"),
    "column_tier": ("档位", "Tier"),
    "column_why": ("计算依据", "Why"),
    "column_posting": ("记账编号", "Posting"),
    "column_line": ("分录编号", "Line"),
    "column_reversal_of": ("冲销", "Reversal of"),
    "side_receiving": ("收", "receives"),
    "side_bearing": ("付", "bears"),
    "kind_member": ("成员", "member"),
    "kind_department": ("部门", "department"),
    "kind_partner": ("合作方", "partner"),
    "kind_region": ("区域", "region"),
    "kind_account": ("科目", "account"),
}
