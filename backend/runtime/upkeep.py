"""What a process that executes jobs does beside them: say that it lives, tidy the queue, archive."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from backend.db.types import new_id
from backend.runtime.archive import archive
from backend.runtime.jobs.statements import APPEAR, BEAT, DISAPPEAR
from backend.runtime.scripts import Driver, Script, ask

log = logging.getLogger(__name__)

BEAT_S = 15.0
ALIVE_FOR = timedelta(seconds=50)
"""A worker that was not seen for longer has stopped or lost the database."""
FORGOTTEN_AFTER = timedelta(days=1)
TIDY_EVERY = timedelta(minutes=5)
ARCHIVE_EVERY = timedelta(hours=1)


class Upkeep:
    """`archive_after`: closed tickets older than this move to the archive; None: none does."""

    def __init__(
        self,
        driver: Driver,
        clock: Callable[[], datetime],
        *,
        kind: str,
        running: Callable[[], int],
        tidy: Callable[[], Awaitable[int]],
        archive_after: timedelta | None,
    ) -> None:
        self._driver = driver
        self._clock = clock
        self._kind = kind
        self._running = running
        self._tidy = tidy
        self._archive_after = archive_after
        self._worker = new_id()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Takes its own row away; one of a process that was killed is forgotten after a day."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        with contextlib.suppress(Exception):
            before = self._clock() - FORGOTTEN_AFTER
            await self._driver.run(ask(DISAPPEAR, worker=self._worker, before=before))

    async def _run(self) -> None:
        tidied = archived = None
        while True:
            try:
                now = self._clock()
                await self._driver.run(self._beat(now))
                if tidied is None or now - tidied >= TIDY_EVERY:
                    await self._tidy()
                    tidied = now
                if self._archive_after and (archived is None or now - archived >= ARCHIVE_EVERY):
                    await archive(self._driver, self._clock, now - self._archive_after)
                    archived = now
            except Exception as error:  # the database may be away for a while; the next beat tries again
                log.warning("upkeep will be tried again: %s", error)
            await asyncio.sleep(BEAT_S)

    def _beat(self, now: datetime) -> Script[None]:
        running = self._running()
        if not (yield from ask(BEAT, worker=self._worker, now=now, running=running)):
            name = f"{socket.gethostname()}:{os.getpid()}"[:120]
            yield from ask(APPEAR, worker=self._worker, name=name, kind=self._kind, now=now, running=running)
