"""What the end of a child means to its parent, and that of a parent to its children.

It goes as a job written in the transaction of the one that ends: nobody holds the locks of two running
tickets.
"""

from __future__ import annotations

from typing import Any

import msgspec

from backend.db.types import new_id
from backend.engine.events import Cancelled, Event, JobDone, JobFailed
from backend.engine.state import State
from backend.runtime import writes as w
from backend.runtime.channels import CHILD_OF_JOB
from backend.runtime.messaging import EVENT_JOB
from backend.runtime.scripts import Script, ask
from backend.runtime.work import Work, make_job


def make_link(work: Work, ticket_id: str, other_id: str, kind: str) -> w.Row:
    """Both pages list the other ticket."""
    return {
        "id": new_id(),
        "workspace_id": work.workspace_id,
        "ticket_id": ticket_id,
        "other_id": other_id,
        "kind": kind,
        "created_at": work.now,
        "created_by": work.actor,
    }


# --- the end of a child, and of a parent ---


def describe_end(job: str, state: State) -> Event | None:
    """What the end of a child means to the job that waits for it; None while it runs."""
    params = {"ticket": state.ticket.id, "number": state.ticket.number}
    if state.status == "completed":
        if state.error:
            return JobFailed(job=job, code=state.error, params=params)
        return JobDone(job=job, result=describe(state))
    if state.status == "cancelled":
        return JobFailed(job=job, code="child_cancelled", params=params)
    return None


def describe(state: State) -> dict[str, Any]:
    return {
        "ticket": state.ticket.id,
        "number": state.ticket.number,
        "status": state.status,
        "result": state.result,
        "data": state.data,
    }


def report_end(work: Work, state: State, parent_id: str, parent_job: str) -> None:
    """Tell the waiting parent."""
    event = describe_end(parent_job, state)
    if event is not None:
        _send_event(work, parent_id, f"child:{work.ticket_id}", event)


def call_off_children(work: Work) -> Script[None]:
    """Cancel the children of jobs that nobody waits for any more."""
    jobs, work.orphans = work.orphans, []
    for job in jobs:
        rows = yield from ask(CHILD_OF_JOB, parent=work.ticket_id, job=job)
        for child_id, status in rows:
            if status not in {"completed", "cancelled"}:
                _send_event(work, child_id, f"parent:{job}", Cancelled(reason="reason_parent_gone"))


def _send_event(work: Work, ticket_id: str, key: str, event: Event) -> None:
    row = make_job(
        work.workspace_id,
        ticket_id,
        key=key,
        kind=EVENT_JOB,
        payload={"event": msgspec.to_builtins(event)},
        due=work.now,
        now=work.now,
    )
    work.writes.add(w.JOBS, row)
