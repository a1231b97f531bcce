"""How a ticket's fields came to be what they are, worked out from its log: nothing is stored beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from backend.engine.commands import Command, Written
from backend.engine.events import (
    DataChanged,
    Event,
    IncidentResolved,
    MessageArrived,
    Migrated,
    Recorded,
    Started,
    TaskCompleted,
)
from backend.engine.release import Release
from backend.engine.state import State
from backend.engine.step import new_state, step


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """One field (top-level name) got another value. None stands for an empty field."""

    at: datetime
    seq: int
    """Number of the event in the log, from 1."""
    event: Event
    field: str
    before: Any
    after: Any
    node: str | None = None
    """The step that wrote it; None for corrections."""


def list_changes(
    find_release: Callable[[str | None], Release], recorded: Iterable[Recorded]
) -> list[FieldChange]:
    """Every change in the order of the log. `find_release` gives the release of an id, and the one that the
    ticket began with for None."""
    return list(_walk(find_release, recorded))


def _walk(
    find_release: Callable[[str | None], Release], recorded: Iterable[Recorded]
) -> Iterator[FieldChange]:
    release = find_release(None)
    state: State | None = None
    for seq, record in enumerate(recorded, 1):
        event = record.event
        if state is None:
            if not isinstance(event, Started):
                return
            state = new_state(event.ticket)
        if isinstance(event, Migrated):
            release = find_release(event.release)
        after, commands = step(release, state, event, record.at)
        if after.data != state.data:
            yield from _compare(state, after, record, seq, commands)
        state = after


def _compare(
    before: State, after: State, record: Recorded, seq: int, commands: Iterable[Command]
) -> Iterator[FieldChange]:
    writers = {name: each.node for each in commands if isinstance(each, Written) for name in each.fields}
    cause = _find_node(before, after, record.event)
    for name in dict.fromkeys([*after.data, *before.data]):
        old, new = before.data.get(name), after.data.get(name)
        if old != new:
            yield FieldChange(
                at=record.at,
                seq=seq,
                event=record.event,
                field=name,
                before=old,
                after=new,
                node=writers.get(name, cause),
            )


def _find_node(before: State, after: State, event: Event) -> str | None:
    """The step that the event itself belongs to."""
    match event:
        case TaskCompleted(task=task) if task in before.tasks:
            return before.tasks[task].node
        case IncidentResolved(incident=incident) if incident in before.incidents:
            return before.incidents[incident].node
        case Started(start=start):
            return start
        case DataChanged() | MessageArrived():
            return None
    return None
