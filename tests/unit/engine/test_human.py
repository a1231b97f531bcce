"""Sending work back, signers, withdrawing, resting, four eyes, taking in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.engine.commands import Remind
from backend.engine.events import (
    CalendarChanged,
    Event,
    JobDone,
    Resumed,
    Returned,
    SignerAdded,
    Started,
    Suspended,
    TaskClaimed,
    TaskCompleted,
    TimerFired,
    Withdrawn,
)
from backend.engine.human import list_returns
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.state import Calendar, State, TicketFacts
from backend.engine.step import new_state, step
from tests.support.workflows import TASK, define, join, release_of
from tests.unit.engine.test_step import NOW, act, begin, open_nodes, press

HOUR = timedelta(hours=1)
Edges = list[tuple[str, ...]]
ROW: Edges = [("s", "next", "a"), ("a", "done", "b"), ("b", "done", "c"), ("c", "done", "z")]
BLOCK: Edges = [
    ("s", "next", "a"),
    ("a", "done", "f"),
    ("f", "next", "b1"),
    ("f", "next", "c"),
    ("b1", "done", "b2"),
    ("b2", "done", "j"),
    ("c", "done", "j"),
    ("j", "next", "d"),
    ("d", "done", "z"),
]
BLOCK_NODES = {"a": TASK, "f": "split", "b1": TASK, "b2": TASK, "c": TASK, "j": join("all"), "d": TASK}


def task_at(state: State, node: str) -> Any:
    return next(task for task in state.tasks.values() if task.node == node and task.outcome is None)


def send(state: State, node: str, to: str, **parts: Any) -> Returned:
    return Returned(task=task_at(state, node).id, to=to, **parts)


def targets(release: Release, state: State, node: str) -> dict[str, bool]:
    token = state.tokens[task_at(state, node).token]
    return {target.node: target.direct for target in list_returns(release, state, token)}


def test_what_was_returned_goes_to_who_did_it_and_through_the_rest_again() -> None:
    release, state = begin({"a": TASK, "b": TASK, "c": TASK}, ROW)
    state = act(release, state, press(state, "a", member="m1"))
    state = act(release, state, press(state, "b", member="m2"))
    assert targets(release, state, "c") == {"b": True, "a": True}
    state = act(release, state, send(state, "c", "a", by="m3"))
    assert (open_nodes(state), task_at(state, "a").assignee) == (["a"], "m1")
    state = act(release, state, press(state, "a", member="m1"))
    assert (open_nodes(state), task_at(state, "b").assignee) == (["b"], None)


def test_direct_comes_straight_back_to_who_returned_it() -> None:
    release, state = begin({"a": TASK, "b": TASK, "c": TASK}, ROW)
    state = act(release, state, press(state, "a", member="m1"), at=NOW)
    state = act(release, state, press(state, "b", member="m2"))
    state = act(release, state, send(state, "c", "a", by="m3", resume="direct"))
    state = act(release, state, press(state, "a", member="m1"))
    assert (open_nodes(state), task_at(state, "c").assignee) == (["c"], "m3")
    assert state.visits["b"] == 1
    assert act(release, state, press(state, "c", member="m3")).status == "completed"


def test_returning_out_of_a_block_withdraws_its_other_branches() -> None:
    release, state = begin(BLOCK_NODES, BLOCK)
    state = act(release, state, press(state, "a", member="m1"))
    state = act(release, state, press(state, "b1", member="m2"))
    assert targets(release, state, "b2") == {"b1": True, "a": False}
    with pytest.raises(Refused, match="cannot_come_back"):
        act(release, state, send(state, "b2", "a", resume="direct"))
    state = act(release, state, send(state, "b2", "a", by="m2"))
    assert open_nodes(state) == ["a"] and len(state.tokens) == 1 and not state.scopes
    state = act(release, state, press(state, "a", member="m1"))
    assert open_nodes(state) == ["b1", "c"]


def test_within_a_branch_the_others_go_on_and_still_meet() -> None:
    release, state = begin(BLOCK_NODES, BLOCK)
    for node in ("a", "b1"):
        state = act(release, state, press(state, node, member="m1"))
    state = act(release, state, send(state, "b2", "b1", by="m2"))
    assert open_nodes(state) == ["b1", "c"]
    for node in ("c", "b1", "b2"):
        state = act(release, state, press(state, node, member="m1"))
    assert open_nodes(state) == ["d"]
    assert targets(release, state, "d") == {"a": True}
    with pytest.raises(Refused, match="cannot_return"):
        act(release, state, send(state, "d", "b1"))


def test_the_steps_of_another_branch_are_no_target() -> None:
    release, state = begin(BLOCK_NODES, BLOCK)
    state = act(release, state, press(state, "a", member="m1"))
    assert targets(release, state, "c") == {"a": False}


def approval(**config: Any) -> dict[str, Any]:
    return {"type": "approval", "config": {"offer": {"to": "role", "role": "lead"}, **config}}


APPROVED: Edges = [("s", "next", "a"), ("a", "approved", "z"), ("a", "rejected", "z")]


def ask(mode: str, *people: str) -> tuple[Release, State]:
    release, state = begin({"a": approval(mode=mode, percent=60)}, APPROVED)
    for job in state.jobs:
        state = act(release, state, JobDone(job=job, result={"members": list(people)}))
    return release, state


SIGNED: list[tuple[str, tuple[str, ...], list[tuple[str, str]], str]] = [
    # mode, asked, votes (who, outcome) after x was added, where it stands
    ("any", (), [("", "approved")], "open"),
    ("any", (), [("", "approved"), ("x", "approved")], "approved"),
    ("any", (), [("x", "rejected")], "rejected"),
    ("all", ("p", "q"), [("p", "approved"), ("q", "approved")], "open"),
    ("all", ("p", "q"), [("p", "approved"), ("q", "approved"), ("x", "approved")], "approved"),
    ("percentage", ("p", "q"), [("p", "approved"), ("x", "approved")], "approved"),
    ("sequential", ("p", "q"), [("p", "approved")], "open"),
    ("sequential", ("p", "q"), [("p", "approved"), ("x", "approved")], "q"),
    ("sequential", ("p", "q"), [("x", "rejected")], "rejected"),
]


@pytest.mark.parametrize(("mode", "asked", "votes", "stands"), SIGNED)
def test_an_added_signer_counts(
    mode: str, asked: tuple[str, ...], votes: list[tuple[str, str]], stands: str
) -> None:
    release, state = ask(mode, *asked)
    first = next(iter(state.tasks))
    state = act(release, state, SignerAdded(task=first, member="x", by="p"))
    for who, outcome in votes:
        wanted = {task.assignee or "": task.id for task in state.tasks.values() if task.outcome is None}
        state = act(release, state, TaskCompleted(task=wanted[who], outcome=outcome, member=who or "m"))
    if stands in {"approved", "rejected"}:
        assert state.status == "completed"
    else:
        open_for = {task.assignee for task in state.tasks.values() if task.outcome is None}
        assert state.status == "running" and open_for and (stands == "open" or open_for == {stands})


def test_who_cannot_be_a_signer() -> None:
    release, state = ask("all", "p", "q")
    task = next(iter(state.tasks))
    with pytest.raises(Refused, match="already_signer"):
        act(release, state, SignerAdded(task=task, member="q"))
    release, state = begin({"a": TASK}, [("s", "next", "a"), ("a", "done", "z")])
    with pytest.raises(Refused, match="not_an_approval"):
        act(release, state, SignerAdded(task=next(iter(state.tasks)), member="q"))


def test_four_eyes() -> None:
    second = {"type": "form_task", "config": {**TASK["config"], "not_by": ["a", "creator"]}}
    nodes = {"a": TASK, "b": second}
    edges: Edges = [("s", "next", "a"), ("a", "done", "b"), ("b", "done", "z")]
    release = release_of(define({"s": "start", **nodes, "z": "end"}, edges))
    facts = TicketFacts(id="t", number="T-1", workflow="w", creator="m0")
    state, _ = step(release, new_state(facts), Started(ticket=facts), NOW)
    state = act(release, state, press(state, "a", member="m1"))
    for barred in ("m0", "m1"):
        with pytest.raises(Refused, match="four_eyes"):
            act(release, state, TaskClaimed(task=task_at(state, "b").id, member=barred))
        with pytest.raises(Refused, match="four_eyes"):
            act(release, state, press(state, "b", member=barred))
    assert act(release, state, press(state, "b", member="m2")).status == "completed"


@pytest.mark.parametrize(
    ("policy", "worked", "allowed"),
    [
        ("never", False, False),
        ("before_first_task", False, True),
        ("before_first_task", True, False),
        ("any_time", True, True),
    ],
)
def test_withdrawing(policy: str, worked: bool, allowed: bool) -> None:
    definition = define(
        {"s": "start", "a": TASK, "b": TASK, "c": TASK, "z": "end"}, ROW, settings={"withdraw": policy}
    )
    release = release_of(definition)
    facts = TicketFacts(id="t", number="T-1", workflow="w")
    state, _ = step(release, new_state(facts), Started(ticket=facts), NOW)
    if worked:
        state = act(release, state, press(state, "a", member="m1"))
    if allowed:
        state = act(release, state, Withdrawn(by="m0"))
        assert (state.status, state.result, state.tasks) == ("cancelled", "withdrawn", {})
    else:
        with pytest.raises(Refused, match="cannot_withdraw"):
            act(release, state, Withdrawn(by="m0"))


def limited(**sla: Any) -> dict[str, Any]:
    return {"type": "form_task", "config": {**TASK["config"], "sla": {"working_hours": False, **sla}}}


def test_a_resting_ticket_keeps_what_was_left_of_every_timer() -> None:
    nodes = {"a": limited(duration="PT10H", ladder=[{"percent": 50}])}
    release, state = begin(nodes, [("s", "next", "a"), ("a", "done", "z")])
    state = act(release, state, Suspended(by="m", reason="配件"), at=NOW + HOUR)
    assert not state.timers
    with pytest.raises(Refused, match="ticket_suspended"):
        act(release, state, press(state, "a"))
    with pytest.raises(Refused, match="already_suspended"):
        act(release, state, Suspended())
    state = act(release, state, Resumed(by="m"), at=NOW + 5 * HOUR)
    moments = {timer.kind: timer.at for timer in state.timers.values()}
    assert moments == {"due": NOW + 14 * HOUR, "rung": NOW + 9 * HOUR}
    assert task_at(state, "a").due_at == NOW + 14 * HOUR
    with pytest.raises(Refused, match="not_suspended"):
        act(release, state, Resumed())


def test_it_goes_on_by_itself_at_the_date() -> None:
    release, state = begin({"a": limited(duration="PT10H")}, [("s", "next", "a"), ("a", "done", "z")])
    with pytest.raises(Refused, match="until_past"):
        act(release, state, Suspended(until=NOW))
    state = act(release, state, Suspended(until=NOW + 5 * HOUR))
    (timer,) = state.timers.values()
    state = act(release, state, TimerFired(timer=timer.id), at=NOW + 5 * HOUR)
    assert state.suspended is None and task_at(state, "a").due_at == NOW + 15 * HOUR
    state = act(release, act(release, state, Suspended(until=NOW + 9 * HOUR)), Withdrawn())
    assert state.suspended is None and not state.timers


def test_what_opens_while_it_rests_waits_with_its_whole_time() -> None:
    nodes = {"w": {"type": "webhook", "config": {"url": "https://x.example/"}}, "a": limited(duration="PT1H")}
    release, state = begin(nodes, [("s", "next", "w"), ("w", "ok", "a"), ("a", "done", "z")])
    state = act(release, state, Suspended(by="m"))
    state = act(release, state, JobDone(job=next(iter(state.jobs)), result={}), at=NOW + HOUR)
    assert open_nodes(state) == ["a"] and not state.timers
    state = act(release, state, Resumed(), at=NOW + 9 * HOUR)
    assert [timer.at for timer in state.timers.values()] == [NOW + 10 * HOUR]


def fire(release: Release, state: State, kind: str) -> tuple[State, list[Any]]:
    timer = next(timer for timer in state.timers.values() if timer.kind == kind)
    state, commands = step(release, state, TimerFired(timer=timer.id), timer.at)
    return state, [command for command in commands if isinstance(command, Remind)]


def test_a_task_must_be_taken_in_time() -> None:
    late = {"within": "PT30M", "action": "reassign", "role": "lead"}
    release, state = begin({"a": limited(acknowledge=late)}, [("s", "next", "a"), ("a", "done", "z")])
    task = task_at(state, "a")
    taken = act(release, state, TaskClaimed(task=task.id, member="m1"))
    assert not taken.timers
    given_back = act(release, taken, TaskClaimed(task=task.id, member=None), at=NOW + HOUR)
    assert [timer.at for timer in given_back.timers.values()] == [NOW + HOUR * 1.5]
    state, reminders = fire(release, state, "acknowledge")
    assert (task_at(state, "a").offer.role, len(reminders)) == ("lead", 1)
    assert [timer.kind for timer in state.timers.values()] == ["acknowledge"]


def test_a_step_of_the_ladder_gives_the_task_to_another_role() -> None:
    ladder = [{"percent": 100, "action": "reassign", "role": "lead"}]
    release, state = begin(
        {"a": limited(duration="PT1H", ladder=ladder)}, [("s", "next", "a"), ("a", "done", "z")]
    )
    state = act(release, state, TaskClaimed(task=task_at(state, "a").id, member="m1"))
    state, _ = fire(release, state, "rung")
    assert (task_at(state, "a").assignee, task_at(state, "a").offer.role) == (None, "lead")


DAYS: dict[str, tuple[tuple[str, str], ...]] = {str(day): (("09:00", "18:00"),) for day in range(1, 6)}


def test_another_calendar_moves_what_is_left_of_a_task() -> None:
    calendar = Calendar(zone="Asia/Shanghai", week=DAYS)
    facts = TicketFacts(id="t", number="T-1", workflow="w", calendar=calendar)
    node = {"type": "form_task", "config": {**TASK["config"], "sla": {"duration": "PT9H"}}}
    definition = define({"s": "start", "a": node, "z": "end"}, [("s", "next", "a"), ("a", "done", "z")])
    release = release_of(definition)
    state, _ = step(release, new_state(facts), Started(ticket=facts), NOW)  # Monday 09:00
    assert task_at(state, "a").due_at == NOW + 9 * HOUR
    event: Event = CalendarChanged(calendar=Calendar(zone="Asia/Shanghai", week={"2": (("10:00", "20:00"),)}))
    state = act(release, state, event, at=NOW + 3 * HOUR)  # 3 h are counted, 6 h are left
    assert task_at(state, "a").due_at == NOW + timedelta(days=1) + 7 * HOUR
    with pytest.raises(Refused, match="calendar_unchanged"):
        act(release, state, event)
