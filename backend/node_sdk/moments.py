"""Moments that a ticket's fields name."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DATE = len("2026-01-31")


def read_moment(value: object, time_of_day: str, zone: str) -> datetime | None:
    """A date-time as it stands; a date at `time_of_day` (HH:MM) in the region's zone; None for anything
    else."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == DATE:
            clock = time.fromisoformat(time_of_day)
            return datetime.combine(date.fromisoformat(value), clock, ZoneInfo(zone)).astimezone(UTC)
        moment = datetime.fromisoformat(value)
    except (ValueError, ZoneInfoNotFoundError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
