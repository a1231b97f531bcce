"""Months, spans of time and addresses of the settlement pages."""

from __future__ import annotations

import pytest
import time_machine

from frontend.addresses import address, read_query
from frontend.pages.settlement.periods import list_months, move_month, read_span, this_month


@pytest.mark.parametrize(
    ("period", "by", "expected"),
    [
        ("2026-11", 1, "2026-12"),
        ("2026-12", 1, "2027-01"),
        ("2026-01", -1, "2025-12"),
        ("2026-05", -12, "2025-05"),
    ],
)
def test_months_carry_over_the_year(period: str, by: int, expected: str) -> None:
    assert move_month(period, by) == expected


def test_months_are_listed_backwards() -> None:
    assert list_months("2026-02", 4) == ["2026-02", "2026-01", "2025-12", "2025-11"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"period": "2026-03"}, {"period": "2026-03"}),
        ({"period": "all"}, {}),
        ({"period": "days"}, {}),
        ({"period": "days", "from": "2026-03-01", "to": ""}, {"from": "2026-03-01"}),
    ],
)
def test_an_address_names_one_span(query: dict[str, str], expected: dict[str, str]) -> None:
    assert read_span(query, "Asia/Shanghai") == expected


@pytest.mark.parametrize(
    ("zone", "month"),
    [("Asia/Tokyo", "2026-12"), ("Asia/Shanghai", "2026-11"), ("America/New_York", "2026-11")],
)
def test_no_span_is_the_running_month_of_the_readers_region(zone: str, month: str) -> None:
    with time_machine.travel("2026-11-30T15:30:00+00:00", tick=False):
        assert read_span({}, zone) == {"period": month}
        assert this_month(zone) == month


def test_an_address_keeps_what_it_is_given() -> None:
    query = {"view": "mine", "q": "张 & 李", "empty": ""}
    found = address("/tickets", query, task="1", gone=None)
    assert read_query(found.partition("?")[2]) == {"view": "mine", "q": "张 & 李", "task": "1"}
    assert address("/tickets", {"view": None}) == "/tickets"
    assert read_query("&".join(f"a{at}=1" for at in range(100))) == {}
