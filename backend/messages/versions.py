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
    "rehearsal.refused": ("“{node}”没有接受当时的操作：{why}", "“{node}” did not take what was done then: {why}"),
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
}
