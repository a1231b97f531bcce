"""P12: what a transition costs when the file has grown, and when the ticket has grown old.

Two SQLite files: a small one with 1,000 tickets, and one that grows to a million, each ticket with its event,
its task and its job. Rows are made by SQL; what is measured are real transitions of one client (a person
completes a task, the next one opens), in the small file and in the grown one in turn. The same for a ticket
that has just begun and one with up to 1,000 events in its log. The figure is the cost in the grown case
divided by the cost in the small one.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from backend.db.session import open_sqlite
from bench.transitions import LOOP, Clients, open_clients
from tests.unit.runtime.world import WAITING

SMALL = 1_000
SIZES = (10_000, 100_000, 1_000_000)
AGES = (100, 1_000)
ROUNDS = 9
OPERATIONS = 100
BATCH = 50_000
GOAL = "goal <= 1.30"
NEW_ID = "printf('01900000-%04x-7000-8000-%012x', n / 65536, n)"
CHANGED = {
    "tickets": {
        "id": NEW_ID,
        "number": "'T-2020-' || n",
        "status": "'completed'",
        "tracking_token": "'old-' || n",
        "created_at": "printf('2020-01-01T00:%02d:%02d.000000+00:00', n / 60 % 60, n % 60)",
    },
    "ticket_events": {"ticket_id": NEW_ID},
    "tasks": {"id": NEW_ID, "ticket_id": NEW_ID, "status": "'completed'"},
    "jobs": {"id": NEW_ID, "ticket_id": NEW_ID, "status": "'done'"},
}
"""Where an old row differs from the real one that it is copied from; `n` is its number."""


class Filler:
    """Puts old tickets into a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._filled = 0

    def fill(self, size: int) -> None:
        """So many of them in all."""
        with closing(open_sqlite(self._path)) as connection:
            for start in range(self._filled, size, BATCH):
                add_old(connection, start, min(start + BATCH, size))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._filled = size


def add_old(connection: sqlite3.Connection, start: int, end: int) -> None:
    numbers = (
        f"WITH RECURSIVE r(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM r WHERE n + 1 < {end}) "
        "SELECT n FROM r"
    )
    connection.execute("BEGIN")
    for table, changed in CHANGED.items():
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(changed.get(name, f't."{name}"') for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        source = f"(SELECT * FROM {table} LIMIT 1) t"
        connection.execute(f"INSERT INTO {table} ({columns}) SELECT {values} FROM ({numbers}), {source}")
    connection.execute("COMMIT")


async def open_file(path: Path) -> tuple[Clients, Filler]:
    """A file with two tickets that go round for ever, and one with a timer."""
    clients = await open_clients(f"sqlite+aiosqlite:///{path}", 2)
    await clients.world.start(await clients.world.publish(WAITING, "waiting"))
    return clients, Filler(path)


async def cost(clients: Clients, ticket: int = 0) -> float:
    """Seconds of one transition."""
    began = time.perf_counter()
    for _ in range(OPERATIONS):
        await clients.step(ticket)
    return (time.perf_counter() - began) / OPERATIONS


def report(name: str, pairs: list[tuple[float, float]]) -> None:
    ratios = sorted(grown / small for small, grown in pairs)
    small, grown = (1000 * statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"P12 {name}: {grown:.2f} ms against {small:.2f} ms, ratio {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f}), {GOAL}"
    )


async def measure_size(small: Clients, grown: Clients, filler: Filler) -> None:
    for size in SIZES:
        await asyncio.to_thread(filler.fill, size)
        await cost(grown)
        pairs = [(await cost(small), await cost(grown)) for _ in range(ROUNDS)]
        report(f"{size:,} tickets in the file against {SMALL:,}", pairs)


async def measure_age(clients: Clients) -> None:
    """The second ticket grows old; the first is replaced by a young one in each round."""
    workflow = await clients.world.publish(LOOP, "ageing")
    for age in AGES:
        clients.last[1] = await clients.world.start(workflow, data={"text": "x" * 200})
        while clients.last[1].state.version < age:
            await clients.step(1)
        pairs = []
        for _ in range(ROUNDS):
            clients.last[0] = await clients.world.start(workflow, data={"text": "x" * 200})
            pairs.append((await cost(clients, 0), await cost(clients, 1)))
        report(f"a ticket with {age:,} events against a new one", pairs)


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tierflow-bench-") as folder:
        small, filler = await open_file(Path(folder) / "small.sqlite")
        await asyncio.to_thread(filler.fill, SMALL)
        grown, growing = await open_file(Path(folder) / "grown.sqlite")
        await cost(small)
        await measure_age(small)
        await measure_size(small, grown, growing)
        for clients in (small, grown):
            await clients.world.runtime.stop()
            await clients.world.database.dispose()


if __name__ == "__main__":
    asyncio.run(main())
