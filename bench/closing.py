"""P14: a period of a million tickets is closed, and the screens stay quick meanwhile.

Each ticket has a posting of two lines: one of five hundred people receives, a region's pool bears it. They
are written in bulk, under the triggers that every line passes, before the clock starts. Then the period is
closed by the job as the server runs it: once without a halt, and once stopped half-way and taken up again.
Meanwhile tickets are started that settle at once (into the next period), and pages are read: the newest lines
and the list of periods. Printed are the time of the close, the memory it took beyond what the process had,
and how long a booking and a read took, before the close and during it.

    python -m bench.closing [tickets] [PostgreSQL URL]
"""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import select
from sqlalchemy.engine import make_url

from backend.db.migration import upgrade
from backend.db.models import (
    LedgerLine,
    PeriodClosing,
    Region,
    Release,
    SettlementPeriod,
    Tariff,
    TariffRevision,
    Ticket,
    Workflow,
    Workspace,
)
from backend.db.session import Database
from backend.db.types import encode_moment, new_id
from backend.graph.canonical import canonical_json, content_hash
from backend.graph.model import Definition
from backend.graph.registry import Registry
from backend.runtime.books.closing import KIND
from backend.runtime.books.states import move_period
from backend.runtime.runtime import Runtime, StartTicket
from designer_nodes import NODE_TYPES

TICKETS = 1_000_000
PEOPLE = 500
BATCH = 20_000
START = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
BOOKED_EVERY_S, READ_EVERY_S = 0.05, 0.03

TARIFF: dict[str, Any] = {
    "format": "tierflow.tariff/1",
    "key": "visits",
    "name": {"zh": "上门费", "en": "Visits"},
    "currency": "CNY",
    "accumulation": "ticket",
    "measures": {"sale": {"label": {"zh": "销售额", "en": "Sales"}, "kind": "money"}},
    "rows": [
        {
            "id": "all",
            "match": {},
            "charge": {"model": "percentage", "measure": "sale", "rate": "0.1"},
            "pays": {"party": "department", "key": "service"},
        }
    ],
}
SETTLE = {"tariff": "visits", "quantities": [{"measure": "sale", "value": "data.sale"}]}
WORKFLOW: dict[str, Any] = {
    "format": "tierflow.workflow/1",
    "name": {"zh": "上门", "en": "Visit"},
    "graph": {
        "format": "tierflow.graph/1",
        "nodes": {
            "start": {"type": "start", "v": 1, "label": {"zh": "始", "en": "Start"}, "config": {}},
            "pay": {"type": "settle", "v": 1, "label": {"zh": "结", "en": "Settle"}, "config": SETTLE},
            "end": {"type": "end", "v": 1, "label": {"zh": "终", "en": "End"}, "config": {}},
        },
        "edges": {
            "e1": {"source": "start", "port": "next", "target": "pay"},
            "e2": {"source": "pay", "port": "next", "target": "end"},
        },
    },
    "forms": {},
    "settings": {},
}


class Bench:
    """The workspace, its period of March, and how long things took."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = START
        self.workspace, self.region, self.tariff, self.workflow, self.release = (new_id() for _ in range(5))
        self.period = new_id()
        self.runtime = Runtime(database, Registry(NODE_TYPES), lambda: self.now + timedelta())
        self.bookings: list[float] = []
        self.reads: list[float] = []

    async def build(self) -> None:
        value = msgspec.convert(WORKFLOW, Definition)
        common = {"workspace_id": self.workspace, "created_at": START}
        async with self.database.unit_of_work() as session:
            session.add(Workspace(id=self.workspace, name="bench", settings={}, created_at=START))
            await session.flush()
            place = {"key": "cn", "path": "/cn/", "name": {"zh": "全国", "en": "All"}}
            session.add(Region(id=self.region, workspace_id=self.workspace, **place))
            session.add(Workflow(id=self.workflow, key="v", name={}, updated_at=START, **common))
            session.add(Tariff(id=self.tariff, key="visits", name=TARIFF["name"], **common))
            await session.flush()
            definition = canonical_json(value).decode()
            release = {"number": 1, "hash": content_hash(value), "definition": definition}
            session.add(Release(id=self.release, workflow_id=self.workflow, **release, **common))
            revision = {"revision": 1, "document": TARIFF, "effective_from": START - timedelta(days=9)}
            session.add(TariffRevision(id=new_id(), tariff_id=self.tariff, **revision, **common))
            days = {"key": "2026-03", "starts_on": "2026-03-01", "ends_on": "2026-03-31"}
            session.add(
                SettlementPeriod(
                    id=self.period,
                    workspace_id=self.workspace,
                    unit_id=self.region,
                    zone="Asia/Shanghai",
                    state="open",
                    opened_at=START,
                    **days,
                )
            )

    def make_rows(self, count: int) -> Iterator[dict[str, list[dict[str, Any]]]]:
        """Tickets, lines and the postings that seal them, batch by batch."""
        people = [new_id() for _ in range(PEOPLE)]
        for first in range(0, count, BATCH):
            tickets, lines, postings = [], [], []
            for at in range(first, min(first + BATCH, count)):
                ticket, posting = new_id(), new_id()
                booked = START + timedelta(seconds=at % 2_500_000)
                tickets.append(self._ticket(ticket, at, booked))
                amount, person = 100 + at * 7919 % 20_000, people[at % PEOPLE]
                for kind, party, side in (("member", person, amount), ("region", "cn", -amount)):
                    lines.append(self._line(ticket, posting, kind, party, side, booked))
                postings.append(
                    {
                        "id": posting,
                        "workspace_id": self.workspace,
                        "ticket_id": ticket,
                        "cause": f"pay:{at}",
                        "booked_at": booked,
                        "lines": 2,
                    }
                )
            yield {"tickets": tickets, "ledger_lines": lines, "postings": postings}

    def _ticket(self, ticket: str, at: int, booked: datetime) -> dict[str, Any]:
        return {
            "id": ticket,
            "workspace_id": self.workspace,
            "workflow_id": self.workflow,
            "release_id": self.release,
            "number": f"B-{at}",
            "title": "Visit",
            "status": "completed",
            "priority": "normal",
            "region_id": self.region,
            "region_path": "/cn/",
            "source": "staff",
            "channel": "",
            "customer": "{}",
            "state": "",
            "version": 3,
            "tracking_token": ticket,
            "created_at": booked,
            "finished_at": booked,
        }

    def _line(  # noqa: PLR0917 - a row, column by column
        self, ticket: str, posting: str, kind: str, party: str, amount: int, booked: datetime
    ) -> dict[str, Any]:
        return {
            "id": new_id(),
            "workspace_id": self.workspace,
            "posting_id": posting,
            "ticket_id": ticket,
            "workflow_id": self.workflow,
            "account": "earnings" if kind == "member" else "region_pool",
            "party_kind": kind,
            "party_id": party,
            "amount": amount,
            "currency": "CNY",
            "component": "charge",
            "counter": amount < 0,
            "tariff_id": self.tariff,
            "tariff_revision": 1,
            "row": "all",
            "inputs": '{"sale":"100000","attributes":{}}',
            "formula": '{"code":"why.percentage","params":{"rate":"10%","base":"1,000.00"}}',
            "period": "2026-03",
            "period_id": self.period,
            "region_id": self.region,
            "region_path": "/cn/",
            "booked_at": booked,
        }

    async def book(self) -> None:
        """A ticket that settles at once."""
        wanted = StartTicket(
            workspace_id=self.workspace,
            workflow_id=self.workflow,
            region_id=self.region,
            data={"sale": 100_000},
        )
        began = time.perf_counter()
        await self.runtime.start_ticket(wanted)
        self.bookings.append((time.perf_counter() - began) * 1000)

    async def read(self) -> None:
        """What the pages of lines, tickets and periods ask."""
        began = time.perf_counter()
        async with self.database.reading() as session:
            lines = select(LedgerLine).where(
                LedgerLine.workspace_id == self.workspace, LedgerLine.period == "2026-03"
            )
            await session.execute(lines.order_by(LedgerLine.id.desc()).limit(50))
            tickets = select(Ticket).where(
                Ticket.workspace_id == self.workspace, Ticket.status == "completed"
            )
            await session.execute(tickets.order_by(Ticket.created_at.desc()).limit(50))
            await session.execute(select(SettlementPeriod).limit(50))
        self.reads.append((time.perf_counter() - began) * 1000)

    async def work_meanwhile(self, until: asyncio.Event) -> None:
        async def again(what: Any, every: float) -> None:
            while not until.is_set():
                await what()
                await asyncio.sleep(every)

        await asyncio.gather(again(self.book, BOOKED_EVERY_S), again(self.read, READ_EVERY_S))

    async def close(self, stop_at: float | None = None) -> tuple[PeriodClosing, float]:
        """From the button to the seal; `stop_at`: rest at this share of the lines and go on."""
        began = time.perf_counter()
        closing = await self._begin()
        await self.runtime.add_job(self.workspace, KIND, {"closing": closing})
        while True:
            await asyncio.sleep(0.05)
            async with self.database.reading() as session:
                found = await session.get_one(PeriodClosing, closing)
            if found.status not in ("running", "stopped"):
                return found, time.perf_counter() - began
            if stop_at is not None and found.total and found.done > stop_at * found.total:
                stop_at = None
                await self._set(closing, "stopped")
                await asyncio.sleep(1.5)
                await self._set(closing, "running")
                await self.runtime.add_job(self.workspace, KIND, {"closing": closing})

    async def _begin(self) -> str:
        closing = PeriodClosing(
            id=new_id(),
            workspace_id=self.workspace,
            period_id=self.period,
            run=1,
            status="running",
            started_at=START,
        )
        async with self.database.unit_of_work() as session:
            period = await session.get_one(SettlementPeriod, self.period)
            closing.run = len(period.steps) + 1
            await move_period(session, period, "review", by=None, now=START)
            await session.flush()
            await move_period(session, period, "closing", by=None, now=START)
            session.add(closing)
            await session.flush()
            period.closing_id = closing.id
        return closing.id

    async def _set(self, closing: str, status: str) -> None:
        async with self.database.unit_of_work() as session:
            (await session.get_one(PeriodClosing, closing)).status = status


def fill_sqlite(bench: Bench, path: Path, count: int) -> None:
    """Without waiting for the disk; everything else as ever."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous = OFF", "foreign_keys = ON", "cache_size = -400000", "journal_mode = WAL"):
        connection.execute(f"PRAGMA {pragma}")
    for batch in bench.make_rows(count):
        connection.execute("BEGIN")
        for table, rows in batch.items():
            names = list(rows[0])
            marks = ", ".join("?" * len(names))
            columns = ", ".join(f'"{name}"' for name in names)
            connection.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})",
                [[_text(row[name]) for name in names] for row in rows],
            )
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _text(value: Any) -> Any:
    return encode_moment(value) if isinstance(value, datetime) else value


async def fill_postgresql(bench: Bench, url: str, count: int) -> None:
    """By COPY; the deferred triggers check every posting at the end of its batch."""
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn)
    for batch in bench.make_rows(count):
        async with connection.transaction():
            for table, rows in batch.items():
                names = list(rows[0])
                await connection.copy_records_to_table(
                    table, records=[[row[name] for name in names] for row in rows], columns=names
                )
    await connection.execute("ANALYZE")
    await connection.close()


def describe(name: str, times: list[float]) -> str:
    """Of what was measured."""
    times = sorted(times)
    if not times:
        return f"{name}: none"
    middle, late = times[len(times) // 2], times[int(len(times) * 0.99)]
    return f"{name}: {len(times)}, median {middle:.1f} ms, p99 {late:.1f} ms, longest {times[-1]:.0f} ms"


async def measure(url: str, count: int) -> None:
    await upgrade(url)
    database = Database(url)
    bench = Bench(database)
    await bench.build()
    began = time.perf_counter()
    if database.path is not None:
        await asyncio.to_thread(fill_sqlite, bench, database.path, count)
        print(f"file: {database.path.stat().st_size / 2**20:,.0f} MiB")
    else:
        await fill_postgresql(bench, url, count)
    print(f"filled in {time.perf_counter() - began:.0f} s")
    bench.now = START + timedelta(days=40)
    await bench.runtime.start(run_jobs=True)
    await work_for(bench, 3.0)
    print(describe("bookings before", bench.bookings), describe("reads before", bench.reads), sep="\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    plain = await close_beside_work(bench, None)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    halted = await close_beside_work(bench, 0.5)
    await bench.runtime.stop()
    await database.dispose()
    if plain[0].status != "done" or plain[0].hash != halted[0].hash or plain[0].done != 2 * count:
        sys.exit(f"not closed: {plain[0].status}, {plain[0].done} lines, {plain[0].findings}")
    print(f"stopped and taken up: {halted[1]:.1f} s, the same seal")
    print(f"memory: {grown:.0f} MiB more at its highest")
    print(
        f"P14 close: {plain[1]:.1f} s for {count:,} tickets, {2 * count / plain[1]:,.0f} lines/s, goal < 60 s"
    )


async def work_for(bench: Bench, seconds: float) -> None:
    until = asyncio.Event()
    working = asyncio.create_task(bench.work_meanwhile(until))
    await asyncio.sleep(seconds)
    until.set()
    await working


async def close_beside_work(bench: Bench, stop_at: float | None) -> tuple[PeriodClosing, float]:
    bench.bookings, bench.reads = [], []
    until = asyncio.Event()
    working = asyncio.create_task(bench.work_meanwhile(until))
    closed = await bench.close(stop_at)
    until.set()
    await working
    print(describe("bookings meanwhile", bench.bookings), describe("reads meanwhile", bench.reads), sep="\n")
    return closed


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else TICKETS
    if len(sys.argv) > 2:
        asyncio.run(measure(sys.argv[2], count))
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite'}", count))


if __name__ == "__main__":
    main()
