"""Undoing: which steps, in which order, once each; within the flow and for a ticket that is cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from backend.engine.commands import Finish
from backend.engine.events import Cancelled, IncidentResolved, JobDone, JobFailed, Returned, TimerFired
from backend.engine.overlay import see_task_data
from backend.engine.run import Refused
from backend.engine.state import State
from backend.engine.step import step
from tests.support.workflows import CHOICE_TASK, TASK, join
from tests.unit.engine.test_step import NOW, Edges, act, begin, codes, open_nodes, press

HOOK: dict[str, Any] = {"type": "webhook", "config": {"url": "https://a.example"}}


def undone_by(handler: str, node: dict[str, Any] = TASK) -> dict[str, Any]:
    return {**node, "compensation": handler}


def undo(*nodes: str) -> dict[str, Any]:
    return {"type": "compensate", "config": {"nodes": list(nodes)}}


ROW: Edges = [
    ("s", "next", "a"),
    ("a", "done", "b"),
    ("b", "done", "c"),
    ("c", "done", "z"),
    ("c", "other", "x"),
    ("x", "next", "after"),
    ("after", "done", "z"),
]
NODES = {
    "a": undone_by("ua"),
    "b": undone_by("ub"),
    "c": CHOICE_TASK,
    "ua": TASK,
    "ub": TASK,
    "after": TASK,
}


def run_to_undoing(nodes: dict[str, Any], ways: Edges = ROW) -> tuple[Any, State]:
    release, state = begin(nodes, ways)
    for node, outcome in (("a", "done"), ("b", "done"), ("c", "other")):
        state = act(release, state, press(state, node, outcome))
    return release, state


@pytest.mark.parametrize(
    ("nodes", "order"), [([], ["ub", "ua"]), (["a"], ["ua"]), (["b"], ["ub"]), (["c"], [])]
)
def test_the_last_one_first(nodes: list[str], order: list[str]) -> None:
    release, state = run_to_undoing({**NODES, "x": undo(*nodes)})
    for handler in order:
        assert open_nodes(state) == [handler]
        state = act(release, state, press(state, handler))
    assert open_nodes(state) == ["after"]
    assert [done.node for done in state.completed] == [node for node in ("a", "b") if f"u{node}" not in order]
    done = act(release, state, press(state, "after"))
    assert (done.status, done.completed) == ("completed", ())


def test_each_once() -> None:
    nodes = {**NODES, "x": undo(), "after": CHOICE_TASK}
    release, state = run_to_undoing(nodes, [*ROW, ("after", "other", "x")])
    for node, outcome in (("ub", "done"), ("ua", "done"), ("after", "other")):
        state = act(release, state, press(state, node, outcome))
    assert open_nodes(state) == ["after"]


def test_a_step_that_was_done_twice_is_undone_twice() -> None:
    nodes = {"a": undone_by("ua", CHOICE_TASK), "x": undo(), "ua": TASK}
    ways: Edges = [("s", "next", "a"), ("a", "other", "a"), ("a", "done", "x"), ("x", "next", "z")]
    release, state = begin(nodes, ways)
    for outcome in ("other", "done"):
        state = act(release, state, press(state, "a", outcome))
    for _ in range(2):
        state = act(release, state, press(state, "ua"))
    assert (state.status, state.visits["ua"]) == ("completed", 2)


def test_what_was_not_finished_is_not_undone() -> None:
    clocked = {
        "type": "form_task",
        "config": {"offer": {"to": "owner"}, "sla": {"duration": "PT1H", "timeout": True}},
    }
    timer = {"late": {"kind": "timer", "after": "PT30M"}}
    nodes = {"a": {**undone_by("ua", clocked), "boundary": timer}, "ua": TASK, "x": undo(), "after": TASK}
    ways: Edges = [("s", "next", "a"), ("a", "done", "z"), ("a", "timeout", "x"), ("a", "late", "x")]
    for kind in ("due", "boundary"):
        release, state = begin(nodes, [*ways, ("x", "next", "after"), ("after", "done", "z")])
        fired = next(timer for timer in state.timers.values() if timer.kind == kind)

        state = act(release, state, TimerFired(timer=fired.id), at=fired.at)
        assert (open_nodes(state), state.completed) == (["after"], ())


def test_a_failing_undoing_can_be_retried_or_passed_over() -> None:
    release, state = run_to_undoing({**NODES, "ub": HOOK, "x": undo()})
    state = act(release, state, JobFailed(job=next(iter(state.jobs)), code="timeout"))
    assert codes(state) == ["timeout"]
    incident = next(iter(state.incidents))
    retried = act(release, state, IncidentResolved(incident=incident))
    retried = act(release, retried, JobDone(job=next(iter(retried.jobs)), result={}))
    skipped = act(release, state, IncidentResolved(incident=incident, action="skip"))
    for following in (retried, skipped):
        assert open_nodes(following) == ["ua"]


def test_the_undoing_dies_with_the_token_that_waits_for_it() -> None:
    nodes = {**NODES, "p": "split", "k": TASK, "j": join("any"), "x": undo()}
    ways: Edges = [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "k"), ("k", "done", "j"), *ROW[1:5]]
    ways += [("x", "next", "j"), ("j", "next", "after"), ("after", "done", "z")]
    release, state = begin(nodes, ways)
    for node, outcome in (("a", "done"), ("b", "done"), ("c", "other")):
        state = act(release, state, press(state, node, outcome))
    assert open_nodes(state) == ["k", "ub"]
    state = act(release, state, press(state, "k"))
    assert open_nodes(state) == ["after"]


def test_an_instance_undoes_its_own_steps_only_and_sees_its_data() -> None:
    each = {"type": "for_each", "config": {"items": "2", "into": "done"}}
    nodes = {"f": each, "a": undone_by("ua"), "c": CHOICE_TASK, "ua": TASK, "x": undo(), "j": join("scope")}
    nodes |= {"last": undo(), "after": TASK}
    ways: Edges = [("s", "next", "f"), ("f", "each", "a"), ("a", "done", "c"), ("c", "done", "j")]
    ways += [("c", "other", "x"), ("x", "next", "j"), ("j", "next", "last"), ("last", "next", "z")]
    release, state = begin(nodes, ways)
    for node, outcome in (("a", "done"), ("a", "done"), ("c", "other")):
        state = act(release, state, press(state, node, outcome, data={"by": outcome}))
    (task,) = [task for task in state.tasks.values() if task.node == "ua"]
    assert see_task_data(state, task.id)["item"] == 1
    state = act(release, state, press(state, "ua"), press(state, "c"))
    (task,) = state.tasks.values()  # all are over: what the other item did is undone with its data
    assert (task.node, see_task_data(state, task.id)["item"]) == ("ua", 2)
    assert act(release, state, press(state, "ua")).status == "completed"


def test_cancelling_undoes_first() -> None:
    release, state = begin({**NODES, "x": undo()}, ROW)
    state = act(release, state, press(state, "a"), press(act(release, state, press(state, "a")), "b"))
    state = act(release, state, Cancelled(reason="mistake", by="m", compensate=True))
    assert (open_nodes(state), state.status) == (["ub"], "running")
    with pytest.raises(Refused, match="already_cancelling"):
        act(release, state, Cancelled(reason="again", compensate=True))
    at_once = act(release, state, Cancelled(reason="now"))
    assert (at_once.status, at_once.tokens, at_once.closing) == ("cancelled", {}, None)
    state = act(release, state, press(state, "ub"))
    state, commands = step(release, state, press(state, "ua"), NOW)
    assert (state.status, state.result, state.closing) == ("cancelled", "cancelled", None)
    assert commands[-1] == Finish(status="cancelled", result="cancelled")


def test_an_undoing_is_not_sent_back() -> None:
    release, state = run_to_undoing({**NODES, "x": undo()})
    with pytest.raises(Refused, match="cannot_return"):
        act(release, state, Returned(task=press(state, "ub").task, to="a", by="m"))


def test_cancelling_with_nothing_to_undo() -> None:
    release, state = begin({**NODES, "x": undo()}, ROW)
    state = act(release, state, Cancelled(reason="mistake", compensate=True))
    assert (state.status, state.tokens) == ("cancelled", {})
