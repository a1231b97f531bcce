"""Giving an open task to somebody else: by hand, by a ladder; and the deadline for taking it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from backend.engine.calendar import add_working
from backend.engine.commands import CancelTimer, SetTimer, UpdateTask
from backend.engine.release import Release
from backend.engine.run import Refused, Run
from backend.engine.state import Calendar, State, Task, Timer
from backend.node_sdk import Offer

ALWAYS = Calendar()


def find_bar(state: State, task: Task, member: str) -> str | None:
    """What this member did that rules them out: a node's id, or a slot like `creator`."""
    return next((slot for slot in task.not_by if state.people.get(slot) == member), None)


def word_bar(release: Release, bar: str) -> tuple[str, dict[str, Any]]:
    """Message code and params of why four eyes rule somebody out."""
    node = release.nodes.get(bar)
    return ("four_eyes", {"node": node.label}) if node else ("four_eyes_creator", {})


def require_other_eyes(run: Run, task: Task, member: str | None) -> None:
    """Raises Refused (`four_eyes`, `four_eyes_creator`) when this member did a step that rules them out."""
    bar = find_bar(run.state, task, member) if member is not None else None
    if bar is not None:
        code, params = word_bar(run.release, bar)
        raise Refused(code, task=task.id, **params)


def offer_again(run: Run, task: Task, role: str) -> Task:
    """Take it from whoever has it and offer it to this role."""
    scope = task.offer.scope
    offered = replace(task, offer=Offer(to="role", role=role, scope=scope), assignee=None, claimed_at=None)
    run.state.tasks[task.id] = offered
    run.commands.append(UpdateTask(task=offered))
    await_taking(run, offered)
    return offered


def await_taking(run: Run, task: Task) -> None:
    """Start the deadline for taking a task that nobody has; one with an assignee has been taken."""
    stop_awaiting(run, task)
    wanted = task.acknowledge
    if wanted is None or task.assignee is not None:
        return
    calendar = run.state.ticket.calendar if wanted.working_hours else ALWAYS
    timer = Timer(
        id=run.next_id("m"),
        token=task.token,
        kind="acknowledge",
        at=add_working(calendar, run.now, wanted.seconds),
        task=task.id,
        rung=wanted.rung,
        working=wanted.working_hours,
    )
    run.state.timers[timer.id] = timer
    run.commands.append(SetTimer(timer=timer))


def stop_awaiting(run: Run, task: Task) -> None:
    """It was taken, or offered anew."""
    state = run.state
    for timer in list(state.timers.values()):
        if timer.task == task.id and timer.kind == "acknowledge":
            del state.timers[timer.id]
            run.commands.append(CancelTimer(timer=timer.id))
    if state.suspended is not None:
        held = tuple(
            each
            for each in state.suspended.held
            if (each.timer.task, each.timer.kind) != (task.id, "acknowledge")
        )
        state.suspended = replace(state.suspended, held=held)
