"""Choosing who gets a ticket. The choice depends on stored facts alone, so it can be explained
afterwards."""

from __future__ import annotations

from backend.engine.events import Event, JobDone
from backend.engine.state import Job, State
from backend.runtime import writes as w
from backend.runtime.people import Person, list_members
from backend.runtime.people_statements import LAST_ASSIGNED, LAST_HANDLER, OPEN_LOAD
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import read_moment
from backend.runtime.work import Work


def dispatch(work: Work, state: State, job: Job) -> Script[Event]:
    """Payload {role, strategy, skill, scope, previous} -> {"member": id or None, "reason": {...}}."""
    payload = job.payload
    people = yield from list_members(
        work, payload.get("role"), payload.get("scope", "region"), payload.get("skill") or None
    )
    if not people:
        return JobDone(job=job.id, result={"member": None, "reason": {"candidates": 0}})
    load = yield from _count_load(work)
    chosen, why = yield from _choose(work, payload.get("strategy", "least_load"), people, load)
    reason = {
        "why": why,
        "candidates": len(people),
        "open_tasks": load.get(chosen.id, 0),
        "name": chosen.name,
    }
    return JobDone(job=job.id, result={"member": chosen.id, "reason": reason})


def _count_load(work: Work) -> Script[dict[str, int]]:
    """Open tasks by member, those opened earlier in this transition included."""
    rows = yield from ask(OPEN_LOAD, workspace=work.workspace_id)
    load: dict[str, int] = {row[0]: int(row[1]) for row in rows}
    for row in work.writes.of(w.TASKS):
        if row["assignee_id"] and row["status"] == "open":
            load[row["assignee_id"]] = load.get(row["assignee_id"], 0) + 1
    return load


def _choose(
    work: Work, strategy: str, people: list[Person], load: dict[str, int]
) -> Script[tuple[Person, str]]:
    if strategy == "round_robin":
        last: dict[str, str] = {}
        for person in people:
            row = yield from ask_one(LAST_ASSIGNED, workspace=work.workspace_id, member=person.id)
            last[person.id] = read_moment(row[0]).isoformat() if row is not None and row[0] else ""
        return min(people, key=lambda person: (last[person.id], person.id)), "round_robin"
    if strategy == "last_handler" and work.customer_key:
        row = yield from ask_one(
            LAST_HANDLER, workspace=work.workspace_id, customer=work.customer_key, ticket=work.ticket_id
        )
        known = next((person for person in people if row is not None and person.id == row[0]), None)
        if known is not None:
            return known, "last_handler"
    least = min(people, key=lambda person: (load.get(person.id, 0), _distance(person), person.id))
    return least, "least_load"


def _distance(person: Person) -> int:
    """The nearer region first: a longer path is nearer, the whole workspace is farthest."""
    return -len(person.region_path or "")
