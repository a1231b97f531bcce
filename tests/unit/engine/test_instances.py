"""The same way for every item: at once or in turn, all or the first few, growing, nested, with data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.engine.events import (
    Cancelled,
    DataChanged,
    InstanceAdded,
    JobDone,
    TaskCompleted,
    TimerFired,
)
from backend.engine.overlay import see_task_data
from backend.engine.run import Refused
from backend.engine.state import State
from backend.engine.step import step
from tests.support.workflows import CHOICE_TASK, TASK, join
from tests.unit.engine.test_step import NOW, Edges, act, begin, codes, open_nodes, press


def each(items: str = "data.list", **config: Any) -> dict[str, Any]:
    return {"type": "for_each", "config": {"items": items, "into": "done", **config}}


WAYS: Edges = [
    ("s", "next", "f"),
    ("f", "each", "a"),
    ("a", "done", "j"),
    ("j", "next", "after"),
    ("after", "done", "z"),
]


def finish(state: State, item: Any, node: str = "a", **parts: Any) -> Any:
    """Press the button of the task whose instance works on this item."""
    for task in state.tasks.values():
        if task.node == node and see_task_data(state, task.id)["item"] == item:
            return press_task(task.id, **parts)
    raise AssertionError(item)


def press_task(task: str, outcome: str = "done", **parts: Any) -> Any:
    return TaskCompleted(task=task, outcome=outcome, **parts)


def items_open(state: State, node: str = "a") -> list[Any]:
    return [see_task_data(state, task.id)["item"] for task in state.tasks.values() if task.node == node]


def test_every_item_has_data_of_its_own() -> None:
    release, state = begin(
        {"f": each(), "a": TASK, "j": join("scope"), "after": TASK}, WAYS, {"list": [7, 8]}
    )
    assert items_open(state) == [7, 8]
    state = act(release, state, finish(state, 8, data={"seen": "b", "item": 9}))
    assert (open_nodes(state), state.data) == (["a"], {"list": [7, 8]})
    assert see_task_data(state, finish(state, 7).task) == {"list": [7, 8], "item": 7, "item_no": 1}
    state = act(release, state, finish(state, 7, data={"seen": "a"}))
    assert open_nodes(state) == ["after"]
    assert state.data == {"list": [7, 8], "done": [{"seen": "a"}, {"seen": "b"}]}
    assert not state.scopes


def test_an_answer_that_is_taken_away_shows_the_tickets_again() -> None:
    data = {"list": [1], "seen": "ticket"}
    release, state = begin(
        {"f": each(), "a": CHOICE_TASK, "j": join("scope"), "after": TASK}, [*WAYS, ("a", "other", "a")], data
    )
    for answer, seen in (("mine", "mine"), (None, "ticket")):
        state = act(release, state, finish(state, 1, outcome="other", data={"seen": answer}))
        assert see_task_data(state, next(iter(state.tasks)))["seen"] == seen
    assert state.data["seen"] == "ticket"


@pytest.mark.parametrize(
    ("config", "pressed", "left", "collected"),
    [
        ({"mode": "all"}, [1, 2], ["a"], None),
        ({"mode": "all"}, [3, 1, 2], ["after"], [1, 2, 3]),
        ({"mode": "scope"}, [1, 2, 3], ["after"], [1, 2, 3]),
        ({"mode": "any"}, [2], ["after"], [2]),
        ({"mode": "n", "n": 2}, [3], ["a", "a"], None),
        ({"mode": "n", "n": 2}, [3, 1], ["after"], [1, 3]),
        ({"mode": "any", "keep_rest": True}, [2], ["a", "a", "after"], [2]),
        ({"mode": "n", "n": 2, "keep_rest": True}, [3, 2, 1], ["after"], [2, 3]),
        ({"mode": "each"}, [1, 2], ["a", "after", "after"], None),
    ],
)
def test_how_many_must_be_done(
    config: dict[str, Any], pressed: list[int], left: list[str], collected: list[int] | None
) -> None:
    nodes = {"f": each("3"), "a": TASK, "j": {"type": "join", "config": config}, "after": TASK}
    release, state = begin(nodes, WAYS)
    for item in pressed:
        state = act(release, state, finish(state, item, data={"no": item}))
    assert open_nodes(state) == left
    assert state.data.get("done") == (None if collected is None else [{"no": no} for no in collected])


def test_one_after_the_other() -> None:
    nodes = {"f": each("data.list", sequential=True), "a": TASK, "j": join("all"), "after": TASK}
    release, state = begin(nodes, WAYS, {"list": ["x", "y", "z"]})
    for at, item in enumerate("xyz"):
        assert items_open(state) == [item]
        state = act(release, state, finish(state, item, data={"at": at}))
    assert (open_nodes(state), state.data["done"]) == (["after"], [{"at": 0}, {"at": 1}, {"at": 2}])


@pytest.mark.parametrize("way_out", ["end", "cancel"])
def test_a_sequence_goes_on_when_an_instance_dies(way_out: str) -> None:
    """An item may end early, or be called off: the next one begins all the same."""
    nodes = {
        "f": each("2", sequential=True),
        "a": CHOICE_TASK,
        "e": "end",
        "p": "split",
        "b": TASK,
        "x": {"type": "cancel", "config": {"nodes": ["b"]}},
        "y": "end",
        "j": join("scope"),
        "after": TASK,
    }
    ways: Edges = [*WAYS, ("a", "other", "p" if way_out == "cancel" else "e"), ("p", "next", "b")]
    ways += [("p", "next", "x"), ("b", "done", "j"), ("x", "next", "y")]
    release, state = begin(nodes, ways)
    state = act(release, state, finish(state, 1, outcome="other"))
    assert items_open(state) == [2]
    state = act(release, state, finish(state, 2, data={"ok": True}))
    assert state.data["done"] == [{"ok": True}]


def test_a_sequence_that_is_cut_off_does_not_go_on() -> None:
    nodes = {"p": "split", "f": each("3", sequential=True), "a": TASK, "j": join("scope"), "b": TASK}
    nodes |= {"k": join("any"), "after": TASK}
    ways: Edges = [("s", "next", "p"), ("p", "next", "f"), ("p", "next", "b"), ("f", "each", "a")]
    ways += [("a", "done", "j"), ("j", "next", "k"), ("b", "done", "k"), ("k", "next", "after")]
    release, state = begin(nodes, [*ways, ("after", "done", "z")])
    state = act(release, state, press(state, "b"))
    assert open_nodes(state) == ["after"]
    assert act(release, state, press(state, "after")).status == "completed"


@pytest.mark.parametrize("mode", ["all", "any", "scope", "n"])
def test_no_items_go_past(mode: str) -> None:
    nodes = {"f": each(), "a": TASK, "j": join(mode), "after": TASK}
    _, state = begin(nodes, WAYS, {"list": []})
    assert (open_nodes(state), state.data["done"], state.visits["j"]) == (["after"], [], 1)


def test_no_items_and_no_join() -> None:
    _, state = begin({"f": each(), "a": TASK}, [*WAYS[:2], ("a", "done", "z")], {"list": []})
    assert codes(state) == ["for_each_without_join"]


def test_growing() -> None:
    nodes = {"f": each(max=3), "a": TASK, "j": join("scope"), "after": TASK}
    release, state = begin(nodes, WAYS, {"list": ["x"]})
    state = act(release, state, InstanceAdded(node="f", item="y"))
    assert items_open(state) == ["x", "y"]
    state = act(release, state, finish(state, "x"), InstanceAdded(node="f", item="w", by="m"))
    with pytest.raises(Refused, match="too_many_items"):
        act(release, state, InstanceAdded(node="f", item="v"))
    state = act(release, state, finish(state, "w", data={"late": True}), finish(state, "y"))
    assert (open_nodes(state), state.data["done"]) == (["after"], [{}, {}, {"late": True}])
    with pytest.raises(Refused, match="no_instances"):
        act(release, state, InstanceAdded(node="f", item="v"))


def test_growing_a_sequence_and_one_that_has_gone_on() -> None:
    nodes = {"f": each("1", sequential=True), "a": TASK, "j": join("scope"), "after": TASK}
    release, state = begin(nodes, WAYS)
    state = act(release, state, InstanceAdded(node="f", item="more"))
    assert items_open(state) == [1]
    state = act(release, state, finish(state, 1))
    assert items_open(state) == ["more"]
    nodes["j"] = {"type": "join", "config": {"mode": "any", "keep_rest": True}}
    nodes["f"] = each("2")
    release, state = begin(nodes, WAYS)
    state = act(release, state, finish(state, 1))
    with pytest.raises(Refused, match="instances_closed"):
        act(release, state, InstanceAdded(node="f", item="v"))


def test_nested() -> None:
    nodes = {
        "f": each("data.shops", item="shop"),
        "g": each("data.shop.beds", item="item", into="beds"),
        "a": TASK,
        "j": join("scope"),
        "k": join("all"),
        "after": TASK,
    }
    ways: Edges = [("s", "next", "f"), ("f", "each", "g"), ("g", "each", "a"), ("a", "done", "j")]
    ways += [("j", "next", "k"), ("k", "next", "after"), ("after", "done", "z")]
    shops = [{"beds": [1, 2]}, {"beds": []}, {"beds": [3]}]
    release, state = begin(nodes, ways, {"shops": shops})
    assert items_open(state) == [1, 2, 3]
    with pytest.raises(Refused, match="several_groups"):
        act(release, state, InstanceAdded(node="g", item=4))
    group = next(scope.id for scope in state.scopes.values() if scope.node == "g")
    state = act(release, state, InstanceAdded(node="g", item=4, scope=group))
    for item in (3, 4, 1, 2):
        state = act(release, state, finish(state, item, data={"no": item}))
    assert state.data["done"] == [
        {"beds": [{"no": 1}, {"no": 2}, {"no": 4}]},
        {"beds": []},
        {"beds": [{"no": 3}]},
    ]


def test_a_fork_inside_waits_for_its_own_join_only() -> None:
    """An optional split that takes one branch meets at its join without waiting for the other items."""
    nodes = {
        "f": each(),
        "p": {"type": "split", "config": {"mode": "any"}},
        "a": TASK,
        "b": TASK,
        "k": join("scope"),
        "c": TASK,
        "j": join("scope"),
        "after": TASK,
    }
    ways: Edges = [("s", "next", "f"), ("f", "each", "p"), ("p", "next", "a"), ("a", "done", "k")]
    ways += [("p", "next", "b", "data.item > 1"), ("b", "done", "k"), ("k", "next", "c"), ("c", "done", "j")]
    release, state = begin(nodes, [*ways, ("j", "next", "after"), ("after", "done", "z")], {"list": [1, 2]})
    assert open_nodes(state) == ["a", "a", "b"]
    state = act(release, state, finish(state, 1))
    assert open_nodes(state) == ["a", "b", "c"]
    state = act(release, state, finish(state, 2), finish(state, 2, "b"))
    assert open_nodes(state) == ["c", "c"]
    state = act(release, state, finish(state, 1, "c"), finish(state, 2, "c"))
    assert open_nodes(state) == ["after"]


def test_conditions_values_and_jobs_see_the_instance() -> None:
    fields = {"fields": [{"field": "double", "value": "data.item * 2"}]}
    nodes = {
        "f": each(),
        "d": "decision",
        "w": {"type": "set_fields", "config": fields},
        "h": {"type": "webhook", "config": {"url": "https://a.example"}},
        "j": join("scope"),
        "after": TASK,
    }
    ways: Edges = [("s", "next", "f"), ("f", "each", "d"), ("d", "next", "w", "data.item_no == 2")]
    ways += [("d", "next", "j"), ("w", "next", "h"), ("h", "ok", "j"), ("j", "next", "after")]
    release, state = begin(nodes, [*ways, ("after", "done", "z")], {"list": [5, 6]})
    assert state.visits == {"s": 1, "f": 1, "d": 2, "w": 1, "h": 1, "j": 1}
    (job,) = state.jobs.values()
    state = act(release, state, DataChanged(set={"double": 1}), JobDone(job=job.id, result={}))
    assert (state.data["done"], state.data["double"]) == ([{}, {"double": 12}], 1)


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ("'text'", "items_unfit"),
        ("data.missing", "expression_missing_field"),
        ("500", "too_many_items"),
        ("data.none", "items_unfit"),
    ],
)
def test_what_cannot_be_gone_through(items: str, code: str) -> None:
    nodes = {"f": each(items), "a": TASK, "j": join("scope"), "after": TASK}
    _, state = begin(nodes, WAYS, {"none": None})
    assert codes(state) == [code]


def test_a_race_inside_is_decided_for_its_item_alone() -> None:
    late = {"type": "wait", "config": {"duration": "PT1H"}}
    nodes = {"f": each(), "r": "race", "a": TASK, "t": late, "j": join("scope"), "after": TASK}
    ways: Edges = [("s", "next", "f"), ("f", "each", "r"), ("r", "next", "a"), ("r", "next", "t")]
    ways += [("a", "done", "j"), ("t", "next", "j"), ("j", "next", "after"), ("after", "done", "z")]
    release, state = begin(nodes, ways, {"list": [1, 2]})
    state = act(release, state, finish(state, 2, data={"by": "hand"}))
    assert (items_open(state), len(state.timers)) == ([1], 1)
    (timer,) = state.timers
    state, _ = step(release, state, TimerFired(timer=timer), NOW + timedelta(hours=1))
    assert (open_nodes(state), state.data["done"]) == (["after"], [{}, {"by": "hand"}])


def test_a_loop_that_nothing_closes_is_bounded() -> None:
    nodes = {"f": each("1"), "a": TASK}
    release, state = begin(nodes, [("s", "next", "f"), ("f", "each", "a"), ("a", "done", "f")])
    for _ in range(30):
        if state.incidents:
            break
        state = act(release, state, press(state, "a"))
    assert codes(state) == ["too_many_branches"]
    assert act(release, state, Cancelled(reason="enough")).status == "cancelled"


def test_instances_do_not_meet_at_a_join_that_is_not_theirs() -> None:
    """Two ways that meet inside an item wait for each other, not for those of the next item."""
    late = {"type": "wait", "config": {"duration": "PT1H"}}
    nodes = {"f": each(), "r": "race", "a": TASK, "t": late, "k": join("all"), "j": join("scope"), "b": TASK}
    ways: Edges = [("s", "next", "f"), ("f", "each", "r"), ("r", "next", "a"), ("r", "next", "t")]
    ways += [
        ("a", "done", "k"),
        ("t", "next", "k"),
        ("k", "next", "j"),
        ("j", "next", "b"),
        ("b", "done", "z"),
    ]
    release, state = begin(nodes, ways, {"list": [1, 2]})
    state = act(release, state, finish(state, 1))
    (timer,) = state.timers
    state, _ = step(release, state, TimerFired(timer=timer), NOW + timedelta(hours=1))
    assert codes(state) == ["deadlock_now"] and not open_nodes(state)
