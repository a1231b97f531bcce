"""The people behind a role, for votes."""

from __future__ import annotations

from backend.engine.events import Event, JobDone
from backend.engine.state import Job, State
from backend.runtime.people import list_members
from backend.runtime.scripts import Script
from backend.runtime.work import Work


def resolve_members(work: Work, state: State, job: Job) -> Script[Event]:
    """Payload {role, scope} -> {"members": [ids]} in a fixed order."""
    people = yield from list_members(work, job.payload.get("role"), job.payload.get("scope", "region"))
    return JobDone(job=job.id, result={"members": [person.id for person in people]})
