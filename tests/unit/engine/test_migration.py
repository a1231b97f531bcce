"""One running ticket and one difference each: what the triage says, and what moves how."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from backend.engine import triage as module
from backend.engine.commands import CancelTimer, SetTimer, Subscribe, Unsubscribe, UpdateTask
from backend.engine.crossing import Crossing
from backend.engine.events import (
    Event,
    JobDone,
    Resumed,
    Started,
    Suspended,
    TaskClaimed,
    TaskCompleted,
)
from backend.engine.state import Incident, Job, Scope, State, Task, Timer, Token
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


@pytest.mark.parametrize("struct", [State, Token, Scope, Task, Timer, Job, Incident])
def test_each_member_of_a_ticket_is_decided_upon(struct: type[Any]) -> None:
    """A new member belongs in KNOWN once `migration` takes it along; until then tickets that hold it are
    amber."""
    assert module.KNOWN[struct.__name__] == set(struct.__struct_fields__)


def test_every_part_that_a_ticket_holds_is_looked_at() -> None:
    """A new map of parts in State needs its own row in KNOWN."""
    hints = get_type_hints(State)
    parts = {get_args(hint)[1] for hint in hints.values() if get_origin(hint) is dict}
    structs = {part.__name__ for part in parts if hasattr(part, "__struct_fields__") and not is_frozen(part)}
    assert structs | {"State"} == set(module.KNOWN)


def is_frozen(part: Any) -> bool:
    """Frozen parts, such as clocks, are taken along whole."""
    return bool(part.__struct_config__.frozen)


def suspended(state: State) -> Event:
    return Suspended(by="m", reason="waits for the landlord")


def test_a_suspended_ticket_keeps_its_rest() -> None:
    """Its clocks stand still on the other side, and it goes on where it stood."""
    old = row(limited("PT4H"))
    new = define(
        {"s": "start", "a": limited("PT4H"), "b": TASK, "z": "end"},
        [("s", "next", "a"), ("a", "done", "b"), ("b", "done", "z")],
    )
    state = run(old, suspended)
    assert state.suspended is not None
    after, _ = move(old, new, state)
    assert after.suspended == state.suspended
    assert after.timers == state.timers
    resumed, _ = step(release_of(new), after, Resumed(by="m"), LATER)
    same, _ = step(release_of(old), state, Resumed(by="m"), LATER)
    assert resumed.timers == same.timers, "the time at rest counts for neither"
    done = TaskCompleted(task=next(iter(resumed.tasks)), outcome="done", member="m")
    going, _ = step(release_of(new), resumed, done, LATER)
    assert {token.node for token in going.tokens.values()} == {"b"}


def test_a_suspended_ticket_does_not_get_other_limits() -> None:
    state = run(row(limited("PT4H")), suspended)
    assert ("red", "suspended") in codes(judge(row(limited("PT4H")), row(limited("PT8H")), state))


ITEMS = {"type": "for_each", "config": {"items": "[1, 2, 3]", "item": "room", "into": "rooms"}}


def rooms(key: str, *tasks: str) -> Definition:
    """A for_each with its steps and its join."""
    nodes: dict[str, Any] = {"s": "start", key: ITEMS, "j": join("all"), "z": "end"}
    nodes |= dict.fromkeys(tasks, TASK)
    line = [("s", "next", key), (key, "each", tasks[0])]
    line += [(one, "done", other) for one, other in pairwise((*tasks, "j"))]
    return define(nodes, [*line, ("j", "next", "z")])


def first_done(state: State) -> Event:
    return TaskCompleted(task=next(iter(state.tasks)), outcome="done", member="m", data={"size": 9})


def finish(definition: Definition, state: State) -> State:
    """All open tasks, one after the other."""
    for _ in range(20):
        opened = [key for key, task in state.tasks.items() if task.outcome is None]
        if not opened:
            break
        done = TaskCompleted(task=opened[0], outcome="done", member="m", data={"size": 1})
        state, _ = step(release_of(definition), state, done, LATER)
    return state


def test_items_of_a_for_each_go_on_one_by_one() -> None:
    """One is at the join, two are at work; in the new release there is a step more."""
    old, new = rooms("each", "a"), rooms("every", "b", "a")
    state = run(old, first_done)
    assert ("red", "fork_gone") in codes(judge(old, new, state)), "nobody has said what became of it"
    after, _ = move(old, new, state, each="every")
    kinds = sorted((scope.kind, scope.index) for scope in after.scopes.values())
    assert kinds == sorted((scope.kind, scope.index) for scope in state.scopes.values())
    ended = finish(new, after)
    assert ended.status == "completed"
    assert [item.get("size") for item in ended.data["rooms"]] == [9, 1, 1], "what was collected is kept"


def raced(first: str) -> Definition:
    nodes: dict[str, Any] = {
        "s": "start",
        "r": {"type": "race", "config": {}},
        first: TASK,
        "w": wait(duration="PT2H"),
        "j": join("any"),
        "z": "end",
    }
    ways = [("s", "next", "r"), ("r", "next", first), ("r", "next", "w"), (first, "done", "j")]
    return define(nodes, [*ways, ("w", "next", "j"), ("j", "next", "z")])


def test_a_race_is_still_won_by_the_first() -> None:
    old, new = raced("a"), raced("b")
    state = run(old)
    after, _ = move(old, new, state, a="b")
    assert {scope.kind for scope in after.scopes.values()} == {scope.kind for scope in state.scopes.values()}
    ended = finish(new, after)
    assert (ended.status, ended.timers) == ("completed", {}), "the timer lost"


def clocked(target: str) -> Definition:
    flow = row(TASK)
    sla = {"resolution": {"name": {"zh": "办结", "en": "Done"}, "targets": {"normal": target}}}
    raw = msgspec.to_builtins(flow)
    raw["settings"] = {**raw.get("settings", {}), "sla": sla}
    return msgspec.convert(raw, Definition)


@pytest.mark.parametrize(("length", "hours"), [("PT8H", 8), ("PT2H", 2)])
def test_a_clock_keeps_what_has_run(length: str, hours: int) -> None:
    """Another target moves the end, never the beginning; here and back nothing is lost."""
    old, new = clocked("PT4H"), clocked(length)
    state = run(old)
    verdict = judge(old, new, state)
    after, _ = move(old, new, state)
    assert after.clocks["resolution"].started_at == START
    assert after.clocks["resolution"].due_at == START + hours * HOUR
    assert verdict.event is not None
    undo = msgspec.structs.replace(verdict.event, release="old", undo=True, former=state)
    back, _ = step(release_of(old), after, undo, LATER)
    assert back.clocks == state.clocks
