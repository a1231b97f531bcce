"""Working hours between the form's rows and the API's week."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.i18n import translator
from frontend.pages.admin.calendars import DAYS, summarize, to_rows, to_week

OFFICE = {day: [["09:00", "18:00"]] for day in "12345"}
SPLIT = {"1": [["08:00", "12:00"], ["13:00", "17:00"]], "6": [["08:00", "12:00"]]}

ROWS: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({}, []),
    (OFFICE, [{"days": list("12345"), "opens": "09:00", "closes": "18:00"}]),
    (
        SPLIT,
        [
            {"days": ["1", "6"], "opens": "08:00", "closes": "12:00"},
            {"days": ["1"], "opens": "13:00", "closes": "17:00"},
        ],
    ),
]
WORDS = [
    (None, "en", "As the region above"),
    ({}, "en", "As the region above"),
    ({"week": {}, "holidays": ["2026-10-01"]}, "en", "Around the clock"),
    ({"week": OFFICE}, "en", "Mon–Fri 09:00–18:00"),
    ({"week": OFFICE}, "zh", "周一–周五 09:00–18:00"),
    ({"week": SPLIT}, "en", "Mon, Sat 08:00–12:00; Mon 13:00–17:00"),
    ({"week": {"6": [["10:00", "24:00"]], "7": [["10:00", "24:00"]]}}, "zh", "周六、周日 10:00–24:00"),
]
clocks = st.times().map(lambda time: f"{time.hour:02}:{time.minute:02}")
spans = st.tuples(clocks, clocks).filter(lambda span: span[0] < span[1]).map(list)
weeks = st.dictionaries(
    st.sampled_from(DAYS), st.lists(spans, min_size=1, max_size=3, unique_by=tuple).map(sorted)
)


@pytest.mark.parametrize(("week", "rows"), ROWS)
def test_days_with_the_same_hours_share_a_row(week: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    assert to_rows(week) == rows
    assert to_week(rows) == week


@given(weeks)
def test_a_week_survives_the_form(week: dict[str, list[list[str]]]) -> None:
    assert to_week(to_rows(week)) == week


def test_the_same_span_twice_is_one() -> None:
    row = {"days": ["3"], "opens": "09:00", "closes": "12:00"}
    assert to_week([row, row]) == {"3": [["09:00", "12:00"]]}


@pytest.mark.parametrize(("calendar", "locale", "words"), WORDS)
def test_hours_in_words(calendar: dict[str, Any] | None, locale: str, words: str) -> None:
    assert summarize(calendar, translator(locale)) == words
