"""A recorded ticket run through another definition, without any effect outside.

Each question that the draft asks (a task, a job) gets the answer which the same node got in the record,
after as long as it took then. Decisions, joins and waits are the draft's own; its clocks run on the
recorded one, and a clock that is set exactly as it was then fires exactly when it fired then (or not at
all, where it was called off). Messages, corrections and cancelling come when they came. Settle steps are
reckoned, not repeated. What is never answered is where the ticket would be stuck.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec
from msgspec.structs import replace

from backend.engine.commands import Command, OpenTask, RaiseIncident, RunJob, SetTimer
from backend.engine.events import (
    Event,
    JobDone,
    JobFailed,
    MessageArrived,
    Started,
    TaskClaimed,
    TaskCompleted,
    TimerFired,
)
from backend.engine.record import Asked, AskedKind, Happening, Money, Record, aim, remember_worker, timer_key
from backend.engine.release import Release
from backend.engine.routes import Entry, first_difference, list_entries
from backend.engine.run import Refused
from backend.engine.state import Job, State, Task
from backend.engine.step import new_state, step
from backend.graph.model import Form

MOST_EVENTS = 2000
"""Of one ticket; a draft may send it round in circles."""
LAST = 1 << 30
"""Place of what the record does not know: behind everything of the same moment."""

Verdict = Literal["unchanged", "rerouted", "stuck", "invalid", "ended"]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that the draft's form would not have taken."""

    node: str
    field: str
    """JSON pointer into the answer."""
    code: str
    params: dict[str, Any] = {}


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ticket would stand still, and why: `never_asked`, `not_answered`, `button_gone`,
    `message_missing`, `refused`, or the code of an incident."""

    node: str
    why: str
    params: dict[str, Any] = {}


class Answers(Protocol):
    """Knows the forms."""

    def fit(
        self, form: Form | None, access: Mapping[str, Any], stored: Mapping[str, Any], given: Given
    ) -> tuple[dict[str, Any], tuple[tuple[str, str, dict[str, Any]], ...]]:
        """What the answer writes under this form, and (pointer, code, params) of what would be refused."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it was given: what it wrote, and everything that the form showed after it."""

    written: Mapping[str, Any]
    after: Mapping[str, Any]
    form: Form | None
    access: Mapping[str, Any] = {}
    checked: bool = True
    """Whether the button wanted a complete form."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One run: the way it took, how it ended, and how long it lasted. Seconds."""

    way: tuple[Entry, ...]
    status: str
    result: str | None
    length: int
    handling: int
    standing: tuple[str, ...]
    """Nodes where it stands."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What the draft would have made of a ticket."""

    verdict: Verdict
    old: Side
    new: Side
    parting: tuple[int | None, int | None] | None
    spots: tuple[Spot, ...]
    faults: tuple[Fault, ...]


def rehearse(
    draft: Release, record: Record, answers: Answers, money: Money, names: Mapping[str, str] | None = None
) -> Comparison:
    """Run the record's answers through the draft. Never raises for what the draft makes of them.

    `names`: node of the draft -> node of the record, for steps that have another id now.
    """
    rehearsal = _Rehearsal(draft, record, answers, money, names or {})
    rehearsal.run()
    return rehearsal.compare()


class _Rehearsal:
    def __init__(
        self, draft: Release, record: Record, answers: Answers, money: Money, names: Mapping[str, str]
    ) -> None:
        self.names = names
        self.draft = draft
        self.record = record
        self.answers = answers
        self.money = money
        self.is_over = record.state.status != "running"
        self.now = record.at
        self.state = new_state(record.started.ticket)
        self.way: list[Entry] = []
        self.faults: list[Fault] = []
        self.refusals: dict[str, Spot] = {}
        self.worker: str | None = None
        self.used: set[int] = set()
        self.asked: dict[str, Asked | None] = {}
        self.held: list[Event] = []
        """What nobody could take yet: messages without a reader, work on a branch that another one holds."""
        self.turn = 0
        self.agenda: list[tuple[datetime, int, int, Event, Asked | None]] = []

    # --- running ---

    def run(self) -> None:
        record = self.record
        start = record.started.start if record.started.start in self.draft.starts else None
        form, known = self.draft.start_form(start), record.release.start_form(record.started.start)
        given = Given(written=record.started.data, after=record.started.data, form=known)
        data = self._fit(start or next(iter(self.draft.starts), ""), form, {}, {}, given)
        self._plan(record.at, 0, replace(record.started, data=data, start=start))
        for at, seq, event in record.loose:
            self._plan(at, seq, event)
        for _ in range(MOST_EVENTS):
            if not self.agenda or self.state.status not in {"new", "running"}:
                return
            at, seq, _, event, asked = heapq.heappop(self.agenda)
            if not self.is_over and at > record.ended_at:
                return
            self._apply(max(at, self.now), seq, event, asked)

    def _plan(self, at: datetime, seq: int, event: Event, asked: Asked | None = None) -> None:
        self.turn += 1
        heapq.heappush(self.agenda, (at, seq, self.turn, event, asked))

    def _apply(self, now: datetime, seq: int, event: Event, asked: Asked | None) -> None:
        if isinstance(event, TaskCompleted):
            event = self._answer(event, asked)
        before = self.state
        try:
            after, commands = step(self.draft, before, event, now)
        except Refused as refused:
            self._refuse(refused, event, now)
            return
        self.state, self.now = after, now
        self.worker = remember_worker(self.worker, event)
        self.way += list_entries(self.draft, None if isinstance(event, Started) else before, after, now)
        for command in commands:
            self._follow(command, seq)
        held, self.held = self.held, []
        for waiting in held:
            self._plan(now, LAST, waiting)

    def _refuse(self, refused: Refused, event: Event, now: datetime) -> None:
        if isinstance(event, MessageArrived):
            if event.token is not None:
                self._plan(now, LAST, replace(event, token=None))
            else:
                self.held.append(event)
            return
        if refused.stale or refused.code in {"task_closed", "not_running", "incident_closed"}:
            return
        if refused.code == "busy_elsewhere":
            self.held.append(event)
        task = self.state.tasks.get(getattr(event, "task", ""))
        if task is not None and not isinstance(event, TaskClaimed):
            why = "button_gone" if refused.code == "unknown_outcome" else refused.code
            outcome = getattr(event, "outcome", "")
            self.refusals[task.id] = Spot(
                node=task.node, why=why, params={**refused.params, "outcome": outcome}
            )

    def _answer(self, event: TaskCompleted, asked: Asked | None) -> TaskCompleted:
        task = self.state.tasks.get(event.task)
        if task is None or asked is None or asked.task is None or task.outcome is not None:
            return event
        action = next((item for item in task.actions if item.outcome == event.outcome), None)
        given = Given(
            written=event.data,
            after=asked.data,
            form=asked.form,
            access=asked.task.access,
            checked=action is not None and action.validates,
        )
        data = self._fit(task.node, self.draft.form_of(task), task.access, self.state.data, given)
        return replace(event, data=data)

    def _fit(
        self, node: str, form: Form | None, access: Mapping[str, Any], stored: Mapping[str, Any], given: Given
    ) -> dict[str, Any]:
        data, faults = self.answers.fit(form, access, stored, given)
        self.faults += [
            Fault(node=node, field=field, code=code, params=params) for field, code, params in faults
        ]
        return data

    # --- what the draft asks ---

    def _follow(self, command: Command, seq: int) -> None:
        if isinstance(command, OpenTask):
            self._ask_people(command.task)
        elif isinstance(command, RunJob):
            self._ask_shell(command.job, seq)
        elif isinstance(command, RaiseIncident):
            incident = command.incident
            self._give(incident.id, self._find("incident", incident.node))
        elif isinstance(command, SetTimer):
            self._wind(command, seq)

    def _ask_people(self, task: Task) -> None:
        wanted = task.offer.member or task.assignee
        self._give(
            task.id, self._find("task", task.node, member=wanted if task.offer.to == "member" else None)
        )

    def _give(self, key: str, asked: Asked | None) -> None:
        self.asked[key] = asked
        for happening in asked.answers if asked is not None else ():
            self._schedule(key, happening, asked)

    def _schedule(self, key: str, happening: Happening, asked: Asked | None) -> None:
        self._plan(self.now + happening.after, happening.seq, aim(happening.event, key), asked)

    def _ask_shell(self, job: Job, seq: int) -> None:
        asked = self._find("job", job.node, job=job) or self._find_like(job)
        if job.kind == "settle":
            self._settle(job, seq, asked)
            return
        if asked is None and job.kind in SILENT:
            self._plan(self.now, seq, JobDone(job=job.id, result=SILENT[job.kind]))
            self.asked[job.id] = None
            return
        self._give(job.id, asked)

    def _settle(self, job: Job, seq: int, asked: Asked | None) -> None:
        self.asked[job.id] = asked
        answer: Event = self.money.reckon("new", self.draft, job, self.state, self.now, self.worker)
        known = asked.answers[0] if asked is not None and asked.answers else None
        if (
            isinstance(answer, JobFailed)
            and asked is not None
            and asked.failed == answer.code
            and known is not None
        ):
            answer = aim(known.event, job.id)  # nobody could reckon it any more, on either side
        self._plan(self.now, known.seq if known is not None else seq, answer)

    def _wind(self, command: SetTimer, seq: int) -> None:
        timer = command.timer
        node, kind, percent, port, at = timer_key(self.state, timer)
        turns = self.record.timers.get((self.names.get(node, node), kind, percent, port, at))
        if not turns:
            self._plan(timer.at, LAST, TimerFired(timer=timer.id))
            return
        fired = turns.pop(0) if len(turns) > 1 else turns[0]
        if fired is not None:
            self._plan(fired[0], fired[1], TimerFired(timer=timer.id))

    def _find(
        self, kind: AskedKind, node: str, *, member: str | None = None, job: Job | None = None
    ) -> Asked | None:
        """The next turn of this node that has not been given away; of votes that of the same member."""
        known = self.record.asked.get((kind, self.names.get(node, node)), ())
        turns = [item for item in known if id(item) not in self.used]
        if job is not None:
            turns = [item for item in turns if item.job is not None and item.job.kind == job.kind]
        mine = (
            item
            for item in turns
            if member is not None and item.task is not None and item.task.offer.member == member
        )
        found = next(mine, turns[0] if turns else None)
        if found is not None:
            self.used.add(id(found))
        return found

    def _find_like(self, job: Job) -> Asked | None:
        """A new step that asks what another step asked then gets the same answer."""
        for asked in self.record.list_asked():
            known = asked.job
            if (
                known is not None
                and known.kind == job.kind
                and job.kind != "settle"
                and known.payload == job.payload
            ):
                return asked
        return None

    # --- the verdict ---

    def compare(self) -> Comparison:
        record = self.record
        old = _side(record.way, record.state, record.at, record.ended_at)
        new = _side(self.way, self.state, record.at, self.now)
        spots = self._list_spots(old)
        parting = first_difference(record.way, [self._as_recorded(entry) for entry in self.way])
        verdict: Verdict = "unchanged"
        if spots:
            verdict = "stuck"
        elif self.faults:
            verdict = "invalid"
        elif (old.status, old.result) != (new.status, new.result):
            verdict = "ended"
        elif parting is not None:
            verdict = "rerouted"
        return Comparison(
            verdict=verdict, old=old, new=new, parting=parting, spots=spots, faults=tuple(self.faults)
        )

    def _as_recorded(self, entry: Entry) -> Entry:
        names = self.names
        if not names:
            return entry
        origin = names.get(entry.origin, entry.origin) if entry.origin is not None else None
        return Entry(names.get(entry.node, entry.node), origin, entry.at)

    def _list_spots(self, old: Side) -> tuple[Spot, ...]:
        state = self.state
        if state.status == "new":
            return (Spot(node="", why="no_start"),)
        if state.status != "running":
            return ()
        known = set() if self.is_over else set(old.standing)
        found: list[Spot] = []
        for token in state.tokens.values():
            if self.names.get(token.node, token.node) not in known and token.wait != "join":
                found += self._explain(token.id, token.node)
        if not found and self.is_over:
            found = [Spot(node=token.node, why="waits_at_join") for token in state.tokens.values()]
        return tuple(found)

    def _explain(self, token: str, node: str) -> list[Spot]:
        state = self.state
        for incident in state.incidents.values():
            if incident.token == token:
                return [Spot(node=node, why=incident.code, params=incident.params)]
        for task in state.tasks.values():
            if task.token == token and task.outcome is None:
                return [self.refusals.get(task.id) or Spot(node=node, why=self._why(task.id))]
        for job in state.jobs.values():
            if job.token == token:
                return [Spot(node=node, why=self._why(job.id), params={"kind": job.kind})]
        return [Spot(node=node, why="message_missing" if state.tokens[token].message else "not_answered")]

    def _why(self, key: str) -> str:
        return "never_asked" if self.asked.get(key) is None else "not_answered"


SILENT: dict[str, Any] = {"notify": {"sent": 0}, "email": {"sent": 0}}
"""Work that tells somebody something and asks for nothing: it needs no record."""


def _side(way: list[Entry], state: State, began: datetime, ended: datetime) -> Side:
    return Side(
        way=tuple(way),
        status=state.status,
        result=state.result,
        length=max(0, int((ended - began).total_seconds())),
        handling=sum(state.handling.values()),
        standing=tuple(sorted({token.node for token in state.tokens.values()})),
    )
