"""Sentences about setting right what is booked."""

TEXTS: dict[str, tuple[str, str]] = {
    "reversal_final": (
        "这是一笔冲销，不能再冲销。如需恢复，请重新记账。",
        "This is a reversal and cannot be reversed. Book the original again instead.",
    ),
    "basis_missing": (
        "这笔记账没有留下重新计算所需的依据，不能自动更正。",
        "What this booking rested on was not kept, so it cannot be corrected automatically.",
    ),
    "nothing_to_correct": (
        "按现在的资料计算，金额没有变化，无需更正。",
        "By the data as it is now the amounts are the same; there is nothing to correct.",
    ),
    "nothing_to_reverse": ("这张工单没有可冲销的记账。", "This ticket has no booking to reverse."),
    "ticket_archived": (
        "工单已归档，请先从归档中恢复。",
        "The ticket is archived. Bring it back from the archive first.",
    ),
    "row_gone": ("结算表中已没有这一行（{row}）。", "The tariff no longer has this row ({row})."),
    "correction_step_refused": (
        "更正当前的状态不允许这一步。",
        "The correction is not in a state that allows this step.",
    ),
    "effective_not_past": (
        "请选择过去的时间；从现在或将来起生效的档位请直接发布。",
        "Choose a moment in the past; what holds from now or later is published directly.",
    ),
    "stale_correction": (
        "结算表在预览之后又有了新的版本，请重新预览。",
        "The tariff has a newer revision than the preview was made from. Preview again.",
    ),
    "correction_broke": ("更正过程中出现意外错误。", "Something unexpected went wrong."),
    "reversed_share": ("按退回份额冲销", "Taken back by the returned share"),
    "settlement_reversed": ("已冲销 {total}", "Reversed {total}"),
    "nothing_was_booked": ("没有可冲销的金额", "There was nothing to reverse"),
    "original_missing": ("没有关联的原工单", "There is no linked original ticket"),
    "share_unfit": (
        "退回份额须在 0 到 1 之间（现在是 {value}）",
        "The returned share must lie between 0 and 1 (it is {value})",
    ),
    "posting_replaced": (
        "这笔记账已按其他数据重新记账，请刷新后再看。",
        "This booking has been booked again by other figures meanwhile. Load the page anew.",
    ),
    "figure": ("{value}", "{value}"),
    "figure.service": ("服务", "Service"),
    "figure.channel": ("渠道", "Channel"),
    "figure.role": ("角色", "Role"),
    "figure.level": ("级别", "Level"),
    "figure.grade": ("客户等级", "Customer grade"),
    "figure_unknown": ("结算表没有“{name}”这一项。", "The tariff has no measure “{name}”."),
    "figure_unfit": ("{name}：“{value}”不能作为数量。", "{name}: “{value}” does not fit as a quantity."),
    "figure_negative": ("{name}不能为负（{value}）。", "{name} must not be negative ({value})."),
    "figure_too_fine": (
        "{name}：{currency} 最多 {digits} 位小数。",
        "{name}: {currency} has at most {digits} decimals.",
    ),
    "report.correction_party": ("对象", "Party"),
    "report.correction_region": ("区域", "Region"),
    "report.correction_period": ("记账期间", "Booked in"),
    "report.correction_earned": ("业务期间", "Earned in"),
    "report.correction_row": ("行", "Row"),
    "report.correction_tier": ("档位", "Tier"),
    "report.correction_amount": ("差额", "Difference"),
    "report.correction_currency": ("币种", "Currency"),
}
