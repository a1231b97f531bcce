"""What the pages of money work out by themselves: names of periods, neighbours, ways back, comparisons."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from backend.contracts.settlement import Summary, SummaryItem, Total
from frontend.i18n import translator
from frontend.pages.settlement.comparison import name_change, pair_up, shape
from frontend.pages.settlement.frame import SECTIONS, find_section
from frontend.pages.settlement.keys import name_key, neighbours, read_back
from frontend.routes import find_page


@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [
        ("2026-11", "2026年11月", "2026-11"),
        ("2026-W07", "2026年第7周", "Week 7, 2026"),
        ("2026-Q4", "2026年第4季度", "Q4 2026"),
        ("2026-01-26", "2026年1月26日 起", "From Jan 26, 2026"),
        ("2026-02-31", "2026-02-31", "2026-02-31"),
        ("<b>", "<b>", "<b>"),
    ],
)
def test_periods_have_names(key: str, zh: str, en: str) -> None:
    for locale, expected in (("zh", zh), ("en", en)):
        shell: Any = SimpleNamespace(t=translator(locale), locale=locale)
        assert name_key(key, shell) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("2026-11", ("2026-10", None)),
        ("2026-10", ("2026-09", "2026-11")),
        ("2026-09", (None, "2026-10")),
        ("2026-12", ("2026-11", None)),
    ],
)
def test_neighbours_are_the_periods_with_money(key: str, expected: tuple[str | None, str | None]) -> None:
    assert neighbours(key, ["2026-11", "2026-10", "2026-09"]) == expected


@pytest.mark.parametrize(
    ("via", "expected"),
    [
        ("/settlement/lines?period=2026-11", "/settlement/lines?period=2026-11"),
        ("//evil.example", "/home"),
        ("https://evil.example", "/home"),
        ("/\\evil.example", "/home"),
        ("javascript:alert(1)", "/home"),
        ("", "/home"),
    ],
)
def test_the_way_back_never_leads_outside(via: str, expected: str) -> None:
    assert read_back({"via": via}, "/home") == expected


def make(*items: tuple[str, int, str]) -> Summary:
    found = [
        SummaryItem(key=key, label=key, amount=amount, currency=currency, lines=1, tickets=1)
        for key, amount, currency in items
    ]
    return Summary(items=found, totals=[Total(amount=item.amount, currency=item.currency) for item in found])


def test_items_of_both_periods_stand_side_by_side() -> None:
    before = make(("a", 100, "CNY"), ("b", 900, "CNY"), ("a", 7, "USD"))
    after = make(("a", 300, "CNY"), ("c", 50, "CNY"))
    pairs = [(pair.key, pair.currency, pair.amounts) for pair in pair_up(before, after)]
    assert pairs == [
        ("b", "CNY", (900, 0)),
        ("a", "CNY", (100, 300)),
        ("c", "CNY", (0, 50)),
        ("a", "USD", (7, 0)),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(100, 150, "+50.0%"), (100, 0, "-100.0%"), (0, 5, ""), (-100, -50, "+50.0%"), (3, 4, "+33.3%")],
)
def test_change_in_percent(before: int, after: int, expected: str) -> None:
    assert name_change(before, after) == expected


def test_weeks_compare_with_weeks() -> None:
    assert shape("2026-W47") == shape("2025-W01") != shape("2026-11")


def test_every_section_has_its_page() -> None:
    for section in SECTIONS:
        found = find_page(section.path)
        assert found is not None and found.page.path == section.path
        assert set(section.rights) == set(found.page.rights)
        assert find_section(f"{section.path}/x", list(SECTIONS)) in SECTIONS
