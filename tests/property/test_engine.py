"""Laws of the engine over random graphs and random events."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.engine.commands import (
    CancelJob,
    CancelTimer,
    CloseIncident,
    CloseTask,
    Command,
    Finish,
    OpenTask,
    RaiseIncident,
    RunJob,
    SetTimer,
)
from backend.engine.events import (
    Cancelled,
    DataChanged,
    Event,
    IncidentResolved,
    JobDone,
    Recorded,
    Started,
    TaskClaimed,
    TaskCompleted,
    TimerFired,
)
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.state import State, TicketFacts
from backend.engine.step import new_state, replay, step
from backend.graph.model import Definition
from backend.graph.soundness import check_soundness
from tests.support.workflows import REGISTRY, release_of, tidy_graphs, wild_graphs

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FACTS = TicketFacts(id="t", number="T-1", workflow="test")
STEPS = 25


class Ledger:
    """What the shell would hold if it did exactly what the commands say."""

    def __init__(self) -> None:
        self.open: dict[str, set[str]] = {"task": set(), "timer": set(), "job": set(), "incident": set()}
        self.finished = 0

    def follow(self, event: Event, commands: tuple[Command, ...]) -> None:
        if isinstance(event, TimerFired):
            self.open["timer"].remove(event.timer)
        if isinstance(event, JobDone):
            self.open["job"].remove(event.job)
        for command in commands:
            self._do(command)

    def _do(self, command: Command) -> None:
        match command:
            case OpenTask():
                self._add("task", command.task.id)
            case CloseTask():
                self.open["task"].remove(command.task)
            case SetTimer():
                self._add("timer", command.timer.id)
            case CancelTimer():
                self.open["timer"].remove(command.timer)
            case RunJob():
                self._add("job", command.job.id)
            case CancelJob():
                self.open["job"].remove(command.job)
            case RaiseIncident():
                self._add("incident", command.incident.id)
            case CloseIncident():
                self.open["incident"].remove(command.incident)
            case Finish():
                self.finished += 1
            case _:
                pass

    def _add(self, kind: str, key: str) -> None:
        assert key not in self.open[kind]
        self.open[kind].add(key)

    def check(self, state: State) -> None:
        """Nothing is lost and nothing is left over."""
        assert self.open["task"] == {task.id for task in state.tasks.values() if task.outcome is None}
        assert self.open["timer"] == set(state.timers)
        assert self.open["job"] == set(state.jobs)
        assert self.open["incident"] == set(state.incidents)
        assert self.finished == (state.status in {"completed", "cancelled"})


def check_tokens(state: State) -> None:
    """Every live token waits for something that is there; whatever is open belongs to a live token."""
    held = {
        "task": {task.token for task in state.tasks.values()},
        "timer": {timer.token for timer in state.timers.values() if timer.kind == "wait"},
        "job": {job.token for job in state.jobs.values()},
        "incident": {incident.token for incident in state.incidents.values()},
    }
    for token in state.tokens.values():
        assert token.wait is not None
        if token.wait in held:
            assert token.id in held[token.wait]
        assert all(scope in state.scopes for scope in token.scopes)
    for owners in held.values():
        assert owners <= set(state.tokens)
    if state.status == "running":
        assert state.tokens
        assert any(token.wait != "join" for token in state.tokens.values())
    else:
        assert not (state.tokens or state.tasks or state.timers or state.jobs or state.scopes)


def draw_event(chance: random.Random, state: State, release: Release, rude: bool) -> Event | None:
    """Something that a person, a clock or the shell could do now; with `rude`, also what cannot apply."""
    events: list[Event] = [
        TaskCompleted(
            task=task.id, outcome=chance.choice(task.actions).outcome, member="m", data={"go": True}
        )
        for task in state.tasks.values()
        if task.outcome is None
    ]
    events += [TimerFired(timer=timer) for timer in state.timers]
    events += [JobDone(job=job) for job in state.jobs]
    if rude:
        events += [TaskCompleted(task="k9999", outcome="done"), TimerFired(timer="m9999")]
        events += [TaskClaimed(task=task, member="m2") for task in state.tasks]
        events += [DataChanged(set={"go": chance.random() < 0.5}, by="m")]
        events += [IncidentResolved(incident=key, action="retry") for key in state.incidents]
        for key, incident in state.incidents.items():
            ports = sorted(release.nodes[incident.node].ports)
            events += [IncidentResolved(incident=key, action="skip", port=port) for port in ports]
        if chance.random() < 0.01:
            events.append(Cancelled(reason="enough"))
    return chance.choice(events) if events else None


@settings(max_examples=100, deadline=None)
@given(st.one_of(wild_graphs(), tidy_graphs()), st.integers(0, 2**32))
def test_any_order_of_events_keeps_the_laws(definition: Definition, seed: int) -> None:
    chance = random.Random(seed)
    release = release_of(definition)
    ledger, log = Ledger(), []
    event: Event = Started(ticket=FACTS, data={"go": True})
    state, now = new_state(FACTS), START
    for _ in range(STEPS):
        before = msgspec.json.encode(state)
        try:
            following, commands = step(release, state, event, now)
        except Refused:
            assert msgspec.json.encode(state) == before
        else:
            assert msgspec.json.encode(state) == before, "step changed the state it was given"
            log.append(Recorded(at=now, event=event))
            ledger.follow(event, commands)
            ledger.check(following)
            check_tokens(following)
            assert following.version == state.version + 1
            stored = msgspec.json.decode(before, type=State)
            assert step(release, stored, event, now) == (following, commands), (
                "a stored state goes on differently"
            )
            state = following
        drawn = draw_event(chance, state, release, rude=True) if state.status == "running" else None
        if drawn is None:
            break
        event, now = drawn, now + timedelta(minutes=chance.randint(0, 90))
    stored_log = msgspec.json.decode(msgspec.json.encode(log), type=list[Recorded])
    assert msgspec.json.encode(replay(release, stored_log)) == msgspec.json.encode(state)


@settings(max_examples=100, deadline=None)
@given(st.one_of(wild_graphs(), tidy_graphs()), st.integers(0, 2**32))
def test_sound_graphs_never_get_stuck(definition: Definition, seed: int) -> None:
    if check_soundness(definition, REGISTRY, 2000).verdict != "sound":
        return
    chance = random.Random(seed)
    release = release_of(definition)
    state, _ = step(release, new_state(FACTS), Started(ticket=FACTS, data={"go": True}), START)
    for _ in range(STEPS):
        assert not any(incident.code == "deadlock_now" for incident in state.incidents.values())
        if state.status != "running":
            return
        event = draw_event(chance, state, release, rude=False)
        if event is None:
            assert state.incidents  # an endless automatic loop stops with an incident that says so
            return
        state, _ = step(release, state, event, START)
