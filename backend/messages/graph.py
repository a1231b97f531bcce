"""Sentences about workflows: what a finding says, and what its fix does."""

TEXTS: dict[str, tuple[str, str]] = {
    # reading a definition
    "definition_not_json": ("这不是有效的 JSON 文件。", "This is not a valid JSON file."),
    "workflow_too_large": ("文件超过 {limit} 字节。", "The file is larger than {limit} bytes."),
    "definition_too_deep": (
        "内容嵌套超过 {limit} 层。",
        "The content is nested more than {limit} levels deep.",
    ),
    "definition_invalid": (
        "这不是业务流程，问题在“{field}”。",
        "This is not a workflow; the problem is at “{field}”.",
    ),
    "duplicate_id": ("编号“{id}”出现了两次。", "The id “{id}” stands here twice."),
    "id_invalid": (
        "编号“{id}”只能包含字母、数字、_ 和 -，最多 64 个字符。",
        "The id “{id}” may hold letters, digits, _ and - only, at most 64 of them.",
    ),
    "node_invalid": (
        "这个节点缺少内容或格式不对：{field}。",
        "This node is incomplete or malformed: {field}.",
    ),
    "edge_invalid": (
        "这条连线缺少内容或格式不对：{field}。",
        "This edge is incomplete or malformed: {field}.",
    ),
    "form_invalid": ("这个表单格式不对：{field}。", "This form is malformed: {field}."),
    "clock_without_target": (
        "时限“{clock}”还没有填写承诺时间。",
        "The clock “{clock}” has no promised time yet.",
    ),
    "clock_target_unfit": (
        "时限“{clock}”的承诺时间必须大于零，且不超过十年。",
        "The promised time of “{clock}” must be above zero and below ten years.",
    ),
    "clock_step_missing": (
        "时限“{clock}”引用的步骤不存在。",
        "The clock “{clock}” names a step that is not there.",
    ),
    "clock_role_missing": (
        "时限“{clock}”的升级还没有选择角色。",
        "A reminder of the clock “{clock}” has no role yet.",
    ),
    "settings_invalid": ("流程设置不对：{field}。", "The workflow's settings are wrong: {field}."),
    "too_many_nodes": (
        "节点太多：{count} 个，上限 {limit} 个。",
        "Too many nodes: {count}, at most {limit}.",
    ),
    "too_many_edges": (
        "连线太多：{count} 条，上限 {limit} 条。",
        "Too many edges: {count}, at most {limit}.",
    ),
    # nodes
    "unknown_node_type": (
        "“{node}”的类型 {type}（版本 {version}）没有安装。",
        "“{node}” is of type {type} version {version}, which is not installed.",
    ),
    "config_unknown_field": ("设置中有不认识的项“{field}”。", "The settings hold an unknown item “{field}”."),
    "config_missing_field": ("还没有填写“{field}”。", "“{field}” is still missing."),
    "config_wrong_value": ("“{field}”的值不对。", "The value of “{field}” does not fit."),
    "no_start": ("流程还没有开始节点。", "The workflow has no start yet."),
    "no_end": ("流程还没有结束节点。", "The workflow has no end yet."),
    "unreachable_node": (
        "从开始走不到“{node}”，它永远不会执行。",
        "No way leads from the start to “{node}”; it will never run.",
    ),
    "boundary_name_invalid": (
        "“{node}”的附加事件代码“{port}”只能用小写字母、数字和 _。",
        "The code “{port}” of an event at “{node}” may hold lower-case letters, digits and _ only.",
    ),
    "boundary_name_taken": (
        "“{node}”已经有名为“{port}”的出口。",
        "“{node}” has a way out called “{port}” already.",
    ),
    "boundary_never_waits": (
        "“{node}”不会停下来等待，附加的“{event}”永远不会发生。",
        "“{node}” never waits, so “{event}” at it can never happen.",
    ),
    "boundary_repeat_ignored": (
        "“{node}”的“{event}”会打断这一步，所以不会重复。",
        "“{event}” at “{node}” interrupts the step, so it never repeats.",
    ),
    "boundary_time_missing": (
        "“{node}”的“{event}”还没有设置时间。",
        "“{event}” at “{node}” has no time yet.",
    ),
    "boundary_time_not_positive": (
        "“{node}”的“{event}”时长必须大于零。",
        "The length of time of “{event}” at “{node}” must be above zero.",
    ),
    "boundary_field_invalid": (
        "“{node}”的“{event}”没有选对日期字段。",
        "“{event}” at “{node}” does not name a date field.",
    ),
    "boundary_code_invalid": (
        "“{node}”的“{event}”错误代码只能用小写字母、数字和 _。",
        "The error code of “{event}” at “{node}” may hold lower-case letters, digits and _ only.",
    ),
    "boundary_message_missing": (
        "“{node}”的“{event}”还没有填写名称（小写字母、数字和 _）。",
        "“{event}” at “{node}” has no name yet (lower-case letters, digits and _).",
    ),
    "compensation_of_no_step": (
        "“{node}”不是一个步骤，无法撤销。",
        "“{node}” is no step, so it cannot be undone.",
    ),
    "compensation_unknown": (
        "“{node}”的撤销步骤不存在。",
        "The step that should undo “{node}” does not exist.",
    ),
    "compensation_shape": (
        "“{handler}”不能用来撤销“{node}”：它必须是另一个普通步骤，没有附加事件，也不能再被撤销。",
        "“{handler}” cannot undo “{node}”: it must be another plain step, without events, "
        "and not one that is undone itself.",
    ),
    "compensation_with_edges": (
        "“{handler}”用来撤销“{node}”，要单独放着，不能有连线。",
        "“{handler}” undoes “{node}”, so it stands apart and no edge leads to or from it.",
    ),
    "node_unknown": (
        "“{node}”引用的步骤“{id}”不存在。",
        "“{node}” names the step “{id}”, which does not exist.",
    ),
    "node_names_itself": ("“{node}”不能引用它自己。", "“{node}” cannot name itself."),
    "nothing_to_undo": (
        "“{node}”没有可撤销的步骤。",
        "Nothing that “{node}” could undo has a step that undoes it.",
    ),
    "spread_without_join": (
        "“{node}”后面还没有画出收集结果的汇合。",
        "No join collects what “{node}” begins.",
    ),
    "form_unknown": (
        "“{node}”使用的表单“{form}”不存在。",
        "“{node}” uses the form “{form}”, which does not exist.",
    ),
    "form_unused": ("表单“{form}”没有被任何节点使用。", "No node uses the form “{form}”."),
    "automatic_loop": (
        "“{node}”所在的循环里没有需要人或等待的步骤，会一直空转。",
        "The loop around “{node}” holds no step that waits, so it would spin.",
    ),
    # edges and ports
    "edge_to_nowhere": (
        "这条连线连着不存在的节点“{target}”。",
        "This edge leads to “{target}”, which does not exist.",
    ),
    "edge_into_start": ("“{from}”不能连回开始节点。", "“{from}” may not lead back to the start."),
    "unknown_port": (
        "“{from}”没有出口“{port}”，请重新连接到“{to}”。",
        "“{from}” has no port “{port}”; connect it to “{to}” again.",
    ),
    "condition_ignored": (
        "“{from}”会走全部分支，到“{to}”的条件不起作用。",
        "“{from}” takes every branch; the condition to “{to}” has no effect.",
    ),
    "port_without_edge": (
        "“{node}”的出口“{port}”还没有连线。",
        "The port “{port}” of “{node}” leads nowhere yet.",
    ),
    "split_with_one_way": (
        "“{node}”只有一条分支，不需要并行。",
        "“{node}” has a single branch, so nothing runs in parallel.",
    ),
    "several_default_edges": (
        "“{node}”的出口“{port}”有多条没有条件的连线，只会走第一条。",
        "The port “{port}” of “{node}” has several edges without a condition; only the first is taken.",
    ),
    "no_default_edge": (
        "“{node}”没有默认连线：条件都不成立时工单会停住。",
        "“{node}” has no default edge: a ticket stops when no condition holds.",
    ),
    # expressions
    "expression_too_long": ("公式超过 {limit} 字节。", "The expression is longer than {limit} bytes."),
    "expression_null": (
        "公式里的文字含有空字符，无法保存。",
        "A text in the expression holds a null character, which cannot be stored.",
    ),
    "expression_too_nested": (
        "公式里的循环最多嵌套 {limit} 层。",
        "Loops may be nested {limit} deep at most.",
    ),
    "expression_syntax": (
        "公式在第 {at} 个字符处写错了。",
        "The expression has a mistake at character {at}.",
    ),
    "expression_unknown_name": (
        "公式里的“{name}”不认识；可以使用 data、ticket、customer、now。",
        "“{name}” is unknown here; use data, ticket, customer or now.",
    ),
    # soundness
    "deadlock": (
        "工单可能卡在“{node}”：它等待的分支可能永远不会到。",
        "A ticket can get stuck at “{node}”: a branch it waits for may never come.",
    ),
    "gate_never_opens": (
        "工单可能卡在“{node}”：它等待的步骤可能再也不会走到。",
        "A ticket can get stuck at “{node}”: the step it waits for may never be reached any more.",
    ),
    "livelock": (
        "工单可能在“{node}”附近一直循环，走不到结束。",
        "A ticket can circle around “{node}” without ever reaching an end.",
    ),
    "dead_node": (
        "无论怎么走，“{node}”都不会执行。",
        "Whatever happens, “{node}” is never reached.",
    ),
    "lack_of_synchronisation": (
        "并行的分支没有汇合就走到“{node}”，它会执行两次。",
        "Parallel branches run into “{node}” without a join, so it runs twice.",
    ),
    "improper_completion": (
        "到“{node}”时其他分支可能还没做完，会被取消。",
        "When “{node}” is reached, other branches may still be at work; they are cancelled.",
    ),
    # what a fix does
    "fix.edge_to_nowhere": ("删除这条连线", "Remove this edge"),
    "fix.edge_into_start": ("删除这条连线", "Remove this edge"),
    "fix.remove_edge": ("删除这条连线", "Remove this edge"),
    "fix.unknown_port": ("改从出口“{only}”连出", "Use the exit “{only}”"),
    "fix.condition_ignored": ("去掉这个条件", "Remove this condition"),
    "fix.port_without_edge": ("连到“{end}”", "Connect to “{end}”"),
    "fix.compensation_unknown": ("去掉撤销步骤", "Leave out the undoing"),
    "fix.compensation_with_edges": ("删除这些连线", "Remove these edges"),
    "fix.no_default_edge": ("把“{target}”设为其他情况", "Make “{target}” the default"),
}
