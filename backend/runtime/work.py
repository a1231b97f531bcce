"""The working values of one transition under way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from backend.db.types import new_id
from backend.engine.commands import Command, Note, Send, Subscribe, Unsubscribe
from backend.engine.events import (
    Cancelled,
    DataChanged,
    Event,
    IncidentResolved,
    Migrated,
    Resumed,
    Returned,
    SignerAdded,
    Suspended,
    TaskClaimed,
    TaskCompleted,
    Withdrawn,
)
from backend.engine.release import Release
from backend.engine.state import Job, State
from backend.runtime import writes as w
from backend.runtime.tracing import current_trace
from backend.runtime.writes import WriteSet


class Work:
    """Facts of the ticket's row, the moment of the transition, and the rows it gathers."""

    __slots__ = (
        "actor",
        "commands",
        "customer_key",
        "dues",
        "event",
        "family",
        "mail",
        "now",
        "orphans",
        "outer",
        "region_path",
        "release",
        "ticket_id",
        "worker",
        "workflow_id",
        "workspace_id",
        "writes",
    )

    def __init__(
        self,
        *,
        workspace_id: str,
        ticket_id: str,
        workflow_id: str,
        region_path: str,
        customer_key: str | None,
        actor: str | None,
        now: datetime,
        release: Release,
        writes: WriteSet,
    ) -> None:
        self.workspace_id = workspace_id
        self.ticket_id = ticket_id
        self.workflow_id = workflow_id
        self.region_path = region_path
        self.customer_key = customer_key
        self.actor = actor
        self.now = now
        self.release = release
        self.writes = writes
        self.commands: list[Command] = []
        self.mail: list[tuple[str, Subscribe | Unsubscribe | Send]] = []
        """What begins and ceases to be waited for, and what is sent, each with its ticket."""
        self.family: list[str] = []
        """Tickets that steps of this transaction started."""
        self.outer: Work | None = None
        """That of the parent, for a ticket started by a step: it shares mail and family."""
        self.orphans: list[str] = []
        """Jobs dropped that had started a child."""
        self.dues: list[datetime] = []
        """When the earliest jobs of children are due."""
        self.event = ""
        """Kind of the first event: what this transition is about."""
        self.worker: str | None = None
        """Who completed a task in this very transition."""

    def join(self, outer: Work) -> None:
        """Become part of the transaction of the ticket whose step starts this one."""
        self.outer, self.mail, self.family = outer, outer.mail, outer.family
        self.family.append(self.ticket_id)

    def remember(self, event: Event) -> None:
        if isinstance(event, TaskCompleted) and event.member is not None:
            self.worker = event.member

    def record(self, event: Event, state: State, notes: list[Note]) -> None:
        """Append to the ticket's log; its seq is the number of events applied before it."""
        self.event = self.event or str(type(event).__struct_config__.tag)
        self.writes.add(
            w.EVENTS,
            {
                "ticket_id": self.ticket_id,
                "seq": state.version,
                "workspace_id": self.workspace_id,
                "at": self.now,
                "event": event,
                "notes": notes,
                "member_id": member_of(event) or self.actor,
            },
        )

    def add_job(
        self,
        *,
        key: str,
        kind: str,
        payload: dict[str, Any],
        due: datetime,
        priority: int = 0,
        target: str = "",
    ) -> None:
        """`priority`: 0 goes first; `target`: where it goes, as limits name it."""
        row = make_job(
            self.workspace_id, self.ticket_id, key=key, kind=kind, payload=payload, due=due, now=self.now
        )
        self.writes.add(w.JOBS, row | {"priority": priority, "target": target})

    def leave_dead(self, job: Job, error: str) -> None:
        """Keep an inline job that nobody will answer where operators see it."""
        self.add_job(key=job.id, kind=job.kind, payload=job.payload, due=self.now)
        self.writes.of(w.JOBS)[-1].update(status="dead", error=error)

    def attach(self, files: Iterable[str]) -> None:
        """Uploaded files now belong to the ticket, unless they belong to one already."""
        for file_id in files:
            row = {"id": file_id, "workspace_id": self.workspace_id, "ticket_id": self.ticket_id}
            self.writes.add(w.FILES, row)

    def notify(
        self,
        member_id: str,
        code: str,
        params: dict[str, Any],
        *,
        task_id: str | None = None,
        texts: dict[str, str] | None = None,
    ) -> None:
        """An in-app message; `texts` when an administrator wrote it."""
        self.writes.add(
            w.NOTIFICATIONS,
            {
                "id": new_id(),
                "workspace_id": self.workspace_id,
                "member_id": member_id,
                "ticket_id": self.ticket_id,
                "task_id": task_id,
                "code": code,
                "params": params,
                "texts": texts,
                "created_at": self.now,
                "read_at": None,
            },
        )


def make_job(
    workspace_id: str,
    ticket_id: str | None,
    *,
    key: str,
    kind: str,
    payload: dict[str, Any],
    due: datetime,
    now: datetime,
) -> w.Row:
    """The row of a new job; one without a ticket answers to nobody."""
    return {
        "id": new_id(),
        "workspace_id": workspace_id,
        "ticket_id": ticket_id,
        "key": key,
        "kind": kind,
        "payload": payload,
        "status": "pending",
        "due_at": due,
        "priority": 0,
        "target": "",
        "held": None,
        "trace": current_trace(),
        "tries": 0,
        "fence": 0,
        "lease_until": None,
        "error": None,
        "failures": [],
        "created_at": now,
        "finished_at": None,
    }


def member_of(event: Event) -> str | None:
    """Who did it, where the event says so."""
    if isinstance(event, TaskCompleted):
        return event.member
    if isinstance(event, (TaskClaimed, IncidentResolved, DataChanged, Cancelled)):
        return event.by
    if isinstance(event, (Returned, SignerAdded, Withdrawn, Suspended, Resumed, Migrated)):
        return event.by
    return None
