"""How a config field introduces itself to the property panel: title, help, widget, choices - in both
languages."""

from __future__ import annotations

from typing import Any

import msgspec


def titled(
    zh: str,
    en: str,
    *,
    help: tuple[str, str] | None = None,
    widget: str | None = None,
    choices: dict[str, tuple[str, str]] | None = None,
    **limits: Any,
) -> msgspec.Meta:
    """Metadata of a field, for `Annotated[type, titled("名称", "Name")]`.

    `help` and each of `choices` are (zh, en). `widget` is one of form-ref, role-ref, member-ref, region-ref,
    tariff-ref, field-ref, node-ref, cel, duration, field-access, localized, localized-text (several lines),
    textarea, template. `limits` are those of msgspec.Meta (ge, le, min_length, max_length, pattern ...).
    """
    extra: dict[str, Any] = {"title": zh, "x-title": {"zh": zh, "en": en}}
    if help is not None:
        extra["x-help"] = {"zh": help[0], "en": help[1]}
    if widget is not None:
        extra["x-widget"] = widget
    if choices is not None:
        extra["x-choices"] = {value: {"zh": name[0], "en": name[1]} for value, name in choices.items()}
    return msgspec.Meta(extra_json_schema=extra, **limits)
