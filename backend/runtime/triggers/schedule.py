"""Moments of a cron expression on a region's clocks, and what to do about those that were missed.

Where the clocks spring forward, a moment inside the hole comes right after it; where they fall back, it comes
once (Vixie cron's rules, kept by cronsim).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

ON_TIME = timedelta(minutes=10)
"""Later than this counts as missed."""
MOST_COUNTED = 500
"""Of missed moments. With more of them, `all` makes up only the last one."""


class CronInvalid(ValueError):
    """Not a cron expression, or one that never comes."""


class Judgement(NamedTuple):
    """`fire`: the moment to fire for, if any; `missed`: how many before it are left out; `next`: when to
    look again."""

    fire: datetime | None
    missed: int
    next: datetime


def next_moment(cron: str, zone: str, after: datetime) -> datetime:
    """The first moment after `after`, in UTC. Raises CronInvalid."""
    try:
        return next(CronSim(cron, after.astimezone(ZoneInfo(zone)))).astimezone(UTC)
    except (CronSimError, StopIteration) as error:
        raise CronInvalid(cron) from error


def judge(cron: str, zone: str, catch_up: str, due: datetime, now: datetime) -> Judgement:
    """What to do at `now` about a moment `due` that has come. Raises CronInvalid."""
    following = next_moment(cron, zone, due)
    if following > now and (catch_up != "none" or now - due <= ON_TIME):
        return Judgement(due, 0, following)
    if catch_up == "all" and count_until(cron, zone, due, now) <= MOST_COUNTED:
        return Judgement(due, 0, following)
    last = _find_last(cron, zone, due, now)
    missed = count_until(cron, zone, due, last)
    coming = next_moment(cron, zone, last)
    if catch_up == "none" and now - last > ON_TIME:
        return Judgement(None, missed + 1, coming)
    return Judgement(last, missed, coming)


def count_until(cron: str, zone: str, first: datetime, last: datetime) -> int:
    """Moments from `first` (which is one) up to and without `last`; at most one more than are counted."""
    count, moment = 0, first
    while moment < last and count <= MOST_COUNTED:
        count += 1
        moment = next_moment(cron, zone, moment)
    return count


def _find_last(cron: str, zone: str, due: datetime, now: datetime) -> datetime:
    """The last moment up to `now`; at least `due`, which has come. Looks in ever longer steps back."""
    step = timedelta(hours=1)
    start = now
    while start > due:
        start = max(due, now - step)
        moment = due if start == due else next_moment(cron, zone, start)
        if moment <= now:
            return _last_from(cron, zone, moment, now)
        step *= 4
    return due


def _last_from(cron: str, zone: str, moment: datetime, now: datetime) -> datetime:
    while (following := next_moment(cron, zone, moment)) <= now:
        moment = following
    return moment
