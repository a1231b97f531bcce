"""Playing a scenario: the engine's player in a world, every answer held against the form it answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from backend.engine.events import JobDone, JobFailed, Recorded, Started, TaskCompleted
from backend.engine.expectations import Mismatch
from backend.engine.overlay import see_task_data
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.simulation import JobRefused, Playback, Unanswered, play
from backend.engine.state import Calendar, Job, State
from backend.engine.step import new_state, step
from backend.features.templates.scenarios import Earlier, ScenarioFile
from backend.features.templates.world import World, plain_line
from backend.forms.validation import compile_form, validate
from backend.graph.model import Form
from backend.runtime.inline.table import INLINE


class PlayedScenario(msgspec.Struct, frozen=True, kw_only=True):
    """A playback, and what its answers were worth."""

    playback: Playback
    faults: tuple[Mismatch, ...] = ()
    """Answers that the form would have refused, and a replay that led elsewhere."""

    @property
    def passed(self) -> bool:
        return self.playback.passed and not self.faults


class WorldShell:
    """The engine's `Shell`: jobs are answered by the runtime's own scripts in the scenario's world."""

    def __init__(self, world: World, unanswered: tuple[str, ...] = ()) -> None:
        self.world = world
        self.unanswered = unanswered
        self._lines: list[dict[str, Any]] = []

    def answer(self, job: Job, state: State, now: datetime) -> Any:
        """Raises Unanswered, JobRefused."""
        if job.kind in self.unanswered:
            raise Unanswered()
        if job.kind == "email":
            return self._send_mail(job, state, now)
        if job.kind not in INLINE:
            raise Unanswered()
        event, rows = self.world.work(job, state, now)
        self._lines += [plain_line(row) for row in rows]
        if isinstance(event, JobFailed):
            raise JobRefused(event.code, **event.params)
        assert isinstance(event, JobDone)
        return event.result

    def _send_mail(self, job: Job, state: State, now: datetime) -> dict[str, int]:
        """Counted and not sent; mail that would reach nobody is refused as in production."""
        recipients = self.world.find_recipients(job, state, now)
        if not recipients:
            raise JobRefused("no_recipient", to=str((job.payload.get("to") or {}).get("kind", "")))
        return {"sent": len(recipients)}

    def calendar(self, region: str | None) -> Calendar:
        return self.world.calendar(region)

    def region_path(self, region: str | None) -> tuple[str, ...]:
        return self.world.region_path(region)

    def take_lines(self) -> list[dict[str, Any]]:
        taken, self._lines = self._lines, []
        return taken


def play_file(release: Release, file: ScenarioFile, world: World) -> PlayedScenario:
    """Book what was earlier, play, replay. Raises msgspec.ValidationError and what `earlier` cannot book."""
    shell = WorldShell(world, file.unanswered)
    for earlier in file.earlier:
        _book_earlier(shell, earlier)
    shell.take_lines()
    playback = play(release, file.scenario, shell)
    return PlayedScenario(playback=playback, faults=tuple(_check_answers(release, playback)))


def _book_earlier(shell: WorldShell, earlier: Earlier) -> None:
    """One ticket more in the sums of its period."""
    payload = {
        "tariff": earlier.tariff,
        "quantities": {"tickets": "1", **{name: str(value) for name, value in earlier.quantities.items()}},
        "attributes": {},
        "parties": {"assignee": {"kind": "member", "id": earlier.assignee}} if earlier.assignee else {},
    }
    job = Job(id="earlier", token="earlier", node="earlier", kind="settle", payload=payload)
    facts = shell.world.make_facts(earlier.region, earlier.at)
    shell.answer(job, new_state(facts), earlier.at)


def _check_answers(release: Release, playback: Playback) -> list[Mismatch]:
    """Replay the log, holding each answer against its form, and the end against the one that was played."""
    faults: list[Mismatch] = []
    state: State | None = None
    for recorded in playback.recorded:
        event = recorded.event
        if isinstance(event, Started):
            state = new_state(event.ticket)
            faults += _judge(release.start_form(event.start), event.data, {}, {}, "start")
        assert state is not None
        if isinstance(event, TaskCompleted) and event.task in state.tasks:
            task = state.tasks[event.task]
            action = next((action for action in task.actions if action.outcome == event.outcome), None)
            if action is not None and action.validates:
                form = release.form_of(task)
                seen = see_task_data(state, task.id)
                faults += _judge(form, event.data, dict(task.access), seen, task.node)
        state = _replay(release, state, recorded)
    if state is not None and state != playback.state:
        faults.append(Mismatch(what="replay", expected=playback.state.version, found=state.version))
    return faults


def _replay(release: Release, state: State, recorded: Recorded) -> State:
    try:
        return step(release, state, recorded.event, recorded.at)[0]
    except Refused:
        return state


def _judge(
    form: Form | None, data: dict[str, Any], access: dict[str, Any], stored: dict[str, Any], node: str
) -> list[Mismatch]:
    """Fields that the node does not close and the scenario does not fill keep what the ticket has."""
    if form is None:
        return [Mismatch(what=f"answer {node}", expected={}, found=data)] if data else []
    compiled = compile_form({"schema": form.schema, "ui": form.ui})
    kept = {
        name: value
        for name, value in stored.items()
        if name in compiled.fields and access.get(name) not in {"hidden", "readonly"}
    }
    issues = validate(compiled, {**kept, **data}, access=access, stored=stored)
    return [
        Mismatch(what=f"answer {node}{issue.pointer}", expected="valid", found=issue.code) for issue in issues
    ]
