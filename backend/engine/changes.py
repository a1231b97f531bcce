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
from backend.engine.state import Scope, State
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
        yield from _compare_items(state, after, record, seq, commands)
        state = after


def _compare(
    before: State, after: State, record: Recorded, seq: int, commands: Iterable[Command]
) -> Iterator[FieldChange]:
    writers = {
        name: each.node
        for each in commands
        if isinstance(each, Written) and each.inside is None
        for name in each.fields
    }
    cause = _find_node(before, after, record.event)
    for name in dict.fromkeys([*after.data, *before.data]):
        old, new = before.data.get(name), after.data.get(name)
        if old != new:
            yield _change(record, seq, name, (old, new), node=writers.get(name, cause))


def _compare_items(
    before: State, after: State, record: Recorded, seq: int, commands: Iterable[Command]
) -> Iterator[FieldChange]:
    """Each item has data of its own, which goes when its list is done. What a form or a correction wrote is
    told by both states, or by the event where the second is gone; what steps wrote, by their commands."""
    written = [(each.node, each.inside) for each in commands if isinstance(each, Written) and each.inside]
    overwritten: dict[tuple[str, str], Any] = {}
    for _, inside in written:
        for name, old in inside.before.items():
            overwritten.setdefault((inside.scope, name), old)
    cause = _find_node(before, after, record.event)
    for key, group, found in _list_items(before):
        now = _find_data(before, after, key, record.event)
        for name in dict.fromkeys([*now, *found.data]):
            old, new = found.data.get(name), overwritten.get((key, name), now.get(name))
            if old != new:
                item = (found.index, found.data.get(group.name))
                yield _change(record, seq, name, (old, new), node=cause, item=item, group=group.node)
    for node, inside in written:
        for name, new in inside.values.items():
            old = inside.before[name]
            if old != new:
                item = (inside.number, inside.item)
                yield _change(record, seq, name, (old, new), node=node, item=item, group=inside.group)


def _list_items(state: State) -> Iterator[tuple[str, Scope, Scope]]:
    """Id of each item under way, with its list and itself."""
    groups = {
        inner: state.scopes[outer]
        for token in state.tokens.values()
        for outer, inner in pairwise(token.scopes)
        if outer in state.scopes and state.scopes[outer].kind == "instances"
    }
    for key, group in groups.items():
        if key in state.scopes:
            yield key, group, state.scopes[key]


def _find_data(before: State, after: State, key: str, event: Event) -> dict[str, Any]:
    """Of an item once the event has happened; of one that went with its list, as the event left it."""
    if key in after.scopes:
        return after.scopes[key].data
    found = before.scopes[key].data
    if isinstance(event, TaskCompleted) and _find_item(before, event) == key:
        return {**found, **event.data}
    return found


def _change(
    record: Recorded,
    seq: int,
    field: str,
    values: tuple[Any, Any],
    *,
    node: str | None,
    item: tuple[int, Any] | None = None,
    group: str = "",
) -> FieldChange:
    return FieldChange(
        at=record.at,
        seq=seq,
        event=record.event,
        field=field,
        before=values[0],
        after=values[1],
        node=node,
        item=item,
        group=group,
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
