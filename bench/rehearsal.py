"""P13: ten thousand recorded tickets of nine nodes run through a draft.

Each ticket: a form, a decision, two forms side by side, their join, a settle step, the end; three buttons
pressed and one booking in the month's tiers. The logs are stored as the server stores them, and everything
a rehearsal does is done: reading them from SQLite, replaying them, running them through a draft with
another limit in a form and another way out of the decision, settling on both sides, storing every ticket's
result with progress. Meanwhile another coroutine asks the event loop every 5 ms for its turn; its longest
and its mean waits are printed.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert, select

from backend.db.migration import upgrade
from backend.db.models import (
    Member,
    Region,
    Rehearsal,
    RehearsalTicket,
    Release,
    Tariff,
    TariffRevision,
    Ticket,
    TicketEvent,
    User,
    Workflow,
    Workspace,
)
from backend.db.session import Database
from backend.db.types import new_id
from backend.engine.commands import OpenTask, RunJob
from backend.engine.events import Event, JobDone, Recorded, Started, TaskCompleted
from backend.engine.release import Release as CompiledRelease
from backend.engine.state import State, TicketFacts
from backend.engine.step import new_state, step
from backend.graph.canonical import canonical_json, content_hash
from backend.graph.model import Definition
from backend.graph.registry import Registry
from backend.runtime.runtime import Runtime
from designer_nodes import NODE_TYPES

TICKETS = 10_000
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
AGENT = {"to": "role", "role": "agent"}
FORM: dict[str, Any] = {
    "schema": {
        "type": "object",
        "required": ["amount", "kind"],
        "properties": {
            "amount": {"type": "integer", "minimum": 0},
            "kind": {"type": "string", "maxLength": 40},
            "note": {"type": "string", "maxLength": 200},
        },
    },
    "ui": {},
}
NODES: dict[str, Any] = {
    "start": {"type": "start"},
    "form": {"type": "form_task", "config": {"form": "report", "offer": AGENT}},
    "choice": {"type": "decision"},
    "fork": {"type": "split"},
    "left": {
        "type": "form_task",
        "config": {"form": "report", "offer": AGENT, "access": {"amount": "readonly"}},
    },
    "right": {
        "type": "form_task",
        "config": {"form": "report", "offer": AGENT, "access": {"amount": "readonly"}},
    },
    "meet": {"type": "join", "config": {"mode": "all"}},
    "pay": {
        "type": "settle",
        "config": {"tariff": "t", "quantities": [{"measure": "sale", "value": "data.amount"}]},
    },
    "done": {"type": "end"},
}
WAYS = (
    ("start", "next", "form", None),
    ("form", "done", "choice", None),
    ("choice", "next", "done", "data.amount < 10"),
    ("choice", "next", "fork", None),
    ("fork", "next", "left", None),
    ("fork", "next", "right", None),
    ("left", "done", "meet", None),
    ("right", "done", "meet", None),
    ("meet", "next", "pay", None),
    ("pay", "next", "done", None),
)
TARIFF = {
    "format": "tierflow.tariff/1",
    "key": "t",
    "name": {"zh": "档位", "en": "Tiers"},
    "currency": "CNY",
    "accumulation": "period",
    "period": "month",
    "measures": {"sale": {"label": {"zh": "销售额", "en": "Sales"}, "kind": "money"}},
    "rows": [
        {
            "id": "all",
            "charge": {
                "model": "volume_percentage",
                "measure": "sale",
                "inclusive": "lower",
                "tiers": [
                    {"from": "0", "to": "5000000", "rate": "0.05"},
                    {"from": "5000000", "to": None, "rate": "0.08"},
                ],
            },
        }
    ],
}


def define(limit: int, most: int) -> Definition:
    edges = {
        f"e{at:02}": {"source": source, "port": port, "target": target, "when": when, "order": at}
        for at, (source, port, target, when) in enumerate(WAYS)
    }
    edges["e02"]["when"] = f"data.amount < {limit}"
    form = msgspec.json.decode(msgspec.json.encode(FORM))
    form["schema"]["properties"]["amount"]["maximum"] = most
    return msgspec.convert({"graph": {"nodes": NODES, "edges": edges}, "forms": {"report": form}}, Definition)


def play(release: CompiledRelease, at: int, member: str) -> tuple[State, list[Recorded]]:
    """One ticket's log, as the server would have recorded it."""
    now = START + timedelta(minutes=at)
    facts = TicketFacts(
        id=new_id(), number=f"T-{at:05}", workflow="w", region="cn", region_path=("cn",), created_at=now
    )
    state, log = new_state(facts), []
    waiting: list[Event] = [Started(ticket=facts)]
    while waiting:
        event = waiting.pop(0)
        state, commands = step(release, state, event, now)
        log.append(Recorded(at=now, event=event))
        for command in commands:
            if isinstance(command, RunJob):
                waiting.insert(0, JobDone(job=command.job.id, result={"total": "1.00"}))
            elif isinstance(command, OpenTask):
                data = (
                    {"amount": 5 + at % 200, "kind": "food"} if command.task.node == "form" else {"note": "x"}
                )
                waiting.append(TaskCompleted(task=command.task.id, outcome="done", data=data, member=member))
        now += timedelta(seconds=90)
    return state, log


async def fill(database: Database, registry: Registry) -> tuple[str, str]:
    """A workspace with its tickets; (workspace, rehearsal)."""
    definition = define(10, 1000)
    release = CompiledRelease("r", 1, definition, registry)
    workspace, workflow, member, tariff = (new_id() for _ in range(4))
    release_id, user, region, rehearsal = (new_id() for _ in range(4))
    base = {"workspace_id": workspace}
    async with database.unit_of_work() as session:
        session.add(Workspace(id=workspace, name="bench", created_at=START))
        session.add(User(id=user, email="a@demo.example", name="A", password_hash="x", created_at=START))
        await session.flush()
        session.add(
            Region(
                id=region,
                key="cn",
                path="/cn/",
                name={},
                zone="Asia/Shanghai",
                currency="CNY",
                calendar={},
                **base,
            )
        )
        await session.flush()
        session.add(Member(id=member, user_id=user, name="A", roles=["agent"], created_at=START, **base))
        session.add(Workflow(id=workflow, key="w", name={}, created_at=START, updated_at=START, **base))
        session.add(Tariff(id=tariff, key="t", name={}, created_at=START, **base))
        await session.flush()
        session.add(
            TariffRevision(
                id=new_id(),
                tariff_id=tariff,
                revision=1,
                document=TARIFF,
                effective_from=START,
                created_at=START,
                **base,
            )
        )
        text = canonical_json(definition).decode()
        session.add(
            Release(
                id=release_id,
                workflow_id=workflow,
                number=1,
                hash=content_hash(definition),
                definition=text,
                created_at=START,
                **base,
            )
        )
        await session.flush()
        await _write_tickets(session, release, (workspace, workflow, release_id, region), member)
        session.add(
            Rehearsal(
                id=rehearsal,
                workflow_id=workflow,
                revision=2,
                status="pending",
                most=TICKETS,
                region_path="/",
                definition=canonical_json(define(50, 190)).decode(),
                created_at=START + timedelta(days=60),
                **base,
            )
        )
    return workspace, rehearsal


async def _write_tickets(session: Any, release: CompiledRelease, ids: tuple[str, ...], member: str) -> None:
    workspace, workflow, release_id, region = ids
    for first in range(0, TICKETS, 1000):
        tickets, events = [], []
        for at in range(first, first + 1000):
            state, log = play(release, at, member)
            facts = state.ticket
            tickets.append(
                {
                    "id": facts.id,
                    "workspace_id": workspace,
                    "workflow_id": workflow,
                    "release_id": release_id,
                    "number": facts.number,
                    "title": facts.number,
                    "status": state.status,
                    "priority": "normal",
                    "region_id": region,
                    "region_path": "/cn/",
                    "source": "staff",
                    "channel": "",
                    "customer": {},
                    "state": msgspec.json.encode(state).decode(),
                    "version": state.version,
                    "tracking_token": facts.id,
                    "created_at": facts.created_at,
                }
            )
            events += [
                {
                    "ticket_id": facts.id,
                    "seq": seq,
                    "workspace_id": workspace,
                    "at": item.at,
                    "event": msgspec.to_builtins(item.event),
                    "notes": [],
                }
                for seq, item in enumerate(log)
            ]
        await session.execute(insert(Ticket), tickets)
        await session.execute(insert(TicketEvent), events)


async def watch(waits: list[float]) -> None:
    """How long the event loop keeps others waiting."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.005)
        waits.append((time.perf_counter() - began - 0.005) * 1000)


async def measure(folder: Path) -> None:
    url = f"sqlite+aiosqlite:///{folder / 'bench.sqlite'}"
    registry = Registry(NODE_TYPES)
    await upgrade(url)
    database = Database(url)
    workspace, rehearsal_id = await fill(database, registry)
    runtime = Runtime(database, registry)
    await runtime.start(run_jobs=True)
    waits: list[float] = []
    watching = asyncio.create_task(watch(waits))
    began, worked = time.perf_counter(), time.process_time()
    await runtime.add_job(workspace, "rehearsal", {"rehearsal": rehearsal_id})
    while True:
        await asyncio.sleep(0.1)
        async with database.reading() as session:
            found = (
                await session.execute(select(Rehearsal).where(Rehearsal.id == rehearsal_id))
            ).scalar_one()
        if found.status not in {"pending", "running"}:
            break
    took, spent = time.perf_counter() - began, time.process_time() - worked
    watching.cancel()
    async with database.reading() as session:
        stored = len((await session.execute(select(RehearsalTicket.ticket_id))).all())
    await runtime.stop()
    await database.dispose()
    counts = found.report["counts"]
    if found.status != "done" or stored != TICKETS or counts.get("unreadable"):
        sys.exit(f"not all of it was rehearsed: {found.status}, {stored}, {counts}")
    waits.sort()
    print(f"classes: {counts}")
    print(f"event loop kept waiting: mean {sum(waits) / len(waits):.1f} ms, p99 "
          f"{waits[int(len(waits) * 0.99)]:.1f} ms, longest {waits[-1]:.0f} ms")  # fmt: skip
    print(f"processor time: {spent:.1f} s")
    print(f"P13 rehearsal: {TICKETS / took:,.0f} tickets/s, {took:.1f} s for {TICKETS:,}, goal < 60 s")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
