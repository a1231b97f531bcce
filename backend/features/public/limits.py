"""How often one address may submit or upload through public doors, counted in this process over a sliding
window.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from backend.features.platform.errors import TooManyTries

WINDOW = timedelta(minutes=10)
SUBMISSIONS = 20
UPLOADS = 60
MAX_SUBJECTS = 10_000


class Quota:
    """`take` counts one use of a subject; memory is bounded by forgetting the longest idle subjects."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._uses: dict[str, deque[datetime]] = {}

    def take(self, subject: str, now: datetime) -> None:
        """Raises TooManyTries."""
        uses = self._uses.pop(subject, deque())
        while uses and uses[0] <= now - WINDOW:
            uses.popleft()
        self._uses[subject] = uses
        if len(uses) >= self._limit:
            raise TooManyTries(extras={"retry_after": int((uses[0] + WINDOW - now).total_seconds()) + 1})
        uses.append(now)
        while len(self._uses) > MAX_SUBJECTS:
            del self._uses[next(iter(self._uses))]
