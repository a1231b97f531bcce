"""Routes of rehearsals: recorded tickets run through the draft."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import versions as wire
from backend.contracts.common import Page
from backend.db.models import Rehearsal, RehearsalTicket
from backend.db.session import Database, announce
from backend.db.types import new_id
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.errors import Conflict, NotFound, invalid_field
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.versions import present, queries
from backend.features.workflows.checks import present_derived, read_definition
from backend.features.workflows.naming import list_names
from backend.graph.canonical import canonical_json
from backend.graph.model import Definition
from backend.graph.registry import Registry
from backend.runtime.runtime import Runtime

Class = Literal["unchanged", "rerouted", "stuck", "invalid", "ended", "unreadable", "money"]
ChosenClass = Annotated[Class | None, QueryParameter(name="class", description="Only this class of tickets")]


class WorkflowRehearsalController(Controller):
    """Rehearsals of one workflow."""

    path = "/workflows/{workflow_id:str}/rehearsals"
    tags = ("versions",)

    @post("", guards=[requires("edit", "publish")], status_code=201)
    async def start(
        self,
        *,
        workflow_id: str,
        data: wire.StartRehearsal,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.Rehearsal:
        """Run the last tickets through the draft as it is now. Nothing is written but the result."""
        async with database.unit_of_work() as session:
            draft = await queries.find_draft(session, actor, workflow_id)
            path = await _choose_region(session, actor, data.region_id)
            busy = queries.select_rehearsals(actor).where(
                Rehearsal.workflow_id == workflow_id, Rehearsal.status.in_(("pending", "running"))
            )
            if (await session.execute(busy.limit(1))).first() is not None:
                raise Conflict("rehearsal_running")
            rehearsal = Rehearsal(
                id=new_id(),
                workspace_id=actor.workspace_id,
                workflow_id=workflow_id,
                revision=draft.revision,
                definition=canonical_json(msgspec.convert(draft.definition, Definition)).decode(),
                most=data.limit,
                since=data.since,
                region_path=path,
                status="pending",
                created_at=clock(),
                created_by=actor.member_id,
            )
            session.add(rehearsal)
            await session.flush()
            names = await queries.load_names(session, actor.workspace_id)
            row = await queries.find_rehearsal(session, actor, rehearsal.id)
            announce(session, actor.workspace_id, f"rehearsals:{workflow_id}")
        await runtime.add_job(actor.workspace_id, "rehearsal", {"rehearsal": rehearsal.id})
        return present.present_rehearsal(row, names, locale)

    @get("", guards=[requires("view", "edit", "publish")])
    async def list_rehearsals(  # noqa: PLR0917 - what a list needs
        self,
        workflow_id: str,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> Page[wire.Rehearsal]:
        """Newest first."""
        await queries.find_workflow(reading, actor, workflow_id)
        statement = (
            queries.select_rehearsals(actor).where(Rehearsal.workflow_id == workflow_id).limit(limit + 1)
        )
        if cursor:
            statement = statement.where(after((Rehearsal.id,), decode_cursor(cursor, str), descending=True))
        names = await queries.load_names(reading, actor.workspace_id)
        rows = (await reading.execute(statement)).all()
        return make_page(
            rows, limit, lambda row: present.present_rehearsal(row, names, locale), lambda row: (row[0].id,)
        )


async def _choose_region(session: AsyncSession, actor: Actor, region_id: str | None) -> str:
    """A region that the reader reaches; without one, all that they reach."""
    if region_id is None:
        return queries.reach_of(actor)
    region = await queries.find_region(session, actor, region_id)
    if region is None or not region.path.startswith(queries.reach_of(actor)):
        raise invalid_field("/region_id", "unknown_region")
    return region.path


class RehearsalController(Controller):
    """One rehearsal."""

    path = "/rehearsals/{rehearsal_id:str}"
    tags = ("versions",)

    @get("", guards=[requires("view", "edit", "publish")])
    async def show(
        self, rehearsal_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.Rehearsal:
        """Progress, and the report as far as it goes."""
        row = await queries.find_rehearsal(reading, actor, rehearsal_id)
        names = await queries.load_names(reading, actor.workspace_id)
        return present.present_rehearsal(row, names, locale)

    @delete("", guards=[requires("edit", "publish")])
    async def cancel(self, rehearsal_id: str, actor: Actor, session: AsyncSession, clock: Clock) -> None:
        """Stop it; what was found so far stays."""
        row = await queries.find_rehearsal(session, actor, rehearsal_id, lock=True)
        rehearsal: Rehearsal = row[0]
        if rehearsal.status in {"pending", "running"}:
            rehearsal.status, rehearsal.finished_at, rehearsal.sums = "cancelled", clock(), {}
            announce(session, actor.workspace_id, f"rehearsal:{rehearsal_id}")

    @get("/definition", guards=[requires("view", "edit", "publish")])
    async def show_definition(
        self, rehearsal_id: str, actor: Actor, reading: AsyncSession, registry: Registry
    ) -> wire.RehearsedDefinition:
        """The draft as it was tried."""
        rehearsal: Rehearsal = (await queries.find_rehearsal(reading, actor, rehearsal_id))[0]
        definition: dict[str, Any] = msgspec.json.decode(rehearsal.definition)
        _, known = read_definition(definition)
        derived = present_derived(known, registry, await list_names(reading, actor))
        return wire.RehearsedDefinition(revision=rehearsal.revision, definition=definition, derived=derived)

    @get("/tickets", guards=[requires("view", "edit", "publish")])
    async def list_tickets(  # noqa: PLR0917 - what a list needs
        self,
        rehearsal_id: str,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        verdict: ChosenClass = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.RehearsedTicket]:
        """Tickets of a class, the earliest first."""
        rehearsal: Rehearsal = (await queries.find_rehearsal(reading, actor, rehearsal_id))[0]
        statement = queries.select_tickets(rehearsal_id, verdict).limit(limit + 1)
        if cursor:
            place = decode_cursor(cursor, int)
            statement = statement.where(after((RehearsalTicket.seq,), place, descending=False))
        names = await queries.load_names(reading, actor.workspace_id)
        names = await queries.name_parts(reading, names, rehearsal)
        rows = (await reading.execute(statement)).scalars().all()
        return make_page(
            rows, limit, lambda row: present.present_ticket(row, names, locale), lambda row: (row.seq,)
        )

    @get("/tickets/{ticket_id:str}", guards=[requires("view", "edit", "publish")])
    async def show_ticket(
        self, rehearsal_id: str, ticket_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.TicketComparison:
        """Both ways of one ticket, and the money of both."""
        rehearsal: Rehearsal = (await queries.find_rehearsal(reading, actor, rehearsal_id))[0]
        statement = queries.select_tickets(rehearsal_id, None).where(RehearsalTicket.ticket_id == ticket_id)
        found = (await reading.execute(statement)).scalar_one_or_none()
        if found is None:
            raise NotFound()
        names = await queries.load_names(reading, actor.workspace_id)
        names = await queries.name_parts(reading, names, rehearsal)
        return present.present_comparison(found, names, locale)
