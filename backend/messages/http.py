"""What the HTTP platform says: the titles of problem details and its refusals."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "not_found": ("没有找到", "Not found"),
    "method_not_allowed": ("这个地址不支持该操作", "This address does not support that method"),
    "sign_in_required": ("请先登录", "Please sign in"),
    "not_allowed": ("您没有进行此操作的权限", "You do not have the right to do this"),
    "csrf_mismatch": ("页面已过期，请刷新后重试", "This page has expired; reload it and try again"),
    "foreign_origin": ("请求来自其他网站，已拒绝", "The request came from another site and was refused"),
    "invalid_json": ("请求内容不是有效的 JSON", "The request body is not valid JSON"),
    "body_too_large": ("请求内容过大，最多 {limit}", "The request body is too large; the limit is {limit}"),
    "body_too_deep": (
        "请求内容嵌套过深，最多 {limit} 层",
        "The request body is nested too deeply; the limit is {limit} levels",
    ),
    "duplicate_key": (
        "“{key}”在同一处写了两次，请只保留一个",
        "“{key}” stands twice in the same place; keep one of them",
    ),
    "null_character": (
        "请求中含有空字符，无法保存",
        "The request holds a null character, which cannot be stored",
    ),
    "invalid_parameter": ("地址中的参数无效", "A parameter of the address is not valid"),
    "invalid_fields": ("部分内容填写有误", "Some fields need attention"),
    "invalid_field": ("{reason}", "{reason}"),
    "unknown_field": ("不允许的字段", "This field is not accepted here"),
    "missing_field": ("请填写此项", "This field is required"),
    "wrong_type": ("内容类型不对", "The value has the wrong type"),
    "out_of_range": ("内容超出允许范围", "The value is out of range"),
    "invalid_cursor": (
        "翻页标记无效，请从第一页开始",
        "The page cursor is not valid; start from the first page",
    ),
    "invalid_idempotency_key": (
        "Idempotency-Key 无效：1 到 100 个可见字符",
        "Idempotency-Key is not valid: use 1 to 100 visible characters",
    ),
    "idempotency_mismatch": (
        "这个 Idempotency-Key 已用于另一个请求",
        "This Idempotency-Key was already used for a different request",
    ),
    "precondition_required": ("请在 If-Match 中注明修订号", "State the revision in If-Match"),
    "too_many_tries": (
        "尝试次数过多，请 {minutes} 分钟后再试",
        "Too many tries; please try again in {minutes} minutes",
    ),
    "too_many_requests": ("请求过于频繁，请稍后再试", "Too many requests; please try again shortly"),
    "conflict": ("内容刚刚被别人改动，请刷新后重试", "Somebody has just changed this; reload and try again"),
    "busy": ("系统繁忙，请稍后再试", "The system is busy; please try again in a moment"),
    "storage_full": ("存储空间已满，暂时无法保存", "Storage is full; nothing can be saved at the moment"),
    "internal": (
        "系统出错了，我们已记录（编号 {request_id}）",
        "Something went wrong on our side; it has been logged (reference {request_id})",
    ),
    "unsupported_media_type": ("不支持这种内容格式", "This content type is not supported"),
    "bad_request": ("请求有误", "The request is not valid"),
    "no_form": ("没有收到文件", "No file was received"),
    "not_the_type_it_says": (
        "“{name}”的内容与文件类型不符，请换一个文件",
        "“{name}” is not the kind of file it says it is; please choose another",
    ),
    "file_type_refused": (
        "不支持这种文件，可以上传图片、PDF、Word、Excel、PPT、CSV 或文本",
        "This kind of file is not accepted; use a picture, PDF, Word, Excel, PowerPoint, CSV or text",
    ),
    "file_too_large": ("文件过大，最多 {limit}", "The file is too large; the limit is {limit}"),
    "file_empty": ("文件是空的", "The file is empty"),
    "picture_too_large": (
        "图片尺寸过大，最多 {limit} 万像素",
        "The picture has too many pixels; the limit is {limit}0,000",
    ),
}
