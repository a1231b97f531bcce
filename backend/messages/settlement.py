"""Sentences about money: why an amount, what a rule says, what is wrong with a tariff."""

from itertools import product

_RANGES = {
    ("to", "lower"): ("{measure}不满 {to}", "{measure} below {to}"),
    ("to", "upper"): ("{measure}不超过 {to}（含）", "{measure} up to {to} (included)"),
    ("between", "lower"): (
        "{measure}从 {from}（含）到 {to}（不含）",
        "{measure} from {from} (included) to {to} (not included)",
    ),
    ("between", "upper"): (
        "{measure}超过 {from}、不超过 {to}（含）",
        "{measure} above {from}, up to {to} (included)",
    ),
    ("from", "lower"): ("{measure}从 {from}（含）起", "{measure} from {from} (included) on"),
    ("from", "upper"): ("{measure}超过 {from}", "{measure} above {from}"),
}
_READINGS = {
    ("whole", "percentage"): ("全部金额按 {rate} 计", "{rate} of the whole amount"),
    ("whole", "per_unit"): ("全部数量按每单位 {rate} 计", "{rate} for every unit"),
    ("marginal", "percentage"): ("只有这一段按 {rate} 计", "{rate} of the part inside this tier"),
    ("marginal", "per_unit"): ("只有这一段按每单位 {rate} 计", "{rate} for each unit inside this tier"),
}
_FLAT = {"": ("", ""), "_flat": ("，另加 {flat}", ", plus {flat}")}

_TIER_RULES = {
    f"rule.{reading}_{unit}_{shape}_{bound}{flat}": (
        f"{range_zh}：{rate_zh}{flat_zh}",
        f"{range_en}: {rate_en}{flat_en}",
    )
    for ((reading, unit), (rate_zh, rate_en)), ((shape, bound), (range_zh, range_en)), (
        flat,
        (flat_zh, flat_en),
    ) in product(_READINGS.items(), _RANGES.items(), _FLAT.items())
}

_MODIFIER_RULES = {
    "rule.coefficient": ("{name}：金额 × {factor}", "{name}: amount × {factor}"),
    "rule.coefficient_capped": (
        "{name}：金额 × {factor}，最多增加 {cap}",
        "{name}: amount × {factor}, at most {cap} more",
    ),
    "rule.minimum": ("{name}：不低于 {amount}", "{name}: not less than {amount}"),
    "rule.maximum": ("{name}：不高于 {amount}", "{name}: not more than {amount}"),
    "rule.tax": ("{name}：另加税 {rate}", "{name}: plus {rate} tax"),
    "rule.tax_included": ("{name}：金额中含税 {rate}", "{name}: the amount includes {rate} tax"),
    "rule.subsidy": ("{name}：补贴金额的 {rate}", "{name}: plus {rate} of the amount"),
    "rule.subsidy_amount": ("{name}：补贴 {amount}", "{name}: plus {amount}"),
    "rule.subsidy_both": (
        "{name}：补贴 {amount}，再加金额的 {rate}",
        "{name}: plus {amount} and {rate} of the amount",
    ),
    "rule.deduction": ("{name}：扣除金额的 {rate}", "{name}: less {rate} of the amount"),
    "rule.deduction_amount": ("{name}：扣除 {amount}", "{name}: less {amount}"),
    "rule.deduction_both": (
        "{name}：扣除 {amount}，再扣金额的 {rate}",
        "{name}: less {amount} and {rate} of the amount",
    ),
    "rule.deduction_measure": ("{name}：扣除{measure}", "{name}: less the {measure}"),
}
_CONDITIONAL_RULES = {
    f"{code}_when": (f"{zh}（满足条件 {{when}} 时）", f"{en} (when {{when}})")
    for code, (zh, en) in _MODIFIER_RULES.items()
} | {
    f"{code}_urgent": (f"{zh}（仅紧急工单）", f"{en} (urgent tickets only)")
    for code, (zh, en) in _MODIFIER_RULES.items()
}

_RULES = {
    "rule.period_week": ("按自然周累计", "Summed up over the week"),
    "rule.period_month": ("按自然月累计", "Summed up over the month"),
    "rule.period_settlement": ("按区域的结算期累计", "Summed up over the region's settlement period"),
    "rule.period_quarter": ("按季度累计", "Summed up over the quarter"),
    "rule.part": ("{part}：", "{part}:"),
    "rule.flat": ("固定 {amount}", "{amount} fixed"),
    "rule.per_unit": ("{measure}每单位 {rate}", "{rate} for each unit of {measure}"),
    "rule.percentage": ("{measure}的 {rate}", "{rate} of {measure}"),
    "rule.package_charged": (
        "{measure}每 {size} 计 {price}，不足一份按一份计",
        "{price} for every {size} of {measure}; a begun one counts",
    ),
    "rule.package_free": (
        "{measure}每满 {size} 计 {price}",
        "{price} for every full {size} of {measure}",
    ),
    "rule.guarantee_percentage": (
        "保底 {guarantee}；{measure}超过 {threshold} 的部分按 {rate} 计",
        "{guarantee} guaranteed, plus {rate} of {measure} above {threshold}",
    ),
    "rule.guarantee_per_unit": (
        "保底 {guarantee}；{measure}超过 {threshold} 的部分每单位 {rate}",
        "{guarantee} guaranteed, plus {rate} for each unit of {measure} above {threshold}",
    ),
}

_WHY = {
    "why.flat": ("固定金额 {amount}", "Fixed amount {amount}"),
    "why.rate": ("{measure} {quantity} × {rate} = {amount}", "{measure} {quantity} × {rate} = {amount}"),
    "why.package": (
        "{measure}共 {quantity} 份（每份 {size}）× {rate} = {amount}",
        "{measure}: {quantity} × {size} at {rate} each = {amount}",
    ),
    "why.flat_counted": ("固定金额本期已计", "The fixed amount is counted for this period"),
    "why.guarantee": ("保底 {amount}", "Guaranteed {amount}"),
    "why.guarantee_counted": ("在本期保底之内", "Within this period's guarantee"),
    "why.excess": (
        "{measure}超出部分 {quantity} × {rate} = {amount}",
        "{measure} above the threshold: {quantity} × {rate} = {amount}",
    ),
    "why.whole_tier": (
        "第 {tier} 档，全额：{measure} {quantity} × {rate} = {amount}",
        "Tier {tier}, whole amount: {measure} {quantity} × {rate} = {amount}",
    ),
    "why.whole_tier_flat": (
        "第 {tier} 档，全额：{measure} {quantity} × {rate} + {flat} = {amount}",
        "Tier {tier}, whole amount: {measure} {quantity} × {rate} + {flat} = {amount}",
    ),
    "why.marginal_tier": (
        "第 {tier} 档内：{measure} {quantity} × {rate} = {amount}",
        "Inside tier {tier}: {measure} {quantity} × {rate} = {amount}",
    ),
    "why.marginal_tier_flat": (
        "第 {tier} 档内：{measure} {quantity} × {rate} + {flat} = {amount}",
        "Inside tier {tier}: {measure} {quantity} × {rate} + {flat} = {amount}",
    ),
    "why.tier_step": (
        "跳档补差：之前的 {earlier} 从第 {from_tier} 档（{from_rate}）"
        "调到第 {to_tier} 档（{to_rate}），{amount}",
        "Change of tier: the earlier {earlier} moves from tier {from_tier} ({from_rate}) "
        "to tier {to_tier} ({to_rate}), {amount}",
    ),
    "why.rule_changed": (
        "按现行规则更正之前的记账，{amount}",
        "Earlier bookings brought to the rule in force, {amount}",
    ),
    "why.modifier_period": (
        "{name}：本期应为 {target}，已记 {booked}，本次 {amount}",
        "{name}: {target} for the period, {booked} booked already, {amount} now",
    ),
    "why.coefficient": (
        "{name}：{base} × {factor}，差额 {amount}",
        "{name}: {base} × {factor}, difference {amount}",
    ),
    "why.deduction": ("{name}：从 {base} 中扣除，{amount}", "{name}: taken off {base}, {amount}"),
    "why.minimum": ("{name}：{base} 补到 {bound}，{amount}", "{name}: {base} topped up to {bound}, {amount}"),
    "why.maximum": ("{name}：{base} 限到 {bound}，{amount}", "{name}: {base} cut to {bound}, {amount}"),
    "why.tax_included": (
        "{name}：{base} 含税 {rate}，税额 {amount}",
        "{name}: {base} includes {rate} tax: {amount}",
    ),
    "why.tax": ("{name}：{base} × {rate} = {amount}", "{name}: {base} × {rate} = {amount}"),
    "why.subsidy": ("{name}：补贴 {amount}", "{name}: subsidy {amount}"),
}

_TRACE = {
    "trace.row_region": ("采用行 {row}（区域 {region}）", "Row {row} applies (region {region})"),
    "trace.row_anywhere": ("采用行 {row}（所有区域）", "Row {row} applies (all regions)"),
    "trace.not_urgent": ("{name} 不适用：工单不是紧急", "{name} does not apply: the ticket is not urgent"),
    "trace.condition_false": ("{name} 不适用：条件 {when} 不成立", "{name} does not apply: {when} is false"),
    "trace.total": ("合计 {amount}", "Total {amount}"),
    "trace.difference": ("本次应记 {amount}", "To book now: {amount}"),
    **{code.replace("why.", "trace."): texts for code, texts in _WHY.items() if "{name}" in texts[0]},
}

_NEXT_TIER = {
    "next_tier.lower": (
        "再有 {missing} 的{measure}就到 {begins_at}，进入 {rate} 档",
        "{missing} more {measure} reaches {begins_at} and the {rate} tier",
    ),
    "next_tier.upper": (
        "再有 {missing} 的{measure}到 {begins_at}，超过后进入 {rate} 档",
        "{missing} more {measure} reaches {begins_at}; above it the {rate} tier begins",
    ),
}

_ERRORS = {
    "no_row": (
        "结算表 {tariff} 里没有适合区域 {region} 的行",
        "The tariff {tariff} has no row for region {region}",
    ),
    "currency_mismatch": (
        "币种不一致：应为 {expected}，实际为 {given}",
        "Wrong currency: expected {expected}, got {given}",
    ),
    "measure_missing": ("工单缺少结算数据：{measure}", "The ticket lacks a value for settlement: {measure}"),
    "quantity_negative": (
        "结算数据不能为负：{measure} = {quantity}",
        "A value for settlement is negative: {measure} = {quantity}",
    ),
    "quantity_outside_tiers": (
        "{measure} = {quantity} 不在任何档位内",
        "{measure} = {quantity} lies in no tier",
    ),
    "condition_unavailable": ("无法判断条件 {when}", "The condition {when} cannot be evaluated"),
    "nothing_to_withdraw": ("没有可撤回的累计", "There is nothing to take out of the period"),
    "party_unresolved": ("找不到收付对象：{party} {key}", "Nobody found for: {party} {key}"),
    "amount_too_large": (
        "算出的金额过大，无法记账（{component}），请检查填写的数字",
        "The amount is too large to book ({component}); check the numbers that were entered",
    ),
    "unbalanced": ("借贷不平：{currency} 差 {amount}", "The lines do not balance: {currency} {amount}"),
}

_FINDINGS = {
    "format_unknown": ("不是结算表格式 tierflow.tariff/1", "This is not the format tierflow.tariff/1"),
    "rows_missing": ("结算表至少要有一行", "A tariff needs at least one row"),
    "rows_too_many": ("行数超过上限 {limit}", "More than {limit} rows"),
    "malformed": ("内容有误：{reason}", "Not understood: {reason}"),
    "number_out_of_range": ("数字超出范围：{value}", "The number is out of range: {value}"),
    "currency_unknown": ("未知币种 {currency}", "Unknown currency {currency}"),
    "id_invalid": (
        "标识“{id}”只能用字母、数字、下划线和连字符",
        'The id "{id}" may only have letters, digits, underscores and hyphens',
    ),
    "id_duplicate": ("标识“{id}”重复", 'The id "{id}" stands twice'),
    "measure_undeclared": ("计量项“{measure}”没有名称", 'The measure "{measure}" has no label'),
    "measure_not_money": (
        "“{measure}”不是金额，不能按比例计",
        '"{measure}" is no money, a share of it means nothing',
    ),
    "parts_missing": ("组合计费至少要有一个部分", "A composite charge needs at least one part"),
    "once_a_period": (
        "这个金额每个周期只计一次，不是每张工单一次",
        "This amount counts once a period, not once a ticket",
    ),
    "component_unknown": ("找不到前面的项目“{id}”", 'Nothing before this is called "{id}"'),
    "condition_in_period": (
        "按周期累计的结算表不能对单张工单设条件",
        "A tariff that sums up over a period cannot have conditions on single tickets",
    ),
    "negative": ("不能为负：{value}", "This may not be negative: {value}"),
    "rate_over_100": ("比例超过 100%：{value}", "The rate is over 100%: {value}"),
    "coefficient_without_cap": ("系数“{id}”没有上限", 'The coefficient "{id}" has no cap'),
    "deduction_mixed": (
        "扣除计量项时不能同时扣固定金额或比例，请分成两项",
        "A deduction of a measure cannot also have an amount or a rate; make it two",
    ),
    "pays_itself": ("收款方和付款方相同", "The same party pays and receives"),
    "tax_account_missing": (
        "价内税要指定税款记入的科目（如 tax:vat）",
        "Name the account that an included tax goes to (such as tax:vat)",
    ),
    "region_circular": (
        "区域 {region} 的上级绕回了自己，请先修正区域",
        "Region {region} lies below itself; mend the regions first",
    ),
    "value_unknown": (
        "没有工单会有{name}“{value}”，这一行不会用到",
        "No ticket has the {name} “{value}”, so this row is never used",
    ),
    "value_uncovered": (
        "{name}“{value}”没有对应的行（如区域 {region}），这类工单无法结算",
        "No row is for the {name} “{value}” (in region {region}, for one); such tickets cannot settle",
    ),
    "party_key_missing": ("请选择具体的收付对象", "Choose who exactly pays or receives"),
    "weights_missing": ("至少一个环节的权重要大于 0", "At least one step needs a weight above 0"),
    "contributors_in_period": (
        "按周期累计的档位表不能按贡献分成，请改为按单结算",
        "A tariff that sums up over a period cannot be shared by contribution; let it look at single tickets",
    ),
    "row_unreachable": (
        "行 {row} 永远用不到，总是先用行 {other}",
        "Row {row} is never used: row {other} always wins",
    ),
    "row_ambiguous": (
        "有的工单同时适合行 {row} 和行 {other}，将按维度先后取一行",
        "Some tickets fit both row {row} and row {other}; the earlier dimension decides",
    ),
    "region_unknown": ("没有区域 {region}", "There is no region {region}"),
    "region_uncovered": ("区域 {region} 没有可用的行", "No row covers region {region}"),
    "fallback_missing": (
        "区域 {region} 只有限定条件的行，其他工单没有价格",
        "Region {region} has only rows for special cases; other tickets have no price",
    ),
    "size_not_positive": ("每份的数量必须大于零", "The size of a package must be more than zero"),
    "tiers_missing": ("至少要有一个档位", "At least one tier is needed"),
    "tiers_start_late": (
        "第一档从 {begins_at} 开始，之前没有价格",
        "The first tier begins at {begins_at}; below it there is no price",
    ),
    "bounds_not_rising": ("第 {tier} 档的上限必须大于下限", "Tier {tier} must end above where it begins"),
    "tiers_overlap": ("第 {tier} 档和第 {next} 档重叠", "Tiers {tier} and {next} overlap"),
    "tiers_gap": (
        "第 {tier} 档和第 {next} 档之间有空档：{begins} 到 {ends}",
        "There is a gap between tiers {tier} and {next}: {begins} to {ends}",
    ),
    "last_tier_ends": (
        "最后一档在 {ends} 结束，超过后没有价格",
        "The last tier ends at {ends}; above it there is no price",
    ),
    "pay_cliff": (
        "到 {bound} 时总额一下子多 {step}，可能有人等到这个数才结算",
        "At {bound} the total jumps up by {step}; some may wait for it",
    ),
    "pay_drop": (
        "到 {bound} 时总额反而少 {step}",
        "At {bound} the total falls by {step}: more work pays less",
    ),
}

TEXTS: dict[str, tuple[str, str]] = {
    # codes by which a row is chosen
    "code_channel_qr": ("扫码", "QR code"),
    "code_channel_link": ("链接", "Link"),
    "code_channel_wechat": ("微信", "WeChat"),
    "code_channel_store": ("门店", "Store"),
    "code_level_junior": ("初级", "Junior"),
    "code_level_middle": ("中级", "Intermediate"),
    "code_level_senior": ("资深", "Senior"),
    "code_grade_gold": ("金卡", "Gold"),
    "code_grade_silver": ("银卡", "Silver"),
    "code_grade_plain": ("普通", "Regular"),
    **_RULES,
    **_TIER_RULES,
    **_MODIFIER_RULES,
    **_CONDITIONAL_RULES,
    **_WHY,
    **_TRACE,
    **_NEXT_TIER,
    **_ERRORS,
    **{f"settlement.{code}": texts for code, texts in _ERRORS.items()},
    **{f"tariff.{code}": texts for code, texts in _FINDINGS.items()},
}
"""code -> (zh, en). Errors of a calculation begin with ``settlement.``, except on incidents, which have the
bare code; findings begin with ``tariff.``."""
