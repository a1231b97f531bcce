"""Service level clocks: running, standing, stopping, marks, other calendars, and their explanation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.engine.calendar import add_working_time, working_between
from backend.engine.clocks import Segment, explain
from backend.engine.commands import RemindClock
from backend.engine.events import (
    CalendarChanged,
    DataChanged,
    Event,
    Recorded,
    Resumed,
    Started,
    Suspended,
    TaskClaimed,
    TaskCompleted,
    TimerFired,
)
from backend.engine.release import Release
from backend.engine.state import Calendar, Clock, State, TicketFacts
from backend.engine.step import new_state, replay_steps, step
from tests.support.workflows import TASK, define, release_of

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 09:00 in Shanghai."""
HOUR = timedelta(hours=1)
Week = dict[str, tuple[tuple[str, str], ...]]
DAYS: Week = {str(day): (("09:00", "18:00"),) for day in range(1, 6)}
OFFICE = Calendar(zone="Asia/Shanghai", week=DAYS)
ASK = {"type": "form_task", "config": {"offer": {"to": "customer"}}}
EDGES: list[tuple[str, ...]] = [
    ("s", "next", "a"),
    ("a", "done", "q"),
    ("q", "done", "b"),
    ("b", "done", "z"),
]


class Played:
    """A ticket under way with its log."""

    def __init__(self, calendar: Calendar = OFFICE, **clock: Any) -> None:
        clock = {"targets": {"normal": "PT8H"}, **clock}
        nodes = {"s": "start", "a": TASK, "q": ASK, "b": TASK, "z": "end"}
        self.release: Release = release_of(define(nodes, EDGES, settings={"sla": {"r": clock}}))
        facts = TicketFacts(id="t", number="T-1", workflow="w", calendar=calendar)
        self.state: State = new_state(facts)
        self.log: list[Recorded] = []
        self.marks: list[tuple[int, str]] = []
        self.act(Started(ticket=facts), NOW)

    def act(self, event: Event, at: datetime) -> None:
        self.state, commands = step(self.release, self.state, event, at)
        self.log.append(Recorded(at=at, event=event))
        reached = [command for command in commands if isinstance(command, RemindClock)]
        self.marks += [(command.rung.percent, command.rung.action) for command in reached]

    def finish(self, node: str, at: datetime) -> None:
        task = next(task for task in self.state.tasks.values() if task.node == node)
        member = None if task.offer.to == "customer" else "m"
        self.act(TaskCompleted(task=task.id, outcome="done", member=member), at)

    def fire(self) -> datetime:
        timer = next(timer for timer in self.state.timers.values() if timer.kind == "clock")
        self.act(TimerFired(timer=timer.id), timer.at)
        return timer.at

    @property
    def clock(self) -> Clock:
        return self.state.clocks["r"]

    def tell(self, now: datetime) -> list[Segment]:
        return explain(replay_steps(self.release, self.log), self.release, now)["r"]


def words(segments: list[Segment]) -> list[tuple[str, str, float]]:
    return [
        (segment.kind, segment.code.removeprefix("clock_why_"), segment.counted / HOUR)
        for segment in segments
    ]


def test_it_stands_while_it_is_the_customers_turn() -> None:
    played = Played()
    assert played.clock.due_at == NOW + 8 * HOUR
    played.finish("a", NOW + 2 * HOUR)
    assert played.clock.pauses == ("customer",)
    assert played.tell(NOW + 3 * HOUR)[-1].due_at is None
    assert not played.state.timers
    played.finish("q", NOW + 5 * HOUR)
    assert played.clock.due_at == NOW + timedelta(days=1) + 2 * HOUR
    played.finish("b", NOW + 6 * HOUR)
    clock = played.clock
    assert (clock.accrued, clock.stopped_at, clock.breached) == (3 * HOUR, NOW + 6 * HOUR, False)
    assert words(played.tell(NOW + 9 * HOUR)) == [
        ("run", "started", 2),
        ("pause", "customer", 0),
        ("run", "answered", 1),
        ("stop", "ended", 0),
    ]


def test_the_first_response_stops_it_and_an_assignment_does_not() -> None:
    played = Played(stops_at="first_response")
    (task,) = played.state.tasks
    played.act(TaskClaimed(task=task, member="m", by="boss"), NOW + HOUR)
    assert played.tell(NOW + HOUR)[-1].kind == "run"
    played.act(TaskClaimed(task=task, member="m", by="m"), NOW + 2 * HOUR)
    assert (played.clock.stopped_at, played.clock.accrued) == (NOW + 2 * HOUR, 2 * HOUR)
    assert words(played.tell(NOW + 9 * HOUR))[-1] == ("stop", "responded", 0)


def test_a_step_stops_it_and_other_steps_hold_it_up() -> None:
    played = Played(stops_at="node", node="b", pause_for_customer=False, pause_nodes=["q"])
    played.finish("a", NOW + HOUR)
    assert played.clock.pauses == ("q",)
    played.finish("q", NOW + 2 * HOUR)
    assert played.clock.stopped_at == NOW + 2 * HOUR and played.clock.accrued == HOUR
    told = played.tell(NOW + 3 * HOUR)
    assert [segment.params for segment in told] == [{}, {"nodes": ["q"]}, {"nodes": ["b"]}]


def test_it_stands_while_the_ticket_rests() -> None:
    played = Played()
    played.act(Suspended(by="m"), NOW + HOUR)
    played.act(Resumed(by="m"), NOW + 4 * HOUR)
    assert played.clock.due_at == NOW + timedelta(days=1) + 2 * HOUR
    assert words(played.tell(NOW + 5 * HOUR)) == [
        ("run", "started", 1),
        ("pause", "suspended", 0),
        ("run", "resumed", 1),
    ]


def test_marks_are_reached_once_each_also_when_it_stood_between() -> None:
    ladder = [
        {"percent": 50, "action": "remind"},
        {"percent": 75, "action": "raise_priority"},
        {"percent": 100, "action": "reassign", "role": "lead"},
    ]
    played = Played(ladder=ladder, targets={"normal": "PT8H", "high": "PT6H"})
    assert played.fire() == NOW + 4 * HOUR
    played.act(Suspended(), NOW + 5 * HOUR)
    played.act(Resumed(), NOW + 6 * HOUR)
    assert played.fire() == NOW + 7 * HOUR
    assert (played.state.ticket.priority, played.clock.target) == ("high", 6 * 3600)
    assert played.fire() == NOW + 7 * HOUR and played.clock.breached
    assert played.marks == [(50, "remind"), (75, "raise_priority"), (100, "reassign")]
    assert [task.offer.role for task in played.state.tasks.values()] == ["lead"]
    assert not any(timer.kind == "clock" for timer in played.state.timers.values())
    assert "priority" in [segment.code.removeprefix("clock_why_") for segment in played.tell(NOW + 8 * HOUR)]


def test_another_priority_is_another_promise() -> None:
    played = Played(targets={"normal": "PT8H", "urgent": "PT1H"})
    played.act(DataChanged(set={}, ticket={"priority": "urgent"}), NOW + 30 * timedelta(minutes=1))
    assert played.clock.due_at == NOW + HOUR
    assert played.clock.accrued == HOUR / 2


LATE: Week = {str(day): (("10:00", "20:00"),) for day in range(1, 6)}
CHANGES: list[tuple[Calendar, Calendar, datetime, datetime, timedelta]] = [
    # before, after, moment of the change, due after it, counted by then
    (
        # later hours
        OFFICE,
        Calendar(zone="Asia/Shanghai", week=LATE),
        NOW + 2 * HOUR,
        NOW + 8 * HOUR,
        2 * HOUR,
    ),
    (
        # the rest of the week becomes a holiday
        OFFICE,
        Calendar(zone="Asia/Shanghai", week=DAYS, holidays=tuple(f"2026-03-0{day}" for day in range(2, 7))),
        NOW + 2 * HOUR,
        NOW + timedelta(days=7) + 6 * HOUR,
        2 * HOUR,
    ),
    (
        # a Saturday is worked after all
        Calendar(zone="Asia/Shanghai", week={"1": (("09:00", "12:00"),)}),
        Calendar(zone="Asia/Shanghai", week={"1": (("09:00", "12:00"),)}, workdays=("2026-03-07",)),
        NOW + 2 * HOUR,
        NOW + timedelta(days=7) + 2 * HOUR,
        2 * HOUR,
    ),
    # around the clock
    (OFFICE, Calendar(zone="Asia/Shanghai"), NOW + 12 * HOUR, NOW + 12 * HOUR, 9 * HOUR),
]


@pytest.mark.parametrize(("before", "after", "at", "due", "counted"), CHANGES)
def test_what_was_counted_outlives_a_change_of_the_calendar(
    before: Calendar, after: Calendar, at: datetime, due: datetime, counted: timedelta
) -> None:
    played = Played(calendar=before)
    played.act(CalendarChanged(calendar=after), at)
    assert (played.clock.accrued, played.clock.due_at) == (counted, due)
    told = words(played.tell(at + HOUR))
    assert told[0] == ("run", "started", counted / HOUR) and told[1][:2] == ("run", "calendar")


def test_a_day_on_which_clocks_are_put_forward_is_counted_as_it_was_lived() -> None:
    """Berlin, 29 March 2026: 02:00 becomes 03:00, so a shift from 00:00 to 06:00 has five hours."""
    berlin = Calendar(zone="Europe/Berlin", week={"7": (("00:00", "06:00"),)})
    start = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    end = datetime(2026, 3, 30, 0, 0, tzinfo=UTC)
    assert working_between(berlin, start, end) == 5 * HOUR
    assert add_working_time(berlin, start, 5 * HOUR) == datetime(2026, 3, 29, 4, 0, tzinfo=UTC)


def test_a_clock_without_a_promise_does_not_run() -> None:
    assert Played(targets={"urgent": "PT1H"}).state.clocks == {}
