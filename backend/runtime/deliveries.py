"""Jobs that carry an event to a ticket: a message, the end of a child, the calling off of one."""

from __future__ import annotations

from datetime import datetime

import msgspec

from backend.engine.events import Event, MessageArrived
from backend.node_sdk import Outgoing
from backend.runtime.channels import TICKET_STATUS
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.messaging import Post, send_again
from backend.runtime.scripts import Script, ask_one
from backend.runtime.transition import Environment, JobMark, TransitionResult, apply_event, finish_job

CLOSED = ("completed", "cancelled")


def hand_over(environment: Environment, job: ClaimedJob) -> Script[TransitionResult | None]:
    """Apply the event and end the job, in one transaction. An event that comes too late changes nothing; a
    message is then for whoever else waits for it, or is kept for what is left of its time."""
    event = msgspec.convert(job.payload["event"], Event)
    assert job.ticket_id is not None
    mark = JobMark(id=job.id, fence=job.fence, tolerant=True)
    row = yield from ask_one(TICKET_STATUS, id=job.ticket_id, workspace=job.workspace_id)
    result = None
    if row is None or row[0] in CLOSED:
        yield from finish_job(mark, environment.clock())
    else:
        result = yield from apply_event(environment, job.workspace_id, job.ticket_id, event, job=mark)
    if (result is None or result.stale) and isinstance(event, MessageArrived) and not event.signal:
        yield from send_again(_read_post(environment, job, event))
    return result


def _read_post(environment: Environment, job: ClaimedJob, event: MessageArrived) -> Post:
    message = Outgoing(name=event.name, correlation=event.correlation, data=event.data)
    now = environment.clock()
    until = job.payload.get("expires_at")
    expires_at = datetime.fromisoformat(until) if until else now
    return Post(workspace_id=job.workspace_id, message=message, now=now, expires_at=expires_at)
