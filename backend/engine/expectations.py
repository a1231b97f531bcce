"""Comparing a ticket with what a scenario expects of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from backend.engine.scenario import Expect
from backend.engine.state import State


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """A code with both sides: open, status, data.<field>, priority, result, incidents, lines, refused,
    not_possible."""

    what: str
    expected: Any
    found: Any


def list_open(state: State) -> tuple[str, ...]:
    """Nodes with open tasks, sorted; a node stands once for each task."""
    return tuple(sorted(task.node for task in state.tasks.values() if task.outcome is None))


def compare(expect: Expect, state: State, lines: tuple[dict[str, Any], ...]) -> list[Mismatch]:
    """What differs from the expectation; members that are not named are not looked at."""
    pairs: list[tuple[str, Any, Any]] = [
        ("open", None if expect.open is None else tuple(sorted(expect.open)), list_open(state)),
        ("status", expect.status, state.status),
        ("priority", expect.priority, state.ticket.priority),
        ("result", expect.result, state.result),
        (
            "incidents",
            None if expect.incidents is None else tuple(sorted(expect.incidents)),
            tuple(sorted(incident.code for incident in state.incidents.values())),
        ),
    ]
    found = [
        Mismatch(what=what, expected=expected, found=actual)
        for what, expected, actual in pairs
        if expected is not None and expected != actual
    ]
    for field, value in (expect.data or {}).items():
        if not _covers(value, state.data.get(field)):
            found.append(Mismatch(what=f"data.{field}", expected=value, found=state.data.get(field)))
    if expect.lines is not None and not _match_lines(expect.lines, lines):
        found.append(Mismatch(what="lines", expected=list(expect.lines), found=list(lines)))
    return found


def _match_lines(expected: tuple[dict[str, Any], ...], found: tuple[dict[str, Any], ...]) -> bool:
    left = list(found)
    for line in expected:
        match = next((other for other in left if _covers(line, other)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _covers(expected: Any, found: Any) -> bool:
    """Whether every member that is named is there with this value; lists must be equal item by item."""
    if isinstance(expected, Mapping):
        return isinstance(found, Mapping) and all(
            _covers(value, found.get(name)) for name, value in expected.items()
        )
    return bool(expected == found)
