"""A close that is killed at its commit points, again and again, until one life brings it to the end.

    python -m tests.faults.closer URL CLOSING

Each life is a fork, and dies at another commit point than the one before. Printed is the number of deaths.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from itertools import count

from backend.db.session import Database
from backend.runtime.books import closing, ledger_chunks
from backend.runtime.jobs.port import ClaimedJob
from tests.faults.victim import Executioner

MOST_LIVES = 200
POINTS = (1, 3, 2, 6, 5)
"""The commit point of each life, before or after a commit."""
CHUNK_LINES = 20
WORKSPACE = "w" * 36


def make_job(closing_id: str) -> ClaimedJob:
    """As the engine hands it out."""
    return ClaimedJob(
        id="j" * 36,
        workspace_id=WORKSPACE,
        ticket_id=None,
        key=closing.KIND,
        kind=closing.KIND,
        payload={"closing": closing_id},
        due_at=datetime(2026, 4, 1, tzinfo=UTC),
        tries=1,
        fence=1,
    )


async def live(url: str, closing_id: str, kill_at: int) -> None:
    """One life: small stretches, each of them stored."""
    ledger_chunks.CHUNK_LINES, closing.STORED_EVERY_MS, closing.TOTALS_AT_ONCE = CHUNK_LINES, -1, 2
    database = Database(url)
    database.at_commit = Executioner(kill_at)
    await closing.ClosingHandler(database)(make_job(closing_id))
    await database.dispose()


def main() -> None:
    url, closing_id = sys.argv[1:]
    for deaths in count():
        pid = os.fork()
        if pid == 0:
            asyncio.run(live(url, closing_id, POINTS[deaths % len(POINTS)] if deaths < MOST_LIVES else 0))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            print(deaths)
            return


if __name__ == "__main__":
    main()
