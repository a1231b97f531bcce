"""Laws of the engine over random graphs and random events."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
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
    Subscribe,
    Unsubscribe,
)
from backend.engine.events import (
    Cancelled,
    DataChanged,
    Event,
    IncidentResolved,
    InstanceAdded,
    JobDone,
    JobFailed,
    MessageArrived,
    Recorded,
    Started,
    TaskClaimed,
    TaskCompleted,
    TimerFired,
)
from backend.engine.release import Release
from backend.engine.run import Refused, Run, TokenContext
from backend.engine.state import State, TicketFacts
from backend.engine.step import new_state, replay, step
from backend.engine.subscriptions import list_own_waits, make_key
from backend.graph.model import Definition
from backend.graph.soundness import check_soundness
from backend.node_sdk import Signal, Watch
from tests.support.rich_workflows import MESSAGE, SIGNAL, rich_graphs
from tests.support.workflows import REGISTRY, release_of, tidy_graphs, wild_graphs

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FACTS = TicketFacts(id="t", number="T-1", workflow="test")
STEPS = 25


class Ledger:
    """What the shell would hold if it did exactly what the commands say."""

    def __init__(self) -> None:
        self.open: dict[str, set[str]] = {
            kind: set() for kind in ("task", "timer", "job", "incident", "subscription")
        }
        self.finished = 0

    def follow(self, event: Event, commands: tuple[Command, ...]) -> None:
        if isinstance(event, TimerFired):
            self.open["timer"].remove(event.timer)
        if isinstance(event, (JobDone, JobFailed)):
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
            case Subscribe():
                self._add("subscription", command.key)
            case Unsubscribe():
                self.open["subscription"].remove(command.key)
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
        assert self.open["subscription"] == {
            make_key(token, port)
            for token in state.tokens.values()
            for port in [
                *(wait.port for wait in list_own_waits(token)),
                *(catch.port for catch in token.catches),
            ]
        }
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


def check_control_flow(release: Release, state: State, now: datetime) -> None:
    """Scopes, boundary events, turns, gates and undoing are what they claim to be."""
    tokens, scopes = state.tokens, state.scopes
    inside = {scope for token in tokens.values() for scope in token.scopes}
    assert set(scopes) == inside
    for token in tokens.values():
        node = release.nodes[token.node]
        assert token.armed <= bool(node.boundary)
        assert {catch.port for catch in token.catches} <= (set(node.boundary) if token.armed else set())
        assert len(set(token.scopes)) == len(token.scopes)
        kinds = [scopes[scope].kind for scope in token.scopes]
        for at, kind in enumerate(kinds):
            assert kind != "branch" or kinds[at - 1] == "race"
            assert kind != "instances" or kinds[at + 1 : at + 2] == ["instance"]
        if token.undoes is not None:
            assert state.closing is not None or tokens[token.undoes].wait == "compensation"
        if token.wait == "compensation":
            assert sum(other.undoes == token.id for other in tokens.values()) == 1
        if token.wait == "condition":
            context = TokenContext(Run(release, state, now), token)
            assert node.resume is not None
            assert isinstance(node.resume(node.config, context, Signal(kind="changed")), Watch)
    for timer in state.timers.values():
        if timer.kind == "boundary":
            assert tokens[timer.token].armed
            assert timer.port in release.nodes[tokens[timer.token].node].boundary
    check_turns(state)


def check_turns(state: State) -> None:
    """In an interleaved scope one token is worked at most, and nobody waits for a turn that is free."""
    working = {task.token for task in state.tasks.values() if task.claimed_at or task.outcome is not None}
    working |= {job.token for job in state.jobs.values()}
    for scope in state.scopes.values():
        if scope.kind == "interleaved":
            inside = [token for token in state.tokens.values() if scope.id in token.scopes]
            assert sum(token.id in working for token in inside) <= 1
    for token in state.tokens.values():
        if token.wait == "turn":
            shared = {scope for scope in token.scopes if state.scopes[scope].kind == "interleaved"}
            assert any(shared & set(state.tokens[other].scopes) for other in working - {token.id})


def is_once(event: Event) -> bool:
    """Whether the event answers something that is gone when it has been answered."""
    return isinstance(event, (TaskCompleted, TimerFired, JobDone, JobFailed, IncidentResolved, Started))


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
        if chance.random() < 0.3:
            events += [DataChanged(set={"go": chance.random() < 0.5}, by="m")]
        events += [IncidentResolved(incident=key, action="retry") for key in state.incidents]
        events += [MessageArrived(name=MESSAGE, data={"go": True}), MessageArrived(name=SIGNAL, signal=True)]
        events += [JobFailed(job=job, code=chance.choice(["timeout", "refused"])) for job in state.jobs]
        groups = [scope for scope in state.scopes.values() if scope.kind == "instances"]
        events += [InstanceAdded(node=scope.node, item="more", scope=scope.id) for scope in groups]
        for key, incident in state.incidents.items():
            ports = sorted(release.nodes[incident.node].ports)
            events += [IncidentResolved(incident=key, action="skip", port=port) for port in ports]
        if chance.random() < 0.03:
            events = [Cancelled(reason="enough", compensate=chance.random() < 0.7)]
    return chance.choice(events) if events else None


@settings(max_examples=200, deadline=None)
@given(st.one_of(wild_graphs(), tidy_graphs(), rich_graphs(), rich_graphs()), st.integers(0, 2**32))
def test_any_order_of_events_keeps_the_laws(definition: Definition, seed: int) -> None:
    chance = random.Random(seed)
    release = release_of(definition)
    ledger, log = Ledger(), []
    event: Event = Started(ticket=FACTS, data={"go": chance.random() < 0.5, "list": ["x", "y"]})
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
            check_control_flow(release, following, now)
            if is_once(event):
                with pytest.raises(Refused):
                    step(release, following, event, now)
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
