"""The job that gathers the hours of a month's finished tickets, piece by piece.

What a ticket's steps took stands in its state, also in the archive. Each pair of step and person becomes
one entry; a database constraint keeps it from being entered twice, so a run can be repeated when a rate or a
project was missing.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import String, bindparam, func, select, update

from backend.db.models import WHOLE_STATE, LabourEntry, LabourRun, Region, Ticket
from backend.db.session import Announcement
from backend.db.types import new_id
from backend.engine.credits import list_efforts
from backend.engine.state import State
from backend.runtime import writes as w
from backend.runtime.books.deeds import Deed, close_deed
from backend.runtime.books.entries import Place
from backend.runtime.books.labour import (
    ProjectRow,
    Worked,
    book_hours,
    load_projects,
    load_rates,
    match_project,
)
from backend.runtime.books.sums import Book
from backend.runtime.collisions import run_anew
from backend.runtime.jobs.port import ClaimedJob, JobRefused, JobUnfinished
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.statements import Statement, read_json, read_moment
from backend.runtime.work import make_job
from backend.runtime.writes import WriteSet, encode_json
from backend.settlement.labour import Rate, Slice, find_rate, price

KIND = "labour"
PIECE_S = 20
PIECE_TICKETS = 50
MOST_UNPRICED = 50
DEFAULT_ZONE = "Asia/Shanghai"

_p = bindparam
LOCK_RUN = Statement(
    select(
        LabourRun.state,
        LabourRun.month,
        LabourRun.region_path,
        LabourRun.cursor,
        LabourRun.done,
        LabourRun.booked,
        LabourRun.unmatched,
        LabourRun.unpriced,
        LabourRun.created_by,
    )
    .where(LabourRun.id == _p("id"), LabourRun.workspace_id == _p("workspace"))
    .with_for_update()
)
READ_TICKETS = Statement(
    select(
        Ticket.id,
        Ticket.number,
        Ticket.workflow_id,
        Ticket.region_path,
        WHOLE_STATE,
        Ticket.finished_at,
        Region.id,
        Region.zone,
    )
    .outerjoin(Region, (Region.workspace_id == Ticket.workspace_id) & (Region.path == Ticket.region_path))
    .where(
        Ticket.workspace_id == _p("workspace"),
        Ticket.id > _p("cursor"),
        Ticket.finished_at >= _p("first"),
        Ticket.finished_at < _p("last"),
        func.substr(Ticket.region_path, 1, func.length(bindparam("path", type_=String())))
        == bindparam("path", type_=String()),
    )
    .order_by(Ticket.id)
    .limit(_p("most"))
)
LIST_ENTRIES = Statement(
    select(LabourEntry.node, LabourEntry.member_id).where(
        LabourEntry.ticket_id == _p("ticket"), LabourEntry.state != "reversed"
    )
)
SAVE_RUN = Statement(
    update(LabourRun)
    .where(LabourRun.id == _p("id"))
    .values(
        cursor=_p("cursor"),
        done=_p("done"),
        booked=_p("booked"),
        unmatched=_p("unmatched"),
        state=_p("state"),
        finished_at=_p("finished"),
        unpriced=_p("unpriced"),
    )
)


class LabourHandler:
    """Payload {"run": id}."""

    def __init__(
        self, driver: Driver, clock: Callable[[], datetime], tell: Callable[[Iterable[Announcement]], None]
    ) -> None:
        self._driver = driver
        self._clock = clock
        self._tell = tell

    async def __call__(self, job: ClaimedJob) -> None:
        until = monotonic() + PIECE_S
        run_id = str(job.payload.get("run"))
        while True:
            piece = partial(gather_piece, job.workspace_id, run_id, self._clock())
            deed = await run_anew(self._driver, piece)
            self._tell(deed.announcements)
            if not deed.value:
                return
            if monotonic() > until:
                raise JobUnfinished


def add_gathering_job(workspace_id: str, run_id: str, now: datetime) -> Script[Deed]:
    """Begin, or go on."""
    writes = WriteSet()
    job = make_job(workspace_id, None, key=run_id, kind=KIND, payload={"run": run_id}, due=now, now=now)
    writes.add(w.JOBS, job)
    yield writes
    return close_deed(writes, due=now)


def gather_piece(workspace_id: str, run_id: str, now: datetime) -> Script[Deed]:
    """Whether there is more. Raises JobRefused for a run that is not there."""
    run = yield from ask_one(LOCK_RUN, id=run_id, workspace=workspace_id)
    if run is None:
        raise JobRefused("labour_run_unknown")
    if run[0] != "running":
        return Deed(False)
    first, last = find_span(run[1])
    rows = yield from ask(
        READ_TICKETS,
        workspace=workspace_id,
        cursor=run[3],
        first=first,
        last=last,
        path=run[2],
        most=PIECE_TICKETS,
    )
    gathering = Gathering(Book(workspace_id, now, WriteSet()), run[1], run[8])
    gathering.rates = yield from load_rates(workspace_id)
    gathering.projects = yield from load_projects(workspace_id)
    for row in rows:
        yield from gathering.take(row)
    more = len(rows) == PIECE_TICKETS
    unpriced = list(dict.fromkeys([*read_json(run[7]), *gathering.unpriced]))[:MOST_UNPRICED]
    yield from ask(
        SAVE_RUN,
        id=run_id,
        cursor=rows[-1][0] if rows else run[3],
        done=run[4] + len(rows),
        booked=run[5] + gathering.booked,
        unmatched=run[6] + gathering.unmatched,
        state="running" if more else "done",
        finished=None if more else now,
        unpriced=encode_json(unpriced).decode(),
    )
    writes = gathering.book.writes
    writes.announce(workspace_id, "labour", "settlement")
    yield writes
    return close_deed(writes, more)


def find_span(month: str) -> tuple[datetime, datetime]:
    """Moments that may fall into the month in some zone; the day itself decides."""
    year, number = int(month[:4]), int(month[5:7])
    first = datetime.combine(date(year, number, 1), time(), UTC)
    days = monthrange(year, number)[1]
    return first - timedelta(days=1), first + timedelta(days=days + 1)


class Gathering:
    """One piece under way."""

    def __init__(self, book: Book, month: str, by: str | None) -> None:
        self.book = book
        self.rates: dict[str, list[Rate]] = {}
        self.projects: tuple[ProjectRow, ...] = ()
        self.booked = 0
        self.unmatched = 0
        self.unpriced: list[str] = []
        self._month = month
        self._by = by

    def take(self, row: tuple[Any, ...]) -> Script[None]:
        """The hours of one ticket."""
        ticket_id, number, workflow_id, region_path, stored, finished, region_id, zone = row
        day = read_moment(finished).astimezone(ZoneInfo(zone or DEFAULT_ZONE)).date()
        if f"{day:%Y-%m}" != self._month:
            return
        state = msgspec.json.decode(stored, type=State)
        efforts = list_efforts(state)
        if not efforts:
            return
        project = match_project(self.projects, state.data, workflow_id, region_path)
        if project is None:
            self.unmatched += 1
            return
        known = set((yield from ask(LIST_ENTRIES, ticket=ticket_id)))
        work = [
            (node, member, seconds)
            for node, shares in efforts.items()
            for member, seconds in shares.items()
            if (node, member) not in {(each[0], each[1]) for each in known} and seconds > 0
        ]
        priced: list[tuple[str, str, Slice]] = []
        for node, member, seconds in work:
            rate = find_rate(self.rates.get(member, ()), day)
            if rate is None:
                self.unpriced.append(member)
            else:
                priced.append((node, member, Slice(seconds=seconds, rate=rate)))
        place = Place(None, None, region_id, region_path)
        amounts = price([each[2] for each in priced])
        for (node, member, cut), amount in zip(priced, amounts, strict=True):
            worked = Worked(
                new_id(),
                project.key,
                member,
                day.isoformat(),
                cut.seconds,
                cut.rate.hourly,
                amount,
                cut.rate.currency,
                number,
            )
            yield from self._enter(worked, project, place, ticket_id, node=node, kind=cut.rate.kind)

    def _enter(
        self, worked: Worked, project: ProjectRow, place: Place, ticket_id: str, *, node: str, kind: str
    ) -> Script[None]:
        posting_id = None
        if worked.amount:
            posting_id = yield from book_hours(self.book, worked, place, self._by)
        self.booked += 1
        self.book.writes.add(
            w.LABOUR_ENTRIES,
            {
                "id": worked.entry_id,
                "workspace_id": self.book.workspace_id,
                "project_id": project.id,
                "member_id": worked.member_id,
                "day": worked.day,
                "seconds": worked.seconds,
                "source": "ticket",
                "ticket_id": ticket_id,
                "node": node,
                "note": "",
                "state": "booked",
                "kind": kind,
                "hourly": worked.hourly,
                "amount": worked.amount,
                "currency": worked.currency,
                "region_id": place.region_id,
                "region_path": place.region_path,
                "posting_id": posting_id,
                "entered_by": self._by,
                "entered_at": self.book.now,
                "decided_by": self._by,
                "decided_at": self.book.now,
                "reason": "",
            },
        )
