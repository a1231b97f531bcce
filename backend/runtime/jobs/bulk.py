"""One act upon many incidents or jobs, in the background, with progress.

What it is about was fixed when it was asked for. Progress is stored every few items; a process that dies
in between does those few again, which finds them done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, Protocol

import msgspec
from sqlalchemy import bindparam, select, update

from backend.db.models import BulkRun, Incident
from backend.engine.events import Cancelled, IncidentResolved
from backend.engine.run import Refused
from backend.runtime.errors import JobGone, TicketUnknown
from backend.runtime.jobs.port import ClaimedJob, JobRefused, JobUnfinished
from backend.runtime.scripts import Driver, ask, ask_one
from backend.runtime.statements import Statement, read_json

KIND = "bulk"
PIECE_S = 30.0
STORED_EVERY = 10
DONE_BEFORE = frozenset({"incident_closed", "not_running"})

_p = bindparam
READ_RUN = Statement(
    select(
        BulkRun.workspace_id,
        BulkRun.action,
        BulkRun.detail,
        BulkRun.ids,
        BulkRun.done,
        BulkRun.failed,
        BulkRun.created_by,
    ).where(BulkRun.id == _p("id"))
)
SAVE_RUN = Statement(
    update(BulkRun)
    .where(BulkRun.id == _p("id"))
    .values(done=_p("done"), failed=_p("failed"), finished_at=_p("finished"))
)
FIND_INCIDENT = Statement(
    select(Incident.ticket_id, Incident.key).where(
        Incident.id == _p("id"), Incident.workspace_id == _p("workspace")
    )
)


class Actions(Protocol):
    """What the runtime offers for single ones."""

    async def apply(self, workspace_id: str, ticket_id: str, event: Any, *, actor: str | None = None) -> Any:
        """Apply an event to a ticket."""

    async def retry_job(self, workspace_id: str, job_id: str, actor: str | None = None) -> None:
        """Bring a dead job back."""

    async def cancel_job(self, workspace_id: str, job_id: str, actor: str | None = None) -> None:
        """Give a job up."""


class BulkDetail(msgspec.Struct, frozen=True, kw_only=True):
    """What the act needs beside its name."""

    port: str | None = None
    set: dict[str, Any] = {}
    reason: str = ""


class BulkHandler:
    """Payload {run}. Actions: retry, skip, cancel (of incidents and their tickets), retry_job, cancel_job."""

    def __init__(self, driver: Driver, actions: Actions, clock: Callable[[], datetime]) -> None:
        self._driver = driver
        self._actions = actions
        self._clock = clock

    async def __call__(self, job: ClaimedJob) -> dict[str, int]:
        run_id = str(job.payload.get("run"))
        row = await self._driver.run(ask_one(READ_RUN, id=run_id))
        if row is None or row[0] != job.workspace_id:
            raise JobRefused("bulk_run_unknown")
        workspace_id, action, done, failed, actor = row[0], row[1], row[4], row[5], row[6]
        detail = msgspec.convert(read_json(row[2]), BulkDetail)
        ids: list[str] = read_json(row[3])
        until = monotonic() + PIECE_S
        while done + failed < len(ids):
            item = ids[done + failed]
            if await _succeeds(partial(self._act, action, detail, workspace_id, item, actor)):
                done += 1
            else:
                failed += 1
            if (done + failed) % STORED_EVERY == 0 or done + failed == len(ids):
                await self._save(run_id, done, failed, whole=done + failed == len(ids))
                if monotonic() > until and done + failed < len(ids):
                    raise JobUnfinished
        return {"done": done, "failed": failed}

    async def _save(self, run_id: str, done: int, failed: int, *, whole: bool) -> None:
        finished = self._clock() if whole else None
        await self._driver.run(ask(SAVE_RUN, id=run_id, done=done, failed=failed, finished=finished))

    async def _act(
        self, action: str, detail: BulkDetail, workspace_id: str, item: str, actor: str | None
    ) -> None:
        if action == "retry_job":
            await self._actions.retry_job(workspace_id, item, actor)
        elif action == "cancel_job":
            await self._actions.cancel_job(workspace_id, item, actor)
        else:
            row = await self._driver.run(ask_one(FIND_INCIDENT, id=item, workspace=workspace_id))
            if row is None:
                raise TicketUnknown(item)
            event = make_event(action, row[1], detail, actor)
            await self._actions.apply(workspace_id, row[0], event, actor=actor)


def make_event(
    action: str, incident: str, detail: BulkDetail, actor: str | None
) -> IncidentResolved | Cancelled:
    """What an operator decided about an incident, as the ticket's event."""
    if action == "cancel":
        return Cancelled(reason=detail.reason, by=actor)
    if action == "skip":
        return IncidentResolved(incident=incident, action="skip", port=detail.port, by=actor, set=detail.set)
    return IncidentResolved(incident=incident, by=actor, set=detail.set)


async def _succeeds(act: Callable[[], Awaitable[None]]) -> bool:
    """Whether it is done now, by us or by somebody else before us."""
    try:
        await act()
    except Refused as refused:
        return refused.code in DONE_BEFORE
    except (JobGone, TicketUnknown):
        return False
    return True
