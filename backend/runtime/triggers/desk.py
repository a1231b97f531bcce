"""Triggers as features and jobs use them: fire one, try one out, plan the timed ones, keep records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.db.session import Announcement
from backend.runtime.errors import NotPublished, RegionUnknown
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.outside import find_address, find_allowed, load_allow_list
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.statements import read_moment
from backend.runtime.transition import Environment, TransitionResult
from backend.runtime.triggers import planner
from backend.runtime.triggers.again import describe_date, describe_event, describe_moment, find_depth, recall
from backend.runtime.triggers.config import read_config
from backend.runtime.triggers.dates import find_subject, find_zone, read_date
from backend.runtime.triggers.events import DATE_JOB, EVENT_JOB, MESSAGE_JOB
from backend.runtime.triggers.firing import Extra, Fired, fire_safely, record_failure, shorten, skip, stamp
from backend.runtime.triggers.planning import Given, Plan, Unfit, make_plan
from backend.runtime.triggers.schedule import CronInvalid, judge
from backend.runtime.triggers.statements import (
    ACTIVE_OF_KIND,
    DELETE_RECORD,
    FIND_FIRING,
    FIND_TRIGGER,
    NEXT_DATE,
    PUT_RECORD,
    SET_PLACE,
    UNPLANNED,
    TriggerRow,
    read_trigger,
)
from backend.runtime.writes import encode_json

TOPIC = "triggers"
MAILBOX = "mailbox:"
"""Begins the cause of a look at a mailbox that failed; the day follows."""

Poll = Callable[[TriggerRow], Awaitable[None]]
JobHandler = Callable[[ClaimedJob], Awaitable[Any]]


class TriggerDesk:
    """One for each process."""

    def __init__(
        self,
        driver: Driver,
        environment: Environment,
        tell: Callable[[TransitionResult], None],
        announce: Callable[[Iterable[Announcement]], None],
        nudge: Callable[[datetime], None],
    ) -> None:
        self._driver = driver
        self._environment = environment
        self._tell = tell
        self._announce = announce
        self._nudge = nudge
        self.poll_mailbox: Poll | None = None
        """Reads a mailbox; given by the feature that knows mail and files."""

    def list_handlers(self) -> Mapping[str, JobHandler]:
        """Kinds of jobs that triggers leave."""
        return {
            planner.TICK_JOB: self._tick,
            planner.SCAN_JOB: self._scan,
            EVENT_JOB: self._take_event,
            MESSAGE_JOB: self._take_message,
            DATE_JOB: self._take_date,
        }

    # --- for features ---

    async def find(self, workspace_id: str, trigger_id: str) -> TriggerRow | None:
        """As it stands now."""
        row = await self._driver.run(ask_one(FIND_TRIGGER, id=trigger_id, workspace=workspace_id))
        return read_trigger(row) if row is not None else None

    async def fire(self, trigger: TriggerRow, given: Given, extra: Extra | None = None) -> Fired | None:
        """Once per cause; what cannot start is logged as failed. None: `extra` declined."""
        fired = await fire_safely(self._driver, self._environment, trigger, given, extra)
        self._tell_of(trigger, fired)
        return fired

    async def fire_again(
        self, trigger: TriggerRow, cause: str, depth: int, params: Mapping[str, Any]
    ) -> Fired | None:
        """A cause that failed; `depth` and `params` are its firing's. None: nothing is known of it any more.

        A mailbox that could not be read is read at once; what it holds are causes of their own.
        """
        if cause.startswith(MAILBOX):
            await self.plan(trigger.workspace_id, trigger.id)
            return Fired(outcome="skipped", code="trigger_mailbox_again")
        given = await self._driver.run(recall(trigger, cause, depth, params))
        return await self.fire(trigger, given) if given is not None else None

    async def find_zone(self, trigger: TriggerRow) -> str:
        """The clocks that a schedule goes by."""
        return await self._driver.run(find_zone(trigger))

    async def try_out(self, trigger: TriggerRow, given: Given) -> Plan:
        """What would start; nothing is written. Raises Unfit."""
        try:
            return await self._driver.run(make_plan(self._environment, trigger, given))
        except (NotPublished, RegionUnknown) as error:
            raise Unfit("trigger_failed", reason=type(error).__name__) from error

    async def plan(self, workspace_id: str, trigger_id: str) -> None:
        """After a trigger was made, changed or switched: forget what was known, plan it anew."""
        self._environment.listeners.forget(workspace_id)
        now = self._environment.clock()
        due = await self._driver.run(planner.plan_trigger(workspace_id, trigger_id, now))
        self._wake(due)
        self._announce([(workspace_id, TOPIC)])

    async def take_up(self) -> None:
        """At the start of a process that executes jobs: no timed trigger is left asleep."""
        for trigger_id, workspace_id in await self._driver.run(ask(UNPLANNED)):
            now = self._environment.clock()
            try:
                self._wake(await self._driver.run(planner.wake_again(workspace_id, trigger_id, now)))
            except CronInvalid:
                continue  # its own screen says so

    async def find_address(self, workspace_id: str, host: str, port: int) -> str:
        """Where to call a mailbox, if the workspace allows it now. Raises HostRefused."""
        listed = await self._driver.run(load_allow_list(workspace_id))
        return await find_address(find_allowed(listed, host, port), host, port)

    async def remember_place(self, trigger: TriggerRow, place: dict[str, Any]) -> None:
        """How far a mailbox has been read."""
        await self._driver.run(ask(SET_PLACE, id=trigger.id, place=encode_json(place).decode()))

    async def knows(self, trigger: TriggerRow, cause: str) -> bool:
        """Whether this cause has had its answer, a failure aside."""
        row = await self._driver.run(ask_one(FIND_FIRING, trigger=trigger.id, cause=shorten(cause)))
        return row is not None and row[0] != "failed"

    async def log_skip(self, trigger: TriggerRow, cause: str, code: str, **params: Any) -> None:
        """A cause that is deliberately left out, with the reason."""
        self._tell_of(
            trigger, await self._driver.run(skip(self._environment, trigger, cause, code, **params))
        )

    async def log_failure(self, trigger: TriggerRow, cause: str, code: str, **params: Any) -> None:
        """Something that kept the trigger from looking."""
        fired = await self._driver.run(
            record_failure(self._environment, trigger, Given(cause=cause), Unfit(code, **params))
        )
        self._tell_of(trigger, fired)

    # --- records ---

    async def put_record(self, workspace_id: str, collection: str, key: str, data: dict[str, Any]) -> None:
        """Write a record; triggers that watch its collection look at it in a job of the same transaction."""
        now = self._environment.clock()
        await self._driver.run(self._put(workspace_id, collection, key, data, now))
        self._wake(now)

    async def delete_record(self, workspace_id: str, collection: str, key: str) -> bool:
        """Whether it was there."""
        now = self._environment.clock()
        found = await self._driver.run(self._delete(workspace_id, collection, key, now))
        self._wake(now)
        return found

    def _put(
        self, workspace_id: str, collection: str, key: str, data: dict[str, Any], now: datetime
    ) -> Script[None]:
        text = encode_json(data).decode()
        yield from ask(PUT_RECORD, workspace=workspace_id, collection=collection, key=key, data=text, now=now)
        yield from self._leave_dates(workspace_id, collection, key, now)

    def _delete(self, workspace_id: str, collection: str, key: str, now: datetime) -> Script[bool]:
        row = yield from ask_one(DELETE_RECORD, workspace=workspace_id, collection=collection, key=key)
        yield from self._leave_dates(workspace_id, collection, key, now)
        return row is not None

    def _leave_dates(self, workspace_id: str, collection: str, key: str, now: datetime) -> Script[None]:
        rows = yield from ask(ACTIVE_OF_KIND, workspace=workspace_id, kind="record_date")
        for trigger in map(read_trigger, rows):
            config = read_config(trigger.kind, trigger.config)
            if config.source == "records" and config.collection == collection:
                payload = {"subject": f"record:{key}"}
                yield from planner.add_job(trigger, DATE_JOB, payload, due=now, now=now, key="event")

    # --- jobs ---

    async def _tick(self, job: ClaimedJob) -> None:
        trigger = await self.find(job.workspace_id, str(job.payload["trigger"]))
        due = read_moment(job.payload["due"])
        if trigger is None or not trigger.active or trigger.next_at != due:
            return
        if trigger.kind == "schedule":
            await self._tick_schedule(trigger, due)
        elif trigger.kind == "record_date":
            await self._tick_date(trigger)
        elif trigger.kind == "email":
            await self._tick_mailbox(trigger)

    async def _tick_schedule(self, trigger: TriggerRow, due: datetime) -> None:
        config, now = read_config(trigger.kind, trigger.config), self._environment.clock()
        zone = await self._driver.run(find_zone(trigger))
        judged = judge(config.cron, zone, config.catch_up, due, now)

        def extra() -> Script[bool]:
            return planner.move_on(trigger, judged.next, now)

        if judged.fire is None:
            script = skip(
                self._environment, trigger, stamp(due), "trigger_missed", extra, missed=judged.missed
            )
            self._tell_of(trigger, await self._driver.run(script))
        else:
            await self.fire(trigger, describe_moment(judged.fire, zone, judged.missed), extra)
        self._wake(judged.next)

    async def _tick_date(self, trigger: TriggerRow) -> None:
        """The earliest date that has come; the others follow, each in a transaction of its own."""
        now = self._environment.clock()
        row = await self._driver.run(ask_one(NEXT_DATE, trigger=trigger.id))
        if row is None or read_moment(row[2]) > now:
            await self._driver.run(self._follow(trigger, now))
            return
        subject, day = row[0], row[1]
        found = await self._driver.run(find_subject(trigger, subject))
        config = read_config(trigger.kind, trigger.config)
        zone = await self._driver.run(find_zone(trigger, found))
        current = read_date(found.data.get(config.field), zone) if found else None

        def extra() -> Script[bool]:
            return planner.leave_date(trigger, subject, now)

        if found is None or current is None or current.isoformat() != day:
            await self._driver.run(extra())
            await self._driver.run(planner.watch_one(trigger.workspace_id, trigger.id, subject, now))
        else:
            await self.fire(trigger, describe_date(found, subject, day), extra)
        self._wake(now)

    def _follow(self, trigger: TriggerRow, now: datetime) -> Script[None]:
        held = yield from planner.lock(trigger.workspace_id, trigger.id)
        if held is not None and held.next_at == trigger.next_at:
            yield from planner.follow_dates(held, now)

    async def _tick_mailbox(self, trigger: TriggerRow) -> None:
        config, now = read_config(trigger.kind, trigger.config), self._environment.clock()
        following = now + timedelta(minutes=config.minutes)
        if await self._driver.run(planner.move_on(trigger, following, now)) and self.poll_mailbox:
            self._wake(following)
            await self.poll_mailbox(trigger)

    async def _scan(self, job: ClaimedJob) -> None:
        now = self._environment.clock()
        script = planner.scan(job.workspace_id, str(job.payload["trigger"]), str(job.payload["after"]), now)
        self._wake(await self._driver.run(script))

    async def _take_date(self, job: ClaimedJob) -> None:
        now = self._environment.clock()
        script = planner.watch_one(
            job.workspace_id, str(job.payload["trigger"]), str(job.payload["subject"]), now
        )
        self._wake(await self._driver.run(script))

    async def _take_event(self, job: ClaimedJob) -> None:
        trigger = await self.find(job.workspace_id, str(job.payload["trigger"]))
        if trigger is None or not trigger.active:
            return
        script = describe_event(job.workspace_id, str(job.payload["ticket"]), str(job.payload["cause"]))
        given = await self._driver.run(script)
        if given is not None:
            await self.fire(trigger, given)

    async def _take_message(self, job: ClaimedJob) -> None:
        trigger = await self.find(job.workspace_id, str(job.payload["trigger"]))
        if trigger is None or not trigger.active:
            return
        data, sender = job.payload["data"], job.payload["sender"]
        depth = await self._driver.run(find_depth(sender)) if sender else 0
        body = {**data, "correlation": job.payload["correlation"]}
        names = {"body": body, "data": data}
        await self.fire(trigger, Given(cause=job.payload["cause"], names=names, plain=data, depth=depth))

    # --- telling ---

    def _tell_of(self, trigger: TriggerRow, fired: Fired | None) -> None:
        if fired is None or fired.repeated:
            return
        if fired.result is not None:
            self._tell(fired.result)
        self._announce([(trigger.workspace_id, TOPIC)])

    def _wake(self, due: datetime | None) -> None:
        if due is not None:
            self._nudge(due)
