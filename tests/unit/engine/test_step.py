"""What single events do: votes, clocks, incidents, joins, refusals, working time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.engine.calendar import CalendarClosed, add_working
from backend.engine.commands import Remind
from backend.engine.events import (
    Cancelled,
    Event,
    IncidentResolved,
    JobDone,
    JobFailed,
    MessageArrived,
    Started,
    TaskCompleted,
    TimerFired,
)
from backend.engine.progress import stages
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.state import Calendar, State, TicketFacts
from backend.engine.step import new_state, step
from tests.support.workflows import CHOICE_TASK, TASK, define, join, release_of

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FACTS = TicketFacts(id="t", number="T-1", workflow="test")
Edges = list[tuple[str, ...]]


def begin(nodes: dict[str, Any], edges: Edges, data: dict[str, Any] | None = None) -> tuple[Release, State]:
    release = release_of(define({"s": "start", **nodes, "z": "end"}, edges))
    state, _ = step(release, new_state(FACTS), Started(ticket=FACTS, data=data or {}), NOW)
    return release, state


def act(release: Release, state: State, *events: Event, at: datetime = NOW) -> State:
    for event in events:
        state, _ = step(release, state, event, at)
    return state


def press(state: State, node: str, outcome: str = "done", **parts: Any) -> TaskCompleted:
    task = next(task for task in state.tasks.values() if task.node == node and task.outcome is None)
    return TaskCompleted(task=task.id, outcome=outcome, **parts)


def open_nodes(state: State) -> list[str]:
    return sorted(task.node for task in state.tasks.values() if task.outcome is None)


def codes(state: State) -> list[str]:
    return [incident.code for incident in state.incidents.values()]


PARALLEL: Edges = [
    ("s", "next", "p"),
    ("p", "next", "a"),
    ("p", "next", "b"),
    ("p", "next", "c"),
    ("a", "done", "j"),
    ("b", "done", "j"),
    ("c", "done", "j"),
    ("j", "next", "after"),
    ("after", "done", "z"),
]


@pytest.mark.parametrize(
    ("mode", "pressed", "left"),
    [
        ("all", ["a", "b"], ["c"]),
        ("all", ["a", "b", "c"], ["after"]),
        ("scope", ["a", "b"], ["c"]),
        ("scope", ["a", "b", "c"], ["after"]),
        ("any", ["b"], ["after"]),
        ("n", ["a"], ["b", "c"]),
        ("n", ["a", "c"], ["after"]),
    ],
)
def test_joins(mode: str, pressed: list[str], left: list[str]) -> None:
    nodes = {"p": "split", "a": TASK, "b": TASK, "c": TASK, "j": join(mode), "after": TASK}
    release, state = begin(nodes, PARALLEL)
    for node in pressed:
        state = act(release, state, press(state, node))
    assert open_nodes(state) == left
    assert len(state.tokens) == len(left) + (len(pressed) if left != ["after"] else 0)


def test_scope_join_goes_on_when_a_branch_ends() -> None:
    nodes = {"p": "split", "a": TASK, "b": TASK, "j": join("scope"), "e": "end"}
    ways: Edges = [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "b"), ("a", "done", "j")]
    release, state = begin(nodes, [*ways, ("b", "done", "e"), ("j", "next", "z")])
    state = act(release, state, press(state, "a"))
    assert state.status == "running"
    assert act(release, state, press(state, "b")).status == "completed"


DECIDE: Edges = [("s", "next", "d"), ("d", "next", "a", "data.n > 5"), ("d", "next", "b"), ("a", "done", "z")]


@pytest.mark.parametrize(
    ("data", "opened"), [({"n": 6}, "a"), ({"n": 5}, "b"), ({}, "b"), ({"n": None}, "b")]
)
def test_decision(data: dict[str, Any], opened: str) -> None:
    _, state = begin({"d": "decision", "a": TASK, "b": TASK}, [*DECIDE, ("b", "done", "z")], data)
    assert open_nodes(state) == [opened]


def test_no_way_on_is_an_incident_and_retry_works_once_data_is_mended() -> None:
    release, state = begin({"d": "decision", "a": TASK}, [DECIDE[0], DECIDE[1], DECIDE[3]], {"n": 1})
    assert codes(state) == ["no_way_on"]
    again = IncidentResolved(incident=next(iter(state.incidents)))
    assert codes(act(release, state, again)) == ["no_way_on"]
    state.data["n"] = 9
    assert open_nodes(act(release, state, again)) == ["a"]


CLOCKED = {
    "type": "form_task",
    "config": {
        "offer": {"to": "owner"},
        "sla": {
            "duration": "PT2H",
            "working_hours": False,
            "timeout": True,
            "ladder": [{"percent": 50, "action": "raise_priority"}],
        },
    },
}


def test_ladder_and_timeout() -> None:
    release, state = begin({"a": CLOCKED}, [("s", "next", "a"), ("a", "done", "z"), ("a", "timeout", "z")])
    rung, due = sorted(state.timers.values(), key=lambda timer: timer.at)
    assert (rung.at, due.at) == (NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    with pytest.raises(Refused, match="timer_early"):
        step(release, state, TimerFired(timer=due.id), NOW)
    state, commands = step(release, state, TimerFired(timer=rung.id), rung.at)
    assert state.ticket.priority == "high"
    assert any(isinstance(command, Remind) for command in commands)
    state, _ = step(release, state, TimerFired(timer=due.id), due.at)
    assert (state.status, state.tasks, state.timers) == ("completed", {}, {})


HOOK: dict[str, Any] = {"type": "webhook", "config": {"url": "https://a.example"}}


def test_failed_job_takes_the_error_port_or_waits_for_a_retry() -> None:
    ways: Edges = [("s", "next", "h"), ("h", "ok", "z")]
    release, state = begin({"h": HOOK}, ways)
    state = act(release, state, JobFailed(job=next(iter(state.jobs)), code="timeout"))
    assert codes(state) == ["timeout"]
    state = act(release, state, IncidentResolved(incident=next(iter(state.incidents))))
    assert act(release, state, JobDone(job=next(iter(state.jobs)), result={})).status == "completed"
    release, state = begin({"h": HOOK, "a": TASK}, [*ways, ("h", "error", "a"), ("a", "done", "z")])
    assert open_nodes(act(release, state, JobFailed(job=next(iter(state.jobs)), code="x"))) == ["a"]


def test_message_wakes_who_waits() -> None:
    wait = {"type": "wait", "config": {"mode": "message", "message": "paid"}}
    release, state = begin({"w": wait}, [("s", "next", "w"), ("w", "next", "z")])
    done = act(release, state, MessageArrived(name="paid", data={"sum": 3}))
    assert (done.status, done.data) == ("completed", {"sum": 3})


def test_handling_time_and_people() -> None:
    release, state = begin({"a": TASK}, [("s", "next", "a"), ("a", "done", "z")])
    state = act(release, state, press(state, "a", member="m1"), at=NOW + timedelta(minutes=30))
    assert state.handling == {"a": 1800}
    assert state.people == {"a": "m1", "owner": "m1"}


@pytest.mark.parametrize(
    ("event", "code", "stale"),
    [
        (TaskCompleted(task="k99", outcome="done"), "task_closed", False),
        (TimerFired(timer="m99"), "timer_gone", True),
        (JobDone(job="j99"), "job_gone", True),
        (MessageArrived(name="x"), "nobody_waits", True),
        (IncidentResolved(incident="i99"), "incident_closed", False),
        (Started(ticket=FACTS), "already_started", False),
    ],
)
def test_refusals(event: Event, code: str, stale: bool) -> None:
    release, state = begin({"a": TASK}, [("s", "next", "a"), ("a", "done", "z")])
    with pytest.raises(Refused) as refused:
        step(release, state, event, NOW)
    assert (refused.value.code, refused.value.stale) == (code, stale)


def test_unknown_button_and_second_press() -> None:
    release, state = begin({"a": TASK}, [("s", "next", "a"), ("a", "done", "z")])
    with pytest.raises(Refused, match="unknown_outcome"):
        step(release, state, press(state, "a", "explode"), NOW)
    event = press(state, "a")
    with pytest.raises(Refused, match="task_closed"):
        act(release, state, event, event)


def test_cancel_closes_everything() -> None:
    release, state = begin({"a": CLOCKED}, [("s", "next", "a"), ("a", "done", "z"), ("a", "timeout", "z")])
    state = act(release, state, Cancelled(reason="mistake"))
    assert (state.status, state.tokens, state.tasks, state.timers) == ("cancelled", {}, {}, {})


def test_progress_is_like_a_parcel() -> None:
    release, state = begin(
        {"a": TASK, "b": TASK}, [("s", "next", "a"), ("a", "done", "b"), ("b", "done", "z")]
    )
    state = act(release, state, press(state, "a"))
    assert [(stage.node, stage.state) for stage in stages(release, state)] == [
        ("s", "done"),
        ("a", "done"),
        ("b", "current"),
        ("z", "todo"),
    ]


def test_of_several_ends_the_usual_one_is_to_come() -> None:
    nodes = {"a": CHOICE_TASK, "gone": "end"}
    ways: Edges = [("a", "other", "gone"), ("s", "next", "a"), ("a", "done", "z")]
    release, state = begin(nodes, ways)
    assert [stage.node for stage in stages(release, state)] == ["s", "a", "z"]
    assert [edge.target for edge in release.nodes["a"].drawn] == ["gone", "z"], "drawn the other way round"


def test_what_follows_work_that_was_sent_back_is_still_to_come() -> None:
    release, state = begin(
        {"a": TASK, "b": CHOICE_TASK},
        [("s", "next", "a"), ("a", "done", "b"), ("b", "done", "z"), ("b", "other", "a")],
    )
    state = act(release, state, press(state, "a"))
    state = act(release, state, press(state, "b", "other"))
    assert [(stage.node, stage.state) for stage in stages(release, state)] == [
        ("s", "done"),
        ("a", "current"),
        ("b", "todo"),
        ("z", "todo"),
    ]


def test_the_stage_passed_last_counts_while_a_step_in_between_works() -> None:
    quiet = {**TASK, "config": {**TASK["config"], "stage": False}}
    release, state = begin(
        {"a": TASK, "b": quiet}, [("s", "next", "a"), ("a", "done", "b"), ("b", "done", "z")]
    )
    state = act(release, state, press(state, "a"))
    assert [(stage.node, stage.state) for stage in stages(release, state)] == [
        ("s", "done"),
        ("a", "current"),
        ("z", "todo"),
    ]


HOURS: tuple[tuple[str, str], ...] = (("09:00", "12:00"), ("13:00", "18:00"))
WEEK = {str(day): HOURS for day in range(1, 6)}
SHOP = Calendar(zone="Asia/Shanghai", week=WEEK, holidays=("2026-03-03",), workdays=("2026-03-07",))
NEW_YORK = Calendar(zone="America/New_York", week={"7": (("00:00", "24:00"),)})


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "end"),
    [
        (SHOP, "2026-03-02T01:00:00Z", 3, "2026-03-02T04:00:00Z"),
        (SHOP, "2026-03-02T01:00:00Z", 4, "2026-03-02T06:00:00Z"),
        (SHOP, "2026-03-02T09:00:00Z", 2, "2026-03-04T02:00:00Z"),
        (SHOP, "2026-03-06T10:00:00Z", 1, "2026-03-07T02:00:00Z"),
        (SHOP, "2026-03-02T00:00:00Z", 0, "2026-03-02T01:00:00Z"),
        (Calendar(), "2026-03-02T20:00:00Z", 10, "2026-03-03T06:00:00Z"),
        (NEW_YORK, "2026-03-08T05:00:00Z", 23, "2026-03-09T04:00:00Z"),
        (
            Calendar(zone="UTC", week={"1": (("22:00", "06:00"),)}),
            "2026-03-03T01:00:00Z",
            2,
            "2026-03-03T03:00:00Z",
        ),
    ],
)
def test_working_time(calendar: Calendar, start: str, hours: int, end: str) -> None:
    found = add_working(calendar, datetime.fromisoformat(start), hours * 3600)
    assert found == datetime.fromisoformat(end)


@pytest.mark.parametrize("calendar", [Calendar(zone="Nowhere/None", week=WEEK), Calendar(week={"1": ()})])
def test_a_calendar_that_never_opens(calendar: Calendar) -> None:
    with pytest.raises(CalendarClosed):
        add_working(calendar, NOW, 60)
