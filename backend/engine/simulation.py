"""Play a scenario without a server: events in, and after each what must be open, stored and booked.

The caller's `Shell` answers the jobs that reach outside the engine (who is in a role, what a tariff books),
since
neither members nor settlement can be seen from here. Clocks are played: `advance` fires what has become due.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from backend.engine.commands import Command, RunJob
from backend.engine.events import (
    Cancelled,
    Event,
    InstanceAdded,
    JobDone,
    JobFailed,
    MessageArrived,
    Recorded,
    Started,
    TaskCompleted,
    TimerFired,
)
from backend.engine.expectations import Mismatch, compare, list_open
from backend.engine.overlay import find_instance
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.scenario import Complete, Expect, JobAnswer, Scenario, ScenarioStep
from backend.engine.state import Calendar, Job, State, Task, TicketFacts
from backend.engine.step import new_state, step

MAX_ANSWERS = 500


class Unanswered(Exception):
    """A shell does not answer this job; it stays open until the scenario does."""


class JobRefused(Exception):
    """A shell's answer that is a failure, as JobFailed carries it."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


class Shell(Protocol):
    """What the engine's caller knows of the world."""

    def answer(self, job: Job, state: State, now: datetime) -> Any:
        """The result of a job. Raises Unanswered, JobRefused."""

    def calendar(self, region: str | None) -> Calendar:
        """Working hours of a region."""

    def region_path(self, region: str | None) -> tuple[str, ...]:
        """Region keys from the root to this one."""

    def take_lines(self) -> list[dict[str, Any]]:
        """Lines booked since the last call, as JSON."""


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What one step led to."""

    event: str
    at: datetime
    open: tuple[str, ...]
    status: str
    visited: tuple[str, ...]
    lines: tuple[dict[str, Any], ...]
    incidents: tuple[str, ...]
    mismatches: tuple[Mismatch, ...]


class Playback(msgspec.Struct, frozen=True, kw_only=True):
    """The whole run."""

    steps: tuple[Played, ...]
    state: State
    recorded: tuple[Recorded, ...]

    @property
    def passed(self) -> bool:
        return not any(played.mismatches for played in self.steps)


def play(release: Release, scenario: Scenario, shell: Shell) -> Playback:
    """Run a scenario. Never raises for what the scenario gets wrong: that is a mismatch of its step."""
    return Player(release, scenario, shell).play()


class Player:
    """A run under way: the clock, the state, what was recorded."""

    def __init__(self, release: Release, scenario: Scenario, shell: Shell) -> None:
        self.release = release
        self.scenario = scenario
        self.shell = shell
        self.now = scenario.at
        self.recorded: list[Recorded] = []
        self.facts = TicketFacts(
            id="00000000-0000-7000-8000-000000000000",
            number="T-SCENARIO",
            workflow=release.definition.name.en or release.definition.name.zh,
            region=scenario.ticket.region,
            region_path=shell.region_path(scenario.ticket.region),
            priority=scenario.ticket.priority,
            source=scenario.ticket.source,
            channel=scenario.ticket.channel,
            creator=scenario.ticket.creator,
            calendar=shell.calendar(scenario.ticket.region),
        )
        self.state = new_state(self.facts)

    def play(self) -> Playback:
        started = Started(ticket=self.facts, data=self.scenario.start, customer=self.scenario.customer)
        played = [self._record("start", lambda: self._apply(started), self.scenario.expect)]
        for number, item in enumerate(self.scenario.steps):
            event, act = self._read(item)
            played.append(self._record(event or f"step {number + 1}", act, item.expect))
        return Playback(steps=tuple(played), state=self.state, recorded=tuple(self.recorded))

    def _read(self, item: ScenarioStep) -> tuple[str, Callable[[], None]]:
        if item.complete is not None:
            complete = item.complete
            return f"complete {complete.node} {complete.outcome}", lambda: self._complete(complete)
        if item.advance is not None:
            length = item.advance
            return f"advance {int(length.total_seconds())}s", lambda: self._advance(length)
        if item.message is not None:
            message = MessageArrived(
                name=item.message.name,
                data=item.message.data,
                correlation=item.message.correlation,
                signal=item.message.signal,
            )
            return f"message {message.name}", lambda: self._apply(message)
        if item.job is not None:
            answer = item.job
            return f"job {answer.node}", lambda: self._answer(answer)
        if item.add_item is not None:
            added = InstanceAdded(node=item.add_item.node, item=item.add_item.item)
            return f"add item {added.node}", lambda: self._apply(added)
        if item.cancel is not None:
            cancelled = Cancelled(reason=item.cancel.reason, compensate=item.cancel.compensate)
            return "cancel", lambda: self._apply(cancelled)
        return "", lambda: None

    def _record(self, event: str, act: Callable[[], None], expect: Expect) -> Played:
        mismatches: list[Mismatch] = []
        try:
            act()
        except Refused as refused:
            mismatches.append(Mismatch(what="refused", expected=event, found=refused.code))
        except _NotPossible as missing:
            mismatches.append(Mismatch(what="not_possible", expected=event, found=str(missing)))
        lines = tuple(self.shell.take_lines())
        mismatches += compare(expect, self.state, lines)
        return Played(
            event=event,
            at=self.now,
            open=list_open(self.state),
            status=self.state.status,
            visited=tuple(sorted(self.state.visits)),
            lines=lines,
            incidents=tuple(incident.code for incident in self.state.incidents.values()),
            mismatches=tuple(mismatches),
        )

    # --- what can happen ---

    def _apply(self, event: Event) -> None:
        """One event, and every answer of the shell that follows from it."""
        waiting: list[Event] = [event]
        for _ in range(MAX_ANSWERS):
            if not waiting:
                return
            following = waiting.pop(0)
            try:
                self.state, commands = step(self.release, self.state, following, self.now)
            except Refused as refused:
                if refused.stale and following is not event:
                    continue
                raise
            self.recorded.append(Recorded(at=self.now, event=following))
            waiting.extend(self._ask(commands))
        raise _NotPossible("endless_answers")

    def _ask(self, commands: tuple[Command, ...]) -> list[Event]:
        answers: list[Event] = []
        for command in commands:
            if not isinstance(command, RunJob):
                continue
            job = command.job
            try:
                result = self.shell.answer(job, self.state, self.now)
                answers.append(JobDone(job=job.id, result=result))
            except JobRefused as refused:
                answers.append(JobFailed(job=job.id, code=refused.code, params=refused.params))
            except Unanswered:
                continue
        return answers

    def _complete(self, complete: Complete) -> None:
        task = self._find_task(complete)
        self._apply(
            TaskCompleted(
                task=task.id,
                outcome=complete.outcome,
                data=complete.data,
                member=complete.member or task.assignee,
                comment=complete.comment,
            )
        )

    def _find_task(self, complete: Complete) -> Task:
        open_here = [
            task
            for task in self.state.tasks.values()
            if task.node == complete.node and task.outcome is None and self._is_of(task, complete.instance)
        ]
        if not open_here:
            raise _NotPossible(complete.node)
        return next((task for task in open_here if task.assignee == complete.member), open_here[0])

    def _is_of(self, task: Task, instance: int | None) -> bool:
        if instance is None:
            return True
        found = find_instance(self.state, self.state.tokens[task.token])
        return found is not None and found.index == instance

    def _advance(self, length: timedelta) -> None:
        """Move the clock, firing timers in their order at their own moments."""
        until = self.now + length
        while True:
            due = [timer for timer in self.state.timers.values() if timer.at <= until]
            if not due:
                break
            timer = min(due, key=lambda item: (item.at, int(item.id[1:])))
            self.now = max(self.now, timer.at)
            self._apply(TimerFired(timer=timer.id))
        self.now = until

    def _answer(self, answer: JobAnswer) -> None:
        job = next((job for job in self.state.jobs.values() if job.node == answer.node), None)
        if job is None:
            raise _NotPossible(answer.node)
        if answer.fail is not None:
            self._apply(JobFailed(job=job.id, code=answer.fail))
        else:
            self._apply(JobDone(job=job.id, result=answer.result))


class _NotPossible(Exception):
    """The scenario asks for something that is not open."""
