"""Where a job goes, and how fast, how many at once and how often it may.

A target is the host of a webhook, `email`, or another kind of work outside; timers and work inside have
none. The most specific limit counts: the target itself, then `*.example.com`, then `*`. A rate is spread
evenly: a job that comes too early is given the next free slot of its target and waits for it, so each job
is put off once, in the order of coming. A job that finds too many of its target at work is parked until
one of them ends. Both wait in their row, and no other target waits with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from backend.runtime.jobs.port import BackOff

LONGEST_TARGET = 255
OUTSIDE = frozenset({"email"})
"""Kinds of work that are a target by themselves."""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator set for a pattern; None: as the product does it."""

    pattern: str
    rate: int | None = None
    seconds: int = 1
    at_once: int | None = None
    tries: int | None = None
    first_s: int | None = None
    longest_s: int | None = None

    @property
    def interval(self) -> timedelta | None:
        """Time between two starts."""
        return timedelta(seconds=self.seconds / self.rate) if self.rate else None

    def back_off(self, default: BackOff) -> BackOff:
        """The default with what is set here."""
        return BackOff(
            tries=self.tries or default.tries,
            first_s=default.first_s if self.first_s is None else float(self.first_s),
            longest_s=default.longest_s if self.longest_s is None else float(self.longest_s),
        )


def find_target(kind: str, payload: dict[str, Any]) -> str:
    """The target of a job; a webhook whose address cannot be read has none and fails by itself."""
    if kind == "webhook":
        try:
            host = urlsplit(str(payload.get("url", ""))).hostname
        except ValueError:
            return ""
        return (host or "")[:LONGEST_TARGET]
    return kind if kind in OUTSIDE else ""


def choose_limit(limits: Iterable[Limit], target: str) -> Limit | None:
    """The most specific one that covers the target."""
    return max(
        (limit for limit in limits if covers(limit.pattern, target)),
        key=lambda limit: (limit.pattern == target, len(limit.pattern)),
        default=None,
    )


def covers(pattern: str, target: str) -> bool:
    """Whether a pattern is for this target."""
    if pattern.startswith("*."):
        return target.endswith(pattern[1:])
    return pattern in {"*", target}
