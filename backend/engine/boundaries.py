"""Events at the boundary of a step: set when its token begins to wait, called off when it leaves.

Each opens a port of the node. An interrupting one takes the token out by it; any other begins a further
branch in the same scopes, which a join of all living branches waits for too. Errors need no setting; see
`incidents`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from backend.engine.calendar import add_working
from backend.engine.leaving import leave
from backend.engine.moves import MAX_TOKENS, begin, find_edge
from backend.engine.release import CompiledNode
from backend.engine.run import Run
from backend.engine.state import Catch, Timer, Token
from backend.engine.subscriptions import Wait, subscribe
from backend.engine.timers import AROUND_THE_CLOCK, set_timer
from backend.graph.expressions import ExpressionFailed
from backend.graph.model import Boundary
from backend.node_sdk import ValueUnfit, read_correlation, read_moment, read_path


def arm(run: Run, token: Token, node: CompiledNode) -> None:
    """Set every event of the node for this visit. One that cannot be set (no date yet, a correlation that
    cannot be computed) is left out with a line in the timeline: the step itself can still be done."""
    token.armed = True
    if token.undoes is not None:
        return
    catches: list[Catch] = []
    for port, event in node.boundary.items():
        if event.kind == "timer":
            at = _first_moment(run, token, event)
            if at is None:
                run.note("boundary_not_set", node.id, port=port)
            else:
                _set(run, token, port, at, 0)
        elif event.kind != "error":
            found = _catch(run, token, port, event)
            if found is None:
                run.note("boundary_not_set", node.id, port=port)
            else:
                catches.append(found)
    token.catches = tuple(catches)
    for catch in catches:
        lasting = not node.boundary[catch.port].interrupting
        subscribe(run, token, Wait(catch.kind, catch.name, catch.correlation, catch.port, lasting))


def _catch(run: Run, token: Token, port: str, event: Boundary) -> Catch | None:
    try:
        correlation = read_correlation(run.node_context(token), event.correlation)
    except (ExpressionFailed, ValueUnfit):
        return None
    kind: Literal["message", "signal"] = "signal" if event.kind == "signal" else "message"
    return Catch(port=port, kind=kind, name=event.name, correlation=correlation)


def _first_moment(run: Run, token: Token, event: Boundary) -> datetime | None:
    """When the timer fires first, not before now; None while its date is missing."""
    if event.field:
        value = read_path(run.node_context(token), event.field)
        moment = read_moment(value, event.time_of_day, run.state.ticket.calendar.zone)
        if moment is None:
            return None
        offset = event.offset or timedelta(0)
        return max(run.now, moment - offset if event.direction == "before" else moment + offset)
    return _after(run, event, event.after or event.every or timedelta(0))


def _after(run: Run, event: Boundary, length: timedelta) -> datetime:
    """Raises CalendarClosed."""
    calendar = run.state.ticket.calendar if event.working_hours else AROUND_THE_CLOCK
    return add_working(calendar, run.now, int(length.total_seconds()))


def _set(run: Run, token: Token, port: str, at: datetime, fired: int) -> None:
    working = run.release.nodes[token.node].boundary[port].working_hours
    timer = Timer(id=run.next_id("m"), token=token.id, kind="boundary", at=at, port=port, fired=fired)
    timer.working = working
    set_timer(run, timer)


def fire_timer(run: Run, token: Token, timer: Timer) -> None:
    """The moment of a boundary timer came; one that repeats is set again before its branch begins."""
    event = run.release.nodes[token.node].boundary.get(timer.port or "")
    if event is None or timer.port is None:
        return
    fired = timer.fired + 1
    if not event.interrupting and event.every is not None and fired < event.times:
        _set(run, token, timer.port, _after(run, event, event.every), fired)
    fire(run, token, timer.port)


def fire(run: Run, token: Token, port: str) -> None:
    """Open this port for the token that waits there, or for a further branch beside it."""
    node = run.release.nodes[token.node]
    event = node.boundary.get(port)
    if event is None:
        return
    run.note("boundary_event", node.id, port=port)
    if event.interrupting:
        token.back = None  # what came back from here does not go back any more
        leave(run, token, node, port)
        return
    try:
        edge = find_edge(run, token, node.ports.get(port, ()))
    except ExpressionFailed:
        edge = None
    if edge is None or len(run.state.tokens) >= MAX_TOKENS:
        run.note("boundary_not_taken", node.id, port=port)
    else:
        begin(run, edge, token.scopes)
