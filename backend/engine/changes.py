"""How a ticket's fields came to be what they are, worked out from its log: nothing is stored beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import pairwise
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
    item: tuple[int, Any] | None = None
    """Inside a list that is gone through item by item: its number and what it is."""
    group: str = ""
    """The step that goes through the list."""


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
        if state.scopes:
            yield from _compare_items(state, after, record, seq, commands)
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


def _compare_items(
    before: State, after: State, record: Recorded, seq: int, commands: Iterable[Command]
) -> Iterator[FieldChange]:
    """Each item has data of its own, which goes when its list is done: what was written last is read from
    the event."""
    groups = {
        inner: before.scopes[outer]
        for token in before.tokens.values()
        for outer, inner in pairwise(token.scopes)
        if outer in before.scopes and before.scopes[outer].kind == "instances"
    }
    if not groups:
        return
    writers = {name: each.node for each in commands if isinstance(each, Written) for name in each.fields}
    cause = _find_node(before, after, record.event)
    worked_in = _find_item(before, record.event)
    for key, group in groups.items():
        found = before.scopes.get(key)
        if found is None:
            continue
        now = after.scopes[key].data if key in after.scopes else found.data
        if key not in after.scopes and key == worked_in and isinstance(record.event, TaskCompleted):
            now = {**now, **record.event.data}
        for name in dict.fromkeys([*now, *found.data]):
            old, new = found.data.get(name), now.get(name)
            if old != new:
                yield FieldChange(
                    at=record.at,
                    seq=seq,
                    event=record.event,
                    field=name,
                    before=old,
                    after=new,
                    node=writers.get(name, cause),
                    item=(found.index, found.data.get(group.name)),
                    group=group.node,
                )


def _find_item(state: State, event: Event) -> str | None:
    """The innermost item that the event's task is worked in."""
    if not isinstance(event, TaskCompleted) or event.task not in state.tasks:
        return None
    token = state.tokens.get(state.tasks[event.task].token)
    inside = [key for key in token.scopes if key in state.scopes] if token is not None else []
    return next((key for key in reversed(inside) if state.scopes[key].kind == "instance"), None)


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
