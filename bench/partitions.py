"""Tickets and events partitioned by workspace and month on PostgreSQL: what `docs/scale.md` tells of.

A plain copy and a partitioned copy of both tables get the same generated rows; then the statements of the
product's pages run on both, with the plan of the partitioned one.

    python -m bench.partitions [tickets]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from tests.support.engines import PostgresqlServer

TICKETS = 500_000
EVENTS_EACH = 4
WORKSPACES = 8
HASHES = 4
MONTHS = 24
REPEATS = 15

COLUMNS = """
    id uuid NOT NULL, workspace_id int NOT NULL, created_at timestamptz NOT NULL, status text NOT NULL,
    number text NOT NULL, title text NOT NULL, state text NOT NULL"""
EVENT_COLUMNS = """
    ticket_id uuid NOT NULL, created_at timestamptz NOT NULL, workspace_id int NOT NULL, seq int NOT NULL,
    event jsonb NOT NULL"""
INDEXES = (
    "CREATE INDEX ON {t} (workspace_id, status, created_at)",
    "CREATE INDEX ON {t} (id)",
    "CREATE INDEX ON {e} (ticket_id, seq)",
)
FILL_TICKETS = f"""
    INSERT INTO {{t}} SELECT md5(n::text)::uuid, n % {WORKSPACES},
      timestamptz '2025-01-01' + n * interval '{MONTHS} months' / $1::int,
      CASE WHEN n > $1::int * 0.97 THEN 'running' ELSE 'completed' END, 'T-' || n, 'Ticket ' || n,
      repeat(md5((n + 1)::text), 20)
    FROM generate_series(1, $1::int) n"""
FILL_EVENTS = f"""
    INSERT INTO {{e}} SELECT t.id, t.created_at, t.workspace_id, s,
      jsonb_build_object('type', 'task_completed', 'data', left(t.state, 200))
    FROM {{t}} t, generate_series(1, {EVENTS_EACH}) s"""
QUESTIONS = {
    "open tickets of a workspace": (
        "SELECT number, title FROM {t} WHERE workspace_id = 3 AND status = 'running' "
        "ORDER BY created_at DESC LIMIT 50"
    ),
    "closed tickets of a month": (
        "SELECT number, title FROM {t} WHERE workspace_id = 3 AND status = 'completed' "
        "AND created_at >= '2026-03-01' AND created_at < '2026-04-01' ORDER BY created_at DESC LIMIT 50"
    ),
    "count of a month": (
        "SELECT count(*), max(length(state)) FROM {t} WHERE workspace_id = 3 "
        "AND created_at >= '2026-03-01' AND created_at < '2026-04-01'"
    ),
    "log of a ticket, its month known": (
        "SELECT event FROM {e} WHERE workspace_id = 3 AND created_at >= '2026-03-01' "
        "AND created_at < '2026-04-01' AND ticket_id = md5('293107')::uuid ORDER BY seq"
    ),
    "one ticket by id alone": "SELECT number FROM {t} WHERE id = md5('293107')::uuid",
}


async def make_tables(connection: asyncpg.Connection) -> None:
    """`plain_*` and `parted_*`: by hash of the workspace, then by month."""
    for name, columns in (("tickets", COLUMNS), ("events", EVENT_COLUMNS)):
        await connection.execute(f"CREATE TABLE plain_{name} ({columns})")
        await connection.execute(f"CREATE TABLE parted_{name} ({columns}) PARTITION BY HASH (workspace_id)")
        for part in range(HASHES):
            await connection.execute(
                f"CREATE TABLE parted_{name}_{part} PARTITION OF parted_{name} "
                f"FOR VALUES WITH (MODULUS {HASHES}, REMAINDER {part}) PARTITION BY RANGE (created_at)"
            )
            for month in range(MONTHS + 1):
                first, last = _month(month), _month(month + 1)
                await connection.execute(
                    f"CREATE TABLE parted_{name}_{part}_{month:02d} PARTITION OF parted_{name}_{part} "
                    f"FOR VALUES FROM ('{first}') TO ('{last}')"
                )


def _month(number: int) -> str:
    return f"{2025 + number // 12}-{number % 12 + 1:02d}-01 00:00+00"


async def fill(connection: asyncpg.Connection, prefix: str, tickets: int) -> float:
    """Seconds to write everything and its indexes."""
    names = {"t": f"{prefix}_tickets", "e": f"{prefix}_events"}
    began = time.perf_counter()
    for index in INDEXES:
        await connection.execute(index.format(**names))
    await connection.execute(FILL_TICKETS.format(**names), tickets)
    await connection.execute(FILL_EVENTS.format(**names))
    await connection.execute(f"ANALYZE {names['t']}, {names['e']}")
    return time.perf_counter() - began


async def ask(connection: asyncpg.Connection, prefix: str, question: str) -> tuple[float, int]:
    """(median milliseconds, tables that the plan touches)."""
    text = question.format(t=f"{prefix}_tickets", e=f"{prefix}_events")
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        await connection.fetch(text)
        times.append((time.perf_counter() - began) * 1000)
    plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN (COSTS OFF) {text}"))
    return statistics.median(times), plan.count(" on plain_") + plan.count(" on parted_")


async def drop_month(connection: asyncpg.Connection) -> tuple[float, float]:
    """Seconds to let the first month go: rows of the plain table, partitions of the other."""
    began = time.perf_counter()
    await connection.execute("DELETE FROM plain_events WHERE created_at < '2025-02-01'")
    await connection.execute("DELETE FROM plain_tickets WHERE created_at < '2025-02-01'")
    between = time.perf_counter()
    for name in ("events", "tickets"):
        for part in range(HASHES):
            await connection.execute(
                f"ALTER TABLE parted_{name}_{part} DETACH PARTITION parted_{name}_{part}_00"
            )
    return between - began, time.perf_counter() - between


async def main(tickets: int) -> None:
    with tempfile.TemporaryDirectory(prefix="tierflow-partitions-") as folder:
        server = PostgresqlServer(Path(folder) / "pg")
        connection = await asyncpg.connect(server.url("postgres").replace("+asyncpg", ""))
        await connection.execute("SET jit = off")
        await make_tables(connection)
        print(f"{tickets} tickets, {tickets * EVENTS_EACH} events, {WORKSPACES} workspaces, {MONTHS} months")
        for prefix in ("plain", "parted"):
            seconds = await fill(connection, prefix, tickets)
            print(f"{prefix}: filled in {seconds:.1f} s, {tickets * (1 + EVENTS_EACH) / seconds:,.0f} rows/s")
        for name, question in QUESTIONS.items():
            plain, _ = await ask(connection, "plain", question)
            parted, touched = await ask(connection, "parted", question)
            total = HASHES * (MONTHS + 1)
            print(f"{name}: plain {plain:.2f} ms, parted {parted:.2f} ms, {touched} of {total} partitions")
        wide = QUESTIONS["closed tickets of a month"].format(t="parted_tickets", e="")
        for row in await connection.fetch(f"EXPLAIN (COSTS OFF) {wide}"):
            print("   ", row[0])
        deleted, detached = await drop_month(connection)
        print(f"one month leaves: plain {deleted:.2f} s (and a vacuum), parted {detached:.3f} s")
        await connection.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else TICKETS))
