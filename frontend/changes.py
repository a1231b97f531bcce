"""One long poll for all of a page's components."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import count

from frontend.api.client import ApiClient
from frontend.api.transport import ApiError

log = logging.getLogger(__name__)
PAUSE_AFTER_FAILURE = 5.0
ENDED = (401, 403, 404)


class ChangeFeed:
    """Tells subscribers when a topic of theirs changed."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._subscribers: dict[int, tuple[Callable[[], Sequence[str]], Callable[[], None]]] = {}
        self._numbers = count()

    def subscribe(
        self, topics: Callable[[], Sequence[str]], changed: Callable[[], None]
    ) -> Callable[[], None]:
        """Calls `changed` when one of `topics()` changed, until the returned function is called."""
        number = next(self._numbers)
        self._subscribers[number] = (topics, changed)

        def unsubscribe() -> None:
            self._subscribers.pop(number, None)

        return unsubscribe

    def announce(self, topics: Sequence[str]) -> None:
        """Wakes everyone who asked for one of `topics`."""
        for wanted, changed in list(self._subscribers.values()):
            if any(_matches(wish, topic) for wish in wanted() for topic in topics):
                changed()

    async def run(self) -> None:
        """Polls until cancelled or until the session ends."""
        last: int | None = None
        while True:
            try:
                answer = await self._api.wait_for_changes(last)
            except ApiError as error:
                if error.problem.status in ENDED:
                    return
                await asyncio.sleep(PAUSE_AFTER_FAILURE)
                continue
            last = answer.last
            if answer.topics:
                self.announce(answer.topics)


def _matches(wish: str, topic: str) -> bool:
    """The topic `*` is everything: announcements may have been missed."""
    if topic == "*":
        return True
    return topic.startswith(wish[:-1]) if wish.endswith("*") else topic == wish
