"""Gates, steps that are called off, ends that are failures, working time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.engine.commands import Finish
from backend.engine.events import DataChanged, InstanceAdded, Started, TimerFired
from backend.engine.overlay import see_task_data
from backend.engine.release import LEAST_ENTRIES
from backend.engine.run import Refused
from backend.engine.state import Calendar, TicketFacts
from backend.engine.step import new_state, step
from tests.support.workflows import CHOICE_TASK, TASK, define, join, release_of
from tests.unit.engine.test_step import NOW, Edges, act, begin, codes, open_nodes, press


def gate(**config: Any) -> dict[str, Any]:
    return {"type": "gate", "config": config}


def cancel(*nodes: str) -> dict[str, Any]:
    return {"type": "cancel", "config": {"nodes": list(nodes)}}


SIDE: Edges = [
    ("s", "next", "p"),
    ("p", "next", "a"),
    ("p", "next", "g"),
    ("a", "done", "b"),
    ("b", "done", "c"),
    ("c", "done", "z"),
    ("g", "next", "d"),
    ("g", "missed", "e"),
    ("d", "done", "z"),
    ("e", "done", "z"),
]
SIDE_NODES = {"p": "split", "a": TASK, "b": TASK, "c": TASK, "d": TASK, "e": TASK}


@pytest.mark.parametrize(
    ("config", "pressed", "left"),
    [
        ({"reached": "b"}, [], ["a"]),
        ({"reached": "b"}, ["a"], ["b", "d"]),
        ({"reached": "a"}, [], ["a", "d"]),
        ({"reached": "b", "before": "c"}, ["a"], ["b", "d"]),
        ({"condition": "data.go", "reached": "b"}, ["a"], ["b"]),
        ({"condition": "data.go", "before": "c"}, ["a", "b"], ["c", "e"]),
    ],
)
def test_what_another_branch_has_reached(config: dict[str, Any], pressed: list[str], left: list[str]) -> None:
    release, state = begin({**SIDE_NODES, "g": gate(**config)}, SIDE)
    for node in pressed:
        state = act(release, state, press(state, node))
    assert open_nodes(state) == left


def test_a_condition_is_asked_again_after_every_event() -> None:
    release, state = begin(
        {"g": gate(condition="data.sum > 5"), "a": TASK},
        [("s", "next", "g"), ("g", "next", "a"), ("a", "done", "z")],
    )
    assert [token.wait for token in state.tokens.values()] == ["condition"]
    state = act(release, state, DataChanged(set={"sum": 5}))
    assert not open_nodes(state)
    assert open_nodes(act(release, state, DataChanged(set={"sum": 6}))) == ["a"]


def test_gates_open_each_other_in_one_event() -> None:
    nodes = {"p": "split", "g": gate(reached="x"), "h": gate(reached="y"), "k": gate(condition="data.go")}
    nodes |= {"x": TASK, "y": TASK, "w": TASK}
    ways: Edges = [("s", "next", "p"), ("p", "next", "g"), ("p", "next", "h"), ("p", "next", "k")]
    ways += [("g", "next", "y"), ("h", "next", "w"), ("k", "next", "x"), ("x", "done", "z")]
    release, state = begin(nodes, [*ways, ("y", "done", "z"), ("w", "done", "z")])
    state = act(release, state, DataChanged(set={"go": True}))
    assert open_nodes(state) == ["w", "x", "y"]


def test_a_gate_in_a_circle_counts_towards_the_bound() -> None:
    nodes = {"g": gate(condition="data.go"), "p": "split", "a": TASK}
    ways: Edges = [("s", "next", "p"), ("p", "next", "g"), ("p", "next", "a"), ("g", "next", "g")]
    release, state = begin(nodes, [*ways, ("a", "done", "z")])
    state = act(release, state, DataChanged(set={"go": True}))
    assert codes(state) == ["endless_loop"]
    assert state.visits["g"] <= LEAST_ENTRIES + 1


def test_a_gate_in_a_race_is_one_of_its_events() -> None:
    nodes = {
        "r": "race",
        "g": gate(condition="data.go"),
        "t": {"type": "wait", "config": {"duration": "P1D"}},
    }
    ways: Edges = [("s", "next", "r"), ("r", "next", "g"), ("r", "next", "t"), ("g", "next", "a")]
    release, state = begin({**nodes, "a": TASK}, [*ways, ("t", "next", "z"), ("a", "done", "z")])
    state = act(release, state, DataChanged(set={"go": True}))
    assert (open_nodes(state), state.timers, state.scopes) == (["a"], {}, {})


def test_a_gate_inside_an_instance_sees_its_data() -> None:
    each = {"type": "for_each", "config": {"items": "2", "into": "done"}}
    nodes = {"f": each, "g": gate(condition="data.go == data.item"), "a": TASK, "j": join("scope")}
    ways: Edges = [("s", "next", "f"), ("f", "each", "g"), ("g", "next", "a"), ("a", "done", "j")]
    release, state = begin(nodes, [*ways, ("j", "next", "z")])
    state = act(release, state, DataChanged(set={"go": 2}))
    (task,) = state.tasks
    assert see_task_data(state, task)["item_no"] == 2


# --- calling steps off ---


@pytest.mark.parametrize(
    ("cut", "pressed", "left"),
    [
        (["a"], ["d"], ["e"]),
        (["b", "c"], ["d"], ["a", "e"]),
        (["a", "b", "c"], ["a", "d"], ["e"]),
        (["nowhere"], ["d"], ["a", "e"]),
    ],
)
def test_a_part_of_the_workflow_is_called_off(cut: list[str], pressed: list[str], left: list[str]) -> None:
    ways: Edges = [*SIDE[:2], ("p", "next", "d"), *SIDE[3:6], ("d", "done", "x"), ("x", "next", "e")]
    release, state = begin({**SIDE_NODES, "x": cancel(*cut)}, [*ways, ("e", "done", "z")])
    for node in pressed:
        state = act(release, state, press(state, node))
    assert open_nodes(state) == left


def test_a_join_goes_on_when_what_it_waited_for_is_called_off() -> None:
    nodes = {"p": "split", "a": TASK, "b": TASK, "c": TASK, "x": cancel("b"), "j": join("scope"), "d": TASK}
    ways: Edges = [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "b"), ("p", "next", "c")]
    ways += [("a", "done", "j"), ("b", "done", "j"), ("c", "done", "x"), ("x", "next", "j")]
    release, state = begin(nodes, [*ways, ("j", "next", "d"), ("d", "done", "z")])
    state = act(release, state, press(state, "a"), press(state, "c"))
    assert open_nodes(state) == ["d"]


def test_inside_an_instance_the_others_are_spared() -> None:
    each = {"type": "for_each", "config": {"items": "2", "into": "done"}}
    nodes = {"f": each, "p": "split", "a": TASK, "b": CHOICE_TASK, "x": cancel("a"), "j": join("scope")}
    ways: Edges = [("s", "next", "f"), ("f", "each", "p"), ("p", "next", "a"), ("p", "next", "b")]
    ways += [("a", "done", "j"), ("b", "done", "x"), ("b", "other", "j"), ("x", "next", "j")]
    release, state = begin(nodes, [*ways, ("j", "next", "z")])
    state = act(release, state, press(state, "b"))
    assert open_nodes(state) == ["a", "b"]


def test_a_whole_for_each_is_called_off_with_what_it_has_still_to_begin() -> None:
    each = {"type": "for_each", "config": {"items": "3", "into": "done", "sequential": True}}
    nodes = {
        "p": "split",
        "f": each,
        "a": TASK,
        "j": join("scope"),
        "d": TASK,
        "x": cancel("f", "a"),
        "e": TASK,
    }
    ways: Edges = [("s", "next", "p"), ("p", "next", "f"), ("p", "next", "d"), ("f", "each", "a")]
    ways += [
        ("a", "done", "j"),
        ("j", "next", "z"),
        ("d", "done", "x"),
        ("x", "next", "e"),
        ("e", "done", "z"),
    ]
    release, state = begin(nodes, ways)
    state = act(release, state, press(state, "d"))
    assert open_nodes(state) == ["e"]
    with pytest.raises(Refused, match="no_instances"):
        act(release, state, InstanceAdded(node="f", item=4))


# --- ends and clocks ---


def test_an_end_that_is_a_failure() -> None:
    failed = {"type": "end", "config": {"result": "refused", "error": "no_stock"}}
    nodes = {"p": "split", "a": TASK, "b": TASK, "f": failed}
    ways: Edges = [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "b"), ("a", "done", "f")]
    release, state = begin(nodes, [*ways, ("b", "done", "z")])
    state, commands = step(release, state, press(state, "a"), NOW)
    assert (state.status, state.result, state.error) == ("completed", "refused", "no_stock")
    assert commands[-1] == Finish(status="completed", result="refused", error="no_stock")


def test_a_wait_in_working_time() -> None:
    wait = {"type": "wait", "config": {"duration": "PT10H", "working_hours": True}}
    release = release_of(
        define({"s": "start", "w": wait, "z": "end"}, [("s", "next", "w"), ("w", "next", "z")])
    )
    hours: tuple[tuple[str, str], ...] = (("09:00", "18:00"),)
    calendar = Calendar(week={str(day): hours for day in range(1, 6)})
    facts = TicketFacts(id="t", number="T-1", workflow="test", calendar=calendar)
    state, _ = step(release, new_state(facts), Started(ticket=facts), NOW)
    (timer,) = state.timers.values()
    assert (timer.at, timer.working) == (NOW + timedelta(hours=25), True)
    assert act(release, state, TimerFired(timer=timer.id), at=timer.at).status == "completed"
