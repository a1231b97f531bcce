"""Executing one job: claim it, do it, and hand its result to the ticket in one transaction.

A claim raises the job's fence; a result is accepted only with the fence of its claim. So a worker that
was paused beyond its lease, and whose job somebody else took over, can do no harm when it comes back.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.engine.events import Event, JobDone, JobFailed, TimerFired
from backend.engine.run import Refused
from backend.runtime.collisions import run_anew
from backend.runtime.deliveries import hand_over
from backend.runtime.errors import JobGone, TicketUnknown
from backend.runtime.jobs.claiming import Claim, call_next, claim
from backend.runtime.jobs.places import Place, Places
from backend.runtime.jobs.port import BackOff, ClaimedJob, JobDelayed, JobRefused, JobUnfinished
from backend.runtime.messaging import EVENT_JOB
from backend.runtime.metrics import METRICS
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.statements import EARLIER_TIMERS, READ_JOB, RETRY_JOB, Enqueue, read_moment
from backend.runtime.tracing import span
from backend.runtime.transition import Environment, JobMark, TransitionResult, apply_event, finish_job
from backend.runtime.writes import encode_json

log = logging.getLogger(__name__)

Handler = Callable[[ClaimedJob], Awaitable[Any]]
LONGEST_RUN_S = 60.0
KEPT_FAILURES = 20


class JobExecutor:
    """`settled` is called after each committed result, so that its announcements go out; `called` when a
    job that was parked is due now."""

    def __init__(
        self,
        *,
        driver: Driver,
        environment: Environment,
        handlers: Mapping[str, Handler],
        settled: Callable[[TransitionResult], None],
        called: Callable[[datetime], None],
        random: Callable[[], float],
        back_off: BackOff,
    ) -> None:
        self._driver = driver
        self._environment = environment
        self._handlers = handlers
        self._settled = settled
        self._called = called
        self.running = 0
        """Jobs at work in this process."""
        self._places = Places()
        self._random = random
        self._back_off = back_off

    async def execute(self, job_id: str) -> datetime | None:
        """Do the job if it is due and free. Answers the moment to come back at when it is not due yet."""
        row = await self._driver.run(ask_one(READ_JOB, id=job_id))
        if row is None or row[13] not in {"pending", "running"}:
            return None
        due = read_moment(row[6])
        if due > self._environment.clock():
            return due
        if row[4] == "timer":
            await self._fire_earlier(row[2], due)
            await self.fire(row[0], row[1], row[2], row[3], row[8], row[10])
        elif await self._places.wait(place := (row[1], row[9])):
            await self._work_on(job_id, place)
        else:
            await self._park(job_id, place)
        return None

    async def _fire_earlier(self, ticket_id: str, due: datetime) -> None:
        """After a time of rest a queue gives out many due timers in any order: what the same ticket should
        have heard before comes first."""
        for row in await self._driver.run(ask(EARLIER_TIMERS, ticket=ticket_id, due=due)):
            await self.fire(*row)

    async def fire(  # noqa: PLR0917 - a row, in the order of its columns
        self,
        job_id: str,
        workspace_id: str,
        ticket_id: str,
        timer: str,
        fence: int,
        trace: str | None = None,
    ) -> None:
        """A timer has no work of its own: its end and its event are one transaction."""
        mark = JobMark(id=job_id, fence=fence, held="pending")
        with span("job timer", "consumer", trace, **{"tierflow.ticket": ticket_id}):
            await self._hand_over(workspace_id, ticket_id, TimerFired(timer=timer), mark)
        METRICS.count_job("timer", "done")

    async def work(self, job_id: str, workspace_id: str, target: str) -> None:
        """Do a job that is due. Where the target has enough at work, it is put to rest at once."""
        place = (workspace_id, target)
        if self._places.take(place):
            await self._work_on(job_id, place)
        else:
            await self._park(job_id, place)

    async def _work_on(self, job_id: str | None, place: Place) -> None:
        """Do this job, and then those of its target that are at rest. The place is given back."""
        try:
            at_hand = job_id or await self._look_for_next(place)
            while at_hand is not None:
                taken = await self._driver.run(claim(at_hand, self._environment.clock()))
                if taken is None:
                    break
                await self._carry_out_traced(taken)
                at_hand = await self._call_next(taken, place)
        finally:
            self._places.free(place)

    async def _park(self, job_id: str, place: Place) -> None:
        await self._driver.run(claim(job_id, self._environment.clock(), crowded=True))
        if self._places.park(place):
            await self._work_on(None, place)

    async def _carry_out_traced(self, taken: Claim) -> None:
        job = taken.job
        facts = {"tierflow.job": job.id, "tierflow.ticket": job.ticket_id, "tierflow.try": job.tries}
        self.running += 1
        try:
            with span(f"job {job.kind}", "consumer", job.trace, **facts):
                await self._carry_out(taken)
        finally:
            self.running -= 1

    async def _carry_out(self, taken: Claim) -> None:
        job = taken.job
        if job.kind == EVENT_JOB:
            await self._deliver(job)
            return
        try:
            result = await self._run(job)
        except JobRefused as refused:
            await self._fail(job, refused.code, refused.params)
        except JobDelayed as delayed:
            await self._try_again(taken, delayed)
        except JobUnfinished:
            await self._driver.run(_postpone(job, self._environment.clock(), None, tries=0))
        else:
            await self._finish(job, JobDone(job=job.key, result=result), JobMark(id=job.id, fence=job.fence))
            METRICS.count_job(job.kind, "done")

    async def _deliver(self, job: ClaimedJob) -> None:
        """An event for a ticket has no work of its own."""
        now = self._environment.clock()
        result = await run_anew(self._driver, lambda: hand_over(self._environment, job))
        METRICS.count_job(job.kind, "done")
        if result is not None:
            self._settled(result)
        self._called(now)  # a message that came too late may be on its way to somebody else

    async def _call_next(self, taken: Claim, place: Place) -> str | None:
        """Of what is at rest for the target, the job whose turn it is now."""
        limited = taken.limit is not None and taken.limit.at_once is not None
        if not taken.job.target or not (limited or self._places.parked(place)):
            return None
        return await self._look_for_next(place)

    async def _look_for_next(self, place: Place) -> str | None:
        """While the place is held: who is put to rest meanwhile is seen here."""
        while True:
            before = self._places.parked(place)
            found = await self._driver.run(call_next(*place, self._environment.clock()))
            if found is not None or self._places.forget(place, before):
                return found

    async def _run(self, job: ClaimedJob) -> Any:
        handler = self._handlers.get(job.kind)
        if handler is None:
            raise JobRefused("job_kind_unknown", kind=job.kind)
        began = time.monotonic()
        try:
            async with asyncio.timeout(LONGEST_RUN_S):
                return await handler(job)
        except TimeoutError as error:
            raise JobDelayed("job_timeout", seconds=int(LONGEST_RUN_S)) from error
        except (JobRefused, JobDelayed, JobUnfinished):
            raise
        except Exception as error:
            log.exception("job %s (%s) failed", job.id, job.kind)
            raise JobDelayed("job_error", type=type(error).__name__) from error
        finally:
            self._places.note((job.workspace_id, job.target), time.monotonic() - began)

    async def _try_again(self, taken: Claim, delayed: JobDelayed) -> None:
        job = taken.job
        back_off = taken.limit.back_off(self._back_off) if taken.limit else self._back_off
        if job.tries >= back_off.tries:
            await self._fail(job, delayed.code, delayed.params)
            return
        METRICS.count_job(job.kind, "retried")
        delay = max(back_off.delay(job.tries, self._random), min(delayed.after, back_off.longest_s))
        now = self._environment.clock()
        failures = _add_failure(job, now, delayed.code, delayed.params)
        due = now + timedelta(seconds=delay)
        script = _postpone(job, due, delayed.code, tries=job.tries, failures=failures)
        await self._driver.run(script)

    async def _fail(self, job: ClaimedJob, code: str, params: dict[str, Any]) -> None:
        """For good: the row stays as a dead letter, and the ticket goes to its error port or an
        incident."""
        failures = _add_failure(job, self._environment.clock(), code, params)
        mark = JobMark(id=job.id, fence=job.fence, result="dead", error=code, failures=failures)
        METRICS.count_job(job.kind, "dead")
        await self._finish(job, JobFailed(job=job.key, code=code, params=params), mark)

    async def _finish(self, job: ClaimedJob, event: Event, mark: JobMark) -> None:
        if job.ticket_id is None:
            await self._driver.run(finish_job(mark, self._environment.clock()))
        else:
            await self._hand_over(job.workspace_id, job.ticket_id, event, mark)

    async def _hand_over(self, workspace_id: str, ticket_id: str, event: Event, mark: JobMark) -> None:
        began = METRICS.now()
        try:
            with span("transition", **{"tierflow.ticket": ticket_id}):
                result = await run_anew(
                    self._driver,
                    lambda: apply_event(self._environment, workspace_id, ticket_id, event, job=mark),
                )
        except (JobGone, TicketUnknown, Refused) as error:
            log.info("result of job %s not wanted: %s", mark.id, error)
            return
        METRICS.count_transition(result.event, began)
        self._settled(result)


def _postpone(
    job: ClaimedJob, due: datetime, error: str | None, *, tries: int, failures: str | None = None
) -> Script[None]:
    kept = failures or encode_json(job.failures).decode()
    params = {"due": due, "tries": tries, "error": error, "failures": kept}
    rows = yield from ask(RETRY_JOB, id=job.id, fence=job.fence, **params)
    if rows:
        yield Enqueue(job.id, due, job.priority)


def _add_failure(job: ClaimedJob, at: datetime, code: str, params: dict[str, Any]) -> str:
    """The last failed tries with this one, as JSON."""
    failures = [*job.failures, {"at": at, "code": code, "params": params}]
    return encode_json(failures[-KEPT_FAILURES:]).decode()
