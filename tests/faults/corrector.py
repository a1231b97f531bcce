"""A tariff of the past that is killed at its commit points, again and again, until one life brings it to the
end.

    python -m tests.faults.corrector URL CORRECTION

Each life is a fork that sends itself SIGKILL, at another commit point than the one before. Printed is the
number of deaths.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from itertools import count

from backend.db.session import Database
from backend.runtime.books import retroactive
from tests.unit.runtime.test_corrections import run
from tests.unit.runtime.world import TestClock, World

MOST_LIVES = 200
POINTS = (1, 3, 2, 6, 5)
BATCH = 3


class Killer:
    """Sends this process SIGKILL at its n-th commit point, before or after a commit; never with 0."""

    def __init__(self, kill_at: int) -> None:
        self.left = kill_at

    def __call__(self, point: str) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


async def live(url: str, correction_id: str, kill_at: int) -> None:
    """One life: small batches, each of them stored."""
    retroactive.BATCH = BATCH
    clock = TestClock()
    database = Database(url, clock)
    world = World(database, clock)
    await world.runtime.start(run_jobs=False)
    database.at_commit = Killer(kill_at)
    await run(world, correction_id)
    database.at_commit = Killer(0)
    await world.runtime.stop()
    await database.dispose()


def main() -> None:
    url, correction_id = sys.argv[1:]
    for deaths in count():
        pid = os.fork()
        if pid == 0:
            asyncio.run(live(url, correction_id, POINTS[deaths % len(POINTS)] if deaths < MOST_LIVES else 0))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            print(deaths)
            sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
