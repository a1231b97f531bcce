"""The moment, as an injected value: tests and replays choose it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


def read_system_time() -> datetime:
    """Aware UTC now."""
    return datetime.now(UTC)


class Clock:
    """Calling it gives aware UTC now."""

    def __init__(self, read: Callable[[], datetime] = read_system_time) -> None:
        self._read = read

    def __call__(self) -> datetime:
        """Aware UTC now."""
        return self._read()
