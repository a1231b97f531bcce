"""Triggers, their firings, and variants."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # kinds
    "trigger_kind_api": ("API 调用", "API call"),
    "trigger_kind_api_text": (
        "其他系统带着表单数据调用接口，同一原因只建一张单。",
        "Another system calls with the form's data; one ticket for each cause.",
    ),
    "trigger_kind_webhook": ("Webhook", "Webhook"),
    "trigger_kind_webhook_text": (
        "接收其他系统的签名推送，用表达式对应到表单。",
        "Takes signed deliveries of another system and maps them to the form.",
    ),
    "trigger_kind_schedule": ("定时", "Schedule"),
    "trigger_kind_schedule_text": ("按区域当地时间定时建单。", "At set times on the region's clocks."),
    "trigger_kind_event": ("工单事件", "Ticket event"),
    "trigger_kind_event_text": (
        "别的工单建单、办结、取消、超时或数据变化时建单。",
        "When another ticket is opened, completed, cancelled, overdue or changed.",
    ),
    "trigger_kind_record_date": ("日期临近", "Date"),
    "trigger_kind_record_date_text": (
        "在工单或资料表的某个日期之前或之后建单，如合同到期前 30 天。",
        "Some days before or after a date, such as 30 days before a contract ends.",
    ),
    "trigger_kind_email": ("收邮件", "Mail"),
    "trigger_kind_email_text": (
        "读取邮箱，每封新邮件建一张单。",
        "Reads a mailbox; a ticket for each new mail.",
    ),
    "trigger_kind_message": ("消息", "Message"),
    "trigger_kind_message_text": ("收到指定名称的消息时建单。", "When a message of this name arrives."),
    # firings
    "trigger_started": ("已建单 {number}", "Opened {number}"),
    "trigger_started_variant": (
        "按规则“{rule}”建单 {number}（{workflow}）",
        "Opened {number} by the rule “{rule}” ({workflow})",
    ),
    "trigger_would_start": ("会建一张“{workflow}”工单", "Would open a ticket of “{workflow}”"),
    "trigger_condition_false": ("条件不成立，没有建单", "The condition does not hold; no ticket"),
    "trigger_missed": (
        "停机期间错过了 {missed} 次，按设置不补",
        "{missed} missed while down; left out as set",
    ),
    "trigger_failed": ("没有建成工单", "No ticket could be opened"),
    "trigger_condition_failed": ("条件无法计算：{text}", "The condition cannot be computed: {text}"),
    "trigger_mapping_failed": (
        "“{field}”的取值无法计算：{text}",
        "The value of “{field}” cannot be computed: {text}",
    ),
    "trigger_region_missing": (
        "没有确定区域，请在触发器上选择区域",
        "No region; choose one for this trigger",
    ),
    "trigger_region_unknown": ("没有“{region}”这个区域", "There is no region “{region}”"),
    "trigger_no_release": ("流程“{workflow}”还没有发布", "The workflow “{workflow}” has no release yet"),
    "trigger_data_unfit": (
        "数据不符合“{workflow}”的开单表单：{fields}",
        "The data does not fit the start form of “{workflow}”: {fields}",
    ),
    "trigger_not_failed": (
        "这次触发没有失败，不需要重试",
        "This did not fail: there is nothing to try again",
    ),
    "trigger_cause_gone": (
        "当时收到的内容已经找不到，请让对方重新发送",
        "What had come is not known any more; have it sent again",
    ),
    "trigger_mailbox_again": ("马上重新读取邮箱", "The mailbox is being read again"),
    "trigger_chain_too_deep": (
        "工单事件连续触发超过 {limit} 层，已停止",
        "More than {limit} tickets started each other in a row; stopped",
    ),
    "trigger_mailbox_failed": ("读取邮箱失败：{reason}", "The mailbox could not be read: {reason}"),
    "trigger_host_not_allowed": (
        "不允许连接 {host}；请先在“对外连接”里把它加入“允许的主机”",
        "Connecting to {host} is not allowed; add it to the allowed hosts under Connections first",
    ),
    "trigger_address_refused": (
        "{host} 在内部网络；请先在“对外连接”里把它加入“允许的内网主机”",
        "{host} is in the inner network; add it to the allowed inner hosts under Connections first",
    ),
    "trigger_host_unknown": ("找不到主机 {host}", "The host {host} cannot be found"),
    "trigger_mail_too_large": ("邮件超过 {limit}，已跳过", "The mail is larger than {limit}; left out"),
    "trigger_mail_automatic": ("自动回复或退信，已跳过", "An automatic answer or a bounce; left out"),
    "trigger_mail_broken": ("邮件无法读取，已跳过", "The mail cannot be read; left out"),
    "trigger_attachment_refused": ("附件“{name}”不能接收", "The attachment “{name}” was not taken"),
    # refusals
    "trigger_off": ("这个触发器已关闭", "This trigger is switched off"),
    "trigger_kind_not_fired": ("这种触发器不能直接调用", "A trigger of this kind cannot be called"),
    "trigger_cron_invalid": (
        "不是有效的 cron 表达式，或永远不会到来",
        "Not a cron expression, or one that never comes",
    ),
    "trigger_region_required": ("请选择区域", "Choose a region"),
    "trigger_workflow_required": ("请选择流程", "Choose a workflow"),
    "trigger_collection_required": ("请填写资料表名称", "Name the collection"),
    "trigger_password_required": ("请填写邮箱密码", "Enter the mailbox's password"),
    "trigger_unknown_name": (
        "表达式里的“{name}”不认识；可以使用 body、mail、record、data、ticket、customer、now",
        "“{name}” is unknown here; use body, mail, record, data, ticket, customer or now",
    ),
    "hook_signature_wrong": ("签名不正确", "The signature is not right"),
    "hook_timestamp_wrong": (
        "时间戳缺失，或与服务器相差超过 5 分钟",
        "The timestamp is missing or more than 5 minutes off",
    ),
    "hook_id_missing": ("缺少 webhook-id", "webhook-id is missing"),
    # variants
    "variant_unfit": (
        "按规则“{rule}”应进入“{workflow}”，但缺少或不符合：{fields}",
        "By the rule “{rule}” this goes to “{workflow}”, which asks for: {fields}",
    ),
    "variant_itself": ("不能分流到流程自己", "A rule cannot lead to the workflow itself"),
    "variant_workflow_unknown": ("没有这个流程", "There is no such workflow"),
    "variant_twice": ("规则编号重复", "Two rules have the same id"),
    "variant_target_unpublished": (
        "“{workflow}”还没有发布，符合此规则时无法建单",
        "“{workflow}” has no release yet: tickets that this rule chooses cannot be opened",
    ),
    "variant_target_asks": (
        "“{workflow}”必填的 {fields} 在本流程的开单表单里没有",
        "“{workflow}” requires {fields}, which this workflow's start form does not have",
    ),
    "timeline_trigger": ("由触发器“{trigger}”建单", "Opened by the trigger “{trigger}”"),
    "timeline_variant": (
        "按分流规则“{rule}”由“{asked}”转入",
        "Came here from “{asked}” by the rule “{rule}”",
    ),
}
