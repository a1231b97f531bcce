"""What a customer does: submit, follow, answer what is asked."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import public as wire
from backend.contracts.common import Text
from backend.contracts.tasks import CompleteTask
from backend.db.models import StoredFile, Task, Ticket
from backend.db.session import Database
from backend.engine.events import TaskCompleted, Withdrawn
from backend.engine.human import may_withdraw
from backend.engine.overlay import see_task_data
from backend.engine.state import State
from backend.features.platform.errors import Conflict, NotAllowed, NotFound
from backend.features.platform.idempotency import keep_in_transition
from backend.features.public import queries
from backend.features.tickets import forms
from backend.features.tickets.detail import load_stages, read_state
from backend.features.tickets.present import present_actions
from backend.features.tickets.service import check_completion, open_engine_task
from backend.features.tickets.starting import (
    Asked,
    choose_start,
    find_latest_release,
    find_opening,
    read_start_form,
)
from backend.runtime.intake import customer_of
from backend.runtime.runtime import Runtime, StartTicket, TransitionResult


async def describe_form(session: AsyncSession, runtime: Runtime, token: str) -> wire.PublicForm:
    """The form of the latest release.

    Raises NotFound, Conflict (`workflow_not_published`, `source_refused`, `link_closed`).
    """
    link = await queries.find_link(session, token)
    release_id = await find_latest_release(session, link.workspace_id, link.workflow_id)
    release = await runtime.release(release_id)
    form = read_start_form(release, choose_start(release, "customer"))
    workflow = await queries.find_workflow(session, link.workflow_id)
    region = await queries.list_region_names(session, link.region_id)
    return wire.PublicForm(
        workspace=await queries.name_workspace(session, link.workspace_id),
        workflow_name=Text(**workflow.name),
        region=[Text(**name) for name in region],
        form=forms.present_form(form, {}),
        schema_hash=forms.hash_form(form),
    )


async def submit_form(
    runtime: Runtime, database: Database, token: str, request: wire.SubmitForm, base_url: str
) -> wire.Submitted:
    """Open a ticket in the link's region. Raises Invalid with every fault of the form."""
    async with database.reading() as session:
        link = await queries.find_link(session, token)
        asked = Asked(
            workspace_id=link.workspace_id,
            workflow_id=link.workflow_id,
            region_path=await queries.find_region_path(session, link.region_id),
            source="customer",
            channel=link.channel,
            data=request.data,
        )
        opening = await find_opening(session, runtime, asked, database.clock())
        data = opening.data
        owners = (f"link:{link.id}",)
        files = await forms.check_files(session, link.workspace_id, opening.form, data, owners=owners)

    def answer(result: TransitionResult) -> wire.Submitted:
        token = result.tracking_token
        return wire.Submitted(
            number=result.state.ticket.number, tracking_token=token, url=f"{base_url}/t/{token}"
        )

    started = await runtime.start_ticket(
        StartTicket(
            workspace_id=link.workspace_id,
            release_id=opening.release_id,
            region_id=link.region_id,
            data=data,
            customer=customer_of(data),
            source="customer",
            channel=link.channel,
            actor=None,
            start=opening.start,
            files=tuple(files),
            notes=opening.notes,
        ),
        idempotency=keep_in_transition(lambda result: (201, msgspec.json.encode(answer(result)))),
    )
    return answer(started)


async def describe_ticket(session: AsyncSession, runtime: Runtime, token: str) -> wire.PublicTicket:
    """Stages and, if there is one, what the customer is asked now. Raises NotFound."""
    ticket = await queries.find_ticket(session, token)
    release = await runtime.release(ticket.release_id)
    state = read_state(ticket)
    workflow = await queries.find_workflow(session, ticket.workflow_id)
    events = await queries.list_events(session, ticket)
    return wire.PublicTicket(
        number=ticket.number,
        title=Text(**workflow.name),
        workspace=await queries.name_workspace(session, ticket.workspace_id),
        status=state.status,  # whether we let it rest is no concern of the customer
        stages=await load_stages(session, ticket, release, state, events),
        task=await _describe_task(session, runtime, ticket, state),
        may_withdraw=_is_opener(state) and state.status == "running" and may_withdraw(release, state),
    )


def _is_opener(state: State) -> bool:
    return state.ticket.source == "customer"


async def withdraw(
    runtime: Runtime, database: Database, token: str, request: wire.WithdrawPublicTicket
) -> wire.PublicTicket:
    """The customer, who opened it, takes it back. Raises NotFound, NotAllowed, Refused (`cannot_withdraw`,
    `not_running`)."""
    async with database.reading() as session:
        ticket = await queries.find_ticket(session, token)
    if not _is_opener(read_state(ticket)):
        raise NotAllowed()
    event = Withdrawn(comment=(request.comment or "").strip() or None)
    await runtime.apply(ticket.workspace_id, ticket.id, event, actor=None)
    async with database.reading() as session:
        return await describe_ticket(session, runtime, token)


async def _describe_task(
    session: AsyncSession, runtime: Runtime, ticket: Ticket, state: State
) -> wire.PublicTask | None:
    task = await queries.find_customer_task(session, ticket)
    if task is None or state.suspended is not None:
        return None
    release = await runtime.release(ticket.release_id)
    engine_task = open_engine_task(state, task)
    form = forms.form_of(release.definition, engine_task)
    return wire.PublicTask(
        id=task.id,
        label=_address_customer(form, task),
        kind=task.kind,
        form=forms.present_form(form, engine_task.access),
        data=forms.present_data(form, see_task_data(state, engine_task.id), engine_task.access),
        actions=present_actions(engine_task),
        shown=forms.show_fields(release.definition, engine_task.show, see_task_data(state, engine_task.id)),
    )


def _address_customer(form: dict[str, Any], task: Task) -> Text:
    """The form's title speaks to its reader; the node's label speaks of the customer to those who draw."""
    title = form["title"]
    return Text(**title) if title.get("zh") or title.get("en") else Text(**task.label)


async def complete_task(
    runtime: Runtime, database: Database, token: str, task_id: str, request: wire.CompletePublicTask
) -> wire.PublicTicket:
    """Answer what is asked. Raises NotFound, Invalid, Conflict (`task_closed`)."""
    async with database.reading() as session:
        ticket = await queries.find_ticket(session, token)
        task = await queries.find_task(session, ticket, task_id)
        if task.status != "open":
            raise Conflict("task_closed")
        release = await runtime.release(ticket.release_id)
        state = read_state(ticket)
        engine_task = open_engine_task(state, task)
        form = forms.form_of(release.definition, engine_task)
        answer = CompleteTask(outcome=request.outcome, data=request.data, comment=request.comment)
        changes = check_completion(engine_task, form, answer, state)
        owners = (f"ticket:{ticket.id}",)
        files = await forms.check_files(
            session, ticket.workspace_id, form, changes, owners=owners, ticket_id=ticket.id
        )

    def guard(current: State) -> None:
        found = current.tasks.get(task.key)
        if found is None or found.outcome is not None:
            raise Conflict("task_closed")

    event = TaskCompleted(task=task.key, outcome=request.outcome, data=changes, comment=request.comment)
    await runtime.apply(ticket.workspace_id, ticket.id, event, actor=None, guard=guard, files=tuple(files))
    async with database.reading() as session:
        return await describe_ticket(session, runtime, token)


async def require_shown(session: AsyncSession, runtime: Runtime, ticket: Ticket, record: StoredFile) -> None:
    """A customer reads only files that the open task shows, or that came from this ticket's customer.

    Raises NotFound.
    """
    if record.owner == f"ticket:{ticket.id}":
        return
    task = await _describe_task(session, runtime, ticket, read_state(ticket))
    values = [field.value for field in task.shown] + list(task.data.values()) if task else []
    if not any(record.id in value for value in values if isinstance(value, list)):
        raise NotFound()
