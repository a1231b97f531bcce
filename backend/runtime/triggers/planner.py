"""When a timed trigger looks again: one moment in its row, and one job that comes at it.

The row decides. A job whose moment is not the row's any more does nothing, so that a changed trigger, a
repeated delivery or a second process fires nothing twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend.runtime import writes as w
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import read_moment
from backend.runtime.triggers.config import KINDS, read_config
from backend.runtime.triggers.dates import find_zone, watch
from backend.runtime.triggers.schedule import next_moment
from backend.runtime.triggers.statements import (
    LOCK_TRIGGER,
    MOVE_ON,
    NEXT_DATE,
    RECORD_KEYS,
    SET_NEXT,
    TICKETS_OF,
    UNWATCH,
    UNWATCH_ALL,
    TriggerRow,
    read_trigger,
)
from backend.runtime.work import make_job
from backend.runtime.writes import WriteSet

TICK_JOB = "trigger_tick"
SCAN_JOB = "trigger_scan"
SCAN_PAGE = 100


def add_job(
    trigger: TriggerRow,
    kind: str,
    payload: dict[str, Any],
    *,
    due: datetime,
    now: datetime,
    key: str = "trigger",
) -> Script[None]:
    """A job that belongs to no ticket."""
    writes = WriteSet()
    row = make_job(
        trigger.workspace_id,
        None,
        key=f"{key}:{trigger.id}",
        kind=kind,
        payload={"trigger": trigger.id, **payload},
        due=due,
        now=now,
    )
    writes.add(w.JOBS, row)
    yield writes


def lock(workspace_id: str, trigger_id: str) -> Script[TriggerRow | None]:
    """The trigger, held until the end of the transaction."""
    row = yield from ask_one(LOCK_TRIGGER, id=trigger_id, workspace=workspace_id)
    return read_trigger(row) if row is not None else None


def wake_at(trigger: TriggerRow, moment: datetime | None, now: datetime) -> Script[None]:
    """The trigger is held. None: nothing to wait for."""
    yield from ask(SET_NEXT, id=trigger.id, next=moment)
    if moment is not None:
        yield from add_job(trigger, TICK_JOB, {"due": moment.isoformat()}, due=moment, now=now)


def move_on(trigger: TriggerRow, following: datetime | None, now: datetime) -> Script[bool]:
    """From the moment that has come to the following one; False when another process did so before."""
    row = yield from ask_one(MOVE_ON, id=trigger.id, due=trigger.next_at, next=following)
    if row is None:
        return False
    if following is not None:
        yield from add_job(trigger, TICK_JOB, {"due": following.isoformat()}, due=following, now=now)
    return True


def plan_trigger(workspace_id: str, trigger_id: str, now: datetime) -> Script[datetime | None]:
    """Anew, after it was made, changed or switched. Answers when it is due. Raises CronInvalid."""
    trigger = yield from lock(workspace_id, trigger_id)
    if trigger is None or not KINDS[trigger.kind].is_timed:
        return None
    if trigger.kind == "record_date":
        yield from ask(UNWATCH_ALL, trigger=trigger.id)
    if not trigger.active or trigger.kind == "record_date":
        yield from ask(SET_NEXT, id=trigger.id, next=None)
        if trigger.active:
            yield from add_job(trigger, SCAN_JOB, {"after": ""}, due=now, now=now, key="scan")
            return now
        return None
    moment = now
    if trigger.kind == "schedule":
        zone = yield from find_zone(trigger)
        moment = next_moment(read_config(trigger.kind, trigger.config).cron, zone, now)
    yield from wake_at(trigger, moment, now)
    return moment


def wake_again(workspace_id: str, trigger_id: str, now: datetime) -> Script[datetime | None]:
    """A timed trigger that no job will wake any more (a job given up, a restored copy): where it stood."""
    trigger = yield from lock(workspace_id, trigger_id)
    if trigger is None or not trigger.active:
        return None
    if trigger.kind == "record_date":
        return (yield from follow_dates(trigger, now))
    if trigger.next_at is None:
        return (yield from plan_trigger(workspace_id, trigger_id, now))
    yield from add_job(trigger, TICK_JOB, {"due": trigger.next_at.isoformat()}, due=trigger.next_at, now=now)
    return trigger.next_at


# --- watched dates ---


def follow_dates(trigger: TriggerRow, now: datetime) -> Script[datetime | None]:
    """The earliest watched date is when to look again. The trigger is held."""
    row = yield from ask_one(NEXT_DATE, trigger=trigger.id)
    due = read_moment(row[2]) if row is not None else None
    if due != trigger.next_at:
        yield from wake_at(trigger, due, now)
    return due


def watch_one(workspace_id: str, trigger_id: str, subject: str, now: datetime) -> Script[datetime | None]:
    """After a ticket or record has changed."""
    trigger = yield from lock(workspace_id, trigger_id)
    if trigger is None or not trigger.active:
        return None
    yield from watch(trigger, subject, now)
    return (yield from follow_dates(trigger, now))


def leave_date(trigger: TriggerRow, subject: str, now: datetime) -> Script[bool]:
    """This date has come: on to the next one. False when another process did so before."""
    held = yield from lock(trigger.workspace_id, trigger.id)
    if held is None or not held.active or held.next_at != trigger.next_at:
        return False
    yield from ask(UNWATCH, trigger=trigger.id, subject=subject)
    row = yield from ask_one(NEXT_DATE, trigger=trigger.id)
    yield from wake_at(held, read_moment(row[2]) if row is not None else None, now)
    return True


def scan(workspace_id: str, trigger_id: str, after: str, now: datetime) -> Script[datetime | None]:
    """A page of what is already there when a trigger is switched on; leaves a job for the next page."""
    trigger = yield from lock(workspace_id, trigger_id)
    if trigger is None or not trigger.active:
        return None
    config = read_config(trigger.kind, trigger.config)
    if config.source == "tickets":
        statement, kind = TICKETS_OF, "ticket"
        params = {"workflow": config.workflow_id}
    else:
        statement, kind = RECORD_KEYS, "record"
        params = {"collection": config.collection}
    rows = yield from ask(statement, workspace=workspace_id, after=after, limit=SCAN_PAGE, **params)
    for row in rows:
        yield from watch(trigger, f"{kind}:{row[0]}", now)
    due = yield from follow_dates(trigger, now)
    if len(rows) == SCAN_PAGE:
        yield from add_job(trigger, SCAN_JOB, {"after": rows[-1][0]}, due=now, now=now, key="scan")
        return now
    return due
