"""The check that keeps binary fractions out of money finds them, and what is exact passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import check_sources
from scripts import exact_money as check

FOUND = [
    "rate = 0.08",
    "rate = -1e3",
    "amount = float(text)",
    "def pay(amount: float) -> None: ...",
    "half = amount / 2",
    "amount /= 2",
    "import math",
    "from math import floor",
    "from statistics import mean",
    "amount = round(rate * base)",
    "x = 2j",
]
EXACT = [
    "half, odd = divmod(amount, 2)",
    "rate = Decimal('0.08')",
    "third = Decimal(amount) / 3",
    "share = whole / Decimal(parts)",
    "from math import lcm",
    "folder = Path('a') / 'b'",
    "REST_S = 0.5  # not money",
    "text = 'round(0.5)'",
]


@pytest.mark.parametrize("line", FOUND)
def test_binary_fractions_are_found(line: str) -> None:
    (fault,) = check.find_floats("a.py", f"x = 1\n{line}\n")
    assert fault.startswith("a.py:2: ")


@pytest.mark.parametrize("line", EXACT)
def test_what_is_exact_passes(line: str) -> None:
    assert list(check.find_floats("a.py", line)) == []


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("backend/settlement/money.py", True),
        ("backend/runtime/books/closing.py", True),
        ("backend/runtime/inline/settling.py", True),
        ("backend/features/settlement/summary.py", True),
        ("backend/features/tickets/service.py", False),
    ],
)
def test_rooms_of_money(path: str, held: bool) -> None:
    assert check.is_money_room(path) is held


def test_the_check_of_all_sources_asks_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "backend/settlement/rate.py"
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text("rate = 0.08\n")
    monkeypatch.setattr(check_sources, "ROOT", tmp_path)
    assert len(list(check_sources.check(path))) == 1
