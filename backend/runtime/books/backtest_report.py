"""What a backtest adds up: both sides by region, person and tier, and what is kept of each posting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.runtime.books.replay import Entry, Line

GROUPS = ("region", "person", "tier")


class Report:
    """Sums so far, as JSON: `before` and `after` by currency; each group by `<key>|<currency>` as
    [before, after, postings]."""

    def __init__(self, stored: dict[str, Any]) -> None:
        self._stored: dict[str, Any] = {
            "before": {},
            "after": {},
            "left_out": {},
            "moved": 0,
            "unmatched": 0,
            **{group: {} for group in GROUPS},
            **stored,
        }

    def as_json(self) -> dict[str, Any]:
        return self._stored

    def add(self, entry: Entry, region_path: str, before: Sequence[Line], after: Sequence[Line]) -> bool:
        """Whether anybody would get another amount."""
        touched: set[tuple[str, str]] = set()
        for side, lines in enumerate((before, after)):
            for line in lines:
                name = ("before", "after")[side]
                totals = self._stored[name]
                totals[line.currency] = totals.get(line.currency, 0) + line.amount
                for group, key in (
                    ("region", region_path),
                    ("person", ":".join(line.party)),
                    ("tier", f"{line.row}|{line.tier or ''}"),
                ):
                    self._count(group, f"{key}|{line.currency}", side, line.amount, touched)
        moved = find_size(before, after) > 0
        self._stored["moved"] += moved
        return moved

    def _count(self, group: str, key: str, side: int, amount: int, touched: set[tuple[str, str]]) -> None:
        row = self._stored[group].setdefault(key, [0, 0, 0])
        row[side] += amount
        if (group, key) not in touched:
            touched.add((group, key))
            row[2] += 1

    def leave_out(self, before: Sequence[Line]) -> None:
        """A posting that the document cannot work out counts on neither side."""
        self._stored["unmatched"] += 1
        for line in before:
            totals = self._stored["left_out"]
            totals[line.currency] = totals.get(line.currency, 0) + line.amount


def find_size(before: Sequence[Line], after: Sequence[Line]) -> int:
    """By how much the sides differ: in all, or, when the total stays, what goes to somebody else."""
    parties: dict[tuple[tuple[str, str], str], int] = {}
    total = 0
    for sign, lines in ((-1, before), (1, after)):
        for line in lines:
            key = (line.party, line.currency)
            parties[key] = parties.get(key, 0) + sign * line.amount
            total += sign * line.amount
    return max(abs(total), sum(map(abs, parties.values())) // 2, int(any(parties.values())))


def keep(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """As they are stored beside a posting that moved."""
    return [line._asdict() for line in lines]
