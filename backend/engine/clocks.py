"""Service level clocks: when they run, stand still and stop; and why, told from the events alone.

A clock is derived: after each event it is held against what the ticket waits for now. Time that was counted
is never counted again, so neither a new calendar nor a pause can take it away or add to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from backend.engine.assigning import offer_again
from backend.engine.calendar import CalendarClosed, add_working_time, working_between
from backend.engine.commands import CancelTimer, RemindClock, SetTimer
from backend.engine.events import CalendarChanged, Event, Returned, SignerAdded, TaskClaimed, TaskCompleted
from backend.engine.release import Release
from backend.engine.reminders import speaks
from backend.engine.run import Run
from backend.engine.state import Calendar, Clock, State, Task, Timer
from backend.graph.clocks import ClockConfig, target_of
from backend.node_sdk import Rung

CUSTOMER, SUSPENDED = "customer", "suspended"
ALWAYS = Calendar()
RAISED = {"low": "normal", "normal": "high", "high": "urgent", "urgent": "urgent"}


class Mark(NamedTuple):
    """A moment on the way: a step of the ladder, or (without one) the target itself."""

    percent: int
    rung: Rung | None


def list_marks(config: ClockConfig) -> list[Mark]:
    """In the order in which they are reached; the target before reminders of the same moment."""
    rungs = [
        Mark(rung.percent, Rung(percent=rung.percent, action=rung.action, role=rung.role))
        for rung in config.ladder
    ]
    return sorted([Mark(100, None), *rungs], key=lambda mark: (mark.percent, mark.rung is not None))


def start_clocks(run: Run) -> None:
    """Set up every clock with a promise for this ticket; `keep_clocks` then lets them run."""
    clocks = {}
    for key, config in run.release.clocks.items():
        target = target_of(config, run.state.ticket.priority)
        if target:
            clocks[key] = Clock(target=target, started_at=run.now)
    run.state.clocks = clocks


def keep_clocks(run: Run, event: Event) -> None:
    """Hold every clock that is not stopped against the state after this event."""
    for key, clock in list(run.state.clocks.items()):
        if clock.stopped_at is None:
            after = _tick(run, key, clock, event)
            if after is not clock:
                _put(run, key, after)


def _put(run: Run, key: str, clock: Clock) -> None:
    run.state.clocks = {**run.state.clocks, key: clock}


def _tick(run: Run, key: str, clock: Clock, event: Event) -> Clock:
    config = run.release.clocks.get(key)
    if config is None or _is_over(run.state, config, event):
        return _stop(run, key, clock, config)
    pauses = find_pauses(run.state, config)
    target = target_of(config, run.state.ticket.priority) or clock.target
    running = clock.running_since is not None
    if target == clock.target and (not pauses if running else bool(pauses) and pauses == clock.pauses):
        return clock
    accrued = counted(clock, config, run.state.ticket.calendar, run.now)
    clock = replace(clock, accrued=accrued, target=target, pauses=pauses)
    if pauses:
        _cancel_timer(run, key)
        return replace(clock, running_since=None, due_at=None)
    return _run(run, key, clock, config)


def _is_over(state: State, config: ClockConfig, event: Event) -> bool:
    if state.status != "running":
        return True
    if config.stops_at == "first_response":
        return is_response(event)
    return config.stops_at == "node" and config.node in state.visits


def is_response(event: Event) -> bool:
    """Whether staff acted by this event: took a task, finished one, or sent it on."""
    if isinstance(event, TaskClaimed):
        return event.member is not None and event.by in (None, event.member)
    if isinstance(event, TaskCompleted):
        return event.member is not None
    return isinstance(event, (Returned, SignerAdded))


def find_pauses(state: State, config: ClockConfig) -> tuple[str, ...]:
    """Why the clock stands now; empty: it runs."""
    if state.suspended is not None:
        return (SUSPENDED,)
    causes = []
    if config.pause_for_customer and _is_customers_turn(state):
        causes.append(CUSTOMER)
    if config.pause_nodes:
        standing = {token.node for token in state.tokens.values()}
        causes += [node for node in config.pause_nodes if node in standing]
    return tuple(causes)


def _is_customers_turn(state: State) -> bool:
    """Only the customer is asked: a colleague's open task keeps the clock running."""
    open_tasks = [task for task in state.tasks.values() if task.outcome is None]
    return bool(open_tasks) and all(task.offer.to == "customer" for task in open_tasks)


def counted(clock: Clock, config: ClockConfig | None, calendar: Calendar, now: datetime) -> timedelta:
    """What the clock has counted until now."""
    if clock.running_since is None:
        return clock.accrued
    if config is None or not config.working_hours:
        calendar = ALWAYS
    try:
        return clock.accrued + working_between(calendar, clock.running_since, now)
    except CalendarClosed:
        return clock.accrued


def _stop(run: Run, key: str, clock: Clock, config: ClockConfig | None) -> Clock:
    accrued = counted(clock, config, run.state.ticket.calendar, run.now)
    _cancel_timer(run, key)
    late = clock.breached or accrued > timedelta(seconds=clock.target)
    return replace(
        clock, accrued=accrued, running_since=None, due_at=None, pauses=(), stopped_at=run.now, breached=late
    )


def _run(run: Run, key: str, clock: Clock, config: ClockConfig) -> Clock:
    """Let it run from now, and set the timer of its next mark."""
    calendar = run.state.ticket.calendar if config.working_hours else ALWAYS
    clock = replace(clock, running_since=run.now)
    due = _moment(calendar, clock, clock.target, 100, run.now)
    clock = replace(clock, due_at=due)
    _cancel_timer(run, key)
    marks = list_marks(config)
    if clock.fired < len(marks):
        at = _moment(calendar, clock, clock.target, marks[clock.fired].percent, run.now)
        if at is not None:
            timer = Timer(id=run.next_id("m"), token="", kind="clock", at=at, clock=key)
            run.state.timers[timer.id] = timer
            run.commands.append(SetTimer(timer=timer))
    return clock


def _moment(calendar: Calendar, clock: Clock, target: int, percent: int, now: datetime) -> datetime | None:
    """When the clock will show `percent` of the target, now at the earliest; None: never."""
    left = _share(target, percent) - clock.accrued
    try:
        return add_working_time(calendar, now, left) if left > timedelta() else now
    except CalendarClosed:
        return None


def _share(target: int, percent: int) -> timedelta:
    return timedelta(seconds=target * percent // 100)


def _cancel_timer(run: Run, key: str) -> None:
    for timer in [timer for timer in run.state.timers.values() if timer.clock == key]:
        del run.state.timers[timer.id]
        run.commands.append(CancelTimer(timer=timer.id))


# --- marks ---


def reach_mark(run: Run, key: str) -> None:
    """A clock's timer fired: do what every mark passed by now asks for, then wait for the next."""
    clock, config = run.state.clocks[key], run.release.clocks.get(key)
    if config is None:
        return
    accrued = counted(clock, config, run.state.ticket.calendar, run.now)
    marks, fired = list_marks(config), clock.fired
    passed = []
    while fired < len(marks) and _share(clock.target, marks[fired].percent) <= accrued:
        passed.append(marks[fired])
        fired += 1
    late = clock.breached or any(mark.rung is None for mark in passed)
    clock = replace(clock, accrued=accrued, fired=fired, breached=late)
    _put(run, key, _run(run, key, clock, config))
    rungs = [mark.rung for mark in passed]
    for at, mark in enumerate(passed):
        _act(run, key, config, mark, tells=speaks(rungs, at))


def _act(run: Run, key: str, config: ClockConfig, mark: Mark, *, tells: bool) -> None:
    name = {"zh": config.name.zh or key, "en": config.name.en or key}
    if mark.rung is None:
        run.note("clock_breached", clock=name)
        return
    staff = staff_tasks(run.state)
    if mark.rung.action == "raise_priority":
        run.change_ticket({"priority": RAISED.get(run.state.ticket.priority, "high")})
    elif mark.rung.action == "reassign" and mark.rung.role is not None:
        staff = tuple(offer_again(run, task, mark.rung.role) for task in staff)
    run.note(f"clock_{mark.rung.action}", clock=name, percent=mark.percent, role=mark.rung.role or "")
    if tells:
        run.commands.append(RemindClock(clock=key, rung=mark.rung, tasks=staff))


def staff_tasks(state: State) -> tuple[Task, ...]:
    """Open tasks that are not the customer's."""
    return tuple(
        task for task in state.tasks.values() if task.outcome is None and task.offer.to != "customer"
    )


# --- another calendar ---


def rebase_clocks(run: Run, before: Calendar) -> None:
    """The ticket's calendar is another one now: what was counted stays, the rest is reckoned anew."""
    for key, clock in list(run.state.clocks.items()):
        config = run.release.clocks.get(key)
        if config is not None and clock.running_since is not None and config.working_hours:
            accrued = counted(clock, config, before, run.now)
            _put(run, key, _run(run, key, replace(clock, accrued=accrued), config))


def restart_clock(run: Run, key: str) -> None:
    """Its settings are other ones now: what was counted stays, the rest goes by the new ones."""
    clock, config = run.state.clocks[key], run.release.clocks.get(key)
    if config is None or clock.running_since is None:
        return
    accrued = counted(clock, config, run.state.ticket.calendar, run.now)
    fired = min(clock.fired, len(list_marks(config)))
    _put(run, key, _run(run, key, replace(clock, accrued=accrued, fired=fired), config))


# --- explaining ---

SegmentKind = Literal["run", "pause", "stop"]


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which nothing changed. `code` and `params` say why it began."""

    start: datetime
    end: datetime | None
    """None: it still lasts."""
    kind: SegmentKind
    code: str
    params: dict[str, Any] = {}
    counted: timedelta = timedelta()
    """Working time that the clock counted in it."""
    target: int = 0
    due_at: datetime | None = None


def explain(
    steps: Iterable[tuple[State, datetime, Event]], release: Release, now: datetime
) -> dict[str, list[Segment]]:
    """Every run, pause and stop of each clock, from the states that the ticket's events led to.

    `steps` are (state after the event, its moment, the event), in order, as `replay_steps` gives them.
    """
    found: dict[str, list[Segment]] = {}
    known: dict[str, Clock] = {}
    state: State | None = None
    for state, at, event in steps:
        for key, clock in state.clocks.items():
            before = known.get(key)
            if before is None or _has_changed(before, clock, event):
                _close(found.get(key), clock.accrued, at)
                segment = _begin(release, (key, before, clock), at, event)
                found.setdefault(key, []).append(segment)
            known[key] = clock
    if state is not None:
        for key, clock in state.clocks.items():
            if clock.stopped_at is None:
                config = release.clocks.get(key)
                _close(found.get(key), counted(clock, config, state.ticket.calendar, now), None)
    return {key: [segment for segment in segments if _matters(segment)] for key, segments in found.items()}


def _matters(segment: Segment) -> bool:
    return segment.kind == "stop" or segment.end is None or segment.end > segment.start


def _has_changed(before: Clock, after: Clock, event: Event) -> bool:
    """Reaching a mark on the way is no change."""
    if isinstance(event, CalendarChanged) and before.running_since != after.running_since:
        return True
    return _describe(before) != _describe(after)


def _describe(clock: Clock) -> tuple[bool, tuple[str, ...], datetime | None, int]:
    return clock.running_since is not None, clock.pauses, clock.stopped_at, clock.target


def _close(segments: list[Segment] | None, accrued: timedelta, at: datetime | None) -> None:
    """End the last segment: it counted what the clock shows now beyond what the earlier ones did."""
    if segments and segments[-1].kind != "stop":
        earlier = sum((segment.counted for segment in segments[:-1]), timedelta())
        last = accrued - earlier if segments[-1].kind == "run" else timedelta()
        segments[-1] = replace(segments[-1], end=at, counted=last)


def _begin(release: Release, change: tuple[str, Clock | None, Clock], at: datetime, event: Event) -> Segment:
    key, before, clock = change
    if clock.stopped_at is not None:
        code, params = _name_stop(release, key, event)
        return Segment(start=at, end=at, kind="stop", code=code, params=params, target=clock.target)
    if clock.running_since is None:
        nodes = [cause for cause in clock.pauses if cause not in {CUSTOMER, SUSPENDED}]
        code = clock.pauses[0] if clock.pauses[:1] in ((CUSTOMER,), (SUSPENDED,)) else "node"
        params = {"nodes": nodes} if nodes else {}
        return Segment(
            start=at, end=None, kind="pause", code=f"clock_why_{code}", params=params, target=clock.target
        )
    return Segment(
        start=at,
        end=None,
        kind="run",
        code=f"clock_why_{_name_run(before, clock, event)}",
        target=clock.target,
        due_at=clock.due_at,
    )


def _name_run(before: Clock | None, clock: Clock, event: Event) -> str:
    if before is None:
        return "started"
    if before.target != clock.target:
        return "priority"
    if isinstance(event, CalendarChanged):
        return "calendar"
    return {CUSTOMER: "answered", SUSPENDED: "resumed"}.get((*before.pauses, "")[0], "went_on")


def _name_stop(release: Release, key: str, event: Event) -> tuple[str, dict[str, Any]]:
    config = release.clocks.get(key)
    if config is None:
        return "clock_why_dropped", {}
    if config.stops_at == "first_response" and is_response(event):
        return "clock_why_responded", {}
    if config.stops_at == "node" and config.node is not None:
        return "clock_why_reached", {"nodes": [config.node]}
    return "clock_why_ended", {}
