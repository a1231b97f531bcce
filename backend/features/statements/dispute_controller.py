"""Routes of questions about booked amounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from litestar import Controller, get, post
from litestar.params import Parameter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import statements as wire
from backend.contracts.common import Page
from backend.db.models import Dispute
from backend.features.platform.actor import Actor, requires, signed_in
from backend.features.platform.clock import Clock
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.statements import disputes
from backend.features.statements.discussing import present_detail, present_items
from backend.features.statements.queries import Key

View = Annotated[Literal["open", "closed", "all"], Parameter(description="open: not decided yet")]


class DisputeController(Controller):
    """Whoever sees a line may ask about it; those who settle there answer."""

    path = "/disputes"
    tags = ("settlement",)
    guards = (signed_in,)

    @get("")
    async def list_disputes(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        view: View = "open",
        period: Key = None,
        line_id: Annotated[str | None, Parameter(max_length=36)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.DisputeItem]:
        """One's own, and those of the regions where one views or settles; what moved last comes first."""
        statement = select(Dispute).where(disputes.in_sight(actor))
        if view != "all":
            is_open = Dispute.state == "open"
            statement = statement.where(is_open if view == "open" else ~is_open)
        if period is not None:
            statement = statement.where(Dispute.period == period)
        if line_id is not None:
            statement = statement.where(Dispute.line_id == line_id)
        columns = (Dispute.updated_at, Dispute.id)
        if cursor:
            place = decode_cursor(cursor, datetime, str)
            statement = statement.where(after(columns, place, descending=True))
        ordered = statement.order_by(*(column.desc() for column in columns)).limit(limit + 1)
        rows = list((await reading.execute(ordered)).scalars())
        shown = {item.id: item for item in await present_items(reading, actor, rows[:limit])}
        return make_page(rows, limit, lambda row: shown[row.id], lambda row: (row.updated_at, row.id))

    @post("", status_code=201)
    async def open_dispute(
        self, data: wire.OpenDispute, actor: Actor, session: AsyncSession, clock: Clock, locale: str
    ) -> wire.DisputeDetail:
        """Asks about one line; those who settle there are told."""
        dispute = await disputes.open_dispute(session, actor, data, clock())
        return await present_detail(session, actor, dispute, locale)

    @get("/{dispute_id:str}")
    async def show_dispute(
        self, dispute_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.DisputeDetail:
        """The line and all that was said."""
        dispute = await disputes.find_dispute(reading, actor, dispute_id)
        return await present_detail(reading, actor, dispute, locale)

    @post("/{dispute_id:str}/messages", status_code=201)
    async def reply(
        self,
        *,
        dispute_id: str,
        data: wire.SayToDispute,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> wire.DisputeDetail:
        """Goes on talking; the other side is told."""
        dispute = await disputes.reply(session, actor, dispute_id, data.text, clock())
        return await present_detail(session, actor, dispute, locale)

    @post("/{dispute_id:str}/resolution", guards=[requires("settle")], status_code=200)
    async def resolve(
        self,
        *,
        dispute_id: str,
        data: wire.ResolveDispute,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> wire.DisputeDetail:
        """Explained, or accepted with the correction that put it right."""
        dispute = await disputes.resolve(session, actor, dispute_id, data, clock())
        return await present_detail(session, actor, dispute, locale)

    @post("/{dispute_id:str}/withdrawal", status_code=200)
    async def withdraw(
        self, dispute_id: str, actor: Actor, session: AsyncSession, clock: Clock, locale: str
    ) -> wire.DisputeDetail:
        """By who asked."""
        dispute = await disputes.withdraw(session, actor, dispute_id, clock())
        return await present_detail(session, actor, dispute, locale)
