"""Sentences of the node types: what a config lacks, why a step stopped, what it noted."""

TEXTS: dict[str, tuple[str, str]] = {
    # config
    "role_missing": ("“{node}”还没有选择角色。", "“{node}” has no role yet."),
    "team_missing": ("“{node}”还没有选择小组。", "“{node}” has no team yet."),
    "member_missing": ("“{node}”还没有选择成员。", "“{node}” has no member yet."),
    "address_missing": ("“{node}”还没有选择邮箱字段。", "“{node}” has no field with an address yet."),
    "channel_not_for_customers": (
        "“{node}”：客户没有账号，收不到站内通知，请改用邮件。",
        "“{node}”: customers have no account to be notified in; use e-mail.",
    ),
    "sla_without_duration": (
        "“{node}”设置了提醒或超时，但没有处理时限。",
        "“{node}” has reminders or a timeout, but no time limit.",
    ),
    "duration_missing": ("“{node}”还没有填写时长。", "“{node}” has no length of time yet."),
    "duration_not_positive": (
        "“{node}”的时长必须大于零。",
        "The length of time of “{node}” must be above zero.",
    ),
    "field_missing": ("“{node}”还没有选择字段。", "“{node}” has no field yet."),
    "message_missing": ("“{node}”还没有填写消息名。", "“{node}” has no message name yet."),
    "name_repeated": ("“{node}”里有重复的代码。", "“{node}” uses a code twice."),
    "url_invalid": (
        "“{node}”的地址不是有效的 http(s) 网址。",
        "The address of “{node}” is not a valid http(s) URL.",
    ),
    "tariff_missing": ("“{node}”还没有选择结算表。", "“{node}” has no tariff yet."),
    "node_missing": ("“{node}”还没有选择步骤。", "“{node}” has no step chosen yet."),
    "key_missing": ("“{node}”还没有填写收付款方的代码。", "“{node}” does not name the party yet."),
    "items_missing": ("“{node}”还没有设置逐项处理什么。", "“{node}” has nothing to go through yet."),
    "gate_without_condition": (
        "“{node}”还没有设置等什么。",
        "“{node}” has nothing to wait for yet.",
    ),
    # incidents
    "items_unfit": (
        "要逐项处理的不是列表也不是整数（{type}）。",
        "What is to be gone through is neither a list nor a whole number ({type}).",
    ),
    "too_many_items": ("一共 {count} 项，上限 {limit} 项。", "{count} items, at most {limit} are allowed."),
    "nobody_in_role": ("角色“{role}”中没有可用的人。", "Nobody has the role “{role}” here."),
    "value_unfit": (
        "算出的“{field}”不能保存（{value}）。",
        "The value computed for “{field}” cannot be kept ({value}).",
    ),
    "quantity_unfit": ("结算的计量不是数字（{value}）。", "A quantity to settle is not a number ({value})."),
    "party_unknown": ("还不知道“{slot}”是谁。", "Nobody stands for “{slot}” yet."),
    "no_recipient": ("没有可以通知的人（{to}）。", "There is nobody to tell ({to})."),
    "wait_date_missing": ("日期字段“{field}”没有填写。", "The date field “{field}” is empty."),
    # notes
    "votes_counted": (
        "{asked} 人中 {approved} 人通过、{rejected} 人拒绝",
        "{approved} of {asked} approved, {rejected} rejected",
    ),
    "dispatched": ("已派给 {member}", "Assigned to {member}"),
    "dispatched_nobody": ("角色“{role}”没有可派的人", "Nobody of role “{role}” is available"),
    "webhook_failed": ("接口调用失败（{code}）", "The call failed ({code})"),
    "settled": ("已结算 {total}", "Settled {total}"),
    "settle_failed": ("无法结算（{code}）", "Could not settle ({code})"),
}
