"""Events at the boundary of a step: when they are set, what they open, when they are called off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.engine.commands import CloseTask, Note, Subscribe, Unsubscribe
from backend.engine.events import (
    IncidentResolved,
    JobDone,
    JobFailed,
    MessageArrived,
    Resumed,
    Started,
    Suspended,
    TimerFired,
)
from backend.engine.run import Refused
from backend.engine.state import Calendar, State, TicketFacts, Timer
from backend.engine.step import new_state, step
from tests.support.workflows import CHOICE_TASK, TASK, define, join, release_of
from tests.unit.engine.test_step import CLOCKED, NOW, Edges, act, begin, codes, open_nodes, press

HOUR = timedelta(hours=1)
HOOK: dict[str, Any] = {"type": "webhook", "config": {"url": "https://a.example"}}
WAYS: Edges = [
    ("s", "next", "a"),
    ("a", "done", "z"),
    ("a", "late", "b"),
    ("b", "done", "z"),
]


def bounded(node: dict[str, Any], port: str = "late", **event: Any) -> dict[str, Any]:
    return {**node, "boundary": {**node.get("boundary", {}), port: event}}


def boundary_timers(state: State) -> list[Timer]:
    return [timer for timer in state.timers.values() if timer.kind == "boundary"]


AFTER: dict[str, Any] = {"kind": "timer", "after": "PT2H"}


def test_a_timer_that_interrupts() -> None:
    release, state = begin({"a": bounded(TASK, **AFTER), "b": TASK}, WAYS)
    (timer,) = boundary_timers(state)
    assert (timer.at, timer.port) == (NOW + 2 * HOUR, "late")
    state, commands = step(release, state, TimerFired(timer=timer.id), timer.at)
    assert (open_nodes(state), state.timers) == (["b"], {})
    assert [command.reason for command in commands if isinstance(command, CloseTask)] == ["cancelled"]
    assert [c.params for c in commands if isinstance(c, Note) and c.code == "boundary_event"] == [
        {"port": "late"}
    ]
    assert not state.tokens[next(iter(state.tokens))].armed


def test_a_step_that_is_done_calls_its_events_off() -> None:
    release, state = begin({"a": bounded(TASK, **AFTER), "b": TASK}, WAYS)
    done = act(release, state, press(state, "a"))
    assert (done.status, done.timers) == ("completed", {})
    with pytest.raises(Refused, match="timer_gone"):
        act(release, done, TimerFired(timer=next(iter(state.timers))), at=NOW + 2 * HOUR)


def test_a_timer_beside_the_step_repeats() -> None:
    event: dict[str, Any] = {
        "kind": "timer",
        "after": "PT2H",
        "every": "PT1H",
        "times": 3,
        "interrupting": False,
    }
    release, state = begin({"a": bounded(TASK, **event), "b": TASK}, WAYS)
    fired: list[datetime] = []
    while boundary_timers(state):
        (timer,) = boundary_timers(state)
        fired.append(timer.at)
        state = act(release, state, TimerFired(timer=timer.id), at=timer.at)
    assert fired == [NOW + 2 * HOUR, NOW + 3 * HOUR, NOW + 4 * HOUR]
    assert open_nodes(state) == ["a", "b", "b", "b"]


MONDAY = Calendar(zone="Asia/Shanghai", week={str(day): (("09:00", "18:00"),) for day in range(1, 6)})


@pytest.mark.parametrize(
    ("event", "data", "at"),
    [
        ({"after": "PT10H", "working_hours": True}, {}, "2026-03-03T02:00:00Z"),
        ({"field": "data.visit", "offset": "P1D"}, {"visit": "2026-03-05"}, "2026-03-04T01:00:00Z"),
        ({"field": "visit", "offset": "PT30M"}, {"visit": "2026-03-05T10:00:00Z"}, "2026-03-05T09:30:00Z"),
        (
            {"field": "visit", "direction": "after", "offset": "PT1H", "time_of_day": "18:00"},
            {"visit": "2026-03-05"},
            "2026-03-05T11:00:00Z",
        ),
        ({"field": "visit", "offset": "P9D"}, {"visit": "2026-03-05"}, "2026-03-02T01:00:00Z"),
        ({"field": "visit"}, {}, None),
        ({"field": "visit"}, {"visit": "soon"}, None),
        ({"every": "PT1H", "interrupting": False}, {}, "2026-03-02T02:00:00Z"),
    ],
)
def test_when_a_timer_fires(event: dict[str, Any], data: dict[str, Any], at: str | None) -> None:
    nodes = {"s": "start", "a": bounded(TASK, kind="timer", **event), "b": TASK, "z": "end"}
    release = release_of(define(nodes, WAYS))
    facts = TicketFacts(id="t", number="T-1", workflow="test", calendar=MONDAY)
    state, commands = step(release, new_state(facts), Started(ticket=facts, data=data), NOW)
    assert open_nodes(state) == ["a"]
    moments = [timer.at for timer in boundary_timers(state)]
    assert moments == ([] if at is None else [datetime.fromisoformat(at)])
    assert (at is None) == any(isinstance(c, Note) and c.code == "boundary_not_set" for c in commands)


MESSAGE: dict[str, Any] = {"kind": "message", "name": "called_off", "correlation": "data.no"}


@pytest.mark.parametrize(("interrupting", "left"), [(True, ["b"]), (False, ["a", "b"])])
def test_a_message(interrupting: bool, left: list[str]) -> None:
    node = bounded(TASK, **MESSAGE, interrupting=interrupting)
    release, state = begin({"a": node, "b": TASK}, WAYS, {"no": 7})
    for wrong in (MessageArrived(name="other"), MessageArrived(name="called_off", correlation="8")):
        with pytest.raises(Refused, match="nobody_waits"):
            act(release, state, wrong)
    event = MessageArrived(name="called_off", correlation="7", data={"why": "rain"})
    state, commands = step(release, state, event, NOW)
    assert (open_nodes(state), state.data) == (left, {"no": 7, "why": "rain"})
    assert interrupting == any(isinstance(command, Unsubscribe) for command in commands)


def test_what_listens_is_told_to_the_shell_and_called_off() -> None:
    node = bounded(bounded(TASK, **MESSAGE), "alarm", kind="signal", name="alarm")
    nodes = {"s": "start", "a": node, "b": TASK, "z": "end"}
    release = release_of(define(nodes, [*WAYS, ("a", "alarm", "b")]))
    facts = TicketFacts(id="t", number="T-1", workflow="test")
    state, commands = step(release, new_state(facts), Started(ticket=facts, data={"no": "x"}), NOW)
    told = [command for command in commands if isinstance(command, Subscribe)]
    assert [(c.kind, c.name, c.correlation) for c in told] == [
        ("message", "called_off", "x"),
        ("signal", "alarm", ""),
    ]
    state, commands = step(release, state, MessageArrived(name="alarm", signal=True), NOW)
    assert open_nodes(state) == ["b"]
    assert [c.key for c in commands if isinstance(c, Unsubscribe)] == [c.key for c in told]


def test_a_message_that_came_for_an_earlier_visit() -> None:
    node = bounded(CHOICE_TASK, **MESSAGE)
    release, state = begin({"a": node, "b": TASK}, [*WAYS, ("a", "other", "a")], {"no": 7})
    (token,) = state.tokens.values()
    key = f"{token.id}.1.a:late"
    aimed = MessageArrived(name="called_off", correlation="7", token=key)
    assert open_nodes(act(release, state, aimed)) == ["b"]
    state = act(release, state, press(state, "a", "other"))
    with pytest.raises(Refused, match="nobody_waits"):
        act(release, state, aimed)


# --- errors ---


@pytest.mark.parametrize(
    ("events", "drawn", "failed", "left"),
    [
        ({"any": {"kind": "error"}}, [], "timeout", "b"),
        ({"some": {"kind": "error", "code": "timeout"}}, [], "timeout", "b"),
        ({"some": {"kind": "error", "code": "refused"}}, [], "timeout", None),
        ({"any": {"kind": "error"}, "some": {"kind": "error", "code": "timeout"}}, ["any"], "timeout", "b"),
        ({"any": {"kind": "error"}}, ["error"], "timeout", "c"),
        ({"some": {"kind": "error", "code": "timeout"}}, ["error"], "timeout", "b"),
    ],
)
def test_who_catches_a_failed_job(
    events: dict[str, Any], drawn: list[str], failed: str, left: str | None
) -> None:
    nodes = {"h": {**HOOK, "boundary": events}, "b": TASK, "c": TASK}
    ways: Edges = [("s", "next", "h"), ("h", "ok", "z"), ("b", "done", "z"), ("c", "done", "z")]
    ways += [("h", port, "c") for port in drawn]
    ways += [("h", port, "b") for port in events if port not in drawn]
    release, state = begin(nodes, ways)
    state = act(release, state, JobFailed(job=next(iter(state.jobs)), code=failed))
    assert (open_nodes(state), codes(state)) == (([left], []) if left else ([], [failed]))


def test_an_error_before_anything_is_waited_for() -> None:
    wait = {"type": "wait", "config": {"mode": "until", "field": "data.when"}}
    nodes = {"a": bounded(wait, kind="error"), "b": TASK}
    _, state = begin(nodes, [("s", "next", "a"), ("a", "next", "z"), *WAYS[2:]])
    assert (open_nodes(state), codes(state)) == (["b"], [])


def test_an_error_event_beside_the_incident() -> None:
    nodes = {"h": bounded(HOOK, kind="error", interrupting=False), "b": TASK}
    ways: Edges = [("s", "next", "h"), ("h", "ok", "z"), ("h", "late", "b"), ("b", "done", "z")]
    release, state = begin(nodes, ways)
    state = act(release, state, JobFailed(job=next(iter(state.jobs)), code="timeout"))
    assert (open_nodes(state), codes(state)) == (["b"], ["timeout"])
    state = act(release, state, IncidentResolved(incident=next(iter(state.incidents))), press(state, "b"))
    assert act(release, state, JobDone(job=next(iter(state.jobs)), result={})).status == "completed"


def test_errors_that_go_in_a_circle_stop() -> None:
    wait = {"type": "wait", "config": {"mode": "until", "field": "data.when"}}
    nodes = {"a": bounded(wait, kind="error")}
    _, state = begin(nodes, [("s", "next", "a"), ("a", "next", "z"), ("a", "late", "a")])
    assert codes(state) == ["endless_loop"]


def test_no_way_on_is_not_the_steps_error() -> None:
    nodes = {"a": bounded(TASK, kind="error"), "b": TASK}
    ways: Edges = [("s", "next", "a"), ("a", "done", "z", "data.ok"), *WAYS[2:]]
    release, state = begin(nodes, ways)
    assert codes(act(release, state, press(state, "a"))) == ["no_way_on"]


def test_an_event_still_helps_out_of_an_incident() -> None:
    node = bounded(HOOK, **AFTER)
    ways: Edges = [("s", "next", "h"), ("h", "ok", "z"), ("h", "late", "b"), ("b", "done", "z")]
    release, state = begin({"h": node, "b": TASK}, ways)
    state = act(release, state, JobFailed(job=next(iter(state.jobs)), code="timeout"))
    (timer,) = boundary_timers(state)
    state = act(release, state, TimerFired(timer=timer.id), at=timer.at)
    assert (open_nodes(state), codes(state), state.timers) == (["b"], [], {})


# --- in company ---


def test_further_branches_belong_to_the_scope() -> None:
    """A join of the living waits for what began beside a step."""
    event: dict[str, Any] = {"kind": "timer", "after": "PT2H", "interrupting": False}
    nodes = {"p": "split", "a": bounded(TASK, **event), "c": TASK, "b": TASK, "j": join("scope"), "d": TASK}
    ways: Edges = [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "c"), ("a", "done", "j")]
    ways += [
        ("c", "done", "j"),
        ("a", "late", "b"),
        ("b", "done", "j"),
        ("j", "next", "d"),
        ("d", "done", "z"),
    ]
    release, state = begin(nodes, ways)
    (timer,) = boundary_timers(state)
    state = act(release, state, TimerFired(timer=timer.id), at=timer.at)
    state = act(release, state, press(state, "a"), press(state, "c"))
    assert open_nodes(state) == ["b"]
    assert open_nodes(act(release, state, press(state, "b"))) == ["d"]


def test_a_join_can_be_waited_for_no_longer() -> None:
    nodes = {"p": "split", "a": TASK, "c": TASK, "j": bounded(join("all"), **AFTER), "b": TASK}
    ways: Edges = [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "c"), ("a", "done", "j")]
    ways += [("c", "done", "j"), ("j", "next", "z"), ("j", "late", "b"), ("b", "done", "z")]
    release, state = begin(nodes, ways)
    assert not boundary_timers(state)
    state = act(release, state, press(state, "a"))
    (timer,) = boundary_timers(state)
    assert act(release, state, press(state, "c")).status == "completed"
    state = act(release, state, TimerFired(timer=timer.id), at=timer.at)
    assert open_nodes(state) == ["b", "c"]


@pytest.mark.parametrize("first", ["due", "boundary"])
def test_the_limit_of_the_task_and_a_timer_at_the_same_moment(first: str) -> None:
    node = bounded(CLOCKED, **AFTER)
    release, state = begin({"a": node, "b": TASK}, [*WAYS, ("a", "timeout", "z")])
    kinds = {str(timer.kind): timer for timer in state.timers.values()}
    state = act(release, state, TimerFired(timer=kinds[first].id), at=NOW + 2 * HOUR)
    assert (state.status, state.timers) == (("completed", {}) if first == "due" else ("running", {}))
    other = "boundary" if first == "due" else "due"
    with pytest.raises(Refused, match="timer_gone"):
        act(release, state, TimerFired(timer=kinds[other].id), at=NOW + 2 * HOUR)


def test_a_ticket_that_rests_does_not_fire() -> None:
    release, state = begin({"a": bounded(TASK, **AFTER), "b": TASK}, WAYS)
    state = act(release, state, Suspended(by="m"), at=NOW + HOUR)
    assert not state.timers
    state = act(release, state, Resumed(by="m"), at=NOW + 5 * HOUR)
    assert [timer.at for timer in boundary_timers(state)] == [NOW + 6 * HOUR]


def test_a_retry_is_still_the_same_visit() -> None:
    ways: Edges = [("s", "next", "a"), ("a", "ok", "z"), *WAYS[2:]]
    release, state = begin({"a": bounded(HOOK, **AFTER), "b": TASK}, ways)
    (timer,) = boundary_timers(state)
    state = act(release, state, JobFailed(job=next(iter(state.jobs)), code="x"))
    state = act(release, state, IncidentResolved(incident=next(iter(state.incidents))))
    assert [other.id for other in boundary_timers(state)] == [timer.id]
