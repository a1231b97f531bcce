"""Moments of schedules and watched dates on the region's clocks: changes of clocks, leap days, ends of
months, days of standing still."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from backend.runtime.triggers.config import RecordDateConfig
from backend.runtime.triggers.dates import find_due, read_date
from backend.runtime.triggers.schedule import MOST_COUNTED, CronInvalid, judge, next_moment

BERLIN, SHANGHAI = "Europe/Berlin", "Asia/Shanghai"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        ("0 9 * * 1-5", SHANGHAI, "2026-03-06T01:00", "2026-03-09T01:00"),  # Friday 9:00 -> Monday
        ("30 2 * * *", BERLIN, "2026-03-28T02:00", "2026-03-29T01:00"),  # 2:30 does not exist: 3:00
        ("30 2 * * *", BERLIN, "2026-03-29T01:00", "2026-03-30T00:30"),
        ("30 2 * * *", BERLIN, "2026-10-24T01:00", "2026-10-25T00:30"),  # 2:30 comes twice: the first
        ("30 2 * * *", BERLIN, "2026-10-25T00:30", "2026-10-26T01:30"),
        ("0 9 * * *", BERLIN, "2026-03-28T09:00", "2026-03-29T07:00"),  # stays 9:00 on the wall
        ("0 0 29 2 *", SHANGHAI, "2026-03-01T00:00", "2028-02-28T16:00"),  # leap day
        ("0 18 L * *", SHANGHAI, "2026-02-01T00:00", "2026-02-28T10:00"),  # end of the month
        ("0 18 L * *", SHANGHAI, "2028-02-01T00:00", "2028-02-29T10:00"),
        ("0 8 31 * *", SHANGHAI, "2026-01-31T00:00", "2026-03-31T00:00"),  # months without a 31st
    ],
)
def test_next_moment(cron: str, zone: str, after: str, expected: str) -> None:
    assert next_moment(cron, zone, at(after)) == at(expected)


@pytest.mark.parametrize("cron", ["", "9 o'clock", "0 25 * * *", "0 0 30 2 *"])
def test_what_never_comes_is_refused(cron: str) -> None:
    with pytest.raises(CronInvalid):
        next_moment(cron, SHANGHAI, at("2026-01-01T00:00"))


@pytest.mark.parametrize(
    ("catch_up", "now", "fire", "missed", "following"),
    [
        ("last", "2026-03-02T01:00", "2026-03-02T01:00", 0, "2026-03-03T01:00"),  # on time
        ("none", "2026-03-02T01:05", "2026-03-02T01:00", 0, "2026-03-03T01:00"),
        ("last", "2026-03-05T00:30", "2026-03-04T01:00", 2, "2026-03-05T01:00"),  # three days down
        ("all", "2026-03-05T00:30", "2026-03-02T01:00", 0, "2026-03-03T01:00"),
        ("none", "2026-03-05T00:30", None, 3, "2026-03-05T01:00"),
        ("none", "2026-03-05T01:02", "2026-03-05T01:00", 3, "2026-03-06T01:00"),  # back just in time
    ],
)
def test_what_is_made_up(catch_up: str, now: str, fire: str | None, missed: int, following: str) -> None:
    judged = judge("0 9 * * *", SHANGHAI, catch_up, at("2026-03-02T01:00"), at(now))
    assert judged == (at(fire) if fire else None, missed, at(following))


def test_too_many_missed_ones_become_one() -> None:
    judged = judge("* * * * *", SHANGHAI, "all", at("2026-03-02T01:00"), at("2026-03-05T01:00"))
    assert (judged.fire, judged.next) == (at("2026-03-05T01:00"), at("2026-03-05T01:01"))
    assert judged.missed == MOST_COUNTED + 1


@pytest.mark.parametrize(
    ("day", "change", "zone", "now", "due"),
    [
        ("2026-06-30", {}, SHANGHAI, "2026-03-01T00:00", "2026-05-31T01:00"),  # 30 days before, at 9:00
        ("2028-03-30", {}, SHANGHAI, "2026-03-01T00:00", "2028-02-29T01:00"),  # to a leap day
        ("2026-03-29", {"days": 0}, BERLIN, "2026-03-01T00:00", "2026-03-29T07:00"),  # summer time began
        ("2026-03-30", {"days": -1, "time": "02:30"}, BERLIN, "2026-03-01T00:00", "2026-03-29T01:30"),
        ("2026-03-10", {}, SHANGHAI, "2026-03-01T00:00", "2026-03-01T00:00"),  # late, but still ahead: now
        ("2026-02-10", {}, SHANGHAI, "2026-03-01T00:00", None),  # over
        ("2026-02-10", {"days": 30}, SHANGHAI, "2026-03-01T00:00", "2026-03-12T01:00"),
        ("2026-01-10", {"days": 30}, SHANGHAI, "2026-03-01T00:00", None),
        ("0001-01-10", {}, SHANGHAI, "2026-03-01T00:00", None),
    ],
)
def test_watched_dates(day: str, change: dict[str, object], zone: str, now: str, due: str | None) -> None:
    config = msgspec.structs.replace(RecordDateConfig(field="ends"), **change)
    assert find_due(config, date.fromisoformat(day), zone, at(now)) == (at(due) if due else None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-06-30", "2026-06-30"),
        ("2026-06-29T16:30:00Z", "2026-06-30"),
        ("next week", None),
        ("", None),
        (20260630, None),
        (None, None),
    ],
)
def test_dates_of_fields(value: object, expected: str | None) -> None:
    found = read_date(value, SHANGHAI)
    assert (found.isoformat() if found else None) == expected
