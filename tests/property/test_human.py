"""Laws of human work and of service level clocks, whatever people do in whatever order."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.engine.calendar import add_working_time, working_between
from backend.engine.clocks import counted, explain
from backend.engine.events import (
    CalendarChanged,
    Event,
    Recorded,
    Resumed,
    Returned,
    SignerAdded,
    Started,
    Suspended,
    TaskClaimed,
    TimerFired,
    Withdrawn,
)
from backend.engine.human import list_returns
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.state import Calendar, State, TicketFacts
from backend.engine.step import new_state, replay, replay_steps, step
from backend.graph.model import Definition
from tests.property.test_engine import START, Ledger, check_tokens, draw_event
from tests.support.workflows import define, release_of, tidy_graphs

WEEKS = st.dictionaries(
    st.sampled_from([str(day) for day in range(1, 8)]),
    st.sampled_from([(("09:00", "18:00"),), (("08:00", "12:00"), ("13:00", "20:30")), (("00:00", "24:00"),)]),
    min_size=1,
)
CALENDARS = st.builds(
    Calendar,
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
    week=st.one_of(st.just({}), WEEKS),
    holidays=st.sampled_from([(), ("2026-03-03", "2026-03-04"), ("2026-03-29",)]),
    workdays=st.sampled_from([(), ("2026-03-07",)]),
)
STEPS = 25
Week = dict[str, tuple[tuple[str, str], ...]]
SLA = {
    "response": {"targets": {"normal": "PT1H"}, "stops_at": "first_response"},
    "resolution": {
        "targets": {"normal": "P1D", "urgent": "PT2H"},
        "ladder": [
            {"percent": 50, "action": "raise_priority"},
            {"percent": 100, "action": "reassign", "role": "lead"},
        ],
        "pause_nodes": ["n0", "n3"],
    },
    "plain": {"targets": {"normal": "PT9H"}, "working_hours": False},
}


@given(CALENDARS, st.integers(0, 60 * 24 * 40), st.integers(0, 60 * 90), st.integers(0, 60 * 90))
def test_working_time_adds_up(calendar: Calendar, begin: int, first: int, second: int) -> None:
    start = START + timedelta(minutes=begin)
    one, two = timedelta(minutes=first), timedelta(minutes=second)
    middle = add_working_time(calendar, start, one)
    end = add_working_time(calendar, middle, two)
    assert working_between(calendar, start, middle) == one
    assert working_between(calendar, start, end) == one + two
    assert middle <= end


def draw_human(chance: random.Random, state: State, release: Release, now: datetime) -> Event | None:
    """What people may do beside finishing tasks; some of it cannot apply."""
    open_tasks = [task for task in state.tasks.values() if task.outcome is None]
    events: list[Event] = [Suspended(by="m"), Suspended(until=now + timedelta(hours=5)), Resumed(), Resumed()]
    if chance.random() < 0.03:
        events.append(Withdrawn(by="m"))
    for task in open_tasks:
        events += [TaskClaimed(task=task.id, member="m2"), TaskClaimed(task=task.id, member=None)]
        events.append(SignerAdded(task=task.id, member=chance.choice("xy"), by="m"))
        for target in list_returns(release, state, state.tokens[task.token]):
            events.append(Returned(task=task.id, to=target.node, by="m"))
            events.append(Returned(task=task.id, to=target.node, by="m", resume="direct"))
    weeks: list[Week] = [
        {},
        {"1": (("09:00", "18:00"),)},
        {str(day): (("08:00", "20:00"),) for day in range(1, 7)},
    ]
    events.append(CalendarChanged(calendar=Calendar(week=chance.choice(weeks))))
    return chance.choice(events)


class Walk:
    """A ticket that people push about, checked after every event."""

    def __init__(self, definition: Definition, calendar: Calendar) -> None:
        self.release = release_of(definition)
        self.facts = TicketFacts(id="t", number="T-1", workflow="test", calendar=calendar)
        self.state, self.now = new_state(self.facts), START
        self.ledger, self.log = Ledger(), list[Recorded]()

    def act(self, event: Event) -> None:
        before = msgspec.json.encode(self.state)
        try:
            following, commands = step(self.release, self.state, event, self.now)
        except Refused:
            assert msgspec.json.encode(self.state) == before
            return
        assert msgspec.json.encode(self.state) == before, "step changed the state it was given"
        self.log.append(Recorded(at=self.now, event=event))
        self.ledger.follow(event, commands)
        self.ledger.check(following)
        check_tokens(following)
        self.state = following
        self.check_clocks()

    def check_clocks(self) -> None:
        ticking = [timer for timer in self.state.timers.values() if timer.token]
        assert self.state.suspended is None or not ticking
        for clock in self.state.clocks.values():
            standing = clock.running_since is None
            assert standing == (clock.stopped_at is not None or bool(clock.pauses))
            assert clock.accrued >= timedelta()

    def pass_time(self, chance: random.Random) -> None:
        self.now += timedelta(minutes=chance.randint(0, 600))
        due = [timer for timer in self.state.timers.values() if timer.at <= self.now]
        for timer in sorted(due, key=lambda timer: timer.at):
            if timer.id in self.state.timers:
                self.act(TimerFired(timer=timer.id))


@settings(max_examples=80, deadline=None)
@given(tidy_graphs(), CALENDARS, st.integers(0, 2**32))
def test_no_task_is_lost_and_clocks_conserve(definition: Definition, calendar: Calendar, seed: int) -> None:
    chance = random.Random(seed)
    walk = Walk(msgspec.structs.replace(definition, settings=SETTINGS), calendar)
    walk.act(Started(ticket=walk.facts, data={"go": True}))
    for _ in range(STEPS):
        if walk.state.status != "running":
            break
        walk.pass_time(chance)
        human = chance.random() < 0.5
        event = (
            draw_human(chance, walk.state, walk.release, walk.now)
            if human
            else draw_event(chance, walk.state, walk.release, rude=False)
        )
        if event is not None and not (isinstance(event, TimerFired) or walk.state.status != "running"):
            walk.act(event)
    stored = msgspec.json.encode(walk.state)
    assert msgspec.json.encode(replay(walk.release, walk.log)) == stored
    assert msgspec.json.encode(msgspec.json.decode(stored, type=State)) == stored
    check_explanation(walk)


def check_explanation(walk: Walk) -> None:
    """The segments of a clock follow each other without a gap, and what they counted is what it shows."""
    told = explain(replay_steps(walk.release, walk.log), walk.release, walk.now)
    for key, clock in walk.state.clocks.items():
        segments = told[key]
        shown = counted(clock, walk.release.clocks[key], walk.state.ticket.calendar, walk.now)
        assert sum((segment.counted for segment in segments), timedelta()) == shown
        moving = [segment for segment in segments if segment.kind != "stop"]
        end = clock.stopped_at or walk.now
        elapsed = sum(((segment.end or end) - segment.start for segment in moving), timedelta())
        assert elapsed == end - clock.started_at
        for one, two in pairwise(segments):
            assert one.end == two.start
        assert all(segment.counted == timedelta() for segment in segments if segment.kind != "run")


SETTINGS = define({}, [], settings={"sla": SLA}).settings
