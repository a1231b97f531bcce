"""Executing one job: claim it, do it, and hand its result to the ticket in one transaction.

A claim raises the job's fence; a result is accepted only with the fence of its claim. So a worker that
was paused beyond its lease, and whose job somebody else took over, can do no harm when it comes back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.engine.events import Event, JobDone, JobFailed, TimerFired
from backend.engine.run import Refused
from backend.runtime.errors import JobGone, TicketUnknown
from backend.runtime.jobs.port import BackOff, ClaimedJob, JobDelayed, JobRefused
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.statements import CLAIM_JOB, READ_JOB, RETRY_JOB, Enqueue, read_json, read_moment
from backend.runtime.transition import Environment, JobMark, TransitionResult, apply_event, finish_job

log = logging.getLogger(__name__)

Handler = Callable[[ClaimedJob], Awaitable[Any]]

LEASE = timedelta(seconds=90)
LONGEST_RUN_S = 60.0


class JobExecutor:
    """`settled` is called after each committed result, so that its announcements go out."""

    def __init__(
        self,
        *,
        driver: Driver,
        environment: Environment,
        handlers: Mapping[str, Handler],
        settled: Callable[[TransitionResult], None],
        random: Callable[[], float],
        back_off: BackOff,
    ) -> None:
        self._driver = driver
        self._environment = environment
        self._handlers = handlers
        self._settled = settled
        self._random = random
        self._back_off = back_off

    async def execute(self, job_id: str) -> datetime | None:
        """Do the job if it is due and free. Answers the moment to come back at when it is not due yet."""
        row = await self._driver.run(ask_one(READ_JOB, id=job_id))
        if row is None or row[9] not in {"pending", "running"}:
            return None
        due = read_moment(row[6])
        if due > self._environment.clock():
            return due
        if row[4] == "timer":
            await self.fire(row[0], row[1], row[2], row[3], row[8])
        else:
            await self.work(job_id)
        return None

    async def fire(self, job_id: str, workspace_id: str, ticket_id: str, timer: str, fence: int) -> None:
        """A timer has no work of its own: its end and its event are one transaction."""
        mark = JobMark(id=job_id, fence=fence, held="pending")
        await self._hand_over(workspace_id, ticket_id, TimerFired(timer=timer), mark)

    async def work(self, job_id: str) -> None:
        """Claim, run the handler, hand over the result. What another worker holds is left alone."""
        now = self._environment.clock()
        row = await self._driver.run(ask_one(CLAIM_JOB, id=job_id, now=now, lease=now + LEASE))
        if row is None:
            return
        job = _read_claimed(row)
        try:
            result = await self._run(job)
        except JobRefused as refused:
            await self._fail(job, refused.code, refused.params)
        except JobDelayed as delayed:
            await self._try_again(job, delayed.code, delayed.params)
        else:
            await self._finish(job, JobDone(job=job.key, result=result), JobMark(id=job.id, fence=job.fence))

    async def _run(self, job: ClaimedJob) -> Any:
        handler = self._handlers.get(job.kind)
        if handler is None:
            raise JobRefused("job_kind_unknown", kind=job.kind)
        try:
            async with asyncio.timeout(LONGEST_RUN_S):
                return await handler(job)
        except TimeoutError as error:
            raise JobDelayed("job_timeout", seconds=int(LONGEST_RUN_S)) from error
        except (JobRefused, JobDelayed):
            raise
        except Exception as error:
            log.exception("job %s (%s) failed", job.id, job.kind)
            raise JobDelayed("job_error", type=type(error).__name__) from error

    async def _try_again(self, job: ClaimedJob, code: str, params: dict[str, Any]) -> None:
        if job.tries >= self._back_off.tries:
            await self._fail(job, code, params)
            return
        delay = self._back_off.delay(job.tries, self._random)
        due = self._environment.clock() + timedelta(seconds=delay)
        await self._driver.run(_postpone(job, due, code))

    async def _fail(self, job: ClaimedJob, code: str, params: dict[str, Any]) -> None:
        """For good: the row stays as a dead letter, and the ticket goes to its error port or an
        incident."""
        mark = JobMark(id=job.id, fence=job.fence, result="dead", error=code)
        await self._finish(job, JobFailed(job=job.key, code=code, params=params), mark)

    async def _finish(self, job: ClaimedJob, event: Event, mark: JobMark) -> None:
        if job.ticket_id is None:
            await self._driver.run(finish_job(mark, self._environment.clock()))
        else:
            await self._hand_over(job.workspace_id, job.ticket_id, event, mark)

    async def _hand_over(self, workspace_id: str, ticket_id: str, event: Event, mark: JobMark) -> None:
        script = apply_event(self._environment, workspace_id, ticket_id, event, job=mark)
        try:
            result = await self._driver.run(script)
        except (JobGone, TicketUnknown, Refused) as error:
            log.info("result of job %s not wanted: %s", mark.id, error)
            return
        self._settled(result)


def _postpone(job: ClaimedJob, due: datetime, error: str) -> Script[None]:
    rows = yield from ask(RETRY_JOB, id=job.id, fence=job.fence, due=due, error=error)
    if rows:
        yield Enqueue(job.id, due)


def _read_claimed(row: tuple[Any, ...]) -> ClaimedJob:
    return ClaimedJob(
        id=row[0],
        workspace_id=row[1],
        ticket_id=row[2],
        key=row[3],
        kind=row[4],
        payload=read_json(row[5]),
        due_at=read_moment(row[6]),
        tries=row[7],
        fence=row[8],
    )
