"""Sentences about quarantine: why nobody could be named, who it could be."""

_REASONS = {
    "quarantine.nobody_assigned": (
        ("没有人负责这张工单。", "Nobody is in charge of this ticket."),
        ("无负责人", "Nobody in charge"),
    ),
    "quarantine.nobody_at_step": (
        ("步骤“{key}”没有人处理过。", "Nobody worked at the step “{key}”."),
        ("步骤无人处理", "Nobody at the step"),
    ),
    "quarantine.nobody_of_role": (
        ("没有角色“{key}”的人参与过这张工单。", "Nobody with the role “{key}” worked on this ticket."),
        ("无该角色的人", "Nobody of the role"),
    ),
    "quarantine.nobody_worked": (
        ("没有人的工作可以计入分成。", "Nobody's work counts for this share."),
        ("无人参与", "Nobody worked"),
    ),
    "quarantine.nobody_named": (
        ("更正时仍不知道归谁。", "It was still not known whose it is when it was booked anew."),
        ("仍未确定", "Still not known"),
    ),
    "quarantine.member_left": (
        ("原来的人员已不在这里。", "The person it belongs to is not here any more."),
        ("人员已离开", "Person left"),
    ),
    "quarantine.slot_unknown": (
        ("“{slot}”指定的对象不存在。", "What was named for “{slot}” does not exist."),
        ("指定对象不存在", "Named party unknown"),
    ),
    "quarantine.key_missing": (
        ("结算表没有写明归哪个部门或合作方。", "The tariff names no department or partner."),
        ("未写明对象", "No party named"),
    ),
    "quarantine.key_unfit": (
        ("“{key}”不能作为收付对象。", "“{key}” cannot be a party."),
        ("对象无效", "Party not valid"),
    ),
    "quarantine.order_person": (
        ("订单没有处理人，结算表却要分给个人。", "An order has no worker, but the tariff pays one."),
        ("订单无处理人", "Order without a worker"),
    ),
}

TEXTS: dict[str, tuple[str, str]] = {
    **{code: long for code, (long, _) in _REASONS.items()},
    **{f"{code}.short": short for code, (_, short) in _REASONS.items()},
    "attribution.none.short": ("订单无归属规则", "No rule for the order"),
    "attribution.ambiguous.short": ("订单归属不唯一", "Several owners fit"),
    "attribution.tariff_failed.short": ("订单提成算不出", "Commission not worked out"),
    "candidate.worked": ("处理过这张工单", "worked on this ticket"),
    "candidate.role": ("有这个角色", "has this role"),
    "candidate.left": ("原来的人员", "whom it was meant for"),
    "candidate.pool": ("所在区域", "the region itself"),
    "candidate.rule": ("有一条规则指向", "a rule names them"),
    "candidate.owner": ("订单归属方", "owns the order"),
    "quarantine.ref_owner": ("订单归属方", "the order's owner"),
    "quarantine.ref_assignee": ("工单负责人", "who is in charge"),
    "quarantine.ref_node_worker": ("步骤“{key}”的处理人", "who worked at “{key}”"),
    "quarantine.ref_role": ("角色“{key}”", "the role “{key}”"),
    "quarantine.ref_department": ("部门 {key}", "the department {key}"),
    "quarantine.ref_partner": ("合作方 {key}", "the partner {key}"),
    "quarantine.ref_account": ("科目 {key}", "the account {key}"),
    "quarantine.ref_region_pool": ("区域资金池", "the region's pool"),
    "quarantine.ref_contributors": ("参与处理的人", "everybody who worked"),
    "account_quarantine": ("待归属", "Quarantine"),
    "account_sales": ("销售收入", "Sales"),
    "account_payroll": ("应付人工", "Payroll"),
    "quarantine_unknown": ("没有这条待归属记录。", "There is no such item."),
    "quarantine_closed": ("这条记录已经处理过了。", "Somebody has dealt with this one already."),
    "quarantine_no_candidate": (
        "没有候选对象，请选择“其他”。",
        "Nobody is proposed for this one; choose “Other”.",
    ),
    "quarantine_tariff_failed": (
        "结算表 {tariff} 仍然算不出提成。",
        "The tariff {tariff} still gives no answer.",
    ),
}
