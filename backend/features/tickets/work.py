"""Sending work back, asking one more signer, withdrawing, resting, and finishing many tasks at once."""

from __future__ import annotations

from datetime import UTC

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tasks as wire
from backend.contracts import tickets as ticket_wire
from backend.contracts.common import Reference, Text
from backend.db.models import Task, Ticket
from backend.db.session import Database
from backend.engine.events import Resumed, Returned, SignerAdded, Suspended, Withdrawn
from backend.engine.human import list_returns
from backend.engine.run import Refused
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotAllowed, Rejection, invalid_field
from backend.features.platform.idempotency import answer_many
from backend.features.tickets import queries, service
from backend.features.tickets.access import may_do, may_manage
from backend.features.tickets.candidates import require_candidate
from backend.features.tickets.detail import read_state
from backend.messages import render
from backend.runtime.errors import TicketUnknown
from backend.runtime.runtime import Runtime


def require_hands(actor: Actor, task: Task) -> None:
    """Only who may finish a task may send it on. Raises Conflict, NotAllowed."""
    if task.status != "open":
        raise Conflict("task_closed")
    if not may_do(actor, task):
        raise NotAllowed()


async def show_returns(
    session: AsyncSession, runtime: Runtime, actor: Actor, task: Task, ticket: Ticket
) -> list[wire.ReturnTarget]:
    """Earlier steps that this task can be sent back to, the latest first."""
    require_hands(actor, task)
    release = await runtime.release(ticket.release_id)
    state = read_state(ticket)
    engine_task = service.open_engine_task(state, task)
    targets = list_returns(release, state, state.tokens[engine_task.token])
    doers = {target.node: state.people.get(target.node) for target in targets}
    names = await queries.map_members(session, actor.workspace_id, doers.values())
    return [
        wire.ReturnTarget(
            node=target.node,
            label=Text(**release.nodes[target.node].label),
            direct=target.direct,
            member=Reference(id=doer, name=names.get(doer, "")) if (doer := doers[target.node]) else None,
        )
        for target in targets
    ]


async def send_back(
    runtime: Runtime, actor: Actor, task: Task, ticket: Ticket, request: wire.ReturnTask
) -> wire.TaskCompleted:
    """Return the work to an earlier step, with the reason. Raises Conflict, NotAllowed, Invalid, Refused."""
    require_hands(actor, task)
    comment = request.comment.strip()
    if not comment:
        raise invalid_field("/comment", "answer.required")
    event = Returned(task=task.key, to=request.to, by=actor.member_id, comment=comment, resume=request.resume)
    guard = service.keep_holder(task, actor)
    result = await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id, guard=guard)
    return wire.TaskCompleted(ticket_id=ticket.id, status=result.state.status)


async def add_signer(
    runtime: Runtime, database: Database, actor: Actor, task_id: str, request: wire.AddSigner
) -> None:
    """Ask one more person to decide. Raises Conflict, NotAllowed, Invalid, Refused."""
    async with database.reading() as session:
        task, ticket = await queries.find_task(session, actor, task_id)
        require_hands(actor, task)
        await require_candidate(session, actor, task, ticket, member_id=request.member_id, purpose="sign")
    event = SignerAdded(
        task=task.key,
        member=request.member_id,
        by=actor.member_id,
        comment=(request.comment or "").strip() or None,
    )
    guard = service.keep_holder(task, actor)
    await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id, guard=guard)


async def complete_many(
    runtime: Runtime, database: Database, actor: Actor, request: wire.BulkComplete, locale: str
) -> wire.BulkResults:
    """Each in its own transaction; one that cannot be done holds up none of the others."""
    found = []
    with answer_many():
        for task_id in dict.fromkeys(request.task_ids):
            found.append(
                await _complete_one(runtime, database, actor, task_id, request=request, locale=locale)
            )
    return wire.BulkResults(items=found, done=sum(item.done for item in found))


async def _complete_one(
    runtime: Runtime,
    database: Database,
    actor: Actor,
    task_id: str,
    *,
    request: wire.BulkComplete,
    locale: str,
) -> wire.BulkResult:
    wanted = wire.CompleteTask(outcome=request.outcome, data=request.data, comment=request.comment)
    try:
        await service.complete_task(runtime, database, actor, task_id, wanted)
    except Rejection as error:
        words = [render(fault.code, fault.params, locale) for fault in error.errors[:3]]
        message = "; ".join(words) or render(error.code, error.params, locale)
        return wire.BulkResult(task_id=task_id, done=False, code=error.code, message=message)
    except Refused as refused:
        message = render(refused.code, refused.params, locale)
        return wire.BulkResult(task_id=task_id, done=False, code=refused.code, message=message)
    except TicketUnknown:
        message = render("not_found", {}, locale)
        return wire.BulkResult(task_id=task_id, done=False, code="not_found", message=message)
    return wire.BulkResult(task_id=task_id, done=True)


# --- the ticket as a whole ---


async def withdraw(
    runtime: Runtime, actor: Actor, ticket: Ticket, request: ticket_wire.WithdrawTicket
) -> None:
    """Whoever opened it takes it back. Raises NotAllowed, Refused (`cannot_withdraw`)."""
    if ticket.created_by is None or ticket.created_by != actor.member_id:
        raise NotAllowed()
    event = Withdrawn(by=actor.member_id, comment=(request.comment or "").strip() or None)
    await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id)


async def suspend(runtime: Runtime, actor: Actor, ticket: Ticket, request: ticket_wire.SuspendTicket) -> None:
    """Let it rest. Raises NotAllowed, Invalid, Refused."""
    _require_lead(actor, ticket)
    reason = request.reason.strip()
    if not reason:
        raise invalid_field("/reason", "answer.required")
    until = request.until
    if until is not None and until.tzinfo is None:
        raise invalid_field("/until", "until_without_zone")
    event = Suspended(by=actor.member_id, reason=reason, until=until.astimezone(UTC) if until else None)
    await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id)


async def resume(runtime: Runtime, actor: Actor, ticket: Ticket) -> None:
    """Go on. Raises NotAllowed, Refused."""
    _require_lead(actor, ticket)
    await runtime.apply(actor.workspace_id, ticket.id, Resumed(by=actor.member_id), actor=actor.member_id)


def _require_lead(actor: Actor, ticket: Ticket) -> None:
    if not may_manage(actor, ticket.region_path):
        raise NotAllowed()
