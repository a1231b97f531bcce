"""Doing things with tickets and tasks. Whatever moves a ticket goes through the runtime, in its own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tasks as wire
from backend.contracts import tickets as ticket_wire
from backend.db.models import Member, Region, Release, Task, TaskDraft, Ticket
from backend.db.session import Database
from backend.engine.model import Cancelled, IncidentResolved, State, TaskClaimed, TaskCompleted
from backend.engine.model import Task as EngineTask
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotAllowed, NotFound, invalid_field
from backend.features.tickets import forms, queries
from backend.features.tickets.access import is_offered, may_do
from backend.features.tickets.detail import read_state
from backend.features.tickets.present import present_actions
from backend.runtime.runtime import Runtime, StartTicket, TransitionResult

COMMENT_LIMIT = 2000


# --- starting ---


async def start_ticket(
    runtime: Runtime, database: Database, actor: Actor, request: ticket_wire.CreateTicket
) -> TransitionResult:
    """A ticket that staff open. Raises NotFound, Invalid (`workflow_not_published`, the form's faults), NotAllowed."""
    async with database.reading() as session:
        region = await _find_region(session, actor, request.region_id)
        release_id = await find_latest_release(session, actor.workspace_id, request.workflow_id)
        release = await runtime.find_release(release_id)
        start = choose_start(release, "staff")
        form = start_form(release, start)
        data = forms.check_submission(form, {}, request.data, {})
        owners = (f"member:{actor.member_id}",)
        files = await forms.check_files(session, actor.workspace_id, form, data, owners=owners)
    return await runtime.start_ticket(
        StartTicket(
            workspace_id=actor.workspace_id,
            release_id=release_id,
            region_id=region.id,
            data=data,
            customer=dict(request.customer or {}) or customer_of(data),
            source="staff",
            channel=request.channel or "",
            actor=actor.member_id,
            start=start,
            files=tuple(files),
        )
    )


async def _find_region(session: AsyncSession, actor: Actor, region_id: str) -> Region:
    statement = select(Region).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    region = (await session.execute(statement)).scalar_one_or_none()
    if region is None:
        raise NotFound()
    actor.require("run", region.path)
    return region


async def find_latest_release(session: AsyncSession, workspace_id: str, workflow_id: str) -> str:
    """Id of the release that new tickets run. Raises NotFound, Conflict (`workflow_not_published`)."""
    await queries.require_workflow(session, workspace_id, workflow_id)
    statement = (
        select(Release.id)
        .where(Release.workspace_id == workspace_id, Release.workflow_id == workflow_id)
        .order_by(Release.number.desc())
        .limit(1)
    )
    release_id = (await session.execute(statement)).scalar_one_or_none()
    if release_id is None:
        raise Conflict("workflow_not_published")
    return release_id


def choose_start(release: Any, source: str) -> str:
    """The first start node that takes this source. Raises Conflict (`source_refused`)."""
    for node_id in release.starts:
        if source in getattr(release.nodes[node_id].config, "sources", (source,)):
            return str(node_id)
    raise Conflict("source_refused")


def start_form(release: Any, start: str) -> dict[str, Any]:
    """The form that opens a ticket; none is an empty one."""
    key = getattr(release.nodes[start].config, "form", None)
    form = release.definition.forms.get(key) if key else None
    return forms.read_form(form) if form is not None else forms.EMPTY_FORM


CUSTOMER_FIELDS = {
    "name": ("contact_name", "customer_name"),
    "phone": ("contact_phone", "phone"),
    "email": ("contact_email", "email"),
    "grade": ("grade",),
}


def customer_of(data: dict[str, Any]) -> dict[str, Any]:
    """The customer as the start form tells it: a customer field, else the usual contact fields."""
    if isinstance(data.get("customer"), dict):
        return dict(data["customer"])
    found = {
        part: next((data[name] for name in names if data.get(name)), None)
        for part, names in CUSTOMER_FIELDS.items()
    }
    return {part: value for part, value in found.items() if value is not None}


# --- tasks ---


async def describe_task(
    session: AsyncSession, runtime: Runtime, actor: Actor, task: Task, ticket: Ticket, row: wire.Task
) -> wire.TaskDetail:
    """The task's form as this actor sees it, with the buttons if the actor may press them."""
    release = await runtime.find_release(ticket.release_id)
    state = read_state(ticket)
    engine_task = open_engine_task(state, task)
    form = forms.form_of(release.definition, engine_task)
    draft = await queries.find_draft(session, actor, task)
    return wire.TaskDetail(
        task=row,
        form=forms.present_form(form, engine_task.access),
        data=forms.present_data(form, state.data, engine_task.access),
        actions=present_actions_for(actor, task, engine_task),
        schema_hash=forms.hash_form(form),
        shown=forms.show_fields(release.definition, engine_task.show, state.data),
        draft=draft.data if draft else None,
    )


def present_actions_for(actor: Actor, task: Task, engine_task: EngineTask) -> list[wire.TaskAction]:
    """No buttons for those who only look."""
    return present_actions(engine_task) if may_do(actor, task) else []


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


async def assign(
    runtime: Runtime, actor: Actor, task: Task, ticket: Ticket, member_id: str | None
) -> TransitionResult:
    """Take (own id), give back (None) or hand on (another's id). The right was checked on what the page showed; the guard
    checks again on the locked state, so that of two who take a task at once one is told."""
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
    """Only an assigned task that a role can take again goes back. Raises Conflict, NotAllowed."""
    if task.status != "open":
        raise Conflict("task_closed")
    if task.assignee_id != actor.member_id and not actor.may("administer"):
        raise NotAllowed()
    if task.role is None:
        raise Conflict("task_has_no_role")


async def require_delegate(session: AsyncSession, actor: Actor, task: Task, member_id: str) -> None:
    """The holder, anybody it is offered to, or an administrator hands on to an active member. Raises Invalid ..."""
    if task.status != "open":
        raise Conflict("task_closed")
    if task.offer_to == "customer":
        raise NotAllowed()
    own = task.assignee_id == actor.member_id or (task.assignee_id is None and is_offered(actor, task))
    if not own and not actor.may("administer"):
        raise NotAllowed()
    statement = select(Member.id).where(
        Member.workspace_id == actor.workspace_id, Member.id == member_id, Member.active
    )
    if (await session.execute(statement)).first() is None:
        raise invalid_field("/member_id", "member_unknown")


async def complete_task(
    runtime: Runtime, database: Database, actor: Actor, task_id: str, request: wire.CompleteTask
) -> wire.TaskCompleted:
    """Press a button. Of two people at once one wins; the other learns who it was (`task_closed`)."""
    async with database.reading() as session:
        task, ticket = await queries.find_task(session, actor, task_id)
        await _require_open(session, actor, task)
        if not may_do(actor, task):
            raise Conflict("task_taken") if task.assignee_id and is_offered(actor, task) else NotAllowed()
        release = await runtime.find_release(ticket.release_id)
        state = read_state(ticket)
        engine_task = open_engine_task(state, task)
        form = forms.form_of(release.definition, engine_task)
        changes = check_completion(engine_task, form, request, state)
        owners = (f"member:{actor.member_id}",)
        files = await forms.check_files(
            session, actor.workspace_id, form, changes, owners=owners, ticket_id=ticket.id
        )
    event = TaskCompleted(
        task=task.key, outcome=request.outcome, data=changes, member=actor.member_id, comment=request.comment
    )
    held = task.assignee_id

    def guard(current: State) -> None:
        found = current.tasks.get(task.key)
        if found is None or found.outcome is not None:
            raise Conflict("task_closed")
        if found.assignee != held and found.assignee != actor.member_id:
            raise Conflict("task_taken")

    try:
        result = await runtime.apply(
            actor.workspace_id, ticket.id, event, actor=actor.member_id, guard=guard, files=tuple(files)
        )
    except Conflict:
        async with database.reading() as session:
            task, ticket = await queries.find_task(session, actor, task_id)
            await _require_open(session, actor, task)
        raise
    await _forget_drafts(database, task)
    return await _answer(database, actor, result)


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
    """What the button writes. A button that does not validate (send back, reject) keeps only what is valid as it is.

    Raises Invalid.
    """
    action = next((action for action in task.actions if action.outcome == request.outcome), None)
    if action is None:
        raise invalid_field("/outcome", "unknown_outcome", outcome=request.outcome)
    comment = (request.comment or "").strip()
    if action.needs_comment and not comment:
        raise invalid_field("/comment", "required")
    if len(comment) > COMMENT_LIMIT:
        raise invalid_field("/comment", "too_long", limit=COMMENT_LIMIT)
    if not action.validates:
        return {}
    return forms.check_submission(form, task.access, request.data, state.data)


async def _forget_drafts(database: Database, task: Task) -> None:
    """The task is done; what anybody had typed and not sent is of no use any more."""
    async with database.unit_of_work() as session:
        await session.execute(delete(TaskDraft).where(TaskDraft.task_id == task.id))


async def _answer(database: Database, actor: Actor, result: TransitionResult) -> wire.TaskCompleted:
    """The state after it, and the next task of this ticket that the actor may do."""
    async with database.reading() as session:
        ticket = await session.get_one(Ticket, result.ticket_id)
        tasks = await queries.list_open_tasks(session, ticket)
    following = next((task.id for task in tasks if may_do(actor, task)), None)
    return wire.TaskCompleted(ticket_id=ticket.id, status=ticket.status, next_task_id=following)


# --- the ticket as a whole ---


async def cancel(runtime: Runtime, actor: Actor, ticket: Ticket, reason: str) -> None:
    """Stop a running ticket. Raises Invalid, Conflict (`not_running`), NotAllowed."""
    if not reason.strip():
        raise invalid_field("/reason", "required")
    if not (actor.may("administer") or actor.may("edit") or ticket.created_by == actor.member_id):
        raise NotAllowed()
    event = Cancelled(reason=reason.strip()[:COMMENT_LIMIT], by=actor.member_id)
    await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id)


async def retry_incident(runtime: Runtime, actor: Actor, ticket: Ticket, key: str) -> None:
    """Let the node try again."""
    event = IncidentResolved(incident=key, action="retry", by=actor.member_id)
    await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id)
