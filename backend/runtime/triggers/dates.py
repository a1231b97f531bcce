"""Dates that triggers watch: one row for each ticket or record that has one, due so many days before or
after, at a time of day of the region's clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from backend.engine.run import describe_ticket
from backend.engine.state import State
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.starting import DEFAULT_ZONE
from backend.runtime.statements import read_json
from backend.runtime.triggers.config import RecordDateConfig, read_config
from backend.runtime.triggers.statements import (
    FIND_RECORD,
    FIND_REGION,
    TICKET,
    UNWATCH,
    WATCH,
    TriggerRow,
)

decode_state = msgspec.json.Decoder(State).decode


class Subject(NamedTuple):
    """A ticket or record as it is now."""

    data: dict[str, Any]
    zone: str | None
    names: dict[str, Any]
    """What expressions see of it."""
    customer: dict[str, Any]
    region_id: str | None = None


def read_date(value: Any, zone: str) -> date | None:
    """The day that a field names: a date, or a moment on the region's clocks."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) <= 10:
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(ZoneInfo(zone)).date() if moment.tzinfo else moment.date()


def find_due(config: RecordDateConfig, day: date, zone: str, now: datetime) -> datetime | None:
    """When to fire for this day; None when it is too late. Once the moment is over, a reminder ahead of a day
    that is still to come fires at once."""
    hour, minute = (int(part) for part in config.time.split(":"))
    clocks = ZoneInfo(zone)
    try:
        target = day + timedelta(days=config.days)
        due = datetime.combine(target, clock_time(hour, minute), clocks).astimezone(UTC)
    except OverflowError:
        return None
    if due >= now:
        return due
    return now if config.days < 0 and day >= now.astimezone(clocks).date() else None


def find_subject(trigger: TriggerRow, subject: str) -> Script[Subject | None]:
    """None when it is gone, cancelled, or of another workflow now."""
    kind, _, key = subject.partition(":")
    if kind == "record":
        return (yield from _find_record(trigger, key))
    row = yield from ask_one(TICKET, workspace=trigger.workspace_id, ticket=key)
    config = read_config(trigger.kind, trigger.config)
    if row is None or row[1] == "cancelled" or config.workflow_id not in {None, row[3]}:
        return None
    state = decode_state(row[0])
    names = {"data": state.data, "ticket": describe_ticket(state), "customer": state.customer}
    return Subject(state.data, row[4], names, state.customer, row[2])


def _find_record(trigger: TriggerRow, key: str) -> Script[Subject | None]:
    collection = read_config(trigger.kind, trigger.config).collection
    row = yield from ask_one(FIND_RECORD, workspace=trigger.workspace_id, collection=collection, key=key)
    if row is None:
        return None
    data = read_json(row[0])
    names = {"data": data, "record": {"key": key, "collection": collection, **data}}
    return Subject(data, None, names, {})


def find_zone(trigger: TriggerRow, subject: Subject | None = None) -> Script[str]:
    """Of the trigger's region, else of the ticket's, else the usual one."""
    if trigger.region_id is not None:
        row = yield from ask_one(FIND_REGION, workspace=trigger.workspace_id, region=trigger.region_id)
        if row is not None:
            return str(row[2])
    return (subject.zone if subject else None) or DEFAULT_ZONE


def watch(trigger: TriggerRow, subject: str, now: datetime) -> Script[datetime | None]:
    """Put down, move or take away the watched date of one ticket or record; answers when it is due."""
    config = read_config(trigger.kind, trigger.config)
    found = yield from find_subject(trigger, subject)
    zone = yield from find_zone(trigger, found)
    day = read_date(found.data.get(config.field), zone) if found else None
    due = find_due(config, day, zone, now) if day else None
    if day is None or due is None:
        yield from ask_none(UNWATCH, trigger=trigger.id, subject=subject)
        return None
    yield from ask_none(WATCH, trigger=trigger.id, subject=subject, date=day.isoformat(), due=due)
    return due


def ask_none(statement: Any, **params: Any) -> Script[None]:
    """A statement that answers no rows."""
    yield from ask(statement, **params)
