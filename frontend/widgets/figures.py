"""Money and time in tabular figures."""

from __future__ import annotations

from datetime import UTC, datetime

from reactpy import html
from reactpy.types import VdomDict

from frontend.i18n import format_moment, format_money, format_relative, format_time_left
from frontend.i18n.formats import DEFAULT_ZONE
from frontend.widgets.icon import icon

SOON = 3600
"""Seconds before a limit from which on it is shown as near."""


def money(amount: int, currency: str, locale: str, css: str = "") -> VdomDict:
    """`amount` in minor units."""
    return html.span(
        {"className": f"tf-tabular whitespace-nowrap {css}"}, format_money(amount, currency, locale)
    )


def moment(value: datetime, locale: str, zone: str = DEFAULT_ZONE) -> VdomDict:
    """A point in time in the region's zone."""
    return html.time(
        {"dateTime": value.isoformat(), "className": "tf-tabular whitespace-nowrap"},
        format_moment(value, locale, zone),
    )


def relative(value: datetime, locale: str, zone: str = DEFAULT_ZONE, css: str = "") -> VdomDict:
    """How long ago; the exact time stands in the tooltip."""
    attributes = {"dateTime": value.isoformat(), "title": format_moment(value, locale, zone)}
    return html.time(attributes | {"className": f"whitespace-nowrap {css}"}, format_relative(value, locale))


def time_left(due: datetime, locale: str, zone: str = DEFAULT_ZONE) -> VdomDict:
    """Time to a limit: quiet while there is plenty, amber in the last hour, red when it has passed."""
    left = (due - datetime.now(UTC)).total_seconds()
    tone = "badge-error" if left < 0 else "badge-warning" if left < SOON else "badge-ghost"
    return html.span(
        {
            "className": f"badge badge-sm {tone} tf-tabular gap-1 shrink-0",
            "title": format_moment(due, locale, zone),
        },
        icon("timer", 12),
        format_time_left(due, locale),
    )
