"""By how much amounts change: by party, region, period, row and tier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

FIELDS = ("party_kind", "party_id", "region_id", "period", "earned_period", "row", "tier", "currency")
"""What a difference is told by; amounts of lines that receive are added up under it."""


class Differences:
    """Sums of lines; what comes to nothing is not told."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Any, ...], int] = {}

    @classmethod
    def read(cls, stored: Iterable[list[Any]]) -> Differences:
        """From the form that `write` gives."""
        made = cls()
        for *key, amount in stored:
            made._sums[tuple(key)] = amount
        return made

    def add(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Lines as they are written; those that bear are the other side of the same amounts."""
        for line in lines:
            if not line["counter"]:
                key = tuple(line[name] for name in FIELDS)
                self._sums[key] = self._sums.get(key, 0) + line["amount"]

    def write(self) -> list[list[Any]]:
        """The values of FIELDS, and the amount."""
        return [[*key, amount] for key, amount in self._sums.items() if amount]
