"""Routes of tickets and tasks."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Router, get, post, put
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tasks as task_wire
from backend.contracts import tickets as wire
from backend.contracts.common import Page
from backend.contracts.settlement import SettlementPreview
from backend.db.models import Region, Task, Ticket
from backend.db.session import Database
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.errors import NotAllowed, NotFound
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.settlement.foresight import present_preview
from backend.features.tickets import candidates, instances, queries, service, work
from backend.features.tickets.access import may_do
from backend.features.tickets.board import describe_board
from backend.features.tickets.clocks import explain_clocks, list_releases
from backend.features.tickets.detail import describe_ticket, load_names, read_state
from backend.features.tickets.present import Names, present_item, present_task
from backend.features.tickets.records import RecordController
from backend.features.tickets.rows import present_rows
from backend.features.tickets.starting import describe_start, find_latest_release, start_ticket
from backend.runtime.runtime import Runtime

View = Annotated[
    queries.TaskView, Parameter(description="mine, team (offered and not taken) or all in sight")
]
Search = Annotated[str | None, Parameter(max_length=100, description="Number, title or customer")]


class TicketController(Controller):
    """Tickets."""

    path = "/tickets"
    tags = ("tickets",)
    guards = (requires("run", "view"),)

    @get("")
    async def list_tickets(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        view: queries.TicketView = "open",
        workflow_id: str | None = None,
        region_id: str | None = None,
        q: Search = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.TicketItem]:
        """Newest first."""
        path = None
        if region_id:
            region = await reading.get(Region, region_id)
            if region is None or region.workspace_id != actor.workspace_id:
                raise NotFound()
            path = region.path
        statement = queries.select_tickets(actor, view, workflow_id, path, q)
        if cursor:
            statement = statement.where(after((Ticket.id,), decode_cursor(cursor, str), descending=True))
        rows = (await reading.execute(statement.order_by(Ticket.id.desc()).limit(limit + 1))).all()
        names = await load_names(reading, actor.workspace_id, set())
        return make_page(
            rows, limit, lambda row: present_item(row[0], row[1], names), lambda row: (row[0].id,)
        )

    @post("", status_code=201)
    async def open_ticket(
        self,
        data: wire.CreateTicket,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        base_url: str,
    ) -> wire.StartedTicket:
        """Open a ticket on the latest release of a workflow."""
        return await start_ticket(runtime, database, actor, data, base_url)

    @get("/{ticket_id:str}")
    async def show_ticket(
        self,
        *,
        ticket_id: str,
        actor: Actor,
        reading: AsyncSession,
        runtime: Runtime,
        locale: str,
        base_url: str,
        clock: Clock,
    ) -> wire.TicketDetail:
        """One ticket with its timeline, tasks, tokens and money."""
        ticket = await queries.find_ticket(reading, actor, ticket_id)
        release = await runtime.release(ticket.release_id)
        return await describe_ticket(
            reading, actor, ticket, release, locale=locale, base_url=base_url, clock=clock
        )

    @get("/{ticket_id:str}/clocks")
    async def show_clocks(
        self,
        *,
        ticket_id: str,
        actor: Actor,
        reading: AsyncSession,
        runtime: Runtime,
        locale: str,
        clock: Clock,
    ) -> wire.TicketClocks:
        """The ticket's service level clocks, with every run and pause and its cause."""
        ticket = await queries.find_ticket(reading, actor, ticket_id)
        release = await runtime.release(ticket.release_id)
        state = read_state(ticket)
        events = await queries.list_events(reading, ticket) if state.clocks else []
        known = {key: await runtime.release(key) for key in list_releases(events)}
        items = explain_clocks(release, state, events, clock(), locale, known) if events else []
        return wire.TicketClocks(items=items, zone=state.ticket.calendar.zone)

    @post("/{ticket_id:str}/withdraw", status_code=204)
    async def withdraw(
        self, ticket_id: str, data: wire.WithdrawTicket, actor: Actor, database: Database, runtime: Runtime
    ) -> None:
        """Take back a ticket that one opened, as far as its workflow lets one."""
        async with database.reading() as session:
            ticket = await queries.find_ticket(session, actor, ticket_id)
        await work.withdraw(runtime, actor, ticket, data)

    @post("/{ticket_id:str}/suspend", status_code=204)
    async def suspend(
        self, ticket_id: str, data: wire.SuspendTicket, actor: Actor, database: Database, runtime: Runtime
    ) -> None:
        """Let a ticket rest: nobody finishes its tasks, timers and clocks stand still. For those who lead
        the work of its region, editors and administrators.
        """
        async with database.reading() as session:
            ticket = await queries.find_ticket(session, actor, ticket_id)
        await work.suspend(runtime, actor, ticket, data)

    @post("/{ticket_id:str}/resume", status_code=204)
    async def resume(self, ticket_id: str, actor: Actor, database: Database, runtime: Runtime) -> None:
        """Go on with a ticket that rests."""
        async with database.reading() as session:
            ticket = await queries.find_ticket(session, actor, ticket_id)
        await work.resume(runtime, actor, ticket)

    @post("/{ticket_id:str}/cancel", status_code=204)
    async def cancel(
        self, ticket_id: str, data: wire.CancelTicket, actor: Actor, database: Database, runtime: Runtime
    ) -> None:
        """Stop a running ticket, if asked after undoing its steps. For whoever opened it, editors and
        administrators."""
        async with database.reading() as session:
            ticket = await queries.find_ticket(session, actor, ticket_id)
        await service.cancel(runtime, actor, ticket, data.reason, compensate=data.compensate)

    @post("/{ticket_id:str}/items", status_code=204)
    async def add_item(
        self, ticket_id: str, data: wire.AddItem, actor: Actor, database: Database, runtime: Runtime
    ) -> None:
        """One more item for a step that goes through a list now. For those who run tickets."""
        async with database.reading() as session:
            ticket = await queries.find_ticket(session, actor, ticket_id)
        await instances.add_item(runtime, actor, ticket, data)

    @post("/{ticket_id:str}/incidents/{incident_id:str}/retry", status_code=204)
    async def retry(
        self, ticket_id: str, incident_id: str, actor: Actor, database: Database, runtime: Runtime
    ) -> None:
        """Let a node that could not go on try again. For editors and administrators."""
        async with database.reading() as session:
            ticket = await queries.find_ticket(session, actor, ticket_id)
            incidents = await queries.list_incidents(session, ticket)
        incident = next((incident for incident in incidents if incident.id == incident_id), None)
        if incident is None:
            raise NotFound()
        if not (actor.may("edit") or actor.may("administer")):
            raise NotAllowed()
        await service.retry_incident(runtime, actor, ticket, incident.key)

    @get("/{ticket_id:str}/settlement-preview")
    async def preview_settlement(
        self, ticket_id: str, actor: Actor, database: Database, runtime: Runtime, locale: str
    ) -> SettlementPreview:
        """What would be booked if the ticket settled with what is known now. Nothing is written."""
        async with database.reading() as session:
            ticket = await queries.find_ticket(session, actor, ticket_id)
            release = await runtime.release(ticket.release_id)
            state = read_state(ticket)
            return await present_preview(
                session, runtime, actor, ticket, release=release, state=state, locale=locale
            )


class TaskController(Controller):
    """Tasks."""

    path = "/tasks"
    tags = ("tasks",)
    guards = (requires("run", "view"),)

    @get("")
    async def list_tasks(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        runtime: Runtime,
        locale: str,
        view: View = "mine",
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[task_wire.Task]:
        """Most urgent first, then oldest."""
        statement = queries.select_tasks(actor, view)
        order = (Task.priority_rank, Task.id)
        if cursor:
            statement = statement.where(after(order, decode_cursor(cursor, int, str), descending=False))
        rows = (await reading.execute(statement.order_by(*order).limit(limit + 1))).all()
        names = await load_names(reading, actor.workspace_id, {row[0].assignee_id for row in rows})
        lines = await present_rows(runtime, actor, rows, names, locale)
        ranks = {row[0].id: row[0].priority_rank for row in rows}
        return make_page(lines, limit, lambda line: line, lambda line: (ranks[line.id], line.id))

    @get("/{task_id:str}")
    async def show_task(
        self, task_id: str, actor: Actor, reading: AsyncSession, runtime: Runtime, locale: str
    ) -> task_wire.TaskDetail:
        """The task with its form as this reader may see it."""
        task, ticket = await queries.find_task(reading, actor, task_id)
        names = await self._names(reading, actor, task)
        (row,) = await present_rows(runtime, actor, [(task, ticket)], names, locale)
        return await service.describe_task(reading, runtime, actor, task, ticket, row=row)

    @put("/{task_id:str}/draft", status_code=204)
    async def save_draft(
        self,
        task_id: str,
        data: task_wire.SaveTaskDraft,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
    ) -> None:
        """Keep what was typed, so that another device can go on."""
        task, _ = await queries.find_task(session, actor, task_id)
        if not may_do(actor, task) and task.status == "open":
            raise NotAllowed()
        await service.save_draft(session, actor, task, data, clock())

    @post("/{task_id:str}/claim", status_code=200)
    async def claim(self, task_id: str, actor: Actor, database: Database, runtime: Runtime) -> task_wire.Task:
        """Take it."""
        async with database.reading() as session:
            task, ticket = await queries.find_task(session, actor, task_id)
        service.require_claim(actor, task)
        return await self._assign(task, ticket, actor, database=database, runtime=runtime, to=actor.member_id)

    @post("/{task_id:str}/release", status_code=200)
    async def give_back(
        self, task_id: str, actor: Actor, database: Database, runtime: Runtime
    ) -> task_wire.Task:
        """Give it back to its role."""
        async with database.reading() as session:
            task, ticket = await queries.find_task(session, actor, task_id)
        service.require_release(actor, task)
        return await self._assign(task, ticket, actor, database=database, runtime=runtime, to=None)

    @post("/{task_id:str}/delegate", status_code=200)
    async def delegate(
        self, task_id: str, data: task_wire.Delegate, actor: Actor, database: Database, runtime: Runtime
    ) -> task_wire.Task:
        """Hand it on to a colleague."""
        async with database.reading() as session:
            task, ticket = await queries.find_task(session, actor, task_id)
            await service.require_delegate(session, actor, task, ticket, member_id=data.member_id)
        return await self._assign(task, ticket, actor, database=database, runtime=runtime, to=data.member_id)

    @get("/{task_id:str}/candidates")
    async def show_candidates(
        self,
        *,
        task_id: str,
        actor: Actor,
        reading: AsyncSession,
        purpose: candidates.Purpose = "delegate",
        q: Search = None,
    ) -> Page[task_wire.Candidate]:
        """Who may do the task (`delegate`), or sign it as well (`sign`); the first by name."""
        task, ticket = await queries.find_task(reading, actor, task_id)
        found = await candidates.list_candidates(
            reading, actor, task, ticket, purpose=purpose, text=(q or "").strip()
        )
        return Page(items=found[: candidates.MOST])

    @get("/{task_id:str}/returns")
    async def show_returns(
        self, task_id: str, actor: Actor, reading: AsyncSession, runtime: Runtime
    ) -> Page[task_wire.ReturnTarget]:
        """Earlier steps that the work can be returned to."""
        task, ticket = await queries.find_task(reading, actor, task_id)
        return Page(items=await work.show_returns(reading, runtime, actor, task, ticket))

    @post("/{task_id:str}/return", status_code=200)
    async def send_back(
        self, task_id: str, data: task_wire.ReturnTask, actor: Actor, database: Database, runtime: Runtime
    ) -> task_wire.TaskCompleted:
        """Return the work to an earlier step. Out of a parallel block, the whole block is withdrawn."""
        async with database.reading() as session:
            task, ticket = await queries.find_task(session, actor, task_id)
        return await work.send_back(runtime, actor, task, ticket, data)

    @post("/{task_id:str}/signers", status_code=204)
    async def add_signer(
        self, task_id: str, data: task_wire.AddSigner, actor: Actor, database: Database, runtime: Runtime
    ) -> None:
        """Ask one more person to decide; their vote counts like the others'."""
        await work.add_signer(runtime, database, actor, task_id, data)

    @post("/bulk-complete", status_code=200)
    async def complete_many(
        self,
        data: task_wire.BulkComplete,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        locale: str,
    ) -> task_wire.BulkResults:
        """Press the same button on several tasks; says of each how it went."""
        return await work.complete_many(runtime, database, actor, data, locale)

    @post("/{task_id:str}/complete", status_code=200)
    async def complete(
        self,
        task_id: str,
        data: task_wire.CompleteTask,
        actor: Actor,
        database: Database,
        runtime: Runtime,
    ) -> task_wire.TaskCompleted:
        """Press one of its buttons."""
        return await service.complete_task(runtime, database, actor, task_id, data)

    async def _assign(
        self,
        task: Task,
        ticket: Ticket,
        actor: Actor,
        *,
        database: Database,
        runtime: Runtime,
        to: str | None,
    ) -> task_wire.Task:
        await service.assign(runtime, actor, task, ticket, to)
        async with database.reading() as session:
            current = await session.get_one(Task, task.id)
            return present_task(actor, current, ticket, await self._names(session, actor, current))

    async def _names(self, session: AsyncSession, actor: Actor, task: Task) -> Names:
        return await load_names(session, actor.workspace_id, {task.assignee_id})


@get("/workflows/{workflow_id:str}/start-form", guards=[requires("run")], tags=["tickets"])
async def show_start_form(
    workflow_id: str,
    actor: Actor,
    database: Database,
    runtime: Runtime,
    follow_up_of: Annotated[str | None, Parameter(max_length=36)] = None,
) -> wire.StartForm:
    """The form by which staff open a ticket on the newest release of a workflow; with the customer of the
    ticket that it follows up."""
    return await describe_start(runtime, database, actor, workflow_id, follow_up_of)


@get("/workflows/{workflow_id:str}/board", guards=[requires("run", "view")], tags=["tasks"])
async def show_board(
    *,
    workflow_id: str,
    actor: Actor,
    reading: AsyncSession,
    runtime: Runtime,
    locale: str,
    view: View = "all",
) -> task_wire.Board:
    """Open tasks of a workflow by step; of each step the first twenty, most urgent first."""
    release = await runtime.release(await find_latest_release(reading, actor.workspace_id, workflow_id))
    return await describe_board(
        reading, runtime, actor, release, workflow_id=workflow_id, view=view, locale=locale
    )


HANDLERS = (TicketController, TaskController, RecordController, show_start_form, show_board)
ROUTER = Router(path="/", route_handlers=HANDLERS)
