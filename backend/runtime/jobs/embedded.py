"""The engine inside the serving process, on SQLite: sleeps until the next job is due, or until it is
nudged."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from backend.runtime.jobs.execution import JobExecutor
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.statements import DUE_TIMERS, DUE_WORK, NEXT_DUE, NEXT_LEASE, read_moment

log = logging.getLogger(__name__)

TIMERS_AT_ONCE = 100
SLOTS = 16
"""Handlers running at once: a slow system outside holds up no timer and few others."""
LONGEST_SLEEP_S = 30.0
"""Bounds the lateness after the wall clock was set."""
PAUSE_AFTER_ERROR_S = 1.0
GRACE_S = 5.0


class EmbeddedEngine:
    """Timers fire in the order of their due times; other jobs run side by side."""

    def __init__(self, driver: Driver, executor: JobExecutor, clock: Callable[[], datetime]) -> None:
        self._driver = driver
        self._executor = executor
        self._clock = clock
        self._nudged = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._loop is None:
            return
        self._loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._loop
        self._loop = None
        if self._running:
            _, late = await asyncio.wait(self._running.values(), timeout=GRACE_S)
            for task in late:
                task.cancel()

    def nudge(self, due: datetime) -> None:
        self._nudged.set()

    async def tidy(self) -> int:
        """Nothing: the rows themselves are looked at."""
        return 0

    async def _run(self) -> None:
        while True:
            self._nudged.clear()
            try:
                timers, work, sleep = await self._driver.run(self._look())
            except Exception:
                log.exception("cannot read the jobs")
                timers, work, sleep = [], [], PAUSE_AFTER_ERROR_S
            for row in timers:
                self._launch(row[0], self._executor.fire(*row))
            for row in work:
                self._launch(row[0], self._executor.work(*row))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(sleep):
                    await self._nudged.wait()

    def _look(self) -> Script[tuple[list[Any], list[Any], float]]:
        """Due timers and work that is not running yet, and how long to sleep at most."""
        now = self._clock()
        timers = yield from ask(DUE_TIMERS, now=now, limit=TIMERS_AT_ONCE)
        work = yield from ask(DUE_WORK, now=now, limit=SLOTS)
        free = max(0, SLOTS - len(self._running))
        timers = [row for row in timers if row[0] not in self._running]
        work = [row for row in work if row[0] not in self._running][:free]
        moments = []
        for statement in (NEXT_DUE, NEXT_LEASE):
            row = yield from ask_one(statement, now=now)
            if row is not None and row[0] is not None:
                moments.append((read_moment(row[0]) - now).total_seconds() + 0.001)
        return timers, work, max(0.0, min([LONGEST_SLEEP_S, *moments]))

    def _launch(self, job_id: str, work: Coroutine[Any, Any, None]) -> None:
        self._running[job_id] = asyncio.create_task(self._guard(job_id, work))

    async def _guard(self, job_id: str, work: Coroutine[Any, Any, None]) -> None:
        """A job whose result could not be stored stays in its row; it is tried again after a pause or its
        lease."""
        try:
            await work
        except Exception:
            log.exception("job %s could not be executed", job_id)
            await asyncio.sleep(PAUSE_AFTER_ERROR_S)
        finally:
            self._running.pop(job_id, None)
            self._nudged.set()
