"""The door to corrections: one transaction each, behind the ticket's lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import asyncpg
import msgspec

from backend.db.types import new_id
from backend.engine.run import Refused
from backend.runtime import writes as w
from backend.runtime.books.corrections import Entered, Grounds, Rebooked, rebook, reverse
from backend.runtime.books.dry import dry
from backend.runtime.books.figures import Figures, Ground, read_ground, rebook_figures, tell_figures
from backend.runtime.books.late import find_late_changes
from backend.runtime.books.reading import Line, PostingUnknown
from backend.runtime.books.rebooking import open_work
from backend.runtime.books.records import make_correction
from backend.runtime.books.standing import list_standing, reverse_standing
from backend.runtime.books.statements import READ_POSTING
from backend.runtime.books.sums import Book
from backend.runtime.collisions import run_anew
from backend.runtime.errors import TicketUnknown
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.statements import LOCK_TICKET
from backend.runtime.transition import Environment
from backend.runtime.work import Work
from backend.runtime.writes import WriteSet

Announce = Callable[[Iterable[tuple[str, str]]], None]


class Corrected(msgspec.Struct, frozen=True, kw_only=True):
    """`postings` are those that were written now; with `repeated` it had all been done before. `lines` are
    what they book; `before` and `after`, of one posting booked again, those that stood and those that do."""

    correction_id: str | None = None
    postings: tuple[str, ...] = ()
    repeated: bool = False
    lines: tuple[Line, ...] = ()
    before: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()


class CorrectionDesk:
    """One for each process."""

    def __init__(self, driver: Driver, environment: Environment, announce: Announce) -> None:
        self._driver = driver
        self._environment = environment
        self._announce = announce

    async def reverse_posting(
        self, workspace_id: str, posting_id: str, *, reason: str, by: str | None
    ) -> Corrected:
        """Raises PostingUnknown and what `reverse` raises."""
        return await self._run(partial(self._reverse_one, workspace_id, posting_id, reason, by))

    async def reverse_ticket(
        self, workspace_id: str, ticket_id: str, *, reason: str, by: str | None
    ) -> Corrected:
        """Every posting of the ticket that stands, the last one first. Raises TicketUnknown, Refused."""
        return await self._run(partial(self._reverse_all, workspace_id, ticket_id, reason, by))

    async def preview_rebooking(self, workspace_id: str, ticket_id: str) -> Corrected:
        """What rebooking would write, were it done now; nothing is. Raises what `rebook_ticket` raises."""
        script = self._rebook_ticket(workspace_id, ticket_id, "", None)
        return (await self._driver.read(dry(script)))[0]

    async def rebook_ticket(
        self, workspace_id: str, ticket_id: str, *, reason: str, by: str | None
    ) -> Corrected:
        """By the data that the ticket has now. Raises TicketUnknown, Refused: nothing_to_correct (it would
        book the same), ticket_archived, and what `rebook` raises."""
        return await self._run(partial(self._rebook_ticket, workspace_id, ticket_id, reason, by))

    async def read_figures(self, workspace_id: str, ticket_id: str, posting_id: str) -> Ground:
        """What may be corrected of one posting. Raises what `read_ground` raises."""
        book = Book(workspace_id, self._environment.clock(), WriteSet())
        return await self._driver.read(read_ground(book, posting_id, ticket_id))

    async def preview_figures(
        self, workspace_id: str, ticket_id: str, posting_id: str, figures: Figures
    ) -> Corrected:
        """What `correct_figures` would write; nothing is. Raises what it raises."""
        script = self._rebook_figures((workspace_id, ticket_id), posting_id, figures, "", None)
        return (await self._driver.read(dry(script)))[0]

    async def correct_figures(
        self,
        workspace_id: str,
        ticket_id: str,
        posting_id: str,
        figures: Figures,
        *,
        reason: str,
        by: str | None,
    ) -> Corrected:
        """One posting by other quantities and attributes, whatever the ticket says. Raises TicketUnknown and
        what `rebook_figures` raises."""
        place = (workspace_id, ticket_id)
        return await self._run(partial(self._rebook_figures, place, posting_id, figures, reason, by))

    async def _run(self, make: Callable[[], Script[tuple[Corrected, WriteSet]]]) -> Corrected:
        try:
            corrected, writes = await run_anew(self._driver, make)
        except (sqlite3.IntegrityError, asyncpg.UniqueViolationError):
            corrected, writes = await run_anew(self._driver, make)  # somebody was first: finds it done
        self._announce(writes.announcements)
        return corrected

    # --- scripts ---

    def _reverse_one(
        self, workspace_id: str, posting_id: str, reason: str, by: str | None
    ) -> Script[tuple[Corrected, WriteSet]]:
        head = yield from ask_one(READ_POSTING, id=posting_id, workspace=workspace_id)
        if head is None:
            raise PostingUnknown(posting_id)
        if head[0] is not None:
            yield from ask(LOCK_TICKET, id=head[0], workspace=workspace_id)
        book = Book(workspace_id, self._environment.clock(), WriteSet())
        grounds = Grounds(reason=reason, by=by, correction_id=new_id())
        entered = yield from reverse(book, posting_id, grounds)
        return (yield from _conclude(book, "reversal", head[0], grounds, (entered,)))

    def _reverse_all(
        self, workspace_id: str, ticket_id: str, reason: str, by: str | None
    ) -> Script[tuple[Corrected, WriteSet]]:
        row = yield from ask_one(LOCK_TICKET, id=ticket_id, workspace=workspace_id)
        if row is None:
            raise TicketUnknown(ticket_id)
        book = Book(workspace_id, self._environment.clock(), WriteSet())
        grounds = Grounds(reason=reason, by=by, correction_id=new_id())
        entered = yield from reverse_standing(book, ticket_id, grounds)
        return (yield from _conclude(book, "reversal", ticket_id, grounds, entered))

    def _rebook_ticket(
        self, workspace_id: str, ticket_id: str, reason: str, by: str | None
    ) -> Script[tuple[Corrected, WriteSet]]:
        row = yield from ask_one(LOCK_TICKET, id=ticket_id, workspace=workspace_id)
        if row is None:
            raise TicketUnknown(ticket_id)
        if not row[0]:
            raise Refused("ticket_archived")
        work = yield from open_work(self._environment, (workspace_id, ticket_id), row, by, WriteSet())
        grounds = Grounds(reason=reason, by=by, correction_id=new_id())
        entered: list[Entered] = []
        standing = yield from list_standing(work, ticket_id)
        for posting_id in standing:
            changes = yield from find_late_changes(work, row[0], posting_id)
            if changes is not None:
                sides: Rebooked = yield from rebook(work, posting_id, grounds, changes)
                entered += sides
        if not entered:
            raise Refused("nothing_to_correct")
        return (yield from _conclude(work, "late", ticket_id, grounds, entered))

    def _rebook_figures(
        self, place: tuple[str, str], posting_id: str, figures: Figures, reason: str, by: str | None
    ) -> Script[tuple[Corrected, WriteSet]]:
        workspace_id, ticket_id = place
        row = yield from ask_one(LOCK_TICKET, id=ticket_id, workspace=workspace_id)
        if row is None:
            raise TicketUnknown(ticket_id)
        work = yield from open_work(self._environment, place, row, by, WriteSet())
        grounds = Grounds(reason=reason, by=by, correction_id=new_id())
        ground, sides = yield from rebook_figures(work, row[0], posting_id, figures, grounds)
        report = tell_figures(ground, posting_id, figures)
        done, writes = yield from _conclude(work, "late", ticket_id, grounds, sides, report=report)
        told = msgspec.structs.replace(done, before=ground.lines, after=sides.booking.lines)
        return told, writes


def _conclude(
    desk: Book | Work,
    kind: str,
    ticket_id: str | None,
    grounds: Grounds,
    entered: Sequence[Entered],
    *,
    report: Mapping[str, Any] | None = None,
) -> Script[tuple[Corrected, WriteSet]]:
    """Write it all, if there is anything to write. `report`: what the correction keeps beside it."""
    new = [one for one in entered if not one.repeated]
    if not new:
        known = tuple(one.id for one in entered)
        return Corrected(postings=known, repeated=True), desk.writes
    row = make_correction(desk, kind, grounds, ticket_id=ticket_id, done=len(new))
    desk.writes.add(w.CORRECTIONS, {**row, "report": dict(report or {})})
    topics = [f"ticket:{ticket_id}"] if ticket_id else []
    desk.writes.announce(desk.workspace_id, "settlement", *topics)
    yield desk.writes
    lines = tuple(line for one in new for line in one.lines)
    done = Corrected(correction_id=grounds.correction_id, postings=tuple(one.id for one in new), lines=lines)
    return done, desk.writes
