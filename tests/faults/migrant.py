"""A process that migrates until it is killed at a statement.

    python -m tests.faults.migrant URL KILL_AT

KILL_AT counts statements; 0 lets it finish and prints, one a line, the numbers of those that write the
version row: between two of them lies one migration.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from sqlalchemy import Engine, event

from backend.db.migration import upgrade


def main(url: str, kill_at: int) -> None:
    count = 0

    def watch(*arguments: Any) -> None:
        nonlocal count
        count += 1
        if count == kill_at:
            os._exit(137)
        statement = str(arguments[2])
        if kill_at == 0 and statement.startswith(("UPDATE alembic_version", "INSERT INTO alembic_version")):
            print(count, flush=True)

    event.listen(Engine, "before_cursor_execute", watch)
    asyncio.run(upgrade(url))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
