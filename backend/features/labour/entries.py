"""Routes of time: entering, confirming by a second person, taking back."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.params import Parameter, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import labour as wire
from backend.contracts.common import Page
from backend.db.models import LabourEntry
from backend.db.session import Database
from backend.features.labour import queries, service
from backend.features.labour.present import present_entry
from backend.features.platform.actor import Actor, requires, signed_in
from backend.features.platform.clock import Clock
from backend.features.platform.errors import NotAllowed
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.runtime.books.labour import confirm_entry, reverse_entry
from backend.runtime.runtime import Runtime

MonthName = Annotated[str | None, Parameter(max_length=7, description="Such as `2026-11`")]
Name = Annotated[str | None, Parameter(max_length=40)]
State = Annotated[wire.EntryState | None, QueryParameter(name="state", description="Only these")]


class EntryController(Controller):
    """Time of people for projects."""

    path = "/labour-entries"
    tags = ("labour",)

    @get("", guards=[signed_in])
    async def list_entries(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        month: MonthName = None,
        project_id: Name = None,
        member_id: Name = None,
        standing: State = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.LabourEntry]:
        """Newest first: one's own, and those of the regions where one may settle or look."""
        statement = queries.select_entries(actor).limit(limit + 1)
        if month:
            statement = statement.where(LabourEntry.day.startswith(month, autoescape=True))
        for column, value in (
            (LabourEntry.project_id, project_id),
            (LabourEntry.member_id, actor.member_id if member_id == "me" else member_id),
            (LabourEntry.state, standing),
        ):
            if value is not None:
                statement = statement.where(column == value)
        if cursor:
            statement = statement.where(after((LabourEntry.id,), decode_cursor(cursor, str), descending=True))
        rows = await queries.list_rows(reading, statement)
        return make_page(rows, limit, lambda row: present_entry(row, actor, locale), lambda row: (row[0].id,))

    @post("", guards=[signed_in], status_code=201)
    async def enter_time(
        self, *, data: wire.EnterTime, actor: Actor, session: AsyncSession, clock: Clock, locale: str
    ) -> wire.LabourEntry:
        """It is booked when a second person confirms it."""
        entry_id = await service.enter_time(session, actor, data, clock())
        await session.flush()
        return present_entry(await queries.find_entry(session, actor, entry_id), actor, locale)

    @delete("/{entry_id:str}", guards=[signed_in])
    async def withdraw(self, entry_id: str, actor: Actor, session: AsyncSession) -> None:
        """Take one's own back while it waits."""
        await service.withdraw_entry(session, actor, entry_id)

    @post("/{entry_id:str}/confirmation", guards=[requires("settle")], status_code=201)
    async def confirm(
        self,
        *,
        entry_id: str,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.LabourEntry:
        """Price it and book it. Whoever worked or entered it may not."""
        await _require(database, actor, entry_id)
        make = partial(confirm_entry, actor.workspace_id, entry_id, actor.member_id, clock())
        await runtime.keep_books(make)
        return await _show(database, actor, entry_id, locale)

    @post("/{entry_id:str}/rejection", guards=[requires("settle")], status_code=201)
    async def reject(
        self,
        *,
        entry_id: str,
        data: wire.LabourReason,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> wire.LabourEntry:
        """Nothing is booked; whoever entered it sees why."""
        await service.reject_entry(session, actor, entry_id, data.reason, clock())
        await session.flush()
        return present_entry(await queries.find_entry(session, actor, entry_id), actor, locale)

    @post("/{entry_id:str}/reversal", guards=[requires("settle")], status_code=201)
    async def reverse(
        self,
        *,
        entry_id: str,
        data: wire.LabourReason,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.LabourEntry:
        """Take back what was booked."""
        await _require(database, actor, entry_id)
        make = partial(
            reverse_entry, actor.workspace_id, entry_id, data.reason.strip(), actor.member_id, clock()
        )
        await runtime.keep_books(make)
        return await _show(database, actor, entry_id, locale)


async def _require(database: Database, actor: Actor, entry_id: str) -> None:
    """Raises NotFound, NotAllowed."""
    async with database.reading() as session:
        entry = (await queries.find_entry(session, actor, entry_id))[0]
    if not actor.may("settle", entry.region_path):
        raise NotAllowed()


async def _show(database: Database, actor: Actor, entry_id: str, locale: str) -> wire.LabourEntry:
    async with database.reading() as session:
        return present_entry(await queries.find_entry(session, actor, entry_id), actor, locale)
