"""Whether a database holds together: after a restore, a crash, or whenever an operator wants to know.

Nothing is changed. What is checked is what the rest of the product relies upon: books balance, a replay of a
ticket's log gives its state, and the rows beside the state (tasks, timers, jobs) say the same as the state.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import (
    Job,
    LedgerLine,
    PeriodClosing,
    PeriodTotal,
    Posting,
    Release,
    SettlementPeriod,
    Task,
    Ticket,
    TicketEvent,
)
from backend.db.session import Database
from backend.engine.events import Event, Migrated, Recorded
from backend.engine.release import Release as CompiledRelease
from backend.engine.state import State
from backend.engine.step import replay
from backend.graph.registry import Registry
from backend.runtime.books.ledger_chunks import sum_accounts
from backend.runtime.inline.table import INLINE
from backend.runtime.releases import ReleaseCache
from backend.runtime.writes import encode_json
from backend.settlement.totals import Account, Total, seal

_decode_event = msgspec.json.Decoder(Event).decode
_decode_state = msgspec.json.Decoder(State).decode


class Fault(NamedTuple):
    """Something that does not hold. `where` names the row."""

    check: str
    where: str
    detail: str = ""


class Verdict(NamedTuple):
    """What was looked at, and what was found."""

    tickets: int
    replayed: int
    postings: int
    faults: tuple[Fault, ...]


async def verify(database: Database, registry: Registry, most: int) -> Verdict:
    """Everything, but of the logs only those of the last `most` tickets are replayed."""
    faults: list[Fault] = []
    async with database.reading() as session:
        if database.dialect == "sqlite":
            faults += [fault async for fault in _check_file(session)]
        faults += [fault async for fault in _check_books(session)]
        faults += [fault async for fault in _check_periods(session)]
        faults += [fault async for fault in _check_rows(session)]
        replayed = 0
        async for fault in _check_logs(session, ReleaseCache(registry), most):
            replayed += 1
            if fault is not None:
                faults.append(fault)
        tickets = (await session.execute(select(func.count(Ticket.id)))).scalar_one()
        postings = (await session.execute(select(func.count(Posting.id)))).scalar_one()
    return Verdict(tickets, replayed, postings, tuple(faults))


async def _check_file(session: AsyncSession) -> AsyncIterator[Fault]:
    """What SQLite itself can say of its file."""
    for (found,) in (await session.execute(text("PRAGMA integrity_check"))).all():
        if found != "ok":
            yield Fault("file", "integrity_check", str(found))
    for row in (await session.execute(text("PRAGMA foreign_key_check"))).all():
        yield Fault("file", f"{row[0]} row {row[1]}", f"refers to a missing row of {row[2]}")


async def _check_books(session: AsyncSession) -> AsyncIterator[Fault]:
    """The lines of a posting come to nothing in each currency; no posting is empty."""
    sums = (
        select(LedgerLine.posting_id, LedgerLine.currency, func.sum(LedgerLine.amount))
        .group_by(LedgerLine.posting_id, LedgerLine.currency)
        .having(func.sum(LedgerLine.amount) != 0)
    )
    for posting, currency, total in (await session.execute(sums)).tuples():
        yield Fault("books", f"posting {posting}", f"{total} {currency} too much")
    lines = select(LedgerLine.id).where(LedgerLine.posting_id == Posting.id)
    for posting in (await session.execute(select(Posting.id).where(~lines.exists()))).scalars():
        yield Fault("books", f"posting {posting}", "no lines")


async def _check_periods(session: AsyncSession) -> AsyncIterator[Fault]:
    """What a close has sealed is what the lines come to, and the seal fits."""
    sealed = select(SettlementPeriod).where(SettlementPeriod.state.in_(("closed", "frozen")))
    for period in (await session.execute(sealed)).scalars().all():
        where = f"period {period.key} of unit {period.unit_id}"
        closing = await session.get(PeriodClosing, period.closing_id)
        if closing is None or closing.status != "done":
            yield Fault("periods", where, "closed without a finished run")
            continue
        rows = select(PeriodTotal).where(PeriodTotal.closing_id == closing.id)
        totals = {
            Account(row.party_kind, row.party_id, row.account, row.currency, row.counter): Total(
                row.amount, row.lines
            )
            for row in (await session.execute(rows)).scalars()
        }
        if totals != await sum_accounts(session, LedgerLine.period_id == period.id):
            yield Fault("periods", where, "the totals are not what the lines come to")
        if seal(totals.items()) != closing.hash:
            yield Fault("periods", where, "the seal does not fit the totals")


async def _check_rows(session: AsyncSession) -> AsyncIterator[Fault]:
    """Open tasks, timers and jobs of running tickets stand both in the state and in their tables."""
    open_tasks = select(Task.ticket_id, Task.key).where(Task.status == "open")
    live_jobs = select(Job.ticket_id, Job.key).where(
        Job.status.in_(("pending", "running")), Job.ticket_id.is_not(None)
    )
    tasks = await _group(session, open_tasks)
    jobs = await _group(session, live_jobs)
    running = select(Ticket.id, Ticket.number, Ticket.state).where(
        Ticket.archived_at.is_(None), Ticket.finished_at.is_(None)
    )
    for ticket_id, number, stored in (await session.execute(running)).tuples():
        state = _decode_state(stored)
        wanted = {task.id for task in state.tasks.values() if task.outcome is None}
        for fault in _compare("tasks", number, wanted, tasks.pop(ticket_id, set())):
            yield fault
        owed = set(state.timers) | {job.id for job in state.jobs.values() if job.kind not in INLINE}
        for fault in _compare("jobs", number, owed, jobs.pop(ticket_id, set())):
            yield fault
    for check, left in (("tasks", tasks), ("jobs", jobs)):
        for ticket_id, keys in left.items():
            yield Fault(check, f"ticket {ticket_id}", f"{', '.join(sorted(keys))} of a ticket that is over")


async def _group(session: AsyncSession, statement: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for ticket_id, key in (await session.execute(statement)).tuples():
        found.setdefault(ticket_id, set()).add(key)
    return found


def _compare(check: str, number: str, state: set[str], rows: set[str]) -> list[Fault]:
    faults = []
    if state - rows:
        faults.append(
            Fault(check, f"ticket {number}", f"{', '.join(sorted(state - rows))} only in the state")
        )
    if rows - state:
        faults.append(
            Fault(check, f"ticket {number}", f"{', '.join(sorted(rows - state))} only in the table")
        )
    return faults


async def _check_logs(session: AsyncSession, cache: ReleaseCache, most: int) -> AsyncIterator[Fault | None]:
    """One answer for each ticket: the log, replayed, gives the state as it is stored."""
    statement = (
        select(Ticket.id, Ticket.number, Ticket.release_id, Ticket.state)
        .where(Ticket.archived_at.is_(None))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(most)
    )
    for ticket_id, number, release_id, stored in (await session.execute(statement)).tuples().all():
        log = select(TicketEvent.at, TicketEvent.event).where(TicketEvent.ticket_id == ticket_id)
        rows = (await session.execute(log.order_by(TicketEvent.seq))).tuples().all()
        events = [Recorded(at=at, event=_decode_event(encode_json(event))) for at, event in rows]
        moves = [record.event for record in events if isinstance(record.event, Migrated)]
        for wanted in {release_id, *(move.release for move in moves), *(move.origin for move in moves)}:
            await _load(session, cache, wanted)
        try:
            first = _known(cache, moves[0].origin if moves else release_id)
            state = replay(first, events, lambda wanted: _known(cache, wanted))
        except Exception as error:  # a log that cannot be replayed is what is looked for
            yield Fault("log", f"ticket {number}", f"{type(error).__name__}: {error}")
            continue
        same = encode_json(state) == encode_json(_decode_state(stored))
        yield None if same else Fault("log", f"ticket {number}", "a replay gives another state")


async def _load(session: AsyncSession, cache: ReleaseCache, release_id: str) -> None:
    if release_id and cache.get(release_id) is None:
        row = await session.get(Release, release_id)
        if row is not None:
            cache.compile(release_id, row.hash, row.number, row.definition)


def _known(cache: ReleaseCache, release_id: str) -> CompiledRelease:
    release = cache.get(release_id)
    if release is None:
        raise LookupError(f"no release {release_id}")
    return release
