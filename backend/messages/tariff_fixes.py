"""Buttons that mend what the linter finds."""

TEXTS: dict[str, tuple[str, str]] = {
    "fix.tiers_gap": ("补上空档", "Close the gap"),
    "fix.tiers_overlap": ("消除重叠", "Remove the overlap"),
    "fix.bounds_not_rising": ("按从低到高排列", "Put the tiers in order"),
    "fix.last_tier_ends": ("最后一档不封顶", "Let the last tier go on"),
    "fix.tiers_start_late": ("从 0 开始", "Begin at 0"),
    "fix.pay_cliff": ("改为分段累进", "Pay each part by its own tier"),
    "fix.pay_drop": ("改为分段累进", "Pay each part by its own tier"),
    "fix.negative": ("改为正数", "Make it positive"),
    "fix.rate_over_100": ("按百分数理解", "Read it as percent"),
    "fix.row_unreachable": ("删除这一行", "Remove this row"),
    "fix.id_duplicate": ("换一个标识", "Give it another id"),
    "fix.id_invalid": ("修正标识", "Mend the id"),
    "fix.region_uncovered": ("为这个区域加一行", "Add a row for this region"),
    "fix.fallback_missing": ("加一行兜底", "Add a row for the rest"),
    "fix.value_uncovered": ("加一行", "Add a row for it"),
    "fix.condition_in_period": ("去掉条件", "Drop the condition"),
    "fix.component_unknown": ("去掉它", "Leave it out"),
    "fix.measure_undeclared": ("添加计量项", "Declare the measure"),
    "fix.tax_account_missing": ("记入 tax:vat", "Book it to tax:vat"),
    "fix.key_changed": ("恢复代码", "Take the key back"),
}
