"""Routes of regions, audit, connections, notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Router, get, patch, post, put
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import administration as wire
from backend.contracts import notifications as notes
from backend.contracts import regions as places
from backend.contracts.common import Page
from backend.db.models import AuditEntry, Notification
from backend.db.session import Database
from backend.features.administration import connections, queries, regions, service
from backend.features.platform.actor import Actor, requires, signed_in
from backend.features.platform.clock import Clock
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.runtime.runtime import Runtime


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
        self, data: places.CreateRegion, actor: Actor, session: AsyncSession, clock: Clock
    ) -> places.Region:
        """Add a region below another."""
        region = await regions.add_region(session, actor, data, clock())
        return await regions.show_region(session, region)

    @patch("/{region_id:str}", guards=[requires("administer")])
    async def change_region(
        self,
        *,
        region_id: str,
        data: places.UpdateRegion,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
    ) -> places.Region:
        """Rename or move a region, change its zone, currency or calendar. Tickets under way keep the time
        they have counted; the rest is reckoned in the new hours.
        """
        async with database.unit_of_work() as session:
            region, job = await regions.change_region(session, actor, region_id, data, clock())
            shown = await regions.show_region(session, region)
        if job is not None:
            await runtime.wake(job)
        return shown


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
        ConnectionController,
        NotificationController,
        list_audit,
    ],
)
