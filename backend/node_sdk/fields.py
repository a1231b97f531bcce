"""How a config field introduces itself to the property panel: title, help, widget, choices - in both
languages."""

from __future__ import annotations

from typing import Any

import msgspec

FILLED: dict[str, object] = {"x-filled": True}
EMPTY: dict[str, object] = {"x-filled": False}


def titled(
    zh: str,
    en: str,
    *,
    help: tuple[str, str] | None = None,
    widget: str | None = None,
    choices: dict[str, tuple[str, str]] | None = None,
    when: dict[str, object] | None = None,
    condition: bool = False,
    **limits: Any,
) -> msgspec.Meta:
    """Metadata of a field, for `Annotated[type, titled("名称", "Name")]`.

    `help` and each of `choices` are (zh, en). `widget` is one of form-ref, role-ref, team-ref, member-ref,
    region-ref, tariff-ref, field-ref, field-name (a field that is written, which may be a new one), node-ref,
    human-ref (a step that people do), doer-ref (such a step, or opening the ticket), cel, duration,
    field-access, localized, localized-text (several lines), textarea, and template,
    localized-template, localized-template-text for texts with placeholders. `when` says beside which values
    of its neighbours the field has a meaning, as `{"mode": ("n",)}`; else the panel leaves it out. There,
    FILLED stands for any value and EMPTY for none.
    `condition`: a CEL text that holds or does not, which can be built from chips. `limits`
    are those of msgspec.Meta (ge, le, min_length, max_length, pattern ...).
    """
    extra: dict[str, Any] = {"title": zh, "x-title": {"zh": zh, "en": en}}
    if help is not None:
        extra["x-help"] = {"zh": help[0], "en": help[1]}
    if widget is not None:
        extra["x-widget"] = widget
    if condition:
        extra["x-widget"], extra["x-cel"] = "cel", "condition"
    if choices is not None:
        extra["x-choices"] = {value: {"zh": name[0], "en": name[1]} for value, name in choices.items()}
    if when is not None:
        extra["x-when"] = {name: list(v) if isinstance(v, tuple) else [v] for name, v in when.items()}
    return msgspec.Meta(extra_json_schema=extra, **limits)
