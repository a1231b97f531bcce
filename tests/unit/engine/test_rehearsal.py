"""Recorded tickets run through drafts that differ in one thing each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.engine.events import (
    Event,
    MessageArrived,
    Recorded,
    Started,
    TaskClaimed,
    TaskCompleted,
    TimerFired,
)
from backend.engine.record import Record, read_record
from backend.engine.rehearsal import Comparison, rehearse
from backend.engine.run import Refused
from backend.engine.state import State
from backend.engine.step import new_state, step
from backend.graph.model import Definition
from backend.runtime.versions.answers import FormAnswers
from tests.property.test_rehearsal import FACTS, START, NoMoney
from tests.support.workflows import CHOICE_TASK, TASK, define, join, release_of

HOUR = timedelta(hours=1)


def record(definition: Definition, *happened: tuple[float, Any]) -> Record:
    """Events at hours after the start; a function makes its event of the state."""
    release = release_of(definition)
    log = [Recorded(at=START, event=Started(ticket=FACTS, data={"go": True}))]
    state, _ = step(release, new_state(FACTS), log[0].event, START)
    for hours, make in happened:
        event: Event = make(state)
        log.append(Recorded(at=START + hours * HOUR, event=event))
        state, _ = step(release, state, event, log[-1].at)
    return read_record(release, log, NoMoney())


def finish(node: str, outcome: str = "done", **data: Any) -> Any:
    def make(state: State) -> Event:
        task = next(task for task in state.tasks.values() if task.node == node and task.outcome is None)
        return TaskCompleted(task=task.id, outcome=outcome, member="m", data=data)

    return make


def claim(node: str) -> Any:
    return lambda state: TaskClaimed(
        task=next(task.id for task in state.tasks.values() if task.node == node), member="m"
    )


def fire(_: State) -> Event:
    return TimerFired(timer=next(iter(_.timers)))


def try_out(draft: Definition, known: Record) -> Comparison:
    return rehearse(release_of(draft), known, FormAnswers(), NoMoney())


ROW = define(
    {"s": "start", "a": TASK, "b": TASK, "z": "end"},
    [("s", "next", "a"), ("a", "done", "b"), ("b", "done", "z")],
)
DONE = ((1.0, claim("a")), (3.0, finish("a")), (10.0, finish("b")))


def test_a_step_less_saves_its_time() -> None:
    known = record(ROW, *DONE)
    found = try_out(
        define({"s": "start", "b": TASK, "z": "end"}, [("s", "next", "b"), ("b", "done", "z")]), known
    )
    assert found.verdict == "rerouted"
    assert (found.old.length, found.new.length) == (10 * 3600, 7 * 3600)
    assert (found.old.handling, found.new.handling) == (9 * 3600, 7 * 3600)
    assert found.parting == (1, 1), "a then, b now"


def test_the_other_order_gives_both_answers_after_as_long() -> None:
    draft = define(
        {"s": "start", "a": TASK, "b": TASK, "z": "end"},
        [("s", "next", "b"), ("b", "done", "a"), ("a", "done", "z")],
    )
    found = try_out(draft, record(ROW, *DONE))
    assert (found.verdict, found.new.status, found.new.length) == ("rerouted", "completed", 10 * 3600)


def test_a_step_more_is_where_it_stands() -> None:
    draft = define(
        {"s": "start", "a": TASK, "x": TASK, "b": TASK, "z": "end"},
        [("s", "next", "a"), ("a", "done", "x"), ("x", "done", "b"), ("b", "done", "z")],
    )
    found = try_out(draft, record(ROW, *DONE))
    assert (found.verdict, [(spot.node, spot.why) for spot in found.spots]) == (
        "stuck",
        [("x", "never_asked")],
    )


def test_a_button_that_is_gone() -> None:
    edges = [("s", "next", "a"), ("a", "done", "z"), ("a", "other", "z")]
    known = record(define({"s": "start", "a": CHOICE_TASK, "z": "end"}, edges), (1.0, finish("a", "other")))
    found = try_out(define({"s": "start", "a": TASK, "z": "end"}, edges[:2]), known)
    assert [(spot.node, spot.why, spot.params["outcome"]) for spot in found.spots] == [
        ("a", "button_gone", "other")
    ]


LIMITED: dict[str, Any] = {
    **TASK,
    "config": {**TASK["config"], "sla": {"duration": "PT2H", "working_hours": False, "timeout": True}},
}
LATE = [("s", "next", "a"), ("a", "done", "z"), ("a", "timeout", "y")]


@pytest.mark.parametrize(
    ("hours", "nodes", "status"),
    [(1.0, ["s", "a", "z"], "unchanged"), (5.0, ["s", "a", "y"], "ended")],
)
def test_clocks_of_the_draft_run_on_the_recorded_time(hours: float, nodes: list[str], status: str) -> None:
    plain = define({"s": "start", "a": TASK, "z": "end", "y": "end"}, LATE[:2])
    found = try_out(
        define(
            {"s": "start", "a": LIMITED, "z": "end", "y": {"type": "end", "config": {"result": "late"}}}, LATE
        ),
        record(plain, (hours, finish("a"))),
    )
    assert ([entry.node for entry in found.new.way], found.verdict) == (nodes, status)


def test_a_clock_that_fired_late_fires_as_late_again() -> None:
    draft = define(
        {"s": "start", "w": {"type": "wait", "config": {"duration": "PT1H"}}, "z": "end"},
        [("s", "next", "w"), ("w", "next", "z")],
    )
    known = record(draft, (5.0, fire))
    assert try_out(draft, known).new.length == 5 * 3600
    shorter = define(
        {"s": "start", "w": {"type": "wait", "config": {"duration": "PT2H"}}, "z": "end"},
        [("s", "next", "w"), ("w", "next", "z")],
    )
    assert try_out(shorter, known).new.length == 2 * 3600, "another clock fires on its own moment"


def test_a_message_waits_for_its_reader() -> None:
    wait = {"type": "wait", "config": {"mode": "message", "message": "paid"}}
    row = [("s", "next", "w"), ("w", "next", "a"), ("a", "done", "z")]
    nodes: dict[str, Any] = {"s": "start", "w": wait, "a": TASK, "z": "end"}
    try:
        known = record(define(nodes, row), (2.0, lambda _: MessageArrived(name="paid")), (3.0, finish("a")))
    except Refused:
        pytest.fail("the flow must wait for the message")
    later = define(nodes, [("s", "next", "a"), ("a", "done", "w"), ("w", "next", "z")])
    found = try_out(later, known)
    assert (found.verdict, found.new.status) == ("rerouted", "completed")


def test_branches_that_overtake_go_the_same_way() -> None:
    nodes: dict[str, Any] = {
        "s": "start",
        "f": "split",
        "a": TASK,
        "b": TASK,
        "c": TASK,
        "j": join("all"),
        "z": "end",
    }
    edges = [
        ("s", "next", "f"),
        ("f", "next", "a"),
        ("f", "next", "b"),
        ("a", "done", "j"),
        ("b", "done", "c"),
        ("c", "done", "j"),
        ("j", "next", "z"),
    ]
    known = record(define(nodes, edges), (1.0, finish("b")), (2.0, finish("a")), (3.0, finish("c")))
    found = try_out(define(nodes, edges), known)
    assert (found.verdict, found.parting) == ("unchanged", None)


def test_a_running_ticket_stands_where_it_stood() -> None:
    known = record(ROW, (1.0, finish("a")))
    assert try_out(ROW, known).verdict == "unchanged"
    assert try_out(ROW, known).new.standing == ("b",)
