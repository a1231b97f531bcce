"""Routes of a booking's figures: what it rests on, what other figures would change, and booking by them."""

from __future__ import annotations

from litestar import Controller, get, post

from backend.contracts import corrections as wire
from backend.db.session import Database
from backend.features.corrections import queries
from backend.features.corrections.figures import check_figures, present_figures, present_preview
from backend.features.platform.actor import Actor, requires
from backend.features.platform.errors import NotFound
from backend.runtime.books.figures import Figures, Ground
from backend.runtime.books.reading import PostingUnknown
from backend.runtime.runtime import Runtime


class FigureController(Controller):
    """A ticket that is over keeps its data; what it booked can still be put right."""

    path = "/tickets/{ticket_id:str}/postings/{posting_id:str}/figures"
    tags = ("settlement",)
    guards = (requires("settle"),)

    @get("")
    async def show_figures(
        self, *, ticket_id: str, posting_id: str, actor: Actor, database: Database, runtime: Runtime
    ) -> wire.PostingFigures:
        """Quantities and attributes that a booking was worked out from. Raises Conflict
        (`reversal_final`, `basis_missing`)."""
        ground = await _read_ground(database, runtime, actor, ticket_id, posting_id)
        return present_figures(ground, posting_id)

    @post("/preview", status_code=200)
    async def preview_figures(
        self,
        *,
        ticket_id: str,
        posting_id: str,
        data: wire.ChangeFigures,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        locale: str,
    ) -> wire.FiguresPreview:
        """What booking by other figures would change; nothing is written. Raises Conflict
        (`nothing_to_correct`, `posting_replaced` ...), Invalid."""
        figures = await _check(database, runtime, actor, (ticket_id, posting_id), data)
        done = await runtime.corrections.preview_figures(actor.workspace_id, ticket_id, posting_id, figures)
        async with database.reading() as reading:
            return await present_preview(reading, actor, done, locale)

    @post("/correction", status_code=200)
    async def correct_figures(
        self,
        *,
        ticket_id: str,
        posting_id: str,
        data: wire.CorrectFigures,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        locale: str,
    ) -> wire.FiguresPreview:
        """Take the booking back and book it by these figures. Asked for again, it says what was done."""
        figures = await _check(database, runtime, actor, (ticket_id, posting_id), data)
        done = await runtime.corrections.correct_figures(
            actor.workspace_id,
            ticket_id,
            posting_id,
            figures,
            reason=data.reason.strip(),
            by=actor.member_id,
        )
        async with database.reading() as reading:
            return await present_preview(reading, actor, done, locale)


async def _read_ground(
    database: Database, runtime: Runtime, actor: Actor, ticket_id: str, posting_id: str
) -> Ground:
    async with database.reading() as reading:
        await queries.find_ticket(reading, actor, ticket_id)
        posting = await queries.find_posting(reading, actor, posting_id)
    try:
        return await runtime.corrections.read_figures(actor.workspace_id, ticket_id, posting.id)
    except PostingUnknown as error:
        raise NotFound() from error


async def _check(
    database: Database,
    runtime: Runtime,
    actor: Actor,
    place: tuple[str, str],
    wanted: wire.ChangeFigures,
) -> Figures:
    return check_figures(await _read_ground(database, runtime, actor, *place), wanted)
