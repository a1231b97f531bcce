"""Sign-in, members, roles."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "wrong_credentials": ("邮箱或密码不正确", "The email address or the password is not right"),
    "setup_link_invalid": ("设置链接无效或已使用", "This set-up link is not valid or was already used"),
    "email_taken": ("这个邮箱已有成员使用", "A member with this email address already exists"),
    "email_invalid": ("请填写有效的邮箱", "Enter a valid email address"),
    "wrong_password": ("当前密码不正确", "The current password is not right"),
    "too_many_tokens": (
        "最多保留 {limit} 个访问密钥，请先停用不用的",
        "You may have at most {limit} API tokens; revoke one that is not used",
    ),
    "password_too_short": ("密码至少 {limit} 个字符", "The password needs at least {limit} characters"),
    "password_too_long": ("密码最多 {limit} 个字符", "The password may have at most {limit} characters"),
    "name_required": ("请填写名称", "Enter a name"),
    "name_too_long": ("名称最多 {limit} 个字符", "The name may have at most {limit} characters"),
    "unknown_team": ("没有“{team}”这个小组", "There is no team “{team}”"),
    "team_key_taken": ("小组编号“{key}”已存在", "A team with the key “{key}” already exists"),
    "team_key_invalid": (
        "编号只能用小写字母、数字、- 和 _",
        "A key is made of small letters, digits, - and _",
    ),
    "unknown_role": ("没有“{role}”这个角色", "There is no role “{role}”"),
    "unknown_member": ("没有这个成员", "There is no such member"),
    "unknown_locale": ("不支持这种语言", "This language is not supported"),
    "unknown_theme": ("没有这个主题", "There is no such theme"),
    "last_administrator": ("至少保留一位可以登录的管理员", "At least one active administrator must remain"),
    "role_admin": ("管理员", "Administrator"),
    "role_implementer": ("实施顾问", "Implementer"),
    "role_finance": ("财务", "Finance"),
    "role_regional_manager": ("区域经理", "Regional manager"),
    "role_agent": ("一线员工", "Agent"),
}
