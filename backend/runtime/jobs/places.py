"""How many jobs of one target this process has at work, and who waits for one of them to end."""

from __future__ import annotations

import asyncio
from collections import Counter, deque

Place = tuple[str, str]
"""(workspace, target)."""

AT_ONCE_HERE = 8
"""Jobs of one target that one process has at work: a slow target holds up no other."""
PATIENCE_S = 1.0
"""So long a job waits here for its turn. Parking it in its row and calling it again costs three
transactions: too dear where turns come within milliseconds."""
QUICK_S = 0.2
"""A target whose last job took longer is slow: nobody waits for it in memory."""


class Places:
    """All on the event loop, so nothing here is locked."""

    def __init__(self) -> None:
        self._busy: Counter[Place] = Counter()
        self._waiting: dict[Place, deque[asyncio.Future[None]]] = {}
        self._slow: set[Place] = set()
        """Nobody waits for these in memory, until a job of theirs is quick again."""
        self._parked: Counter[Place] = Counter()
        """Jobs that this process put to rest since none of the target was left at rest."""

    def take(self, place: Place) -> bool:
        """Whether a place was free; it is held then. What has no target has places without end."""
        if not place[1]:
            return True
        if self._busy[place] >= AT_ONCE_HERE:
            return False
        self._busy[place] += 1
        return True

    async def wait(self, place: Place) -> bool:
        """`take`, with some patience unless the target is known to be slow."""
        if self.take(place):
            return True
        if place in self._slow:
            return False
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(place, deque()).append(turn)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await turn
        except TimeoutError:
            self._slow.add(place)
            return self._keep(place, turn)
        except asyncio.CancelledError:
            if self._keep(place, turn):
                self.free(place)
            raise
        return True

    def _keep(self, place: Place, turn: asyncio.Future[None]) -> bool:
        """Whether the turn came in the very moment in which nobody waited for it any more."""
        if turn.done() and not turn.cancelled():
            return True
        self._leave(place, turn)
        return False

    def _leave(self, place: Place, turn: asyncio.Future[None]) -> None:
        line = self._waiting.get(place)
        if line is not None and turn in line:
            line.remove(turn)

    def free(self, place: Place) -> None:
        """The next in line has it, if there is one."""
        if not place[1]:
            return
        line = self._waiting.get(place)
        while line:
            turn = line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._waiting.pop(place, None)
        self._busy[place] -= 1
        if not self._busy[place]:
            del self._busy[place]

    def note(self, place: Place, took_s: float) -> None:
        """How long a job of the target took."""
        if took_s < QUICK_S:
            self._slow.discard(place)
        else:
            self._slow.add(place)

    # --- jobs at rest ---

    def park(self, place: Place) -> bool:
        """A job was put to rest. Whether a place became free meanwhile, which is held then: who freed it
        may have seen nobody at rest."""
        self._parked[place] += 1
        return self.take(place)

    def parked(self, place: Place) -> int:
        return self._parked[place]

    def forget(self, place: Place, parked: int) -> bool:
        """None was found at rest, by one who began to look when `parked` had been put there. False: there
        are more since."""
        if self._parked[place] != parked:
            return False
        del self._parked[place]
        return True
