"""A script is a transaction written without a driver: it yields what it wants read or written, and is
sent the rows.

So the logic of a transition exists once, and each database executes it in the way that is quick there:
one thread hop on SQLite, raw asyncpg on PostgreSQL. A script may not wait for anything else and must not
catch what the driver throws.
"""

from __future__ import annotations

from collections.abc import Generator
from contextvars import copy_context
from typing import Any, Protocol, TypeVar

from backend.runtime.statements import Ask, Enqueue, Statement
from backend.runtime.writes import WriteSet

T = TypeVar("T")

Script = Generator[Ask | Enqueue | WriteSet, Any, T]


class Driver(Protocol):
    """Runs scripts, each in one transaction of its own."""

    async def run(self, script: Script[T]) -> T:
        """The script's answer, after the commit. Raises what the script raises; then nothing was
        written."""
        ...

    async def read(self, script: Script[T]) -> T:
        """The answer of a script that only reads; it waits for no writer."""
        ...

    async def close(self) -> None:
        """Give back threads and connections."""
        ...


def carry(script: Script[T]) -> Script[T]:
    """The same script, in whatever thread, with the context variables of here: its trace above all."""
    context = copy_context()

    def go_on() -> Script[T]:
        rows: Any = None
        while True:
            try:
                wanted = context.run(script.send, rows)
            except StopIteration as stop:
                answer: T = stop.value
                return answer
            rows = yield wanted

    return go_on()


def ask(statement: Statement, **params: Any) -> Script[list[tuple[Any, ...]]]:
    """Rows of a statement."""
    rows: list[tuple[Any, ...]] = yield Ask(statement, params)
    return rows


def ask_one(statement: Statement, **params: Any) -> Script[tuple[Any, ...] | None]:
    """The first row, if any."""
    rows: list[tuple[Any, ...]] = yield Ask(statement, params)
    return rows[0] if rows else None
