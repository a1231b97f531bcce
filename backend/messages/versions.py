"""Rehearsals and migrations."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "rehearsal_running": (
        "这个流程正在试跑，请等它完成或先取消",
        "This workflow is being tried already; wait for it or cancel it",
    ),
    "rehearsal_failed": (
        "试跑没能完成，请检查草稿后重试",
        "The trial could not be finished; check the draft and try again",
    ),
    "rehearsal.never_asked": (
        "“{node}”要人回答，但这张工单当时没有经过这一步",
        "“{node}” asks for an answer, but this ticket never came by such a step then",
    ),
    "rehearsal.not_answered": (
        "“{node}”当时没有等到答复",
        "“{node}” never got an answer then",
    ),
    "rehearsal.button_gone": (
        "“{node}”当时按的“{outcome}”在草稿里没有了",
        "At “{node}” the button “{outcome}” was pressed then; the draft has no such button",
    ),
    "rehearsal.message_missing": (
        "“{node}”等待的消息当时没有来过",
        "The message that “{node}” waits for never came then",
    ),
    "rehearsal.waits_at_join": (
        "“{node}”等待的分支永远不会到",
        "“{node}” waits for a branch that never comes",
    ),
    "rehearsal.no_start": (
        "草稿没有能接收这张工单的开始节点",
        "The draft has no start that could take this ticket",
    ),
    "rehearsal.refused": (
        "“{node}”没有接受当时的操作：{why}",
        "“{node}” did not take what was done then: {why}",
    ),
    "rehearsal.incident": ("停在“{node}”：{why}", "Stops at “{node}”: {why}"),
    "rehearsal.fault": ("“{node}”的“{field}”：{why}", "“{field}” at “{node}”: {why}"),
    "rehearsal.parts": (
        "从“{old}”改走“{new}”",
        "Goes to “{new}” instead of “{old}”",
    ),
    "rehearsal.parts_more": ("多走了“{new}”", "Also goes to “{new}”"),
    "rehearsal.parts_less": ("不再经过“{old}”", "Does not come by “{old}” any more"),
    "rehearsal.ends": ("结果从“{old}”变为“{new}”", "Ends as “{new}” instead of “{old}”"),
    "rehearsal.unreadable": ("这张工单的记录无法重放", "The record of this ticket cannot be replayed"),
    "rehearsal_end.completed": ("完成", "completed"),
    "rehearsal_end.cancelled": ("取消", "cancelled"),
    "rehearsal_end.running": ("进行中", "still running"),
    "release_unknown": ("没有这个版本", "There is no such release"),
    "release_lonely": ("没有其他版本的工单可以迁移", "There is no other release to migrate tickets from"),
    "migration_busy": (
        "这个流程正在迁移，请等它完成或先停止",
        "This workflow is being migrated already; wait for it or stop it",
    ),
    "migration_stopped": ("检查被停止了", "The check was stopped"),
    "migration_failed": ("迁移没能继续，请重试", "The migration could not go on; try again"),
    "migration_broke": ("系统内部错误", "an internal error"),
    "mapping_unknown_node": (
        "对应关系里有两边版本都没有的步骤",
        "The mapping names a step that neither release has",
    ),
    "ticket_migrated": ("工单迁移到第 {number} 版", "The ticket was moved to release {number}"),
    "ticket_migrated_back": ("工单退回第 {number} 版", "The ticket went back to release {number}"),
    "node_unmapped": ("“{node}”在新版本里没有对应步骤", "“{node}” has no counterpart in the new release"),
    "migration.not_running": ("工单已经结束", "The ticket has ended"),
    "migration.closing": (
        "工单正在取消，撤销步骤还没做完",
        "The ticket is being cancelled and still undoes steps",
    ),
    "migration.unknown_holding": (
        "工单带有无法判断的内容（{name}），会原样保留",
        "The ticket holds something that cannot be judged ({name}); it stays as it is",
    ),
    "migration.node_gone": (
        "工单停在“{node}”，新版本里没有对应步骤",
        "The ticket stands at “{node}”, which has no counterpart",
    ),
    "migration.type_other": (
        "“{node}”对应的“{new}”是另一种步骤",
        "“{new}”, the counterpart of “{node}”, is another kind of step",
    ),
    "migration.version_other": (
        "“{node}”换成了同类步骤的另一版",
        "“{node}” is another version of its kind of step",
    ),
    "migration.boundary_changed": (
        "“{node}”的边界事件有改动，会重新计时",
        "The boundary events of “{node}” differ; they are set again",
    ),
    "migration.back_gone": (
        "做完“{node}”后要回到的步骤没有了，会按新流程往下走",
        "The step to go back to after “{node}” is gone; it goes on by the new flow",
    ),
    "migration.suspended": (
        "工单已挂起，而“{node}”有改动，请先恢复工单",
        "The ticket is suspended and “{node}” differs; resume it first",
    ),
    "migration.edge_gone": (
        "在“{node}”等待的分支，新版本里没有对应连线",
        "A branch waiting at “{node}” came by a way that is gone",
    ),
    "migration.join_changed": ("“{node}”的汇合规则变了", "The rule of the join “{node}” differs"),
    "migration.join_other_fork": (
        "“{node}”汇合的不再是同一个分支节点",
        "“{node}” joins the branches of another split",
    ),
    "migration.port_gone": (
        "“{node}”出错前要走的出口没有了，处理故障时要另选",
        "The exit that “{node}” was about to take is gone; choose another when you resolve the incident",
    ),
    "migration.wait_changed": (
        "“{node}”的等待条件变了，按新设置从原来的起点重新计算",
        "“{node}” waits for something else; it is reckoned anew from the same beginning",
    ),
    "migration.job_changed": (
        "“{node}”的结果还没回来，回来后按新设置处理",
        "“{node}” still waits for its result, which is then handled by the new settings",
    ),
    "migration.step_changed": (
        "“{node}”的设置变了，打开的待办会跟着变，处理人和草稿保留",
        "“{node}” has other settings; its open task follows, with its people and drafts",
    ),
    "migration.tasks_other": (
        "“{node}”的待办与新设置对不上（人数或种类不同）",
        "The open tasks of “{node}” do not go with its new settings",
    ),
    "migration.limit_reset": (
        "“{node}”的时限变了，已用时间保留，截止时间重新计算",
        "“{node}” has another time limit; the time it has had counts, the due time is reckoned anew",
    ),
    "migration.fork_gone": (
        "并行块“{node}”在新版本里没有对应节点",
        "The split “{node}” that branches came from has no counterpart",
    ),
    "migration.fork_other": (
        "“{node}”对应的节点不再分支",
        "The counterpart of “{node}” does not split any more",
    ),
    "migration.block_changed": ("分支块“{node}”的设置变了", "The block “{node}” has other settings"),
    "migration.return_gone": (
        "以后不能再退回到“{node}”，新版本里没有这一步",
        "Work cannot be returned to “{node}” any more; the new release has no such step",
    ),
    "migration.undo_gone": ("“{node}”以后不能撤销了", "“{node}” cannot be undone any more"),
    "migration.clock_changed": (
        "时效“{clock}”的设置变了，已计时间保留",
        "The clock “{clock}” has other settings; what it counted stays",
    ),
    "migration.clock_gone": ("时效“{clock}”停止计时", "The clock “{clock}” stops"),
    "migration.would_deadlock": (
        "从现在的位置走下去，“{new}”可能永远等不齐",
        "From where it stands, “{new}” might wait for ever",
    ),
    "migration.not_proven": (
        "流程结构变化较大，无法证明从这里一定能走完",
        "The flow differs so much that it is not proven to come to its end from here",
    ),
    "migration.refused": ("没有迁移成功：{why}", "Could not be moved: {why}"),
    "migration.elsewhere": ("工单已经不在这个版本上", "The ticket is not under this release any more"),
    "migration.field_gone": (
        "“{field}”有答复，新版本的表单里没有这一项，答复会保留但看不到",
        "There is an answer to “{field}”, which no form of the new release shows; it is kept",
    ),
    "migration.choice_gone": (
        "“{field}”选的“{value}”在新版本里没有了",
        "“{value}”, chosen for “{field}”, is no choice any more",
    ),
    "migration.answer_breaks": (
        "“{field}”的答复“{value}”不符合新表单",
        "The answer “{value}” to “{field}” does not fit the new form",
    ),
    "migration.booked_again": ("“{new}”会把钱再记一次", "“{new}” would book the money a second time"),
    "migration.never_paid": (
        "新的结算步骤“{new}”在工单现在位置之前，不会再经过",
        "The new settle step “{new}” lies behind the ticket and is never come by",
    ),
    "migration.payment_lost": (
        "“{node}”还没结算，迁移后不会再结算",
        "“{node}” has not settled yet and never would",
    ),
    "migration.payment_new": ("会多一次结算：“{new}”", "There is one more settlement to come: “{new}”"),
    "migration.policy_other": (
        "取结算表的时点不同（创建时 / 完成时）",
        "Another moment decides which tariff holds (creation or completion)",
    ),
    "migration.tariff_gone": (
        "“{new}”用的结算表“{tariff}”没有生效版本",
        "The tariff “{tariff}” of “{new}” is not in force",
    ),
    "migration.tariff_other": (
        "“{node}”改用结算表“{tariff}”",
        "“{node}” settles by the tariff “{tariff}” now",
    ),
    "migration.reckoned_otherwise": ("“{node}”的结算设置变了", "“{node}” reckons otherwise"),
    "evolution.form_removed": (
        "表单被删除，已有答复会看不到",
        "The form is gone; its answers are kept unseen",
    ),
    "evolution.changed": ("“{field}”的结构变了", "“{field}” is built otherwise"),
    "evolution.type_changed": ("“{field}”换了类型", "“{field}” has another type"),
    "evolution.limit_widened": ("“{field}”的限制放宽", "“{field}” allows more"),
    "evolution.limit_narrowed": ("“{field}”的限制收紧", "“{field}” allows less"),
    "evolution.choices_changed": ("“{field}”的选项变了", "“{field}” has other choices"),
    "evolution.choice_removed": ("“{field}”少了选项“{value}”", "“{field}” has no choice “{value}” any more"),
    "evolution.choice_added": ("“{field}”多了选项“{value}”", "“{field}” has a new choice “{value}”"),
    "evolution.keyword_changed": ("“{field}”的校验规则变了", "“{field}” is checked otherwise"),
    "evolution.now_required": ("“{field}”变为必填", "“{field}” must be filled in now"),
    "evolution.now_optional": ("“{field}”变为选填", "“{field}” may be left empty now"),
    "evolution.field_removed": ("删除了“{field}”", "“{field}” is gone"),
    "evolution.field_added": ("新增了“{field}”", "“{field}” is new"),
}
