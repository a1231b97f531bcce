"""In-app notices that a workflow's author wrote."""

from __future__ import annotations

from typing import Any

from backend.engine.events import Event, JobDone, JobFailed
from backend.engine.state import Job, State
from backend.runtime.people import list_everybody, list_members
from backend.runtime.scripts import Script
from backend.runtime.work import Work


def notify(work: Work, state: State, job: Job) -> Script[Event]:
    """Payload {to, subject, body} -> {"sent": n}. Fails as `no_recipient` when nobody is there to read
    it."""
    to: dict[str, Any] = job.payload.get("to") or {}
    ids: list[str] = []
    if to.get("kind") == "role":
        people = yield from list_members(work, to.get("role"), to.get("scope", "region"))
        ids = [person.id for person in people]
    elif to.get("kind") == "member":
        everybody = yield from list_everybody(work)
        ids = [person.id for person in everybody if person.id == to.get("member")]
    if not ids:
        return JobFailed(job=job.id, code="no_recipient", params={"to": str(to.get("kind", ""))})
    texts = write_texts(job.payload)
    for member in ids:
        work.notify(member, "custom_notice", {"number": state.ticket.number}, texts=texts)
    return JobDone(job=job.id, result={"sent": len(ids)})


def write_texts(payload: dict[str, Any]) -> dict[str, str]:
    """Subject and body as one text a language."""
    subject, body = payload.get("subject") or {}, payload.get("body") or {}
    return {
        language: "\n".join(text for text in (subject.get(language), body.get(language)) if text)
        for language in ("zh", "en")
    }
