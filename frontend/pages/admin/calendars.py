"""Working hours as a form asks for them and as the API holds them.

The API: `{"week": {"1": [["09:00", "18:00"]]}, "holidays": [...], "workdays": [...]}`; days by ISO number.
The form: rows of days with one opening and one closing time, so that Monday to Friday is one row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from frontend.i18n import Translate

DAYS = tuple(str(day) for day in range(1, 8))
CLOCK = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"


def describe_week(t: Translate) -> dict[str, Any]:
    """The schema of the rows."""
    days = [{"const": day, "title": t(f"admin.day.{day}")} for day in DAYS]
    clock = {"type": "string", "pattern": CLOCK, "maxLength": 5}
    return {
        "type": "array",
        "title": t("admin.regions.week"),
        "maxItems": 28,
        "items": {
            "type": "object",
            "required": ["days", "opens", "closes"],
            "properties": {
                "days": {
                    "type": "array",
                    "title": t("admin.regions.days"),
                    "uniqueItems": True,
                    "minItems": 1,
                    "items": {"type": "string", "oneOf": days},
                },
                "opens": {**clock, "title": t("admin.regions.opens"), "default": "09:00"},
                "closes": {**clock, "title": t("admin.regions.closes"), "default": "18:00"},
            },
        },
    }


def to_rows(week: Mapping[str, Sequence[Sequence[str]]]) -> list[dict[str, Any]]:
    """Days with the same span share a row; the rows follow the week."""
    rows: dict[tuple[str, str], list[str]] = {}
    for day in DAYS:
        for opens, closes in week.get(day, ()):
            rows.setdefault((opens, closes), []).append(day)
    return [{"days": days, "opens": opens, "closes": closes} for (opens, closes), days in rows.items()]


def to_week(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[list[str]]]:
    """The spans of each day, in order; the same span twice is one."""
    week: dict[str, list[list[str]]] = {}
    for row in rows:
        span = [str(row.get("opens", "")), str(row.get("closes", ""))]
        for day in row.get("days", ()):
            spans = week.setdefault(str(day), [])
            if span not in spans:
                spans.append(span)
    return {day: sorted(week[day]) for day in DAYS if day in week}


def summarize(calendar: Mapping[str, Any] | None, t: Translate) -> str:
    """One line for the tree."""
    if not calendar:
        return t("admin.regions.hours.inherit")
    rows = to_rows(calendar.get("week", {}))
    if not rows:
        return t("admin.regions.hours.always")
    return "; ".join(f"{_name_days(row['days'], t)} {row['opens']}–{row['closes']}" for row in rows)


def _name_days(days: Sequence[str], t: Translate) -> str:
    together = len(days) > 2 and int(days[-1]) - int(days[0]) == len(days) - 1
    if together:
        return f"{t(f'admin.day.{days[0]}')}–{t(f'admin.day.{days[-1]}')}"
    return t("admin.regions.days.join").join(t(f"admin.day.{day}") for day in days)
