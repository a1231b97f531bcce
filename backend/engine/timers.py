"""Clocks of waits and of tasks: when they fire, and calling them off."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from backend.engine.calendar import add_working
from backend.engine.commands import CancelTimer, SetTimer
from backend.engine.run import Run
from backend.engine.state import Calendar, Task, Timer, Token
from backend.engine.subscriptions import Wait, list_own_waits, stop_waiting, subscribe, unsubscribe
from backend.node_sdk import Sla, Sleep

AROUND_THE_CLOCK = Calendar()


def fall_asleep(run: Run, token: Token, outcome: Sleep) -> None:
    """Wait for a moment, a message or a signal, whichever comes first. Raises CalendarClosed."""
    if token.wait is not None:  # asked again while it waited
        stop_waiting(run, token)
    until = outcome.until
    if outcome.working_seconds:
        until = add_working(run.state.ticket.calendar, run.now, outcome.working_seconds)
    token.wait = "timer" if until is not None else "message"
    token.message = outcome.message
    token.correlation = outcome.correlation
    token.signal = outcome.signal
    token.memo = outcome.memo
    for wait in list_own_waits(token):
        subscribe(run, token, wait)
    if until is not None:
        timer = Timer(id=run.next_id("m"), token=token.id, kind="wait", at=until)
        timer.working = bool(outcome.working_seconds)
        set_timer(run, timer)


def task_moment(run: Run, sla: Sla, percent: int) -> datetime:
    """When `percent` of the allowed time has passed. Raises CalendarClosed."""
    calendar = run.state.ticket.calendar if sla.working_hours else AROUND_THE_CLOCK
    return add_working(calendar, run.now, sla.seconds * percent // 100)


def set_task_timers(run: Run, token: Token, task: Task, sla: Sla) -> None:
    if task.due_at is not None:
        due = Timer(id=run.next_id("m"), token=token.id, kind="due", at=task.due_at, task=task.id)
        due.working = sla.working_hours
        set_timer(run, due)
    for rung in sla.ladder:
        at = task_moment(run, sla, rung.percent)
        step = Timer(id=run.next_id("m"), token=token.id, kind="rung", at=at, task=task.id, rung=rung)
        step.working = sla.working_hours
        set_timer(run, step)


def cancel_timers(run: Run, token: Token, task: str | None = None) -> None:
    """Call off the token's timers, or those of one of its tasks, also those that stand still."""
    timers = run.state.timers
    if run.state.suspended is not None:
        held = [
            each
            for each in run.state.suspended.held
            if each.timer.token != token.id
            or each.timer.kind == "boundary"
            or (task is not None and each.timer.task != task)
        ]
        run.state.suspended = replace(run.state.suspended, held=tuple(held))
    if not timers:
        return
    for timer in [timer for timer in timers.values() if timer.token == token.id]:
        if timer.kind != "boundary" and (task is None or timer.task == task):
            del timers[timer.id]
            run.commands.append(CancelTimer(timer=timer.id))


def disarm(run: Run, token: Token) -> None:
    """Call off the events at the boundary of the node that the token leaves; the token itself is left as it
    is (it may belong to the earlier state)."""
    state = run.state
    for timer in [timer for timer in state.timers.values() if timer.token == token.id]:
        if timer.kind == "boundary":
            del state.timers[timer.id]
            run.commands.append(CancelTimer(timer=timer.id))
    if state.suspended is not None:
        held = (each for each in state.suspended.held if not _is_boundary_of(each.timer, token))
        state.suspended = replace(state.suspended, held=tuple(held))
    for catch in token.catches:
        unsubscribe(run, token, Wait(catch.kind, catch.name, catch.correlation, catch.port))


def _is_boundary_of(timer: Timer, token: Token) -> bool:
    return timer.token == token.id and timer.kind == "boundary"


def set_timer(run: Run, timer: Timer) -> None:
    run.state.timers[timer.id] = timer
    run.commands.append(SetTimer(timer=timer))
