"""One transition: lock the ticket, let the engine step, do the inline work it asks for, write everything
at once.

Work that needs only the database (settling, dispatching, finding members, in-app notices) is answered
inside the same transaction: the engine's RunJob is followed at once by JobDone or JobFailed, until
nothing more is asked. Every event, these answers included, is in the ticket's log, so that replaying it
needs no database.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from backend.engine.commands import Command, RunJob
from backend.engine.events import Event, JobDone, JobFailed, Migrated
from backend.engine.run import Refused
from backend.engine.state import Job, State
from backend.engine.step import step
from backend.runtime import writes as w
from backend.runtime.books.standing import take_back
from backend.runtime.commands import CHILD_JOB, PRIORITY_RANK, follow
from backend.runtime.errors import IdempotencyMismatch, IdempotencyReplay, JobGone, TicketUnknown
from backend.runtime.family import call_off_children, report_end
from backend.runtime.inline.table import INLINE
from backend.runtime.messaging import handle_mail
from backend.runtime.releases import ReleaseCache, load_release
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import FIND_ANSWER, FINISH_JOB, LOCK_TICKET, RANK_OPEN_TASKS
from backend.runtime.triggers.events import Listeners, hear
from backend.runtime.work import Work
from backend.runtime.writes import WriteSet, encode_json

MAX_INLINE = 200
"""Inline answers in one transition. Beyond it a job fails as `endless_loop`, and beyond twice that it is
left dead."""


Guard = Callable[[State], None]

_decode_state = msgspec.json.Decoder(State).decode


class JobMark(msgspec.Struct, frozen=True, kw_only=True):
    """The job whose result this event is: finished in the same transaction, and only by who holds its
    fence."""

    id: str
    fence: int
    held: str = "running"
    result: str = "done"
    error: str | None = None
    failures: str | None = None
    """JSON of its failed tries; None keeps what stands there."""
    tolerant: bool = False
    """Whatever the ticket refuses came too late to matter: the job ends all the same."""


class IdempotencyKeyParams(msgspec.Struct, frozen=True, kw_only=True):
    """`answer` makes the first answer (status, body) from the result; it is stored in the same
    transaction."""

    scope: str
    key: str
    body_hash: str
    answer: Callable[[TransitionResult], tuple[int, bytes]]


class TransitionResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a transition led to. `opened` are the row ids of tasks opened by it and still open."""

    ticket_id: str
    state: State
    commands: tuple[Command, ...] = ()
    opened: tuple[str, ...] = ()
    tracking_token: str = ""
    announcements: tuple[tuple[str, str], ...] = ()
    due: datetime | None = None
    """When the earliest job that this transition made is due."""
    event: str = ""
    """Kind of the event that it was about."""
    stale: bool = False
    """The event came too late and changed nothing; only its job is done."""


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """What scripts need beside the database."""

    releases: ReleaseCache
    clock: Callable[[], datetime]
    listeners: Listeners = msgspec.field(default_factory=Listeners)


def apply_event(
    environment: Environment,
    workspace_id: str,
    ticket_id: str,
    event: Event | Callable[[State], Event],
    *,
    actor: str | None = None,
    guard: Guard | None = None,
    job: JobMark | None = None,
    idempotency: IdempotencyKeyParams | None = None,
    files: tuple[str, ...] = (),
) -> Script[TransitionResult]:
    """Apply an event, or the one that a function makes of the locked state. Raises TicketUnknown,
    Refused, JobGone, IdempotencyReplay, IdempotencyMismatch and whatever the guard raises."""
    row = yield from ask_one(LOCK_TICKET, id=ticket_id, workspace=workspace_id)
    yield from check_key(idempotency)  # behind the lock: who was first with this key has ended by now
    if row is None:
        raise TicketUnknown(ticket_id)
    now = environment.clock()
    if job is not None:
        yield from finish_job(job, now)
    if not row[0]:
        raise Refused("not_running")  # its state stands in the archive
    state = _decode_state(row[0])
    if guard is not None:
        guard(state)
    release = yield from load_release(environment.releases, row[1])
    work = Work(
        workspace_id=workspace_id,
        ticket_id=ticket_id,
        workflow_id=row[2],
        region_path=row[3],
        customer_key=row[4],
        actor=actor,
        now=now,
        release=release,
        writes=WriteSet(),
    )
    if callable(event):
        event = event(state)
    if isinstance(event, Migrated):
        work.release = yield from load_release(environment.releases, event.release)
    try:
        after = yield from advance(environment, work, state, event)
    except Refused as refused:
        if job is None or not (refused.stale or job.tolerant):
            raise
        yield work.writes  # nothing but the job's end: its answer came too late to matter
        return TransitionResult(ticket_id=ticket_id, state=state, stale=True)
    keeps = work.release.definition.settings.cancel_money == "keep"
    if after.status == "cancelled" and not keeps:
        yield from take_back(work, ticket_id, str(getattr(event, "reason", "")), actor)
    if row[6] is not None and after.status != "running":
        report_end(work, after, parent_id=row[5], parent_job=row[6])
    if after.ticket.priority != state.ticket.priority:
        rank = PRIORITY_RANK[after.ticket.priority]
        yield from ask(RANK_OPEN_TASKS, ticket=ticket_id, rank=rank)
    work.attach(files)
    work.writes.add(w.TICKET_CHANGE, {"id": ticket_id, **ticket_columns(after, now)})
    yield from hear(environment.listeners, work, state, after, event)
    return (yield from conclude(work, after, idempotency))


def conclude(
    work: Work, state: State, idempotency: IdempotencyKeyParams | None, tracking_token: str = ""
) -> Script[TransitionResult]:
    """Write it all and answer."""
    if work.orphans:
        yield from call_off_children(work)
    if work.mail and work.outer is None:
        yield from handle_mail(work)
    announce_work(work)
    opened = tuple(row["id"] for row in work.writes.of(w.TASKS) if row["status"] == "open")
    due = [row["due_at"] for row in work.writes.of(w.JOBS) if row["status"] == "pending"] + work.dues
    result = TransitionResult(
        ticket_id=work.ticket_id,
        state=state,
        commands=tuple(work.commands),
        opened=opened,
        tracking_token=tracking_token,
        announcements=tuple(work.writes.announcements),
        due=min(due, default=None),
        event=work.event,
    )
    if idempotency is not None:
        status, response = idempotency.answer(result)
        yield work.writes
        work.writes = WriteSet()
        work.writes.add(w.ANSWERS, _answer_row(idempotency, status, response, work.now))
    yield work.writes
    return result


def check_key(idempotency: IdempotencyKeyParams | None) -> Script[None]:
    """Raises IdempotencyReplay or IdempotencyMismatch when the key was used before."""
    if idempotency is None:
        return
    row = yield from ask_one(FIND_ANSWER, scope=idempotency.scope, key=idempotency.key)
    if row is None:
        return
    if row[0] != idempotency.body_hash:
        raise IdempotencyMismatch(idempotency.key)
    raise IdempotencyReplay(row[1], row[2])


def finish_job(job: JobMark, now: datetime) -> Script[None]:
    """End the job this result belongs to. Raises JobGone for a late one."""
    done = yield from ask(
        FINISH_JOB,
        id=job.id,
        fence=job.fence,
        held=job.held,
        now=now,
        result=job.result,
        error=job.error,
        failures=job.failures,
    )
    if not done:
        raise JobGone(job.id)


def advance(environment: Environment, work: Work, state: State, event: Event) -> Script[State]:
    """Step until nothing inline is left to answer."""
    pending: deque[Event] = deque([event])
    answered = 0
    while pending:
        event = pending.popleft()
        try:
            state, commands = step(work.release, state, event, work.now)
        except Refused:
            if answered and isinstance(event, (JobDone, JobFailed)):
                continue  # an earlier answer of this transition cancelled this job
            raise
        work.remember(event)
        notes = yield from follow(work, state, commands)
        work.record(event, state, notes)
        for command in commands:
            if isinstance(command, RunJob) and (command.job.kind in INLINE or command.job.kind == CHILD_JOB):
                answered += 1
                answer = yield from _answer(environment, work, state, command.job, answered)
                if answer is not None:
                    pending.append(answer)
    return state


def _answer(environment: Environment, work: Work, state: State, job: Job, count: int) -> Script[Event | None]:
    if count > 2 * MAX_INLINE:
        work.leave_dead(job, "endless_loop")
        return None
    if count > MAX_INLINE:
        return JobFailed(job=job.id, code="endless_loop")
    if job.kind == CHILD_JOB:
        from backend.runtime.children import start_child  # which begins with a transition of its own

        return (yield from start_child(environment, work, state, job))
    answer: Event = yield from INLINE[job.kind](work, state, job)
    return answer


_NULL_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""In JSON; the same letters after an escaped backslash are harmless text."""


def ticket_columns(state: State, now: datetime) -> dict[str, Any]:
    """The columns that follow the state. Raises Refused for text that a database cannot hold."""
    encoded = encode_json(state)
    if b"\\u0000" in encoded and _NULL_ESCAPE.search(encoded):
        raise Refused("null_character")
    return {
        "state": encoded.decode(),
        "version": state.version,
        "status": "suspended" if state.suspended is not None else state.status,
        "priority": state.ticket.priority,
        "title": state.ticket.title,
        "finished_at": None if state.status == "running" else now,
        "due_at": min(filter(None, (clock.due_at for clock in state.clocks.values())), default=None),
    }


def announce_work(work: Work) -> None:
    writes, workspace = work.writes, work.workspace_id
    writes.announce(workspace, f"ticket:{work.ticket_id}")
    if any(writes.of(part) for part in (w.TASKS, w.TASK_CLOSINGS, w.TASK_ASSIGNMENTS)):
        writes.announce(workspace, "tasks")
    if writes.of(w.NOTIFICATIONS):
        writes.announce(workspace, "notifications")
    if writes.of(w.POSTINGS):
        writes.announce(workspace, "settlement")


def _answer_row(params: IdempotencyKeyParams, status: int, response: bytes, now: datetime) -> dict[str, Any]:
    return {
        "scope": params.scope,
        "key": params.key,
        "body_hash": params.body_hash,
        "status": status,
        "response": response,
        "created_at": now,
    }
