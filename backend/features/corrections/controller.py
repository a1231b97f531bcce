"""Routes of corrections: reversals, late rebooking, and tariffs of the past."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from litestar import Controller, Response, Router, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import corrections as wire
from backend.contracts.common import Page
from backend.db.models import Correction
from backend.db.session import Database
from backend.features.corrections import queries, service
from backend.features.corrections.figure_controller import FigureController
from backend.features.corrections.present import (
    present_detail,
    present_differences,
    present_items,
    present_lines,
    present_postings,
)
from backend.features.corrections.sheets import write_csv, write_xlsx
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.errors import NotFound
from backend.features.platform.pages import Cursor, Limit, decode_cursor, make_page
from backend.runtime.books.desk import Corrected
from backend.runtime.books.reading import PostingUnknown
from backend.runtime.books.retroactive import KIND
from backend.runtime.runtime import Runtime

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FINANCE = requires("settle")


class BookingController(Controller):
    """What is booked, taken back or booked again."""

    path = "/"
    tags = ("settlement",)
    guards = (FINANCE,)

    @post("/settlement/postings/{posting_id:str}/reversal", status_code=200)
    async def reverse_posting(
        self,
        *,
        posting_id: str,
        data: wire.GiveReason,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        locale: str,
    ) -> wire.Corrected:
        """Take one booking back. Asked for again, it says what was done. Raises Conflict (`reversal_final`,
        `basis_missing`)."""
        async with database.reading() as reading:
            posting = await queries.find_posting(reading, actor, posting_id)
        try:
            done = await runtime.corrections.reverse_posting(
                actor.workspace_id, posting.id, reason=data.reason.strip(), by=actor.member_id
            )
        except PostingUnknown as error:
            raise NotFound() from error
        return await _present(database, actor, done, locale)

    @get("/tickets/{ticket_id:str}/postings")
    async def list_postings(
        self, ticket_id: str, actor: Actor, reading: AsyncSession
    ) -> Page[wire.TicketPosting]:
        """Everything that a ticket has booked, oldest first, with what became of it."""
        ticket = await queries.find_ticket(reading, actor, ticket_id)
        postings = await queries.list_postings(reading, ticket)
        return Page(items=await present_postings(reading, actor, postings))

    @post("/tickets/{ticket_id:str}/reversal", status_code=200)
    async def reverse_ticket(
        self,
        *,
        ticket_id: str,
        data: wire.GiveReason,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        locale: str,
    ) -> wire.Corrected:
        """Take back all that a ticket has booked and that still stands."""
        async with database.reading() as reading:
            await queries.find_ticket(reading, actor, ticket_id)
        done = await runtime.corrections.reverse_ticket(
            actor.workspace_id, ticket_id, reason=data.reason.strip(), by=actor.member_id
        )
        return await _present(database, actor, done, locale)

    @get("/tickets/{ticket_id:str}/rebooking")
    async def preview_rebooking(
        self, *, ticket_id: str, actor: Actor, database: Database, runtime: Runtime, locale: str
    ) -> wire.Corrected:
        """By how much amounts would change, were the ticket booked by the data that it has now; nothing is
        written. Raises Conflict (`nothing_to_correct` ...)."""
        async with database.reading() as reading:
            await queries.find_ticket(reading, actor, ticket_id)
        done = await runtime.corrections.preview_rebooking(actor.workspace_id, ticket_id)
        return await _present(database, actor, done, locale)

    @post("/tickets/{ticket_id:str}/rebooking", status_code=200)
    async def rebook_ticket(
        self,
        *,
        ticket_id: str,
        data: wire.GiveReason,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        locale: str,
    ) -> wire.Corrected:
        """Book the ticket by the data that it has now: what stood is taken back first."""
        async with database.reading() as reading:
            await queries.find_ticket(reading, actor, ticket_id)
        done = await runtime.corrections.rebook_ticket(
            actor.workspace_id, ticket_id, reason=data.reason.strip(), by=actor.member_id
        )
        return await _present(database, actor, done, locale)


async def _present(database: Database, actor: Actor, done: Corrected, locale: str) -> wire.Corrected:
    async with database.reading() as reading:
        differences = await present_lines(reading, actor, done.lines, locale)
    return wire.Corrected(
        correction_id=done.correction_id,
        postings=list(done.postings),
        repeated=done.repeated,
        differences=differences,
    )


class CorrectionController(Controller):
    """Corrections, and tariffs that are to hold from a moment in the past."""

    path = "/corrections"
    tags = ("settlement",)
    guards = (FINANCE,)

    @get("")
    async def list_corrections(
        self, actor: Actor, reading: AsyncSession, locale: str, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[wire.CorrectionItem]:
        """The newest first."""
        before = decode_cursor(cursor, datetime, str) if cursor else None
        found = await queries.list_corrections(
            reading, actor, limit, (before[0], before[1]) if before else None
        )
        items = await present_items(reading, actor, found, locale)
        return make_page(items, limit, lambda item: item, lambda item: (item.created_at, item.id))

    @post("", status_code=201)
    async def propose(
        self,
        *,
        data: wire.ProposeRetroactive,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.CorrectionDetail:
        """Preview what a tariff would change that holds from a moment in the past. Nothing is booked."""
        async with database.unit_of_work() as session:
            correction = await service.propose(session, actor, data, clock())
            shown = await present_detail(session, actor, correction, locale)
        await runtime.add_job(actor.workspace_id, KIND, {"correction": correction.id})
        return shown

    @get("/{correction_id:str}")
    async def show_correction(
        self, correction_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.CorrectionDetail:
        """With the statement of the differences."""
        correction = await queries.find_correction(reading, actor, correction_id)
        return await present_detail(reading, actor, correction, locale)

    @post("/{correction_id:str}/start", status_code=200)
    async def start(
        self,
        *,
        correction_id: str,
        data: wire.GiveReason,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.CorrectionDetail:
        """The tariff's revision comes to be, and every ticket that it concerns is taken back and booked
        anew."""
        return await _step(
            database,
            runtime,
            actor,
            locale,
            lambda session: service.start(session, actor, correction_id, data.reason, clock()),
            runs=True,
        )

    @post("/{correction_id:str}/stop", status_code=200)
    async def stop(
        self, *, correction_id: str, actor: Actor, database: Database, runtime: Runtime, locale: str
    ) -> wire.CorrectionDetail:
        """Between two tickets; what is booked stays."""
        return await _step(
            database, runtime, actor, locale, lambda session: service.stop(session, actor, correction_id)
        )

    @post("/{correction_id:str}/resume", status_code=200)
    async def resume(
        self, *, correction_id: str, actor: Actor, database: Database, runtime: Runtime, locale: str
    ) -> wire.CorrectionDetail:
        """Go on where it stood."""
        return await _step(
            database,
            runtime,
            actor,
            locale,
            lambda session: service.resume(session, actor, correction_id),
            runs=True,
        )

    @post("/{correction_id:str}/discard", status_code=200)
    async def discard(
        self, *, correction_id: str, actor: Actor, database: Database, runtime: Runtime, locale: str
    ) -> wire.CorrectionDetail:
        """Give a preview up."""
        return await _step(
            database, runtime, actor, locale, lambda session: service.discard(session, actor, correction_id)
        )

    @get("/{correction_id:str}/differences.csv", media_type="text/csv; charset=utf-8")
    async def export_csv(
        self, correction_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> Response[bytes]:
        """The whole statement of the differences."""
        correction = await queries.find_correction(reading, actor, correction_id)
        rows = await _list_all(reading, actor, correction, locale)
        return _attach(write_csv(rows, locale), "differences.csv", "text/csv; charset=utf-8")

    @get("/{correction_id:str}/differences.xlsx", media_type=XLSX)
    async def export_xlsx(
        self, correction_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> Response[bytes]:
        """The whole statement of the differences, as a spreadsheet."""
        correction = await queries.find_correction(reading, actor, correction_id)
        rows = await _list_all(reading, actor, correction, locale)
        return _attach(await write_xlsx(rows, locale), "differences.xlsx", XLSX)


async def _list_all(
    reading: AsyncSession, actor: Actor, correction: Correction, locale: str
) -> list[wire.Difference]:
    if correction.started_at is None:
        rows = correction.report.get("differences", [])
    else:
        rows = await queries.sum_differences(reading, correction, None)
    return await present_differences(reading, actor, rows, locale)


def _attach(content: bytes, name: str, media_type: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


async def _step(
    database: Database,
    runtime: Runtime,
    actor: Actor,
    locale: str,
    act: Callable[[AsyncSession], Awaitable[Correction]],
    *,
    runs: bool = False,
) -> wire.CorrectionDetail:
    async with database.unit_of_work() as session:
        correction = await act(session)
        await session.flush()
        shown = await present_detail(session, actor, correction, locale)
    if runs:
        await runtime.add_job(actor.workspace_id, KIND, {"correction": correction.id})
    return shown


ROUTER = Router(path="/", route_handlers=[BookingController, FigureController, CorrectionController])
