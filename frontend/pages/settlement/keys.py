"""Periods in words, and the way back to where the reader came from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from reactpy import html
from reactpy.types import VdomDict

from frontend.i18n import format_date
from frontend.session import Shell

_KEY = re.compile(r"(\d{4})-(?:(\d\d)(?:-(\d\d))?|W(\d\d)|Q([1-4]))")


def name_key(key: str, shell: Shell) -> str:
    """2026年11月, 2026年第47周, 2026年第4季度, 自 2026-01-26 起; what is no period stays as it is."""
    found = _KEY.fullmatch(key)
    if found is None:
        return key
    year, month, day, week, quarter = found.groups()
    if week:
        return shell.t("statements.week", year=int(year), number=int(week))
    if quarter:
        return shell.t("statements.quarter", year=int(year), number=quarter)
    if day:
        try:
            return shell.t("statements.since", day=format_date(date.fromisoformat(key), shell.locale))
        except ValueError:
            return key
    return shell.t("settlement.month", year=int(year), month=month)


def neighbours(key: str, periods: Sequence[str]) -> tuple[str | None, str | None]:
    """The period before and the one after, of a list with the newest first."""
    if key not in periods:
        return (periods[0] if periods else None), None
    at = list(periods).index(key)
    before = periods[at + 1] if at + 1 < len(periods) else None
    return before, (periods[at - 1] if at else None)


def period_select(key: str, periods: Sequence[str], path: Mapping[str, str], shell: Shell) -> VdomDict:
    """`path`: period -> the address that shows it."""
    options = [key, *(each for each in periods if each != key)] if key not in periods else list(periods)

    def choose(event: dict[str, dict[str, str]]) -> None:
        chosen = str(event["target"]["value"])
        if chosen in path:
            shell.go(path[chosen])

    return html.select(
        {
            "className": "select select-sm h-9 w-44",
            "aria-label": shell.t("settlement.period"),
            "value": key,
            "onChange": choose,
        },
        [html.option({"key": each, "value": each}, name_key(each, shell)) for each in options],
    )


def read_back(query: Mapping[str, str], fallback: str) -> str:
    """Where the reader came from, if the address says so; never a place outside."""
    via = query.get("via", "")
    return via if via.startswith("/") and not via.startswith(("//", "/\\")) else fallback
