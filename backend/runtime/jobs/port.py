"""What an engine for jobs must offer. Two fit: the embedded one on SQLite and PgQueuer on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec


class ClaimedJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job under lease. `id` is its idempotency key towards the outside: the same on every try."""

    id: str
    workspace_id: str
    ticket_id: str | None
    key: str
    kind: str
    payload: dict[str, Any]
    due_at: datetime
    tries: int
    fence: int
    priority: int = 0
    target: str = ""
    trace: str | None = None
    failures: list[Any] = []


class JobRefused(Exception):
    """Trying again would not help: the job fails for good with this code."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


class JobDelayed(Exception):
    """It did not work this time; try again after a while, `after` seconds at least. `code` is what is said
    when the tries are used up."""

    def __init__(self, code: str, *, after: float = 0.0, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.after = after
        self.params = params


class JobUnfinished(Exception):
    """A piece of a long work is done and stored; come back at once for the next. Counts as no try."""


class JobEngine(Protocol):
    """Wakes up when jobs are due and has them executed."""

    async def start(self) -> None:
        """Take up work, what was left behind first."""
        ...

    async def stop(self) -> None:
        """Finish what runs (a few seconds at most), take up nothing new."""
        ...

    def nudge(self, due: datetime) -> None:
        """A job due at this moment was committed by this process."""
        ...

    async def tidy(self) -> int:
        """Remove wake-up calls that nobody wants any more; how many."""
        ...


class BackOff(NamedTuple):
    """How often, and how long between tries."""

    tries: int = 5
    first_s: float = 5.0
    longest_s: float = 600.0

    def delay(self, tries: int, random: Callable[[], float]) -> float:
        """Seconds before the next try, after `tries` so far: doubling, between half and whole of the
        step."""
        step = min(self.longest_s, self.first_s * 2.0 ** (tries - 1))
        return step * (0.5 + random() / 2)
