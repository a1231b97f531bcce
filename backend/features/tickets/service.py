"""Doing things with tasks and running tickets.

Whatever moves a ticket goes through the runtime, in its own transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tasks as wire
from backend.db.models import Task, TaskDraft, Ticket
from backend.db.session import Database
from backend.engine.assigning import find_bar
from backend.engine.commands import OpenTask
from backend.engine.events import Cancelled, IncidentResolved, TaskClaimed, TaskCompleted
from backend.engine.overlay import see_task_data
from backend.engine.state import State
from backend.engine.state import Task as EngineTask
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotAllowed, invalid_field
from backend.features.platform.idempotency import keep_in_transition
from backend.features.tickets import forms, queries
from backend.features.tickets.access import is_offered, may_do, may_do_next, may_manage
from backend.features.tickets.candidates import require_candidate
from backend.features.tickets.detail import read_state
from backend.features.tickets.present import present_actions
from backend.runtime.runtime import Runtime, TransitionResult

COMMENT_LIMIT = 2000


async def describe_task(
    session: AsyncSession, runtime: Runtime, actor: Actor, task: Task, ticket: Ticket, *, row: wire.Task
) -> wire.TaskDetail:
    """The task's form as this actor sees it, with the buttons if the actor may press them.

    Raises Conflict (`task_closed`).
    """
    await _require_open(session, actor, task)
    release = await runtime.release(ticket.release_id)
    state = read_state(ticket)
    engine_task = open_engine_task(state, task)
    form = forms.form_of(release.definition, engine_task)
    draft = await queries.find_draft(session, actor, task)
    return wire.TaskDetail(
        task=row,
        form=forms.present_form(form, engine_task.access),
        data=forms.present_data(form, see_task_data(state, engine_task.id), engine_task.access),
        actions=present_actions(engine_task) if row.mine else [],
        schema_hash=forms.hash_form(form),
        shown=forms.show_fields(release.definition, engine_task.show, see_task_data(state, engine_task.id)),
        draft=draft.data if draft else None,
    )


def open_engine_task(state: State, task: Task) -> EngineTask:
    """The engine's side of an open task. Raises Conflict (`task_closed`)."""
    found = state.tasks.get(task.key)
    if found is None or found.outcome is not None:
        raise Conflict("task_closed")
    return found


async def save_draft(
    session: AsyncSession, actor: Actor, task: Task, request: wire.SaveTaskDraft, now: datetime
) -> None:
    """Keep what was typed. Raises Conflict (`task_closed`)."""
    if task.status != "open":
        raise Conflict("task_closed")
    draft = await queries.find_draft(session, actor, task)
    if draft is None:
        draft = TaskDraft(task_id=task.id, member_id=actor.member_id, workspace_id=actor.workspace_id)
        session.add(draft)
    draft.data, draft.schema_hash, draft.at = request.data, request.schema_hash, now


def keep_holder(task: Task, actor: Actor) -> Callable[[State], None]:
    """A guard on the locked state: the task is open, and nobody else has taken it meanwhile."""
    held = task.assignee_id

    def guard(current: State) -> None:
        found = current.tasks.get(task.key)
        if found is None or found.outcome is not None:
            raise Conflict("task_closed")
        if found.assignee not in (held, actor.member_id):
            raise Conflict("task_taken")

    return guard


async def assign(
    runtime: Runtime, actor: Actor, task: Task, ticket: Ticket, member_id: str | None
) -> TransitionResult:
    """Take (own id), give back (None) or hand on (another's id). The right was checked on what the page
    showed; the guard checks again on the locked state, so that of two who take a task at once one is
    told."""
    held = task.assignee_id

    def guard(state: State) -> None:
        current = state.tasks.get(task.key)
        if current is None or current.outcome is not None:
            raise Conflict("task_closed")
        if current.assignee != held:
            raise Conflict("task_taken")

    event = TaskClaimed(task=task.key, member=member_id, by=actor.member_id)
    return await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id, guard=guard)


def require_claim(actor: Actor, task: Task) -> None:
    """Raises Conflict, NotAllowed."""
    if task.status != "open":
        raise Conflict("task_closed")
    if task.assignee_id is not None and task.assignee_id != actor.member_id:
        raise Conflict("task_taken")
    if not may_do(actor, task):
        raise NotAllowed()


def require_release(actor: Actor, task: Task) -> None:
    """Only an assigned task that others can take again goes back. Raises Conflict, NotAllowed."""
    if task.status != "open":
        raise Conflict("task_closed")
    if task.assignee_id != actor.member_id and not actor.may("administer"):
        raise NotAllowed()
    if task.role is None and task.offer_to not in {"team", "region"}:
        raise Conflict("task_has_no_role")


async def require_delegate(
    session: AsyncSession, actor: Actor, task: Task, ticket: Ticket, *, member_id: str
) -> None:
    """The holder, anybody it is offered to, or who leads the work there hands it on to somebody who may do
    it.

    Raises Conflict, NotAllowed, Invalid.
    """
    if task.status != "open":
        raise Conflict("task_closed")
    if task.offer_to == "customer":
        raise NotAllowed()
    own = task.assignee_id == actor.member_id or (task.assignee_id is None and is_offered(actor, task))
    if not own and not may_manage(actor, ticket.region_path):
        raise NotAllowed()
    await require_candidate(session, actor, task, ticket, member_id=member_id)


async def complete_task(
    runtime: Runtime, database: Database, actor: Actor, task_id: str, request: wire.CompleteTask
) -> wire.TaskCompleted:
    """Press a button. Of two people at once one wins; the other learns who it was (`task_closed`)."""
    async with database.reading() as session:
        task, ticket = await queries.find_task(session, actor, task_id)
        await _require_open(session, actor, task)
        if not may_do(actor, task):
            raise Conflict("task_taken") if task.assignee_id and is_offered(actor, task) else NotAllowed()
        release = await runtime.release(ticket.release_id)
        state = read_state(ticket)
        engine_task = open_engine_task(state, task)
        form = forms.form_of(release.definition, engine_task)
        changes = check_completion(engine_task, form, request, state)
        owners = (f"member:{actor.member_id}",)
        files = await forms.check_files(
            session, actor.workspace_id, form, changes, owners=owners, ticket_id=ticket.id
        )
        known = {row.key: row.id for row in await queries.list_open_tasks(session, ticket)}
    event = TaskCompleted(
        task=task.key, outcome=request.outcome, data=changes, member=actor.member_id, comment=request.comment
    )
    guard = keep_holder(task, actor)

    def answer(result: TransitionResult) -> wire.TaskCompleted:
        following = find_next_task(actor, result, known, ticket.region_path)
        return wire.TaskCompleted(ticket_id=ticket.id, status=result.state.status, next_task_id=following)

    try:
        result = await runtime.apply(
            actor.workspace_id,
            ticket.id,
            event,
            actor=actor.member_id,
            guard=guard,
            files=tuple(files),
            idempotency=keep_in_transition(lambda result: (200, msgspec.json.encode(answer(result)))),
        )
    except Conflict:
        async with database.reading() as session:
            task, ticket = await queries.find_task(session, actor, task_id)
            await _require_open(session, actor, task)
        raise
    await _forget_drafts(database, task)
    return answer(result)


def find_next_task(
    actor: Actor, result: TransitionResult, known: dict[str, str], ticket_path: str
) -> str | None:
    """The next task of this ticket that the actor may do; `known`: row ids of the tasks open before, by
    key.
    """
    tasks = result.state.tasks
    fresh = [
        command.task.id
        for command in result.commands
        if isinstance(command, OpenTask) and command.task.id in tasks
    ]
    ids = {**known, **dict(zip(fresh, result.opened, strict=False))}
    mine = (key for key, task in tasks.items() if key in ids and may_do_next(actor, task, ticket_path))
    free = (key for key in mine if find_bar(result.state, tasks[key], actor.member_id) is None)
    return next((ids[key] for key in free), None)


async def _require_open(session: AsyncSession, actor: Actor, task: Task) -> None:
    """Raises Conflict (`task_closed`) that says who closed it and when."""
    if task.status == "open":
        return
    names = await queries.map_members(session, actor.workspace_id, [task.closed_by])
    by = names.get(task.closed_by or "")
    raise Conflict(
        "task_closed_by" if by else "task_closed",
        params={"member": by or ""},
        extras={"closed_by": by, "closed_at": task.closed_at.isoformat() if task.closed_at else None},
    )


def check_completion(
    task: EngineTask, form: dict[str, Any], request: wire.CompleteTask, state: State
) -> dict[str, Any]:
    """What the button writes. A button that asks for no complete form (send back, reject) keeps what is
    valid.

    Raises Invalid.
    """
    action = next((action for action in task.actions if action.outcome == request.outcome), None)
    if action is None:
        raise invalid_field("/outcome", "unknown_outcome", outcome=request.outcome)
    comment = (request.comment or "").strip()
    if action.needs_comment and not comment:
        raise invalid_field("/comment", "answer.required")
    if len(comment) > COMMENT_LIMIT:
        raise invalid_field("/comment", "answer.too_long", limit=COMMENT_LIMIT)
    data = see_task_data(state, task.id)
    if not action.validates:
        return forms.keep_valid(form, task.access, request.data, data)
    return forms.check_submission(form, task.access, request.data, data)


async def _forget_drafts(database: Database, task: Task) -> None:
    """The task is done; what anybody had typed and not sent is of no use any more."""
    async with database.unit_of_work() as session:
        await session.execute(delete(TaskDraft).where(TaskDraft.task_id == task.id))


# --- the ticket as a whole ---


async def cancel(
    runtime: Runtime, actor: Actor, ticket: Ticket, reason: str, *, compensate: bool = False
) -> None:
    """Stop a running ticket. Raises Invalid, Conflict (`not_running`, `already_cancelling`), NotAllowed."""
    if not reason.strip():
        raise invalid_field("/reason", "answer.required")
    if not (actor.may("administer") or actor.may("edit") or ticket.created_by == actor.member_id):
        raise NotAllowed()
    text = reason.strip()[:COMMENT_LIMIT]
    event = Cancelled(reason=text, by=actor.member_id, compensate=compensate)
    await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id)


async def retry_incident(runtime: Runtime, actor: Actor, ticket: Ticket, key: str) -> None:
    """Let the node try again."""
    event = IncidentResolved(incident=key, action="retry", by=actor.member_id)
    await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id)
