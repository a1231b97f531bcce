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
    RunJob,
    SetTimer,
    UpdateTask,
)
from backend.engine.state import State, Task
from backend.runtime import writes as w
from backend.runtime.inline import INLINE
from backend.runtime.jobs.targets import find_target
from backend.runtime.people import list_members
from backend.runtime.scripts import Script
from backend.runtime.work import Work

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
            "offer_to": task.offer.to,
            "role": task.offer.role,
            "region_path": work.region_path if task.offer.scope == "region" else "/",
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


def _tell_assignee(work: Work, state: State, task: Task, task_id: str | None = None) -> None:
    if task.assignee is not None and task.assignee != work.actor:
        work.notify(task.assignee, "task_assigned", describe_task(work, state, task), task_id=task_id)


def describe_task(work: Work, state: State, task: Task) -> dict[str, Any]:
    """Params of a message about a task."""
    label = work.release.nodes[task.node].label
    return {"number": state.ticket.number, "title": state.ticket.title, "label": label}


def _update_task(work: Work, state: State, command: UpdateTask) -> None:
    task = command.task
    work.writes.add(
        w.TASK_ASSIGNMENTS, {"ticket_id": work.ticket_id, "key": task.id, "assignee_id": task.assignee}
    )
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


def _run_job(work: Work, state: State, command: RunJob) -> None:
    job = command.job
    if job.kind not in INLINE:
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


def _remind(work: Work, state: State, command: Remind) -> Script[None]:
    """A reminder goes to who has the task, else to all it is offered to; an escalation to the named
    role."""
    rung, task = command.rung, command.task
    params = {**describe_task(work, state, task), "percent": rung.percent}
    if rung.action == "escalate":
        code, role = "task_escalated", rung.role
    else:
        code, role = "task_reminder", task.offer.role
    if task.assignee is not None and rung.action != "escalate":
        work.notify(task.assignee, code, params)
    elif role is not None:
        members = yield from list_members(work, role, task.offer.scope)
        for member in members:
            work.notify(member.id, code, params)


_HANDLERS: dict[type[Any], Callable[[Work, State, Any], None]] = {
    OpenTask: _open_task,
    UpdateTask: _update_task,
    CloseTask: _close_task,
    SetTimer: _set_timer,
    CancelTimer: _cancel,
    CancelJob: _cancel,
    RunJob: _run_job,
    RaiseIncident: _raise_incident,
    CloseIncident: _close_incident,
}
