"""What each command of the engine means as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from backend.db.types import new_id
from backend.engine.commands import (
    CancelJob,
    CancelTimer,
    CloseIncident,
    CloseTask,
    Command,
    Note,
    OpenTask,
    RaiseIncident,
    Remind,
    RemindClock,
    RunJob,
    Send,
    SetTimer,
    Subscribe,
    Unsubscribe,
    UpdateTask,
)
from backend.engine.state import State, Task
from backend.runtime import writes as w
from backend.runtime.inline.table import INLINE
from backend.runtime.jobs.targets import find_target
from backend.runtime.people import list_members, list_offered
from backend.runtime.scripts import Script
from backend.runtime.work import Work

CHILD_JOB = "start_child"
"""Answered within the transaction too, but by starting another ticket."""

PRIORITY_RANK = {"urgent": 0, "high": 1, "normal": 2, "low": 3}


def follow(work: Work, state: State, commands: Iterable[Command]) -> Script[list[Note]]:
    """Turn the commands of one step into rows; answers its lines of the timeline."""
    notes: list[Note] = []
    for command in commands:
        work.commands.append(command)
        if isinstance(command, Note):
            notes.append(command)
        elif isinstance(command, Remind):
            yield from _remind(work, state, command)
        elif isinstance(command, RemindClock):
            yield from _remind_clock(work, state, command)
        else:
            handler = _HANDLERS.get(type(command))
            if handler is not None:
                handler(work, state, command)
    return notes


def _open_task(work: Work, state: State, command: OpenTask) -> None:
    task = command.task
    task_id = new_id()
    work.writes.add(
        w.TASKS,
        {
            "id": task_id,
            "workspace_id": work.workspace_id,
            "ticket_id": work.ticket_id,
            "key": task.id,
            "node": task.node,
            "label": work.release.nodes[task.node].label,
            "kind": task.kind,
            "status": "open",
            **_offer_columns(work, task),
            "assignee_id": task.assignee,
            "priority_rank": PRIORITY_RANK[state.ticket.priority],
            "opened_at": task.opened_at,
            "due_at": task.due_at,
            "closed_at": None,
            "closed_by": None,
            "outcome": None,
        },
    )
    _tell_assignee(work, state, task, task_id)


def _offer_columns(work: Work, task: Task) -> dict[str, Any]:
    offer = task.offer
    return {
        "offer_to": offer.to,
        "role": offer.role,
        "team": offer.team,
        "region_path": work.region_path if offer.scope == "region" or offer.to == "region" else "/",
    }


def _tell_assignee(work: Work, state: State, task: Task, task_id: str | None = None) -> None:
    if task.assignee is not None and task.assignee != work.actor:
        work.notify(task.assignee, "task_assigned", describe_task(work, state, task), task_id=task_id)


def describe_task(work: Work, state: State, task: Task) -> dict[str, Any]:
    """Params of a message about a task."""
    label = work.release.nodes[task.node].label
    return {"number": state.ticket.number, "title": state.ticket.title, "label": label}


def _update_task(work: Work, state: State, command: UpdateTask) -> None:
    task = command.task
    row = {"ticket_id": work.ticket_id, "key": task.id, "assignee_id": task.assignee, "due_at": task.due_at}
    work.writes.add(w.TASK_ASSIGNMENTS, row | _offer_columns(work, task))
    if not command.silent:
        _tell_assignee(work, state, task)


def _close_task(work: Work, state: State, command: CloseTask) -> None:
    work.writes.add(
        w.TASK_CLOSINGS,
        {
            "ticket_id": work.ticket_id,
            "key": command.task,
            "status": command.reason,
            "closed_at": work.now,
            "closed_by": command.member,
            "outcome": command.outcome,
            "assignee_id": command.member,
        },
    )


def _set_timer(work: Work, state: State, command: SetTimer) -> None:
    timer = command.timer
    work.add_job(key=timer.id, kind="timer", payload={"timer": timer.id}, due=timer.at)


def _cancel(work: Work, state: State, command: CancelTimer | CancelJob) -> None:
    key = command.timer if isinstance(command, CancelTimer) else command.job
    work.writes.add(w.JOB_CANCELS, {"ticket_id": work.ticket_id, "key": key, "status": "cancelled"})


def _drop_job(work: Work, state: State, command: CancelJob) -> None:
    if command.kind == CHILD_JOB:
        work.orphans.append(command.job)
    else:
        _cancel(work, state, command)


def _post(work: Work, state: State, command: Subscribe | Unsubscribe | Send) -> None:
    work.mail.append((work.ticket_id, command))


def _run_job(work: Work, state: State, command: RunJob) -> None:
    job = command.job
    if job.kind not in INLINE and job.kind != CHILD_JOB:
        work.add_job(
            key=job.id,
            kind=job.kind,
            payload=job.payload,
            due=work.now,
            priority=1 + PRIORITY_RANK[state.ticket.priority],
            target=find_target(job.kind, job.payload),
        )


def _raise_incident(work: Work, state: State, command: RaiseIncident) -> None:
    incident = command.incident
    work.writes.add(
        w.INCIDENTS,
        {
            "id": new_id(),
            "workspace_id": work.workspace_id,
            "ticket_id": work.ticket_id,
            "key": incident.id,
            "node": incident.node,
            "code": incident.code,
            "params": incident.params,
            "at": incident.at,
            "resolved_at": None,
        },
    )


def _close_incident(work: Work, state: State, command: CloseIncident) -> None:
    work.writes.add(
        w.INCIDENT_ENDS, {"ticket_id": work.ticket_id, "key": command.incident, "resolved_at": work.now}
    )
    if command.job is not None:
        work.writes.add(
            w.JOB_BURIALS, {"ticket_id": work.ticket_id, "key": command.job, "status": "cancelled"}
        )


def _remind(work: Work, state: State, command: Remind) -> Script[None]:
    """A reminder goes to who has the task, else to all it is offered to; an escalation to the named
    role."""
    rung, task = command.rung, command.task
    params = {**describe_task(work, state, task), "percent": rung.percent}
    if rung.action == "escalate":
        members = yield from list_members(work, rung.role, task.offer.scope)
        for member in members:
            work.notify(member.id, "task_escalated", params)
    else:
        code = "task_given" if rung.action == "reassign" else "task_reminder"
        yield from _tell_holders(work, task, code, params)


def _tell_holders(work: Work, task: Task, code: str, params: dict[str, Any]) -> Script[None]:
    """Who has the task, else all it is offered to."""
    if task.assignee is not None:
        work.notify(task.assignee, code, params)
        return
    people = yield from list_offered(work, task.offer)
    for person in people:
        work.notify(person.id, code, params)


def _remind_clock(work: Work, state: State, command: RemindClock) -> Script[None]:
    """A clock's reminder goes to those who have the open tasks, an escalation to the named role."""
    rung, config = command.rung, work.release.clocks.get(command.clock)
    name = {"zh": config.name.zh or command.clock, "en": config.name.en or command.clock} if config else {}
    facts = state.ticket
    params = {"number": facts.number, "title": facts.title, "clock": name, "percent": rung.percent}
    if rung.action == "escalate":
        members = yield from list_members(work, rung.role, "region")
        for member in members:
            work.notify(member.id, "clock_escalated", params)
        return
    for task in command.tasks:
        code = "task_given" if rung.action == "reassign" else "clock_reminder"
        label = work.release.nodes[task.node].label
        yield from _tell_holders(work, task, code, params | {"label": label})


_HANDLERS: dict[type[Any], Callable[[Work, State, Any], None]] = {
    OpenTask: _open_task,
    UpdateTask: _update_task,
    CloseTask: _close_task,
    SetTimer: _set_timer,
    CancelTimer: _cancel,
    CancelJob: _drop_job,
    Subscribe: _post,
    Unsubscribe: _post,
    Send: _post,
    RunJob: _run_job,
    RaiseIncident: _raise_incident,
    CloseIncident: _close_incident,
}
