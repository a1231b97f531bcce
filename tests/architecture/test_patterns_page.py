"""The page of patterns and its drawings say what the cases say."""

from __future__ import annotations

from scripts.draw_patterns import list_stale


def test_the_page_is_written_from_the_cases() -> None:
    assert list_stale() == [], "run scripts/draw_patterns.py"
