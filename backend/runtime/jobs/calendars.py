"""Telling running tickets that the working hours of their region are others now.

A piece takes some tickets and leaves the rest to a job of its own, so that a large region holds up nobody.
A ticket that is told twice refuses the second time, so a piece may be done again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from backend.db.models import Region, Ticket
from backend.engine.events import CalendarChanged
from backend.engine.run import Refused
from backend.engine.state import Calendar
from backend.runtime.collisions import run_anew
from backend.runtime.errors import RegionUnknown, TicketUnknown
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.scripts import Driver, Script, ask
from backend.runtime.starting import find_calendar
from backend.runtime.statements import Statement
from backend.runtime.transition import Environment, TransitionResult, apply_event
from backend.runtime.work import make_job
from backend.runtime.writes import JOBS, WriteSet

KIND = "calendar_changed"
PIECE = 100

_p = bindparam
RUNNING_BELOW = Statement(
    select(Ticket.id, Ticket.region_id)
    .join(Region, Region.id == Ticket.region_id)
    .where(
        Ticket.workspace_id == _p("workspace"),
        or_(Ticket.status == "running", Ticket.status == "suspended"),
        Ticket.id > _p("after"),
        func.substr(Region.path, 1, func.length(_p("path"))) == _p("path"),
    )
    .order_by(Ticket.id)
    .limit(_p("limit"))
)


class CalendarHandler:
    """Payload {path, after}: the region's path, and the last ticket of the piece before."""

    def __init__(
        self, driver: Driver, environment: Environment, settled: Callable[[TransitionResult], None]
    ) -> None:
        self._driver = driver
        self._environment = environment
        self._settled = settled

    async def __call__(self, job: ClaimedJob) -> dict[str, int]:
        path, after = str(job.payload.get("path", "/")), str(job.payload.get("after", ""))
        rows = await self._driver.run(
            ask(RUNNING_BELOW, workspace=job.workspace_id, path=path, after=after, limit=PIECE)
        )
        known: dict[str, Calendar] = {}
        told = 0
        for ticket_id, region_id in rows:
            if region_id not in known:
                known[region_id] = await self._driver.run(find_calendar(job.workspace_id, region_id))
            told += await self._tell(job.workspace_id, ticket_id, known[region_id])
        if len(rows) == PIECE:
            now = self._environment.clock()
            await self._driver.run(_go_on(job.workspace_id, path, rows[-1][0], now))
        return {"told": told}

    async def _tell(self, workspace_id: str, ticket_id: str, calendar: Calendar) -> bool:
        """Whether anything changed for the ticket."""
        event = CalendarChanged(calendar=calendar)
        try:
            result = await run_anew(
                self._driver, lambda: apply_event(self._environment, workspace_id, ticket_id, event)
            )
        except (Refused, TicketUnknown, RegionUnknown):
            return False
        self._settled(result)
        return True


def _go_on(workspace_id: str, path: str, after: str, now: datetime) -> Script[None]:
    writes = WriteSet()
    payload: dict[str, Any] = {"path": path, "after": after}
    writes.add(JOBS, make_job(workspace_id, None, key=KIND, kind=KIND, payload=payload, due=now, now=now))
    yield writes
