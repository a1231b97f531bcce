"""A correction in the mind: the same script, asked what it would write and never writing it."""

from __future__ import annotations

from typing import Any, TypeVar

from backend.runtime.books.periods import OPEN_PERIOD
from backend.runtime.scripts import Driver, Script
from backend.runtime.statements import (
    LOCK_ACCUMULATOR,
    LOCK_TICKET,
    LOOK_AT_TICKET,
    OPEN_ACCUMULATOR,
    READ_ACCUMULATOR,
    Ask,
    Statement,
)

T = TypeVar("T")

_INSTEAD = {LOCK_ACCUMULATOR: READ_ACCUMULATOR, LOCK_TICKET: LOOK_AT_TICKET}
_ANSWERS: dict[Statement, list[tuple[Any, ...]]] = {OPEN_ACCUMULATOR: [], OPEN_PERIOD: [("", "open")]}
"""Rows that would only be made so that they can be locked, and a period that nothing is booked in yet."""


def dry(script: Script[T]) -> Script[T]:
    """Only reads come through. Raises RuntimeError for anything else that would change something."""
    rows: Any = None
    try:
        while True:
            wanted = script.send(rows)
            if not isinstance(wanted, Ask):
                rows = None
                continue
            if wanted.statement in _ANSWERS:
                rows = _ANSWERS[wanted.statement]
                continue
            statement = _INSTEAD.get(wanted.statement, wanted.statement)
            if not statement.only_reads:
                raise RuntimeError("a dry script asked for more than reading")
            rows = yield Ask(statement, wanted.params)
    except StopIteration as stop:
        answer: T = stop.value
        return answer


async def read_dry(driver: Driver, script: Script[T]) -> T:
    """Its answer, on a connection that does not wait for writers."""
    return await driver.read(dry(script))
