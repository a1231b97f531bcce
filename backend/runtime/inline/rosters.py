"""The people behind a role, for votes."""

from __future__ import annotations

from backend.engine.events import Event, JobDone
from backend.engine.state import Job, State
from backend.node_sdk import Offer
from backend.runtime.people import list_members, list_offered
from backend.runtime.scripts import Script
from backend.runtime.work import Work


def resolve_members(work: Work, state: State, job: Job) -> Script[Event]:
    """Payload {role, scope}, or {to: team or region, team} -> {"members": [ids]} in a fixed order."""
    asked = job.payload
    if asked.get("to") in {"team", "region"}:
        people = yield from list_offered(work, Offer(to=asked["to"], team=asked.get("team")))
    else:
        people = yield from list_members(work, asked.get("role"), asked.get("scope", "region"))
    return JobDone(job=job.id, result={"members": [person.id for person in people]})
