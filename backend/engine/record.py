"""What a finished (or running) ticket's log says, by node: who answered what after how long.

A log names tasks, jobs and timers by ids that only its own run knows. Here each external happening is put
down under the node and the turn it belonged to, so that another definition of the workflow can be given the
same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

import msgspec

from backend.engine.commands import Command, OpenTask, RaiseIncident, RunJob, SetTimer
from backend.engine.events import (
    Event,
    IncidentResolved,
    JobDone,
    JobFailed,
    Migrated,
    Recorded,
    Started,
    TaskCompleted,
    TimerFired,
)
from backend.engine.release import Release
from backend.engine.routes import Entry, list_entries
from backend.engine.run import Refused
from backend.engine.state import Job, State, Task, Timer
from backend.engine.step import new_state, step
from backend.graph.model import Form

FindRelease = Callable[[str], Release]
AskedKind = Literal["task", "job", "incident"]
TimerKey = tuple[str, str, int | None, str | None, datetime]
"""Node, kind, percent of a rung, port, and the moment it is set for."""


class Happening(NamedTuple):
    """Something from outside: `after` is the time since what it answers was asked, `seq` its place in the
    log."""

    after: timedelta
    seq: int
    event: Event


class Asked:
    """One thing the ticket asked for at a node, and everything that came back."""

    __slots__ = ("answers", "at", "data", "failed", "form", "job", "node", "task")

    def __init__(self, node: str, at: datetime) -> None:
        self.node = node
        self.at = at
        self.answers: list[Happening] = []
        self.task: Task | None = None
        self.form: Form | None = None
        self.data: dict[str, Any] = {}
        """The ticket's data right after the answer was written."""
        self.job: Job | None = None
        self.failed: str | None = None
        """Of a settle step: why it could not be reckoned again although it was booked then."""


class Money(Protocol):
    """Reckons settle steps on the side of the record and on the side of the draft, and remembers the
    lines."""

    def reckon(  # noqa: PLR0917 - all that a settlement stands on
        self,
        side: Literal["old", "new"],
        release: Release,
        job: Job,
        state: State,
        now: datetime,
        worker: str | None,
    ) -> JobDone | JobFailed:
        """What the step would have answered; its lines are kept by the caller."""


class Record:
    """The log of one ticket, put down by node."""

    def __init__(self, release: Release, started: Started, at: datetime) -> None:
        self.release = release
        self.started = started
        self.at = at
        self.ended_at = at
        self.way: list[Entry] = []
        self.asked: dict[tuple[AskedKind, str], list[Asked]] = {}
        self.loose: list[tuple[datetime, int, Event]] = []
        """What answers no question of the ticket: messages, corrections, cancelling."""
        self.timers: dict[TimerKey, list[tuple[datetime, int] | None]] = {}
        """When each clock fired; None: it was called off."""
        self.state = new_state(started.ticket)

    def list_asked(self) -> Iterable[Asked]:
        for turns in self.asked.values():
            yield from turns


def read_record(
    release: Release, recorded: Iterable[Recorded], money: Money, find_release: FindRelease | None = None
) -> Record:
    """Replay a log and note what answered what. Raises Refused for a log that does not replay."""
    reader: _Reader | None = None
    for seq, item in enumerate(recorded):
        if reader is None:
            if not isinstance(item.event, Started):
                raise Refused("not_running")
            reader = _Reader(Record(release, item.event, item.at), money, find_release)
        reader.take(seq, item)
    if reader is None:
        raise Refused("not_running")
    return reader.record


class _Reader:
    def __init__(self, record: Record, money: Money, find_release: FindRelease | None) -> None:
        self.record = record
        self.release = record.release
        self.money = money
        self.find_release = find_release
        self.open: dict[str, Asked] = {}
        self.clocks: dict[str, tuple[TimerKey, int]] = {}
        self.worker: str | None = None

    def take(self, seq: int, item: Recorded) -> None:
        record, event, before = self.record, item.event, self.record.state
        if isinstance(event, Migrated) and self.find_release is not None:
            self.release = self.find_release(event.release)
        after, commands = step(self.release, before, event, item.at)
        self.worker = remember_worker(self.worker, event)
        asked = self._put_down(seq, item)
        if asked is not None:
            asked.data = after.data
        record.way += list_entries(self.release, before if seq else None, after, item.at)
        record.state = after
        record.ended_at = item.at
        for command in commands:
            self._note(command, item.at)

    def _put_down(self, seq: int, item: Recorded) -> Asked | None:
        event = item.event
        if isinstance(event, (Started, Migrated)):
            return None
        if isinstance(event, TimerFired):
            key, turn = self.clocks[event.timer]
            self.record.timers[key][turn] = (item.at, seq)
            return None
        key_of = question_of(event)
        asked = self.open.get(key_of) if key_of is not None else None
        if asked is None:
            self.record.loose.append((item.at, seq, event))
            return None
        asked.answers.append(Happening(item.at - asked.at, seq, event))
        return asked

    def _note(self, command: Command, at: datetime) -> None:
        if isinstance(command, OpenTask):
            asked = self._ask("task", command.task.id, command.task.node, at)
            asked.task, asked.form = command.task, self.release.form_of(command.task)
        elif isinstance(command, RunJob):
            job = command.job
            asked = self._ask("job", job.id, job.node, at)
            asked.job = job
            if job.kind == "settle":
                answer = self.money.reckon("old", self.release, job, self.record.state, at, self.worker)
                asked.failed = answer.code if isinstance(answer, JobFailed) else None
        elif isinstance(command, RaiseIncident):
            self._ask("incident", command.incident.id, command.incident.node, at)
        elif isinstance(command, SetTimer):
            key = timer_key(self.record.state, command.timer)
            turns = self.record.timers.setdefault(key, [])
            self.clocks[command.timer.id] = (key, len(turns))
            turns.append(None)

    def _ask(self, kind: AskedKind, key: str, node: str, at: datetime) -> Asked:
        asked = self.open[key] = Asked(node, at)
        self.record.asked.setdefault((kind, node), []).append(asked)
        return asked


def question_of(event: Event) -> str | None:
    """Id of the task, job or incident that an event answers."""
    if isinstance(event, (JobDone, JobFailed)):
        return event.job
    if isinstance(event, IncidentResolved):
        return event.incident
    found: str | None = getattr(event, "task", None)
    return found


def aim(event: Event, key: str) -> Event:
    """The same answer to another run's question."""
    name = (
        "job"
        if isinstance(event, (JobDone, JobFailed))
        else "incident"
        if isinstance(event, IncidentResolved)
        else "task"
    )
    aimed: Event = msgspec.structs.replace(event, **{name: key})
    return aimed


def timer_key(state: State, timer: Timer) -> TimerKey:
    """What makes two runs' clocks the same one."""
    token = state.tokens.get(timer.token)
    node = token.node if token is not None else ""
    percent = timer.rung.percent if timer.rung is not None else None
    return node, timer.kind, percent, getattr(timer, "port", None), timer.at


def remember_worker(worker: str | None, event: Event) -> str | None:
    """Who completed a task in the transition that is under way: its own answers keep them."""
    if isinstance(event, TaskCompleted):
        return event.member
    return worker if isinstance(event, (JobDone, JobFailed)) else None
