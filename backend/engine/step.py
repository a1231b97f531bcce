"""The one door of the engine: `step` applies an event to a ticket's state and says what the shell must do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from backend.engine.assigning import await_taking, offer_again, require_other_eyes
from backend.engine.boundaries import fire_timer
from backend.engine.clocks import RAISED, keep_clocks, reach_mark, start_clocks
from backend.engine.commands import CloseIncident, CloseTask, Command, Remind, UpdateTask
from backend.engine.compensation import close_ticket
from backend.engine.credits import credit
from backend.engine.events import (
    CalendarChanged,
    Cancelled,
    DataChanged,
    Event,
    IncidentResolved,
    InstanceAdded,
    JobDone,
    JobFailed,
    MessageArrived,
    Migrated,
    Recorded,
    Resumed,
    Returned,
    SignerAdded,
    Started,
    Suspended,
    TaskClaimed,
    TaskCompleted,
    TimerFired,
    Withdrawn,
)
from backend.engine.holdings import close_open_tasks, drop_holdings, kill_all, start_job
from backend.engine.human import (
    add_signer,
    change_calendar,
    end_work,
    find_open_task,
    go_on,
    hold_timers,
    resume,
    send_back,
    suspend,
    withdraw,
)
from backend.engine.incidents import find_error_event, raise_incident
from backend.engine.instances import add_item
from backend.engine.leaving import leave
from backend.engine.migration import migrate
from backend.engine.overlay import patch_data, write_answers
from backend.engine.races import win_races
from backend.engine.receiving import receive
from backend.engine.release import Release
from backend.engine.reminders import is_superseded
from backend.engine.run import Refused, Run
from backend.engine.state import State, Task, TicketFacts, Timer, Token
from backend.engine.timers import cancel_timers
from backend.engine.tokens import call_node, drain, finish_cancelled, start_token
from backend.engine.turns import require_turn
from backend.graph.expressions import ExpressionFailed
from backend.graph.merge_patch import apply
from backend.node_sdk import Signal

__all__ = ["Refused", "Release", "new_state", "replay", "step"]


def new_state(facts: TicketFacts) -> State:
    """The state of a ticket to which nothing has happened yet."""
    return State(ticket=facts)


def step(release: Release, state: State, event: Event, now: datetime) -> tuple[State, tuple[Command, ...]]:
    """Apply one event. Raises Refused when it cannot apply; `state` itself is never changed.

    Whatever goes wrong inside a node is part of the new state (an incident); it never raises.
    """
    run = Run(release, state, now)
    _HANDLERS[type(event)](run, event)
    drain(run)
    after = run.state
    if after.suspended is not None:
        hold_timers(run)
    if after.clocks:
        keep_clocks(run, event)
    if after.status != "running":
        end_work(run)
    after.version += 1
    return after, tuple(run.commands)


FindRelease = Callable[[str], Release]


def replay(release: Release, recorded: Iterable[Recorded], find_release: FindRelease | None = None) -> State:
    """The state that these events led to, bit for bit. The first event must be Started.

    `release` is the one the ticket began under; `find_release` gives those it was moved to, by their id.
    """
    state: State | None = None
    for state, _, _ in replay_steps(release, recorded, find_release):  # noqa: B007
        pass
    if state is None:
        raise Refused("not_running")
    return state


def replay_steps(
    release: Release, recorded: Iterable[Recorded], find_release: FindRelease | None = None
) -> Iterator[tuple[State, datetime, Event]]:
    """Every state on the way, with the moment and the event that led to it."""
    state: State | None = None
    for record in recorded:
        if state is None:
            if not isinstance(record.event, Started):
                raise Refused("not_running")
            state = new_state(record.event.ticket)
        if isinstance(record.event, Migrated) and find_release is not None:
            release = find_release(record.event.release)
        state, _ = step(release, state, record.event, record.at)
        yield state, record.at, record.event


def _require_running(run: Run, code: str = "not_running") -> None:
    if run.state.status != "running":
        raise Refused(code)


# --- the ticket ---


def _start(run: Run, event: Started) -> None:
    state, release = run.state, run.release
    if state.status != "new":
        raise Refused("already_started")
    if event.start is not None and event.start not in release.starts:
        raise Refused("unknown_start", start=event.start)
    if not release.starts:
        raise Refused("no_start")
    settings = release.definition.settings
    facts = event.ticket
    priority = settings.priority if facts.priority == "normal" else facts.priority
    state.ticket = replace(facts, created_at=facts.created_at or run.now, priority=priority)
    state.data = dict(event.data)
    state.customer = dict(event.customer)
    state.status = "running"
    if facts.creator is not None:
        state.people["creator"] = facts.creator
    if not facts.title:
        run.change_ticket({"title": _title(run)})
    if release.clocks:
        start_clocks(run)
    start_token(run, event.start or release.starts[0])


def _title(run: Run) -> str:
    """The title a workflow gives its tickets; its name when the expression has nothing to say."""
    name = run.release.definition.name
    try:
        value = run.release.title.find(run.context()) if run.release.title else None
    except ExpressionFailed:
        value = None
    return str(value)[:200] if value not in (None, "") else (name.zh or name.en)[:200]


def _cancel(run: Run, event: Cancelled) -> None:
    _require_running(run)
    state = run.state
    if state.closing is not None and event.compensate:
        raise Refused("already_cancelling")
    kill_all(run, list(state.tokens.values()))
    state.scopes = {}
    run.scopes_changed = False
    state.closing = None
    if event.compensate and close_ticket(run, event.reason, event.by):
        run.note("ticket_cancelling", member=event.by, reason=event.reason)
        return
    finish_cancelled(run, event.reason, event.by)


def _add_instance(run: Run, event: InstanceAdded) -> None:
    _require_running(run)
    add_item(run, event.node, event.item, event.scope)
    run.note("instance_added", event.node, member=event.by)


def _change_data(run: Run, event: DataChanged) -> None:
    _require_running(run)
    run.state.data = apply(run.state.data, event.set)
    run.forget_context()
    if event.ticket:
        try:
            run.change_ticket(event.ticket)
        except KeyError as error:
            raise Refused("ticket_field_fixed", field=error.args[0]) from error
    run.note("data_changed", member=event.by, fields=sorted(event.set))


# --- tasks ---


def _open_task(run: Run, task_id: str) -> Task:
    task = run.state.tasks.get(task_id)
    if task is None or task.outcome is not None or run.state.status != "running":
        raise Refused("task_closed", task=task_id)
    return task


def _claim(run: Run, event: TaskClaimed) -> None:
    claimed_at = run.now if event.member else None
    task = replace(_open_task(run, event.task), assignee=event.member, claimed_at=claimed_at)
    require_other_eyes(run, task, event.member)
    if event.member and run.release.has_turns:
        require_turn(run, run.state.tokens[task.token])
    run.state.tasks[task.id] = task
    if task.acknowledge is not None:
        await_taking(run, task)
    if event.member and task.offer.to != "customer":
        run.state.people.setdefault("owner", event.member)
    run.commands.append(UpdateTask(task=task))


def _complete(run: Run, event: TaskCompleted) -> None:
    task = find_open_task(run, event.task)
    if task.not_by:
        require_other_eyes(run, task, event.member)
    if event.outcome not in [action.outcome for action in task.actions]:
        raise Refused("unknown_outcome", task=task.id, outcome=event.outcome)
    state = run.state
    token = run.take(state.tokens[task.token])
    if run.release.has_turns:
        require_turn(run, token)
    write_answers(state, token, event.data)
    credit(run, task, event.member)
    if state.timers:
        cancel_timers(run, token, task.id)
    if token.back is not None and event.outcome != task.actions[0].outcome:
        token.back = None  # another button goes its own way
    state.tasks[task.id] = replace(task, outcome=event.outcome)
    run.commands.append(
        CloseTask(task=task.id, reason="completed", outcome=event.outcome, member=event.member)
    )
    votes, opened, added = {}, 0, 0
    for other in state.tasks.values():
        if other.token == token.id:
            opened += 1
            added += other.added_by is not None
            if other.outcome is not None:
                votes[other.id] = other.outcome
    signal = Signal(
        kind="task_completed",
        outcome=event.outcome,
        data=event.data,
        member=event.member,
        votes=votes,
        opened=opened,
        added=added,
    )
    call_node(run, token, run.release.nodes[token.node], signal)


# --- clocks and messages ---


def _fire(run: Run, event: TimerFired) -> None:
    timer = run.state.timers.get(event.timer)
    if timer is None or run.state.status != "running":
        raise Refused("timer_gone", stale=True, timer=event.timer)
    if run.now < timer.at:
        raise Refused("timer_early", timer=timer.id, at=timer.at.isoformat())
    del run.state.timers[timer.id]
    if timer.clock is not None:
        reach_mark(run, timer.clock)
        return
    if timer.kind == "resume":
        go_on(run)
        run.note("resumed_by_itself")
        return
    token = run.take(run.state.tokens[timer.token])
    if timer.kind == "boundary":
        fire_timer(run, token, timer)
    elif timer.kind == "wait":
        call_node(run, token, run.release.nodes[token.node], Signal(kind="timer_fired", name=timer.id))
    elif timer.task is not None and timer.task in run.state.tasks:
        task = run.state.tasks[timer.task]
        if timer.kind == "due":
            _pass_due(run, token, task)
        else:
            _climb(run, timer, task)


def _pass_due(run: Run, token: Token, task: Task) -> None:
    if task.timeout_port is None:
        run.note("task_overdue", task.node, task=task.id)
        return
    run.note("task_timeout", task.node, task=task.id)
    token.back = None
    close_open_tasks(run, token, "timeout")
    leave(run, token, run.release.nodes[token.node], task.timeout_port)


def _climb(run: Run, timer: Timer, task: Task) -> None:
    if timer.rung is None:
        return
    if timer.rung.action == "raise_priority":
        run.change_ticket({"priority": RAISED.get(run.state.ticket.priority, "high")})
    elif timer.rung.action == "reassign" and timer.rung.role is not None:
        task = offer_again(run, task, timer.rung.role)
        run.note("task_reassigned", task.node, role=timer.rung.role)
    if timer.kind == "acknowledge":
        run.note("task_not_taken", task.node)
    if not is_superseded(run, timer, task):
        run.commands.append(Remind(task=task, rung=timer.rung))


# --- jobs and incidents ---


def _answered_token(run: Run, job_id: str) -> Token:
    job = run.state.jobs.get(job_id)
    if job is None or run.state.status != "running":
        raise Refused("job_gone", stale=True, job=job_id)
    return run.take(run.state.tokens[job.token])


def _finish_job(run: Run, event: JobDone) -> None:
    token = _answered_token(run, event.job)
    del run.state.jobs[event.job]
    signal = Signal(kind="job_done", name=event.job, result=event.result)
    call_node(run, token, run.release.nodes[token.node], signal)


def _fail_job(run: Run, event: JobFailed) -> None:
    token = _answered_token(run, event.job)
    job = run.state.jobs.pop(event.job)
    node = run.release.nodes[token.node]
    if node.is_error_drawn and find_error_event(node, event.code, named_only=True) is None:
        signal = Signal(kind="job_failed", name=job.id, code=event.code, data=event.params)
        call_node(run, token, node, signal)
    else:
        raise_incident(run, token, event.code, event.params, job=job)


def _resolve(run: Run, event: IncidentResolved) -> None:
    incident = run.state.incidents.get(event.incident)
    if incident is None or run.state.status != "running":
        raise Refused("incident_closed", incident=event.incident)
    node = run.release.nodes[incident.node]
    token = run.take(run.state.tokens[incident.token])
    if event.action == "skip" and event.port not in node.ports and token.undoes is None:
        raise Refused("unknown_port", port=event.port)
    if incident.job is not None and event.action == "retry" and run.release.has_turns:
        require_turn(run, token)
    del run.state.incidents[incident.id]
    run.commands.append(CloseIncident(incident=incident.id, job=incident.job.id if incident.job else None))
    run.note("incident_resolved", incident.node, member=event.by, action=event.action)
    drop_holdings(run, token)
    token.wait = None
    if event.set:
        patch_data(run.state, token, event.set)
        run.forget_context()
        run.note("data_changed", incident.node, member=event.by, fields=sorted(event.set))
    moves_on = event.action == "skip" or incident.port is not None
    if moves_on and token.scopes and run.release.has_races:
        win_races(run, token)
    if event.action == "skip":
        leave(run, token, node, event.port or "")
    elif incident.job is not None and not event.set:
        start_job(run, token, incident.job.kind, incident.job.payload)
    elif incident.port is not None:
        leave(run, token, node, incident.port)
    else:
        call_node(run, token, node, None)


_HANDLERS: dict[type[Event], Callable[[Run, Any], None]] = {
    Started: _start,
    TaskClaimed: _claim,
    TaskCompleted: _complete,
    TimerFired: _fire,
    MessageArrived: receive,
    JobDone: _finish_job,
    JobFailed: _fail_job,
    IncidentResolved: _resolve,
    DataChanged: _change_data,
    Cancelled: _cancel,
    InstanceAdded: _add_instance,
    SignerAdded: add_signer,
    Returned: send_back,
    Withdrawn: withdraw,
    Suspended: suspend,
    Resumed: resume,
    CalendarChanged: change_calendar,
    Migrated: migrate,
}
