"""Routes of regions, audit, jobs, connections, notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Controller, Router, get, patch, post, put
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import administration as wire
from backend.contracts import notifications as notes
from backend.contracts import regions as places
from backend.contracts.common import Page
from backend.db.models import AuditEntry, Job, Notification
from backend.db.session import Database
from backend.features.administration import connections, queries, regions, service
from backend.features.platform.actor import Actor, requires, signed_in
from backend.features.platform.clock import Clock
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.runtime.runtime import Runtime

JobStatus = Literal["pending", "running", "done", "dead", "cancelled"]


class RegionController(Controller):
    """The region tree."""

    path = "/regions"
    tags = ("regions",)

    @get("", guards=[signed_in])
    async def list_regions(self, actor: Actor, reading: AsyncSession) -> Page[places.Region]:
        """The whole tree, parents first."""
        return Page(items=await regions.list_regions(reading, actor))

    @post("", guards=[requires("administer")], status_code=201)
    async def add_region(
        self, data: places.CreateRegion, actor: Actor, session: AsyncSession
    ) -> places.Region:
        """Add a region below another."""
        region = await regions.add_region(session, actor, data)
        return await regions.show_region(session, region)

    @patch("/{region_id:str}", guards=[requires("administer")])
    async def change_region(
        self, region_id: str, data: places.UpdateRegion, actor: Actor, session: AsyncSession
    ) -> places.Region:
        """Rename or move a region, change its zone, currency or calendar."""
        region = await regions.change_region(session, actor, region_id, data)
        return await regions.show_region(session, region)


class JobController(Controller):
    """Jobs and timers."""

    path = "/jobs"
    tags = ("operations",)

    @get("", guards=[requires("administer")])
    async def list_jobs(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        status: JobStatus | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.Job]:
        """Jobs, the latest due first; `dead` ones have used up their tries."""
        statement = queries.select_jobs(actor).limit(limit + 1)
        if status is not None:
            statement = statement.where(Job.status == status)
        if cursor:
            last = decode_cursor(cursor, datetime, str)
            statement = statement.where(after((Job.due_at, Job.id), last, descending=True))
        rows = (await reading.execute(statement)).all()
        return make_page(rows, limit, queries.present_job, lambda row: (row[0].due_at, row[0].id))

    @post("/{job_id:str}/retry", guards=[requires("administer")], status_code=200)
    async def retry_job(
        self, job_id: str, actor: Actor, database: Database, runtime: Runtime
    ) -> wire.RetriedJob:
        """Try a dead job again, from its first try; its ticket's incident closes."""
        await service.retry_job(database, runtime, actor, job_id)
        return wire.RetriedJob(id=job_id)


class ConnectionController(Controller):
    """Connections to the outside."""

    path = "/connections"
    tags = ("operations",)

    @get("/{kind:str}", guards=[requires("administer")])
    async def show_connection(self, kind: str, actor: Actor, reading: AsyncSession) -> wire.Connection:
        """`smtp` or `webhook`; passwords are not shown."""
        return await connections.show_connection(reading, actor, kind)

    @put("/{kind:str}", guards=[requires("administer")])
    async def save_connection(
        self, kind: str, data: dict[str, Any], actor: Actor, session: AsyncSession, clock: Clock
    ) -> wire.Connection:
        """Replace a connection. An absent or masked password keeps the stored one."""
        await connections.save_connection(session, actor, kind, data, clock())
        return await connections.show_connection(session, actor, kind)


class NotificationController(Controller):
    """One's own notifications."""

    path = "/notifications"
    tags = ("notifications",)

    @get("", guards=[signed_in])
    async def list_notifications(
        self, actor: Actor, reading: AsyncSession, locale: str, cursor: Cursor = None, limit: Limit = 30
    ) -> notes.Notifications:
        """Newest first, with how many are unread."""
        statement = queries.select_notifications(actor).limit(limit + 1)
        columns = (Notification.created_at, Notification.id)
        if cursor:
            last = decode_cursor(cursor, datetime, str)
            statement = statement.where(after(columns, last, descending=True))
        records = list((await reading.execute(statement)).scalars())
        page = make_page(records, limit, lambda record: record, lambda record: (record.created_at, record.id))
        return notes.Notifications(
            items=queries.present_notifications(page.items, locale),
            unread=await queries.count_unread(reading, actor),
            next=page.next,
        )

    @post("/read", guards=[signed_in], status_code=204)
    async def mark_read(
        self, data: notes.MarkRead, actor: Actor, session: AsyncSession, clock: Clock
    ) -> None:
        """Mark some, or all, as read."""
        await service.mark_read(session, actor, data, clock())


@get("/audit", guards=[requires("administer")], tags=["operations"])
async def list_audit(
    actor: Actor,
    reading: AsyncSession,
    action: Annotated[str | None, Parameter(max_length=80)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[wire.AuditEntry]:
    """Who did what, newest first."""
    statement = queries.select_audit(actor).limit(limit + 1)
    if action is not None:
        statement = statement.where(AuditEntry.action == action)
    if cursor:
        (seq,) = decode_cursor(cursor, int)
        statement = statement.where(AuditEntry.seq < seq)
    rows = (await reading.execute(statement)).all()
    return make_page(rows, limit, queries.present_entry, lambda row: (row[0].seq,))


ROUTER = Router(
    path="/",
    route_handlers=[
        RegionController,
        JobController,
        ConnectionController,
        NotificationController,
        list_audit,
    ],
)
