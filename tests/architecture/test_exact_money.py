"""The check that keeps binary fractions out of money finds them, and what is exact passes."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def load_check() -> ModuleType:
    """The script; its folder is no package."""
    spec = spec_from_file_location("exact_money", SCRIPTS / "exact_money.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check = load_check()
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


def test_the_check_of_all_sources_asks_it(tmp_path: Path) -> None:
    code = "import check_sources as c; print(c.find_floats.__module__)"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "exact_money"
