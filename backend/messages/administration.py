"""Regions, jobs, connections, audit."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "region_key_taken": ("区域编号“{key}”已存在", "A region with the key “{key}” already exists"),
    "region_key_invalid": (
        "编号只能用小写字母、数字、横线和下划线，最多 60 个字符",
        "The key may use lower-case letters, digits, dash and underscore, up to 60 characters",
    ),
    "region_cycle": ("区域不能放到自己的下级中", "A region cannot be placed inside itself"),
    "region_too_deep": ("区域层级过深", "The region tree is too deep"),
    "unknown_zone": ("没有“{zone}”这个时区", "There is no time zone “{zone}”"),
    "unknown_currency": ("没有“{currency}”这个货币", "There is no currency “{currency}”"),
    "calendar_invalid": ("工作日历的格式不正确", "The working calendar is not valid"),
    "job_not_dead": ("只有失败的任务可以重试", "Only a failed job can be tried again"),
    "unknown_connection": ("没有这种连接", "There is no such kind of connection"),
    "connection_invalid": ("连接设置有误：{reason}", "The connection settings are not valid: {reason}"),
    "host_invalid": ("“{host}”不是有效的主机名", "“{host}” is not a valid host name"),
    "password_of_other_host": (
        "换了服务器，请重新填写密码：已存的密码不会发给别的主机",
        "The host is another one: enter the password again, the stored one is not sent elsewhere",
    ),
}
