"""What a transaction upon the books leaves to be told after its commit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from backend.runtime.writes import WriteSet


class Deed(NamedTuple):
    """`value` is the answer; `due`: when the earliest job that it added wants to run."""

    value: Any = None
    announcements: tuple[tuple[str, str], ...] = ()
    due: datetime | None = None


def close_deed(writes: WriteSet, value: Any = None, due: datetime | None = None) -> Deed:
    """Of the rows that were written."""
    return Deed(value, tuple(writes.announcements), due)
