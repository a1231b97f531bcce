"""An import of orders that is killed at its commit points, again and again, until it is through.

    python -m tests.faults.importer URL IMPORT

Each life is a fork, and dies at another commit point than the one before. Printed is the number of deaths.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from itertools import count

from backend.db.session import Database, read_system_time
from backend.runtime.books import imports
from backend.runtime.jobs.port import ClaimedJob
from tests.faults.victim import Executioner
from tests.unit.runtime.world import World

MOST_LIVES = 10
POINTS = (1, 3, 2, 6, 5)
"""The commit point of each life, before or after a commit."""
ROWS = 9
"""Of a piece."""
WORKSPACE = "w" * 36


def make_job(import_id: str) -> ClaimedJob:
    """As the engine hands it out."""
    return ClaimedJob(
        id="j" * 36,
        workspace_id=WORKSPACE,
        ticket_id=None,
        key=import_id,
        kind=imports.KIND,
        payload={"import": import_id},
        due_at=datetime(2026, 4, 1, tzinfo=UTC),
        tries=1,
        fence=1,
    )


async def live(url: str, import_id: str, kill_at: int) -> None:
    """One life: small pieces, each of them stored."""
    imports.PIECE_ROWS = imports.MOST_ROWS = ROWS
    imports.HOLD_S = 60.0
    database = Database(url)
    database.at_commit = Executioner(kill_at)
    world = World(database, read_system_time)  # type: ignore[arg-type]
    driver = world.runtime._driver
    await imports.OrderImportHandler(driver, read_system_time, lambda told: None)(make_job(import_id))
    await world.runtime.stop()
    await database.dispose()


def main() -> None:
    url, import_id = sys.argv[1:]
    for deaths in count():
        pid = os.fork()
        if pid == 0:
            asyncio.run(live(url, import_id, POINTS[deaths % len(POINTS)] if deaths < MOST_LIVES else 0))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            print(deaths)
            return


if __name__ == "__main__":
    main()
