"""What happens to tickets, as other triggers hear of it.

A transition that some trigger waits for leaves a job in its own transaction, so a crash loses or doubles
nothing. Workspaces without such triggers pay one look into a map: what listens is remembered for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from backend.engine.events import Event, TimerFired
from backend.engine.state import State
from backend.node_sdk import Outgoing
from backend.runtime import writes as w
from backend.runtime.scripts import Script, ask
from backend.runtime.statements import read_json
from backend.runtime.triggers.statements import ACTIVE_OF_KIND, LISTENING, read_trigger
from backend.runtime.work import Work, make_job
from backend.runtime.writes import WriteSet

REMEMBERED_S = 2.0
"""After a change in another process; in this one a change is known at once."""
MOST_WORKSPACES = 10_000

EVENT_JOB = "trigger_event"
MESSAGE_JOB = "trigger_message"
DATE_JOB = "trigger_date"


class Listening(NamedTuple):
    """A trigger that hears of tickets; `event` is empty for a watched date, `fields` then holds its field."""

    trigger: str
    event: str
    workflow_id: str | None
    fields: frozenset[str]


class Listeners:
    """Who listens, by workspace."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, tuple[Listening, ...]]] = {}
        self._changes = 0

    def forget(self, workspace_id: str) -> None:
        """Triggers of the workspace have changed."""
        self._changes += 1
        self._known.pop(workspace_id, None)

    def of(self, workspace_id: str) -> Script[tuple[Listening, ...]]:
        known = self._known.get(workspace_id)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        seen = self._changes
        rows = yield from ask(LISTENING, workspace=workspace_id)
        found = tuple(_read(*row) for row in rows)
        if seen == self._changes:
            if len(self._known) >= MOST_WORKSPACES:
                self._known.clear()
            self._known[workspace_id] = (time.monotonic() + REMEMBERED_S, found)
        return found


def _read(trigger: str, kind: str, stored: Any) -> Listening:
    config = read_json(stored)
    if kind == "record_date":
        workflow = config.get("workflow_id") if config.get("source", "tickets") == "tickets" else ""
        return Listening(trigger, "", workflow, frozenset({config["field"]}))
    fields = frozenset(config.get("fields") or ())
    return Listening(trigger, config.get("event", "completed"), config.get("workflow_id"), fields)


def hear(
    listeners: Listeners, work: Work, before: State | None, after: State, event: Event | None = None
) -> Script[None]:
    """Leave a job for each trigger that waits for what has just happened."""
    waiting = yield from listeners.of(work.workspace_id)
    for each in waiting:
        if each.workflow_id is not None and each.workflow_id != work.workflow_id:
            continue
        if each.event:
            for cause in _list_causes(each, before, after, event):
                _leave(
                    work, EVENT_JOB, each.trigger, {"cause": f"{work.ticket_id}:{cause}", "event": each.event}
                )
        elif before is None or _differs(before, after, each.fields) or before.status != after.status:
            _leave(work, DATE_JOB, each.trigger, {"subject": f"ticket:{work.ticket_id}"})


def leave_message(
    writes: WriteSet, workspace_id: str, message: Outgoing, cause: str, sender: str | None, *, now: datetime
) -> Script[bool]:
    """Leave a job for each trigger that starts tickets by this message, which no ticket takes. Whether there
    is one. `sender`: the ticket that sends it."""
    rows = yield from ask(ACTIVE_OF_KIND, workspace=workspace_id, kind="message")
    found = [trigger for trigger in map(read_trigger, rows) if trigger.config.get("message") == message.name]
    for trigger in found:
        payload = {
            "trigger": trigger.id,
            "cause": cause,
            "data": message.data,
            "correlation": message.correlation,
            "sender": sender,
        }
        key = f"event:{trigger.id}"
        row = make_job(workspace_id, None, key=key, kind=MESSAGE_JOB, payload=payload, due=now, now=now)
        writes.add(w.JOBS, row)
    return bool(found)


def _list_causes(each: Listening, before: State | None, after: State, event: Event | None) -> Iterable[str]:
    if each.event == "created":
        return ["created"] if before is None else []
    was = before.status if before is not None else "running"
    if each.event in {"completed", "cancelled"}:
        return [each.event] if after.status == each.event and was != each.event else []
    if before is None:
        return []
    if each.event == "changed":
        return [f"changed:{after.version}"] if _differs(before, after, each.fields) else []
    if isinstance(event, TimerFired):
        timer = before.timers.get(event.timer)
        return [f"overdue:{timer.task}"] if timer is not None and timer.kind == "due" else []
    return []


def _differs(before: State, after: State, fields: frozenset[str]) -> bool:
    if before.data is after.data:
        return False
    if not fields:
        return before.data != after.data
    return any(before.data.get(name) != after.data.get(name) for name in fields)


def _leave(work: Work, kind: str, trigger: str, payload: dict[str, Any]) -> None:
    row = make_job(
        work.workspace_id,
        None,
        key=f"event:{trigger}",
        kind=kind,
        payload={"trigger": trigger, "ticket": work.ticket_id, **payload},
        due=work.now,
        now=work.now,
    )
    work.writes.add(w.JOBS, row)
