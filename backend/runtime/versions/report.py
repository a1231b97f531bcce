"""What a rehearsal comes to: counts, times and money, gathered ticket by ticket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from backend.engine.rehearsal import Comparison, Side
from backend.runtime.versions.shadow import Line, SideName

SIDES: tuple[SideName, ...] = ("old", "new")


class Report:
    """Adds up; `as_json` is what is stored between two batches.

    Times count tickets that come to their end on both sides. Money is what somebody receives, by region and
    by person, in minor units of each currency.
    """

    def __init__(self, stored: Mapping[str, Any] | None = None) -> None:
        stored = stored or {}
        self.counts: Counter[str] = Counter(stored.get("counts", {}))
        self.times: Counter[str] = Counter(stored.get("times", {}))
        self.regions: dict[str, dict[str, int]] = {
            key: dict(row) for key, row in stored.get("regions", {}).items()
        }
        self.people: dict[str, dict[str, int]] = {
            key: dict(row) for key, row in stored.get("people", {}).items()
        }

    def add(
        self, comparison: Comparison, lines: Mapping[SideName, Iterable[Line]], *, pays_otherwise: bool
    ) -> None:
        self.counts[comparison.verdict] += 1
        if pays_otherwise:
            self.counts["money"] += 1
        if comparison.old.status == comparison.new.status == "completed":
            self.times["tickets"] += 1
            for name, side in (("old", comparison.old), ("new", comparison.new)):
                self.times[f"{name}_length"] += side.length
                self.times[f"{name}_handling"] += side.handling
        for name in SIDES:
            for line in lines[name]:
                if not line.counter:
                    _book(self.regions, f"{line.region}\n{line.currency}", name, line.amount)
                    _book(self.people, f"{line.party}\n{line.currency}", name, line.amount)

    def add_unreadable(self) -> None:
        self.counts["unreadable"] += 1

    def as_json(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            "times": dict(self.times),
            "regions": self.regions,
            "people": self.people,
        }


def _book(books: dict[str, dict[str, int]], key: str, side: str, amount: int) -> None:
    row = books.setdefault(key, {"old": 0, "new": 0})
    row[side] += amount


def pays_otherwise(lines: Mapping[SideName, list[Line]]) -> bool:
    """Whether somebody would get another amount."""
    return _sums(lines["old"]) != _sums(lines["new"])


def _sums(lines: Iterable[Line]) -> dict[tuple[str, str, str], int]:
    sums: Counter[tuple[str, str, str]] = Counter()
    for line in lines:
        sums[line.party, line.currency, line.region] += line.amount
    return {key: amount for key, amount in sums.items() if amount}


def describe(comparison: Comparison, lines: Mapping[SideName, list[Line]]) -> dict[str, Any]:
    """A ticket's detail as it is stored; a side that is as the other one is not stored twice."""
    detail: dict[str, Any] = {
        "old": _write_side(comparison.old),
        "lines": {"old": _write_lines(lines["old"])},
    }
    if comparison.new != comparison.old:
        detail["new"] = _write_side(comparison.new)
    if lines["new"] != lines["old"]:
        detail["lines"]["new"] = _write_lines(lines["new"])
    if comparison.parting is not None:
        detail["parting"] = list(comparison.parting)
    if comparison.spots:
        detail["spots"] = msgspec.to_builtins(comparison.spots)
    if comparison.faults:
        detail["faults"] = msgspec.to_builtins(comparison.faults)
    return detail


def _write_side(side: Side) -> dict[str, Any]:
    return {
        "way": [[entry.node, entry.origin, entry.at] for entry in side.way],
        "status": side.status,
        "result": side.result,
        "length": side.length,
        "handling": side.handling,
        "standing": list(side.standing),
    }


def _write_lines(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [line._asdict() for line in lines]
