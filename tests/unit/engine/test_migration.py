"""One running ticket and one difference each: what the triage says, and what moves how."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from backend.engine import triage as module
from backend.engine.commands import CancelTimer, SetTimer, Subscribe, Unsubscribe, UpdateTask
from backend.engine.crossing import Crossing
from backend.engine.events import Event, JobDone, Started, TaskClaimed, TaskCompleted
from backend.engine.state import State
from backend.engine.step import new_state, step
from backend.engine.triage import triage
from backend.engine.verdicts import Verdict
from backend.graph.model import Definition
from tests.property.test_rehearsal import FACTS, START
from tests.support.workflows import TASK, define, join, release_of

HOUR = timedelta(hours=1)
LATER = START + HOUR


def run(definition: Definition, *events: Any) -> State:
    release = release_of(definition)
    state, _ = step(release, new_state(FACTS), Started(ticket=FACTS, data={"go": True}), START)
    for make in events:
        event: Event = make(state)
        state, _ = step(release, state, event, START)
    return state


def judge(old: Definition, new: Definition, state: State, **mapping: str) -> Verdict:
    crossing = Crossing(release_of(old), release_of(new), mapping, "new", "old")
    return triage(crossing, state, lambda _: [], lambda key: key == "known")


def move(old: Definition, new: Definition, state: State, **mapping: str) -> tuple[State, tuple[Any, ...]]:
    verdict = judge(old, new, state, **mapping)
    assert verdict.event is not None, verdict.findings
    return step(release_of(new), state, verdict.event, LATER)


def codes(verdict: Verdict) -> set[tuple[str, str]]:
    return {(finding.level, finding.code) for finding in verdict.findings}


def row(node: Any, *, key: str = "a", port: str = "done", after: Any = "end") -> Definition:
    return define({"s": "start", key: node, "z": after}, [("s", "next", key), (key, port, "z")])


def limited(length: str) -> dict[str, Any]:
    ladder = [{"percent": 50, "action": "remind"}]
    sla = {"duration": length, "working_hours": False, "ladder": ladder}
    return {**TASK, "config": {**TASK["config"], "sla": sla}}


def wait(**config: Any) -> dict[str, Any]:
    return {"type": "wait", "config": config}


def test_a_longer_limit_counts_from_the_same_beginning() -> None:
    old, new = row(limited("PT4H")), row(limited("PT8H"))
    state = run(old, lambda s: TaskClaimed(task=next(iter(s.tasks)), member="m"))
    assert codes(judge(old, new, state)) == {("amber", "step_changed"), ("amber", "limit_reset")}
    after, commands = move(old, new, state)
    (task,) = after.tasks.values()
    assert (task.due_at, task.assignee, task.opened_at) == (START + 8 * HOUR, "m", START)
    assert sorted(timer.at for timer in after.timers.values()) == [START + 4 * HOUR, START + 8 * HOUR]
    assert {type(command) for command in commands} >= {CancelTimer, SetTimer, UpdateTask}
    assert not set(after.timers) & set(state.timers), "a called-off clock's id is not used again"


def test_reminders_of_moments_that_have_passed_are_not_sent() -> None:
    old, new = row(limited("PT4H")), row(limited("PT1H"))
    after, _ = move(old, new, run(old))
    assert [(timer.kind, timer.at) for timer in after.timers.values()] == [("due", START + HOUR)]


def test_a_pause_that_was_granted_is_kept() -> None:
    old, new = row(limited("PT4H")), row(limited("PT8H"))
    state = run(old)
    (task,) = state.tasks.values()
    task.due_at = START + 6 * HOUR
    assert next(iter(move(old, new, state)[0].tasks.values())).due_at == START + 10 * HOUR


def test_a_wait_is_reckoned_anew_from_where_it_began() -> None:
    old, new = row(wait(duration="PT2H"), port="next"), row(wait(duration="PT5H"), port="next")
    state = run(old)
    assert codes(judge(old, new, state)) == {("amber", "wait_changed")}
    (timer,) = move(old, new, state)[0].timers.values()
    assert timer.at == START + 5 * HOUR


def test_a_subscription_follows_its_step() -> None:
    node = wait(mode="message", message="paid")
    old, new = row(node, port="next"), row(node, key="b", port="next")
    state = run(old)
    assert judge(old, new, state).level == "red"
    after, commands = move(old, new, state, a="b")
    assert next(iter(after.tokens.values())).node == "b"
    keys = [command.key for command in commands if isinstance(command, (Subscribe, Unsubscribe))]
    assert [key.rpartition(".")[2] for key in keys] == ["a", "b"]


VOTES: dict[str, Any] = {"offer": {"to": "role", "role": "boss"}, "mode": "all"}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"mode": "percentage", "percent": 60}, ("amber", "step_changed")),
        ({"mode": "any"}, ("red", "tasks_other")),
        ({"mode": "sequential"}, ("red", "tasks_other")),
    ],
)
def test_votes_under_another_rule(changed: dict[str, Any], expected: tuple[str, str]) -> None:
    def flow(config: dict[str, Any]) -> Definition:
        edges = [("s", "next", "a"), ("a", "approved", "z"), ("a", "rejected", "z")]
        return define({"s": "start", "a": {"type": "approval", "config": config}, "z": "end"}, edges)

    def answer(state: State) -> Event:
        return JobDone(job=next(iter(state.jobs)), result={"members": ["x", "y", "w"]})

    def agree(state: State) -> Event:
        return TaskCompleted(task=next(iter(state.tasks)), outcome="approved", member="x")

    old, new = flow(VOTES), flow({**VOTES, **changed})
    state = run(old, answer, agree)
    assert expected in codes(judge(old, new, state))
    if expected[0] == "amber":
        after, _ = move(old, new, state)
        assert [task.outcome for task in after.tasks.values()] == ["approved", None, None]
        second = [task.id for task in after.tasks.values()][1]
        ended, _ = step(
            release_of(new), after, TaskCompleted(task=second, outcome="approved", member="y"), LATER
        )
        assert ended.status == "completed", "two of three are sixty percent"


FORKED: list[tuple[str, ...]] = [
    ("s", "next", "f"),
    ("f", "next", "a"),
    ("f", "next", "b"),
    ("a", "done", "j"),
    ("b", "done", "j"),
    ("j", "next", "z"),
]


def test_tokens_at_a_join() -> None:
    nodes: dict[str, Any] = {"s": "start", "f": "split", "a": TASK, "b": TASK, "j": join("all"), "z": "end"}
    old = define(nodes, FORKED)
    state = run(old, lambda s: TaskCompleted(task=next(iter(s.tasks)), outcome="done", member="m"))
    free = define({**nodes, "j": join("any")}, FORKED)
    assert ("amber", "join_changed") in codes(judge(old, free, state))
    assert move(old, free, state)[0].status == "completed", "the new rule is met at once"
    flat = define({k: nodes[k] for k in "sabz"}, [("s", "next", "a"), ("a", "done", "b"), ("b", "done", "z")])
    assert {("red", "node_gone"), ("red", "fork_gone")} <= codes(judge(old, flat, state))
    third = [*FORKED, ("f", "next", "c"), ("c", "done", "j")]
    wider = define({**nodes, "c": TASK}, third)
    assert ("red", "would_deadlock") in codes(judge(old, wider, state)), "nobody comes by the new branch"


def test_money_is_booked_once_and_not_lost() -> None:
    def flow(*names: str, tariff: str = "known") -> Definition:
        nodes: dict[str, Any] = {"s": "start", "z": "end"}
        nodes |= {
            name: {"type": "settle", "config": {"tariff": tariff}} if name[0] == "p" else TASK
            for name in names
        }
        line = ["s", *names, "z"]
        ports = {"s": "next", **{name: "next" if name[0] == "p" else "done" for name in names}}
        return define(nodes, [(a, ports[a], b) for a, b in pairwise(line)])

    paid = run(flow("p", "a"), lambda s: JobDone(job=next(iter(s.jobs)), result={}))
    assert ("red", "booked_again") in codes(judge(flow("p", "a"), flow("a", "p"), paid))
    assert ("amber", "never_paid") in codes(judge(flow("a"), flow("p", "a"), run(flow("a"))))
    assert ("amber", "payment_lost") in codes(judge(flow("a", "p"), flow("a"), run(flow("a", "p"))))
    assert ("amber", "payment_new") in codes(judge(flow("a"), flow("a", "p"), run(flow("a"))))
    gone = judge(flow("a", "p"), flow("a", "p", tariff="other"), run(flow("a", "p")))
    assert ("red", "tariff_gone") in codes(gone)


def test_what_the_triage_does_not_know_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    definition = row(TASK)
    state = run(definition, lambda s: TaskClaimed(task=next(iter(s.tasks)), member="m"))
    assert codes(judge(definition, definition, state)) == set()
    known = {**module.KNOWN, "Task": module.KNOWN["Task"] - {"assignee"}}
    monkeypatch.setattr(module, "KNOWN", known)
    assert codes(judge(definition, definition, state)) == {("amber", "unknown_holding")}
