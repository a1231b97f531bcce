"""Answers as people read them: choices in words, money and dates as the language writes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from reactpy import html
from reactpy.types import VdomDict

from backend.contracts.tasks import ShownField
from frontend.i18n import format_date, format_moment, format_money, format_number, pick
from frontend.session import Shell


def show_value(field: ShownField, shell: Shell) -> VdomDict | str:
    if field.type in ("photos", "files") and isinstance(field.value, list):
        return html.span(
            {"className": "flex flex-wrap gap-2"},
            [_file(str(each), field.type, shell) for each in field.value],
        )
    return _words(field, shell)


def _file(file_id: str, kind: str, shell: Shell) -> VdomDict:
    url = f"/api/v1/files/{file_id}"
    inner = (
        html.img(
            {
                "src": f"{url}?thumb=1",
                "alt": "",
                "className": "size-20 rounded-field object-cover",
                "loading": "lazy",
            }
        )
        if kind == "photos"
        else html.span({"className": "tf-link"}, shell.t("tickets.file"))
    )
    return html.a({"key": file_id, "href": url, "target": "_blank", "rel": "noopener"}, inner)


def _words(field: ShownField, shell: Shell) -> str:
    value, locale = field.value, shell.locale
    if field.choices:
        return ", ".join(pick(choice, locale) for choice in field.choices)
    if field.type == "money" and isinstance(value, int):
        return format_money(value, field.currency or "CNY", locale)
    if isinstance(value, bool):
        return shell.t("tickets.yes" if value else "tickets.no")
    if field.type == "date" and isinstance(value, str):
        return format_date(date.fromisoformat(value), locale)
    if field.type == "datetime" and isinstance(value, str):
        return format_moment(datetime.fromisoformat(value), locale, shell.zone)
    if isinstance(value, int):
        return format_number(value, locale)
    return _plain(value, shell)


def _plain(value: Any, shell: Shell) -> str:
    """A list by its items, an object by its values; never as a program writes them."""
    if isinstance(value, bool):
        return shell.t("tickets.yes" if value else "tickets.no")
    if isinstance(value, dict):
        return " · ".join(_plain(part, shell) for part in value.values() if part not in (None, ""))
    if isinstance(value, list):
        return "; ".join(_plain(part, shell) for part in value)
    return format_number(value, shell.locale) if isinstance(value, int) else str(value)
