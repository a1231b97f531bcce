"""Statements and questions about booked amounts."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # a statement on paper
    "statement_title": ("结算单", "Statement"),
    "statement_party": ("对象", "Party"),
    "statement_period": ("期间", "Period"),
    "statement_days": ("{first} 至 {last}", "{first} to {last}"),
    "statement_since": ("自 {first} 起", "From {first}"),
    "statement_state": ("期间状态", "Books"),
    "statement_state_open": ("未结账", "open"),
    "statement_state_review": ("核对中", "in review"),
    "statement_state_closing": ("结账中", "closing"),
    "statement_state_closed": ("已结账", "closed"),
    "statement_state_frozen": ("已冻结", "frozen"),
    "statement_scope": ("范围", "Covers"),
    "statement_region": ("仅{name}内的明细", "Only lines of {name}"),
    "statement_own_share": ("仅与您有关的明细", "Only lines that concern you"),
    "statement_balance": ("金额汇总", "Balance"),
    "statement_opening": ("期初累计", "Brought forward"),
    "statement_received": ("本期应得", "Received"),
    "statement_borne": ("本期承担", "Borne"),
    "statement_closing": ("期末累计", "Carried forward"),
    "statement_components": ("按项目汇总", "By component"),
    "statement_lines": ("明细", "Lines"),
    "statement_corrections": ("更正（冲销与重记）", "Corrections (reversed and booked again)"),
    "statement_late": ("补记（工作属于以前期间）", "Late (work of an earlier period)"),
    "statement_earned": ("{why}（工作期间 {period}）", "{why} (work of {period})"),
    "statement_rules": ("计算规则", "Rules"),
    "statement_rule_name": ("{tariff} · 第 {revision} 版 · {row}", "{tariff} · revision {revision} · {row}"),
    "statement_none": ("本期没有明细。", "No lines in this period."),
    "statement_omitted": (
        "另有 {count} 条明细未列出，全部明细请见 Excel 文件；汇总金额已包含。",
        "{count} more lines are not listed here; the spreadsheet has them all. The sums include them.",
    ),
    "statement_hash": ("校验码", "Check code"),
    "statement_page": ("第 {page} 页", "Page {page}"),
    "statement_count": ("条数", "Lines"),
    "statement_date": ("日期", "Date"),
    "statement_column_kind": ("性质", "Kind"),
    "statement_column_earned_period": ("工作期间", "Work of"),
    "statement_kind_booking": ("入账", "booking"),
    "statement_kind_reversal": ("冲销", "reversal"),
    "statement_kind_rebooking": ("重记", "booked again"),
    "statement_kind_resolution": ("归属", "assigned"),
    "statement_kind_import": ("导入", "import"),
    "statement_kind_labour": ("人工", "labour"),
    "statement_file": ("结算单-{party}-{period}", "statement-{party}-{period}"),
    "statement_bundle": ("结算单-{period}", "statements-{period}"),
    "statement_index": ("目录", "Contents"),
    "statement_empty_period": ("还没有任何期间入账。", "Nothing has been booked in any period yet."),
    "bundle_too_large": (
        "这个期间有 {count} 张结算单，一次最多打包 {most} 张；请按区域或类型分开下载。",
        "This period has {count} statements; at most {most} go into one file. Choose a region or a kind.",
    ),
    # questions
    "dispute_open": (
        "您已经对这笔金额提出过疑问，请在原来的疑问里继续说明。",
        "You have already asked about this amount. Please go on there.",
    ),
    "dispute_closed": ("这个疑问已经处理完。", "This question is settled already."),
    "dispute_correction_unknown": (
        "找不到对应的更正记录，请先冲销或重记这笔金额。",
        "There is no such correction. Reverse or rebook the amount first.",
    ),
    "dispute_correction_missing": (
        "接受疑问前，请先冲销或重记这笔金额，再选择对应的更正。",
        "To accept, first reverse or rebook the amount, and then name that correction.",
    ),
    "notice_dispute_opened": (
        "{name} 对 {number} 的 {amount} 提出疑问：{text}",
        "{name} asks about {amount} of {number}: {text}",
    ),
    "notice_dispute_message": ("{name} 回复了关于 {number} 的疑问：{text}", "{name} on {number}: {text}"),
    "notice_dispute_explained": (
        "关于 {number} 的 {amount}，财务已答复：{text}",
        "About {amount} of {number}, finance answers: {text}",
    ),
    "notice_dispute_accepted": (
        "您对 {number} 的 {amount} 的疑问已被接受并更正：{text}",
        "Your question about {amount} of {number} was accepted and put right: {text}",
    ),
    "notice_dispute_withdrawn": (
        "{name} 撤回了对 {number} 的 {amount} 的疑问。",
        "{name} has withdrawn the question about {amount} of {number}.",
    ),
}
