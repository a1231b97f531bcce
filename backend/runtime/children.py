"""Tickets that a step of another ticket starts: beginning, their end, and their being called off.

A child begins in the transaction of its parent's step, so there is never one without the other. Its number is
its parent's with a counter (`T-2026-0412-2`), taken under the parent's lock: the workspace's own counter, on
which every new ticket waits, is not touched in the middle of a long transaction. What a child's end means to
the parent, and a parent's end to the child, goes as a job written in the same transaction: nobody holds the
locks of two running tickets.
"""

from __future__ import annotations

from typing import Any

import msgspec

from backend.engine.events import Event, JobDone, JobFailed
from backend.engine.release import Release
from backend.engine.state import Job, State
from backend.forms.fields import list_fields
from backend.forms.validation import compile_form, validate
from backend.runtime import writes as w
from backend.runtime.errors import NotPublished, RegionUnknown
from backend.runtime.family import describe, describe_end, make_link
from backend.runtime.releases import load_release
from backend.runtime.scripts import Script, ask_one
from backend.runtime.starting import Parent, StartTicket, start_ticket
from backend.runtime.statements import LATEST_OF_KEY, REGION_OF_PATH
from backend.runtime.transition import Environment
from backend.runtime.work import Work

MAX_DEPTH = 8
"""Tickets that may stand above one: a workflow that starts itself comes to an end."""
MAX_AT_ONCE = 50
"""Tickets that one transaction may start, grandchildren included."""


def start_child(environment: Environment, work: Work, state: State, job: Job) -> Script[Event | None]:
    """Payload of the subflow node -> {"ticket", "number", "status", "result", "data"}; None while the child
    runs and its end is awaited."""
    payload = job.payload
    if state.ticket.depth >= MAX_DEPTH:
        return JobFailed(job=job.id, code="subflow_too_deep", params={"limit": MAX_DEPTH})
    if len(work.family) >= MAX_AT_ONCE:
        return JobFailed(job=job.id, code="too_many_children", params={"limit": MAX_AT_ONCE})
    key = str(payload.get("workflow") or "")
    row = yield from ask_one(LATEST_OF_KEY, workspace=work.workspace_id, key=key)
    if row is None:
        return JobFailed(job=job.id, code="subflow_workflow_unknown", params={"workflow": key})
    release = yield from load_release(environment.releases, row[0])
    name = {"zh": release.definition.name.zh or key, "en": release.definition.name.en or key}
    start = find_start(release)
    if start is None:
        return JobFailed(job=job.id, code="child_refused", params={"workflow": name})
    data = dict(payload.get("data") or {})
    misfits = list_misfits(release, start, data)
    if misfits:
        return JobFailed(job=job.id, code="child_data_unfit", params={"workflow": name, "fields": misfits})
    wanted = StartTicket(
        workspace_id=work.workspace_id,
        release_id=row[0],
        region_id=(yield from _find_region(work, payload)),
        data=data,
        customer=dict(payload.get("customer") or {}),
        source="system",
        priority=state.ticket.priority,
        title=str(payload.get("title") or ""),
        actor=work.actor,
        start=start,
        parent=Parent(
            ticket_id=work.ticket_id,
            number=state.ticket.number,
            depth=state.ticket.depth,
            job=job.id if payload.get("wait") else None,
            work=work,
        ),
    )
    try:
        result = yield from start_ticket(environment, wanted)
    except NotPublished:
        return JobFailed(job=job.id, code="subflow_workflow_unknown", params={"workflow": name})
    except RegionUnknown:
        return JobFailed(job=job.id, code="subflow_region_unknown")
    work.writes.announcements.extend(result.announcements)
    if result.due is not None:
        work.dues.append(result.due)
    work.writes.add(w.LINKS, make_link(work, work.ticket_id, result.ticket_id, "child"))
    if payload.get("wait"):
        return describe_end(job.id, result.state)
    return JobDone(job=job.id, result=describe(result.state))


def find_start(release: Release) -> str | None:
    """The start for other systems, else any: a step inside is trusted as staff are."""
    starts = release.starts
    ready = [key for key in starts if "system" in getattr(release.nodes[key].config, "sources", ("system",))]
    return next(iter([*ready, *starts]), None)


def list_misfits(release: Release, start: str, data: dict[str, Any]) -> list[str]:
    """Names of the fields that the start form would refuse, in its author's words."""
    form = release.start_form(start)
    if form is None:
        return []
    raw = msgspec.to_builtins(form)
    compiled = compile_form(raw)
    known = {name: value for name, value in data.items() if name in compiled.fields}
    labels = {field.path: field.label for field in list_fields({"start": raw})}
    names: dict[str, None] = {}
    for issue in validate(compiled, known):
        name = issue.pointer.split("/")[1] if "/" in issue.pointer else ""
        label = labels.get(f"data.{name}")
        names[(label.zh or label.en) if label is not None else name] = None
    return list(names)


def _find_region(work: Work, payload: dict[str, Any]) -> Script[str | None]:
    """That of the payload, else the parent's own."""
    if payload.get("region"):
        return str(payload["region"])
    if work.region_path == "/":
        return None
    row = yield from ask_one(REGION_OF_PATH, workspace=work.workspace_id, path=work.region_path)
    return row[0] if row is not None else None
