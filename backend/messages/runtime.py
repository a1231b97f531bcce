"""What the runtime says: notifications, and why background work failed."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # notifications
    "task_assigned": ("{number} {title}：“{label}”已派给您", "{number} {title}: “{label}” is yours"),
    "task_reminder": (
        "{number} {title}：“{label}”的处理时间已用 {percent}%",
        "{number} {title}: {percent}% of the time for “{label}” has passed",
    ),
    "task_given": (
        "{number} {title}：“{label}”未按时处理，已改派给您所在的角色",
        "{number} {title}: “{label}” was late and is now offered to your role",
    ),
    "clock_reminder": (
        "{number} {title}：“{clock}”已用 {percent}%",
        "{number} {title}: “{clock}” is at {percent}%",
    ),
    "clock_escalated": (
        "{number} {title}：“{clock}”已用 {percent}%，请关注",
        "{number} {title}: “{clock}” is at {percent}%, please look",
    ),
    "task_escalated": (
        "{number} {title}：“{label}”迟迟未处理（已用 {percent}%），请关注",
        "{number} {title}: “{label}” is late ({percent}% of its time), please look",
    ),
    "custom_notice": ("{number}", "{number}"),
    # refusals
    "not_published": ("这个流程还没有发布", "This workflow has not been published yet"),
    "unknown_region": ("没有找到这个区域", "There is no such region"),
    # settling
    "no_tariff": ("没有生效的结算表“{tariff}”。", "No tariff “{tariff}” is in force."),
    "no_tariff_row": (
        "结算表“{tariff}”没有适用于 {region} 的行。",
        "Tariff “{tariff}” has no row for {region}.",
    ),
    "tariff_invalid": ("结算表有错误（{finding}）。", "The tariff is not valid ({finding})."),
    "already_booked": ("这一步已经记过账了。", "This step has already been booked."),
    "condition_failed": (
        "结算表的条件无法计算：{text}",
        "A condition of the tariff cannot be computed: {text}",
    ),
    # jobs
    "job_kind_unknown": ("没有“{kind}”这种后台工作。", "There is no background job of kind “{kind}”."),
    "job_timeout": ("超过 {seconds} 秒没有完成。", "Not finished within {seconds} seconds."),
    "job_error": ("后台工作出错（{type}）。", "The background job failed ({type})."),
    "webhook_url_invalid": ("地址不是有效的 http(s) 网址。", "The address is not a valid http(s) URL."),
    "webhook_host_not_allowed": (
        "不允许调用 {host}，请管理员在“对外连接”中放行。",
        "Calling {host} is not allowed; an administrator can allow it under Connections.",
    ),
    "webhook_host_unknown": ("找不到主机 {host}。", "The host {host} cannot be found."),
    "webhook_address_refused": (
        "{host} 指向内部网络，已拒绝。",
        "{host} leads into the inner network and was refused.",
    ),
    "webhook_unreachable": ("连接不上 {host}（{reason}）。", "{host} cannot be reached ({reason})."),
    "webhook_failed_status": ("{host} 返回了错误 {status}。", "{host} answered with error {status}."),
    "webhook_answer_too_large": ("对方的回应过大。", "The answer is too large."),
    "smtp_not_set_up": (
        "还没有设置发信服务器，请管理员在“对外连接”中设置。",
        "No mail server is set up; an administrator can do so under Connections.",
    ),
    "smtp_address_refused": (
        "发信服务器 {host} 在内部网络；请管理员在“对外连接”里把它加入“允许的内网主机”。",
        "The mail server {host} is in the inner network; an administrator can add it to the allowed inner "
        "hosts under Connections.",
    ),
    "smtp_host_unknown": ("找不到发信服务器 {host}。", "The mail server {host} cannot be found."),
    "smtp_refused": ("发信服务器拒绝了邮件（{reason}）。", "The mail server refused the message ({reason})."),
    "smtp_unreachable": ("连接不上发信服务器（{reason}）。", "The mail server cannot be reached ({reason})."),
}
