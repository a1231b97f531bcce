"""A draft that changes nothing leads every recorded ticket where it went."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.engine.events import Event, JobDone, Recorded, Started
from backend.engine.record import read_record
from backend.engine.rehearsal import rehearse
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.state import Job, State, TicketFacts
from backend.engine.step import new_state, step
from backend.graph.model import Definition
from backend.runtime.versions.answers import FormAnswers
from tests.property.test_engine import draw_event
from tests.support.workflows import release_of, tidy_graphs, wild_graphs

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FACTS = TicketFacts(id="t", number="T-1", workflow="test")
STEPS = 25


class NoMoney:
    """For flows that settle nothing."""

    def reckon(  # noqa: PLR0917 - the engine's protocol
        self,
        side: Literal["old", "new"],
        release: Release,
        job: Job,
        state: State,
        now: datetime,
        worker: str | None,
    ) -> JobDone:
        return JobDone(job=job.id, result={})


def play(release: Release, seed: int, data: dict[str, Any] | None = None) -> list[Recorded]:
    """A log of what people, clocks and the shell did, in an order that only chance knows."""
    chance = random.Random(seed)
    log: list[Recorded] = []
    event: Event = Started(ticket=FACTS, data={"go": True, **(data or {})})
    state, now = new_state(FACTS), START
    for _ in range(STEPS):
        try:
            state, _ = step(release, state, event, now)
            log.append(Recorded(at=now, event=event))
        except Refused:
            pass
        drawn = draw_event(chance, state, release, rude=True) if state.status == "running" else None
        if drawn is None:
            break
        event, now = drawn, now + timedelta(minutes=chance.randint(0, 90))
    return msgspec.json.decode(msgspec.json.encode(log), type=list[Recorded])


@settings(max_examples=150, deadline=None)
@given(st.one_of(wild_graphs(), tidy_graphs()), st.integers(0, 2**32))
def test_an_unchanged_draft_changes_nothing(definition: Definition, seed: int) -> None:
    release = release_of(definition)
    record = read_record(release, play(release, seed), NoMoney())
    comparison = rehearse(release_of(definition), record, FormAnswers(), NoMoney())
    assert comparison.verdict == "unchanged"
    assert comparison.new == comparison.old
    assert comparison.parting is None


@settings(max_examples=100, deadline=None)
@given(tidy_graphs(), tidy_graphs(), st.integers(0, 2**32))
def test_any_other_draft_gets_a_verdict(known: Definition, draft: Definition, seed: int) -> None:
    record = read_record(release_of(known), play(release_of(known), seed), NoMoney())
    comparison = rehearse(release_of(draft), record, FormAnswers(), NoMoney())
    ended = comparison.new.status in {"completed", "cancelled"}
    assert ended or comparison.spots or comparison.old.status == "running"
    assert (comparison.verdict == "stuck") == bool(comparison.spots)
