"""Taking a job: at once, or at the next free slot of its target, or when one of its target ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.jobs.statements import (
    COUNT_RUNNING,
    FREE_PARKED,
    HOLD_JOB,
    LOCK_PACE,
    OPEN_PACE,
    READ_LIMITS,
    SET_PACE,
)
from backend.runtime.jobs.targets import Limit, choose_limit
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import CLAIM_JOB, READ_JOB, Enqueue, read_json, read_moment

LEASE = timedelta(seconds=90)
PARKED_FOR = timedelta(seconds=90)
"""A parked job looks again by itself after this: whoever should have called it may have died."""


class Claim(NamedTuple):
    """A job under lease, and what is set for its target."""

    job: ClaimedJob
    limit: Limit | None


class Wanted(NamedTuple):
    """A job as it stands before it is taken."""

    id: str
    workspace_id: str
    target: str
    priority: int
    held: str | None


def claim(job_id: str, now: datetime, *, crowded: bool = False) -> Script[Claim | None]:
    """None: somebody else has it, or it has to wait. `crowded`: this process has enough of its target at
    work."""
    row = yield from ask_one(READ_JOB, id=job_id)
    if row is None:
        return None
    limit = None
    if row[9]:
        wanted = Wanted(row[0], row[1], row[9], row[11], row[14])
        limits = yield from ask(READ_LIMITS, workspace=wanted.workspace_id)
        limit = choose_limit((_read_limit(each) for each in limits), wanted.target)
        if (limit or crowded) and (yield from _must_wait(wanted, limit, now, crowded=crowded)):
            return None
    if crowded:
        return None
    claimed = yield from ask_one(CLAIM_JOB, id=job_id, now=now, lease=now + LEASE)
    return None if claimed is None else Claim(_read_claimed(claimed), limit)


def _must_wait(wanted: Wanted, limit: Limit | None, now: datetime, *, crowded: bool) -> Script[bool]:
    """Whether the job was put off. The target's pace is locked, so that processes decide one by one."""
    place = {"workspace": wanted.workspace_id, "target": wanted.target}
    yield from ask(OPEN_PACE, **place, now=now)
    pace = yield from ask_one(LOCK_PACE, **place)
    assert pace is not None
    if limit is not None and limit.at_once is not None and not crowded:
        running = yield from ask_one(COUNT_RUNNING, **place, now=now)
        crowded = running is not None and running[0] >= limit.at_once
    if crowded:
        return (yield from _hold(wanted, now, "busy", now + PARKED_FOR))
    interval = limit.interval if limit else None
    if interval is None or wanted.held == "rate":
        return False
    slot = max(now, read_moment(pace[0]))
    held = slot > now and (yield from _hold(wanted, now, "rate", slot))
    if held or slot == now:
        yield from ask(SET_PACE, **place, free=slot + interval)
    return held


def _hold(wanted: Wanted, now: datetime, why: str, until: datetime) -> Script[bool]:
    rows = yield from ask(HOLD_JOB, id=wanted.id, now=now, why=why, due=until)
    if rows:
        yield Enqueue(wanted.id, until, wanted.priority)
    return bool(rows)


def call_next(workspace_id: str, target: str, now: datetime) -> Script[str | None]:
    """One of the target has ended: the first that is parked is due now, and the caller does it. It is in no
    queue, so that no other process takes it, which would not know that more are parked; should the caller
    die, it is found as left behind."""
    place = {"workspace": workspace_id, "target": target}
    yield from ask(LOCK_PACE, **place)
    row = yield from ask_one(FREE_PARKED, **place, now=now)
    return None if row is None else str(row[0])


def _read_limit(row: tuple[object, ...]) -> Limit:
    names = ("pattern", "rate", "seconds", "at_once", "tries", "first_s", "longest_s")
    return Limit(**dict(zip(names, row, strict=True)))  # type: ignore[arg-type]


def _read_claimed(row: tuple[object, ...]) -> ClaimedJob:
    names = ("id", "workspace_id", "ticket_id", "key", "kind", "payload", "due_at", "tries", "fence")
    facts = dict(zip((*names, "target", "trace", "priority", "failures"), row, strict=True))
    facts |= {"payload": read_json(facts["payload"]), "due_at": read_moment(facts["due_at"])}
    facts["failures"] = read_json(facts["failures"])
    return ClaimedJob(**facts)  # type: ignore[arg-type]
