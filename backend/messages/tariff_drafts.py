"""Drafts of tariffs: refusals, and what their people are told."""

TEXTS: dict[str, tuple[str, str]] = {
    # told to approvers and authors
    "tariff_submitted": (
        "{by} 提交了结算表“{tariff}”的修改，等待您审批。{note}",
        "{by} submitted changes of the tariff “{tariff}” for your approval. {note}",
    ),
    "tariff_approved": (
        "{by} 批准了结算表“{tariff}”的修改，成为第 {revision} 版。",
        "{by} approved the changes of the tariff “{tariff}”: revision {revision}.",
    ),
    "tariff_rejected": (
        "{by} 退回了结算表“{tariff}”的修改：{comment}",
        "{by} sent the changes of the tariff “{tariff}” back: {comment}",
    ),
    # refusals
    "tariff_draft_missing": ("这张结算表没有草稿。", "This tariff has no draft."),
    "tariff_draft_gone": (
        "草稿已经发布或被删除，请重新打开结算表。",
        "The draft was published or dropped meanwhile; please open the tariff again.",
    ),
    "tariff_draft_needed": (
        "这张结算表还没有发布过，草稿不能删除。",
        "This tariff was never published; its draft cannot be dropped.",
    ),
    "tariff_draft_submitted": (
        "草稿已提交审批，撤回后才能修改。",
        "The draft waits for approval; withdraw it before you change it.",
    ),
    "tariff_draft_editing": ("草稿还没有提交审批。", "The draft has not been submitted."),
    "stale_draft": (
        "草稿刚被别人改过，请查看最新内容后再试。",
        "Somebody changed this draft meanwhile; please look at it as it is now and try again.",
    ),
    "stale_base": (
        "结算表已有第 {revision} 版，草稿是在更早的版本上改的。请对照最新版本后重新保存草稿。",
        "The tariff has moved on to revision {revision} since this draft was begun. Compare it with that "
        "revision and save the draft again.",
    ),
    "no_approver": (
        "没有其他人可以审批：需要另一位有结算或发布权限、且没有改过这份草稿的成员。",
        "Nobody else may approve this: it takes another member with the right to settle or publish who did "
        "not edit this draft.",
    ),
    "own_tariff_draft": (
        "改过或提交过这份草稿的人不能审批，请由另一位同事审批。",
        "Who edited or submitted a draft cannot approve it; somebody else must.",
    ),
    "tariff_needs_approval": (
        "结算表的修改需要另一位同事审批，请保存为草稿后提交。",
        "Changes of tariffs need a second person: save them as a draft and submit it.",
    ),
}
