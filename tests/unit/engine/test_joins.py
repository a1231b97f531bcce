"""Joins that keep the rest or hold nobody up, races, branches one at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.engine.commands import Note
from backend.engine.events import JobDone, JobFailed, MessageArrived, TaskClaimed, TimerFired
from backend.engine.run import Refused
from backend.engine.state import State
from backend.engine.step import step
from tests.support.workflows import CHOICE_TASK, TASK, join
from tests.unit.engine.test_step import NOW, PARALLEL, Edges, act, begin, codes, open_nodes, press

NODES: dict[str, Any] = {"p": "split", "a": TASK, "b": TASK, "c": TASK, "after": TASK}


def keeping(mode: str, n: int = 2) -> dict[str, Any]:
    return {"type": "join", "config": {"mode": mode, "n": n, "keep_rest": True}}


@pytest.mark.parametrize(
    ("join_node", "pressed", "left", "status"),
    [
        (keeping("any"), ["a"], ["after", "b", "c"], "running"),
        (keeping("any"), ["a", "b"], ["after", "c"], "running"),
        (keeping("any"), ["a", "after"], ["b", "c"], "running"),
        (keeping("any"), ["a", "after", "b", "c"], [], "completed"),
        (keeping("n"), ["a"], ["b", "c"], "running"),
        (keeping("n"), ["a", "c"], ["after", "b"], "running"),
        (keeping("n"), ["a", "c", "b", "after"], [], "completed"),
        (keeping("all"), ["a", "b", "c"], ["after"], "running"),
        (join("each"), ["a"], ["after", "b", "c"], "running"),
        (join("each"), ["a", "b"], ["after", "after", "c"], "running"),
        (join("each"), ["a", "b", "c", "after", "after", "after"], [], "completed"),
    ],
)
def test_who_goes_on(join_node: dict[str, Any], pressed: list[str], left: list[str], status: str) -> None:
    release, state = begin({**NODES, "j": join_node}, PARALLEL)
    for node in pressed:
        state = act(release, state, press(state, node))
    assert (open_nodes(state), state.status) == (left, status)
    assert status == "running" or not state.scopes


def test_a_late_branch_is_absorbed_even_after_a_fork_of_its_own() -> None:
    """A token left alone in its scope must not forget that the join has gone on without it."""
    nodes = {**NODES, "q": "split", "d": TASK, "e": TASK, "k": join("scope"), "j": keeping("any")}
    ways: Edges = [
        ("s", "next", "p"),
        ("p", "next", "a"),
        ("p", "next", "b"),
        ("b", "done", "q"),
        ("q", "next", "d"),
        ("q", "next", "e"),
        ("d", "done", "k"),
        ("e", "done", "k"),
        ("k", "next", "j"),
        ("a", "done", "j"),
        ("j", "next", "after"),
        ("after", "done", "z"),
    ]
    del nodes["c"]
    release, state = begin(nodes, ways)
    for node in ("a", "after", "b", "d", "e"):
        state = act(release, state, press(state, node))
    assert (state.status, state.visits["after"]) == ("completed", 1)


def test_a_discriminator_in_a_loop_starts_afresh_each_time() -> None:
    nodes = {"p": "split", "a": TASK, "b": TASK, "j": keeping("any"), "again": CHOICE_TASK}
    ways: Edges = [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "b"), ("a", "done", "j")]
    ways += [("b", "done", "j"), ("j", "next", "again"), ("again", "other", "p"), ("again", "done", "z")]
    release, state = begin(nodes, ways)
    state = act(release, state, press(state, "a"))
    state = act(release, state, press(state, "again", "other"))
    assert open_nodes(state) == ["a", "b", "b"]
    for node in ("b", "b"):  # the late one of the first round, then the first one of the second
        state = act(release, state, press(state, node))
    assert open_nodes(state) == ["a", "again"]


# --- races ---

PAID: dict[str, Any] = {"type": "wait", "config": {"mode": "message", "message": "paid"}}
LATE: dict[str, Any] = {"type": "wait", "config": {"duration": "P3D"}}
HOOK: dict[str, Any] = {"type": "webhook", "config": {"url": "https://a.example"}}
RACE = {"r": "race", "m": PAID, "t": LATE, "k": TASK, "h": HOOK, "after": TASK, "other": TASK}
RACE_WAYS: Edges = [
    ("s", "next", "r"),
    ("r", "next", "m"),
    ("r", "next", "t"),
    ("r", "next", "k"),
    ("r", "next", "h"),
    ("m", "next", "after"),
    ("t", "next", "other"),
    ("k", "done", "after"),
    ("h", "ok", "after"),
    ("after", "done", "z"),
    ("other", "done", "z"),
]


def happen(what: str, state: State) -> Any:
    match what:
        case "message":
            return MessageArrived(name="paid")
        case "timer":
            return TimerFired(timer=next(iter(state.timers)))
        case "task":
            return press(state, "k")
        case "job":
            return JobDone(job=next(iter(state.jobs)), result={})
        case "claim":
            return TaskClaimed(task=next(iter(state.tasks)), member="m")
        case _:
            return JobFailed(job=next(iter(state.jobs)), code="timeout")


@pytest.mark.parametrize(
    ("what", "left", "decided"),
    [
        ("message", ["after"], True),
        ("timer", ["other"], True),
        ("task", ["after"], True),
        ("job", ["after"], True),
        ("claim", ["k"], False),
        ("failure", ["k"], False),
    ],
)
def test_the_first_event_wins(what: str, left: list[str], decided: bool) -> None:
    release, state = begin(RACE, RACE_WAYS)
    state, commands = step(release, state, happen(what, state), NOW + timedelta(days=4))
    assert open_nodes(state) == left
    assert (len(state.tokens) == 1, not state.scopes) == (decided, decided)
    assert decided == any(isinstance(c, Note) and c.code == "race_decided" for c in commands)
    if decided:
        state = act(release, state, press(state, left[0]))
        assert state.status == "completed"


def test_branches_of_the_winner_stay_together() -> None:
    """Two tokens of one way do not race each other, and their join still finds them."""
    nodes = {"r": "race", "p": "split", "a": TASK, "b": TASK, "j": join("all"), "t": LATE, "after": TASK}
    ways: Edges = [("s", "next", "r"), ("r", "next", "p"), ("r", "next", "t"), ("p", "next", "a")]
    ways += [("p", "next", "b"), ("a", "done", "j"), ("b", "done", "j"), ("j", "next", "after")]
    ways += [("after", "done", "z"), ("t", "next", "z")]
    release, state = begin(nodes, ways)
    state = act(release, state, press(state, "a"))
    assert open_nodes(state) == ["b"] and not state.timers
    state = act(release, state, press(state, "b"))
    assert open_nodes(state) == ["after"]


def test_a_race_closed_by_a_join_of_the_living() -> None:
    nodes = {"r": "race", "a": TASK, "b": TASK, "j": join("scope")}
    ways: Edges = [("s", "next", "r"), ("r", "next", "a"), ("r", "next", "b"), ("a", "done", "j")]
    release, state = begin(nodes, [*ways, ("b", "done", "j"), ("j", "next", "z")])
    assert act(release, state, press(state, "b")).status == "completed"


# --- one at a time ---

TURNS = {"i": "interleave", "a": TASK, "b": TASK, "j": join("all")}
TURN_WAYS: Edges = [
    ("s", "next", "i"),
    ("i", "next", "a"),
    ("i", "next", "b"),
    ("a", "done", "j"),
    ("b", "done", "j"),
    ("j", "next", "z"),
]


def claim(state: State, node: str, member: str | None = "m") -> TaskClaimed:
    return TaskClaimed(task=press(state, node).task, member=member)


def test_only_one_branch_is_worked_at_a_time() -> None:
    release, state = begin(TURNS, TURN_WAYS)
    assert open_nodes(state) == ["a", "b"]
    state = act(release, state, claim(state, "a"))
    for event in (claim(state, "b"), press(state, "b")):
        with pytest.raises(Refused, match="busy_elsewhere") as refused:
            act(release, state, event)
        assert refused.value.params == {"node": "a"}
    freed = act(release, state, claim(state, "a", None))
    assert open_nodes(act(release, freed, press(freed, "b"))) == ["a"]
    state = act(release, state, press(state, "a"))
    state = act(release, state, claim(state, "b"))
    assert act(release, state, press(state, "b")).status == "completed"


def test_jobs_wait_for_their_turn() -> None:
    nodes = {**TURNS, "a": HOOK, "b": HOOK, "k": TASK}
    ways: Edges = [("s", "next", "i"), ("i", "next", "a"), ("i", "next", "b"), ("i", "next", "k")]
    ways += [("a", "ok", "j"), ("b", "ok", "j"), ("k", "done", "j"), ("j", "next", "z")]
    release, state = begin(nodes, ways)
    assert [job.node for job in state.jobs.values()] == ["a"]
    with pytest.raises(Refused, match="busy_elsewhere"):
        act(release, state, press(state, "k"))
    state = act(release, state, JobDone(job=next(iter(state.jobs)), result={}))
    assert [job.node for job in state.jobs.values()] == ["b"]
    state = act(release, state, JobFailed(job=next(iter(state.jobs)), code="timeout"))
    assert codes(state) == ["timeout"]
    state = act(release, state, press(state, "k"))
    assert [(token.node, token.wait) for token in state.tokens.values()] == [
        ("j", "join"),
        ("b", "incident"),
        ("j", "join"),
    ]
