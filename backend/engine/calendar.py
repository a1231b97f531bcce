"""Working time: when a number of working seconds has passed in a region's calendar.

Opening hours are local wall-clock times; the seconds counted are real ones, so a day on which the clocks
change is an
hour shorter or longer, as it is for the people who work it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend.engine.state import Calendar

HORIZON_DAYS = 3660


class CalendarClosed(Exception):
    """The calendar has no working time within ten years, or its zone or hours cannot be read."""


def add_working(calendar: Calendar, start: datetime, seconds: int) -> datetime:
    """The moment (UTC) at which `seconds` of working time after `start` have passed. Raises CalendarClosed.

    Zero seconds give the first working moment at or after `start`. A calendar without hours works around
    the clock.
    """
    return add_working_time(calendar, start, timedelta(seconds=seconds))


def add_working_time(calendar: Calendar, start: datetime, span: timedelta) -> datetime:
    """As `add_working`, to the microsecond. Raises CalendarClosed."""
    if not calendar.week:
        return start + span
    for opens, closes in _openings(calendar, start):
        begin = max(opens, start)
        if closes <= begin:
            continue
        if span <= closes - begin:
            return begin + span
        span -= closes - begin
    raise CalendarClosed(calendar.zone)


def working_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Working time from `start` to `end`; none when `end` is not later. Raises CalendarClosed only for a
    zone or hours that cannot be read."""
    if end <= start:
        return timedelta()
    if not calendar.week:
        return end - start
    total = timedelta()
    for opens, closes in _openings(calendar, start):
        if opens >= end:
            break
        begin = max(opens, start)
        if closes > begin:
            total += min(closes, end) - begin
    return total


def _openings(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Opening intervals in UTC from the day before `start` (a night shift may still run) on."""
    try:
        zone = _zone(calendar.zone)
        first = start.astimezone(zone).date() - timedelta(days=1)
        for offset in range(HORIZON_DAYS):
            day = first + timedelta(days=offset)
            for opens, closes in _hours_of(calendar, day):
                yield _moment(day, opens, zone), _moment(day, closes, zone, after=opens)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise CalendarClosed(calendar.zone) from error


def _hours_of(calendar: Calendar, day: date) -> tuple[tuple[str, str], ...]:
    """A worked holiday (调休) uses the hours of its weekday, else Monday's, else those of any day that has
    some."""
    name = day.isoformat()
    hours = calendar.week.get(str(day.isoweekday()), ())
    if name in calendar.workdays:
        return hours or calendar.week.get("1", ()) or next((h for h in calendar.week.values() if h), ())
    return () if name in calendar.holidays else hours


def _moment(day: date, text: str, zone: ZoneInfo, after: str | None = None) -> datetime:
    """A wall-clock time as UTC. `24:00` and a close at or before the opening belong to the next day."""
    if text == "24:00" or (after is not None and text <= after):
        day += timedelta(days=1)
    clock = time() if text == "24:00" else time.fromisoformat(text)
    return datetime.combine(day, clock, zone).astimezone(UTC)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
