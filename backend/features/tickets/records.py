"""Routes of what belongs to a ticket beside its own work: links, history, corrections."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, delete, get, patch, post
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import records as wire
from backend.db.models import Ticket
from backend.db.session import Database
from backend.features.platform.actor import Actor, requires
from backend.features.platform.errors import NotAllowed
from backend.features.tickets import queries
from backend.features.tickets.corrections import (
    check_correction,
    describe_correction,
    list_differences,
    merge_correctable,
)
from backend.features.tickets.detail import read_state
from backend.features.tickets.forms import check_files
from backend.features.tickets.history import describe_history
from backend.features.tickets.links import add_link, list_links, remove_link
from backend.features.tickets.sight import find_correctable, find_sight
from backend.runtime.runtime import Runtime

Field = Annotated[str | None, Parameter(max_length=200, description="data.amount; all fields when absent")]


class RecordController(Controller):
    """Beside the work."""

    path = "/tickets/{ticket_id:str}"
    tags = ("tickets",)
    guards = (requires("run", "view"),)

    @get("/history")
    async def show_history(
        self,
        *,
        ticket_id: str,
        actor: Actor,
        reading: AsyncSession,
        runtime: Runtime,
        field: Field = None,
    ) -> wire.FieldHistory:
        """Who changed which field when, before and after; newest first. Hidden fields are absent."""
        ticket = await queries.find_ticket(reading, actor, ticket_id)
        return await describe_history(reading, runtime, actor, ticket, field)

    @get("/correction")
    async def show_correction(
        self, ticket_id: str, actor: Actor, reading: AsyncSession, runtime: Runtime
    ) -> wire.CorrectionForm:
        """The fields that the reader may correct, with their values."""
        ticket = await queries.find_ticket(reading, actor, ticket_id)
        release = await runtime.release(ticket.release_id)
        return describe_correction(actor, ticket, release, read_state(ticket))

    @post("/correction", status_code=200)
    async def send_correction(
        self, ticket_id: str, data: wire.CorrectForm, actor: Actor, database: Database, runtime: Runtime
    ) -> wire.Corrected:
        """The correction form, sent back whole: what differs is corrected."""
        async with database.reading() as session:
            ticket = await queries.find_ticket(session, actor, ticket_id)
        release = await runtime.release(ticket.release_id)
        changes = list_differences(actor, ticket, release, data.data)
        return await self._correct(runtime, database, actor, ticket, changes)

    @patch("/data")
    async def correct_data(
        self, ticket_id: str, data: wire.CorrectData, actor: Actor, database: Database, runtime: Runtime
    ) -> wire.Corrected:
        """Correct fields of a running ticket. Editors correct all of them, others what their steps write."""
        async with database.reading() as session:
            ticket = await queries.find_ticket(session, actor, ticket_id)
        return await self._correct(runtime, database, actor, ticket, data.data)

    async def _correct(
        self, runtime: Runtime, database: Database, actor: Actor, ticket: Ticket, changes: dict[str, Any]
    ) -> wire.Corrected:
        """Files must have been uploaded by the actor or belong to the ticket already."""
        release = await runtime.release(ticket.release_id)
        state = read_state(ticket)
        if not find_correctable(actor, ticket, release, state):
            raise NotAllowed()
        if changes:
            event = check_correction(actor, ticket, release, changes)
            form = merge_correctable(actor, ticket, release)
            owners = (f"member:{actor.member_id}",)
            async with database.reading() as session:
                files = await check_files(
                    session, actor.workspace_id, form, event.set, owners=owners, ticket_id=ticket.id
                )
            result = await runtime.apply(
                actor.workspace_id, ticket.id, event, actor=actor.member_id, files=tuple(files)
            )
            state = result.state
        sight = find_sight(actor, ticket, release, state)
        return wire.Corrected(data=sight.project_data(state.data))

    @get("/links")
    async def show_links(
        self, ticket_id: str, actor: Actor, reading: AsyncSession
    ) -> list[wire.LinkedTicket]:
        """Parent, children, follow-ups and related tickets in sight."""
        ticket = await queries.find_ticket(reading, actor, ticket_id)
        return await list_links(reading, actor, ticket)

    @post("/links", status_code=201, guards=[requires("run", "edit")])
    async def link(
        self, ticket_id: str, data: wire.LinkTicket, actor: Actor, session: AsyncSession
    ) -> list[wire.LinkedTicket]:
        """Link another ticket; both show it."""
        ticket = await queries.find_ticket(session, actor, ticket_id)
        await add_link(session, actor, ticket, data)
        await session.flush()
        return await list_links(session, actor, ticket)

    @delete("/links/{ticket_link_id:str}", status_code=204, guards=[requires("run", "edit")])
    async def unlink(self, ticket_id: str, ticket_link_id: str, actor: Actor, session: AsyncSession) -> None:
        """Take a link away again, from either end."""
        ticket = await queries.find_ticket(session, actor, ticket_id)
        await remove_link(session, ticket, ticket_link_id)
