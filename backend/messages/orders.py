"""Sentences about orders: whose they are and why, and what must be mended in a file of them."""

from itertools import combinations

_NAMED = {
    "region": ("区域“{region}”", "the region “{region}”"),
    "store": ("门店“{store}”", "the store “{store}”"),
    "channel": ("渠道“{channel}”", "the channel “{channel}”"),
}


def _tell_rules() -> dict[str, tuple[str, str]]:
    """For whatever a rule names."""
    found = {
        "attribution.by_all": (
            "按对所有订单都适用的归属规则。",
            "By the rule that holds for all orders.",
        )
    }
    for count in (1, 2, 3):
        for names in combinations(_NAMED, count):
            zh = "、".join(_NAMED[name][0] for name in names)
            en = " and ".join(_NAMED[name][1] for name in names)
            found["attribution.by_" + "_".join(names)] = (f"按{zh}的归属规则。", f"By the rule for {en}.")
    return found


TEXTS: dict[str, tuple[str, str]] = {
    **_tell_rules(),
    "attribution.none": ("没有适用的归属规则。", "No rule of attribution fits."),
    "attribution.ambiguous": (
        "有 {count} 个归属同样具体，无法确定归谁。",
        "{count} owners are named equally specifically; it cannot be said whose it is.",
    ),
    "attribution.tariff_failed": (
        "结算表 {tariff} 算不出这笔订单的提成，请检查后再归属。",
        "The tariff {tariff} gives no answer for this order; mend it, then say whose it is.",
    ),
    "attribution.decided": ("由 {name} 人工指定归属。", "{name} said whose it is."),
    "party_own_region": ("订单所在区域的资金池", "The pool of the order's own region"),
    # refusals
    "orders_one_of": ("请粘贴表格或给出订单行，二者选一。", "Give either cells as text or rows, not both."),
    "orders_unreadable": (
        "无法读取这个文件，请使用 CSV 或 XLSX。",
        "The file cannot be read; use CSV or XLSX.",
    ),
    "orders_too_many": (
        "一次最多导入 {lines} 行、{columns} 列。",
        "At most {lines} lines and {columns} columns at once.",
    ),
    "order_import_state": (
        "这次导入现在不能这样操作，请刷新页面。",
        "This import cannot do that now; please look at it again.",
    ),
    "owner_missing": ("请填写归属方。", "Say who the owner is."),
    # what must be mended in a file
    "order_field_number": ("订单号", "order number"),
    "order_field_region": ("区域", "region"),
    "order_field_amount": ("金额", "amount"),
    "order_field_ordered_at": ("下单时间", "date"),
    "order_column_missing": ("第一行缺少“{field}”列。", "The first line names no column “{field}”."),
    "order_column_twice": ("这一列的名称重复。", "Another column has this name already."),
    "order_file_empty": ("文件里没有订单。", "There are no orders in the file."),
    "order_number_missing": ("缺少订单号。", "The order number is missing."),
    "order_text_long": ("最多 {limit} 个字符。", "At most {limit} characters."),
    "order_store_unknown": (
        "没有规则或以往订单用过门店“{store}”。如果是新门店，请勾选“接受新门店”。",
        "No rule and no earlier order names the store “{store}”. If it is new, tick “Take new stores”.",
    ),
    "order_region_missing": ("缺少区域。", "The region is missing."),
    "order_region_unknown": (
        "没有区域“{region}”，或不在您的管辖范围内。",
        "There is no region “{region}”, or it is not one of yours.",
    ),
    "order_region_ambiguous": (
        "有多个区域叫“{region}”，请写完整，例如 华东/上海。",
        "Several regions are called “{region}”; write its path, such as East/Shanghai.",
    ),
    "order_currency_unknown": ("没有币种“{currency}”。", "There is no currency “{currency}”."),
    "order_amount_missing": ("缺少金额。", "The amount is missing."),
    "order_amount_unreadable": ("“{text}”不是金额。", "“{text}” is no amount."),
    "order_amount_mixed": (
        "小数点写法与 {other} 不一致（如 1.234,56 与 1,234.56），请统一。",
        "The decimal sign differs from that in {other} (1.234,56 and 1,234.56); use one of them throughout.",
    ),
    "order_amount_precise": (
        "{currency} 最多 {digits} 位小数。",
        "{currency} has at most {digits} decimals.",
    ),
    "order_amount_large": ("金额太大。", "The amount is too large."),
    "order_amount_zero": ("金额不能为 0。", "The amount must not be 0."),
    "order_date_missing": ("缺少下单时间。", "The date is missing."),
    "order_date_unreadable": (
        "“{text}”不是日期，请写成 2026-11-05 或 2026-11-05 09:30。",
        "“{text}” is no date; write 2026-11-05 or 2026-11-05 09:30.",
    ),
    "order_duplicate": (
        "订单 {number} 在第 {earlier} 行已经出现。",
        "The order {number} stands in row {earlier} already.",
    ),
    "order_differs": (
        "订单 {number} 已入账，但这里的内容不同。",
        "The order {number} is booked already, and differently.",
    ),
    "order_return_unknown": (
        "没有可退的订单 {number}。金额为负表示退回以前的订单。",
        "There is no order {number} to return; a negative amount sends an earlier order back.",
    ),
    "order_return_exceeds": (
        "退回的金额超过订单 {number} 剩余的金额。",
        "More comes back than is left of the order {number}.",
    ),
    "order_return_currency": ("原订单的币种是 {currency}。", "The order itself is in {currency}."),
}
