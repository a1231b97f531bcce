"""Routes of booked lines, sums, the export and one's own earnings."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, Router, get
from litestar.di import Provide
from litestar.params import Parameter
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.contracts.common import Page
from backend.db.models import LedgerLine
from backend.db.session import Database
from backend.features.platform.actor import Actor, signed_in
from backend.features.platform.clock import Clock
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.settlement.ahead import look_ahead_of_ticket
from backend.features.settlement.backtest_controller import BacktestController, TariffBacktestController
from backend.features.settlement.change_controller import ChangeController
from backend.features.settlement.draft_controller import DraftController, TariffSettingsController
from backend.features.settlement.earnings import show_earnings
from backend.features.settlement.exporting import export_lines, export_workbook
from backend.features.settlement.naming import list_regions
from backend.features.settlement.present import present_lines
from backend.features.settlement.queries import LineFilter, Side, find_line, read_filter, select_lines
from backend.features.settlement.summary import Grouping, summarize
from backend.features.settlement.tariff_controller import TariffController
from backend.features.settlement.vocabulary import VocabularyController

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Which = Annotated[
    Side, Parameter(description="What is received (as summaries count it), what is borne, or both")
]


class LedgerController(Controller):
    """Booked lines. Everybody sees what pays oneself; managers and finance what their regions book."""

    path = "/settlement"
    tags = ("settlement",)
    guards = (signed_in,)

    @get("/summary", dependencies={"wanted": Provide(read_filter)})
    async def summarize(
        self, actor: Actor, reading: AsyncSession, wanted: LineFilter, locale: str, by: Grouping = "region"
    ) -> wire.Summary:
        """Sums of what is received, by region (one level below the one given), person, period or service."""
        return await summarize(reading, actor, wanted, by, locale)

    @get("/lines", dependencies={"wanted": Provide(read_filter)})
    async def list_lines(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        wanted: LineFilter,
        locale: str,
        side: Which = "receiving",
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.SettlementLine]:
        """Booked lines, newest first."""
        statement = select_lines(wanted, side).order_by(LedgerLine.id.desc()).limit(limit + 1)
        if cursor:
            statement = statement.where(after((LedgerLine.id,), decode_cursor(cursor, str), descending=True))
        rows = list((await reading.execute(statement)).scalars())
        regions = {region.path: region for region in await list_regions(reading, actor.workspace_id)}
        shown = {
            line.id: line for line in await present_lines(reading, rows[:limit], regions, locale, actor=actor)
        }
        return make_page(rows, limit, lambda row: shown[row.id], lambda row: (row.id,))

    @get("/lines/{line_id:str}")
    async def show_line(
        self, line_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.SettlementLine:
        """One line, down to the rule, the tier and the inputs."""
        row = await find_line(reading, actor, line_id)
        regions = {region.path: region for region in await list_regions(reading, actor.workspace_id)}
        return (await present_lines(reading, [row], regions, locale, actor=actor))[0]

    @get("/next-tiers")
    async def list_next_tiers(
        self,
        ticket_id: Annotated[str, Parameter(max_length=36)],
        actor: Actor,
        reading: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> list[wire.PartyAhead]:
        """How far it is to the next tier for those whom a ticket pays."""
        return await look_ahead_of_ticket(reading, actor, ticket_id, clock(), locale)

    @get("/export.csv", dependencies={"wanted": Provide(read_filter)}, media_type="text/csv; charset=utf-8")
    async def export(
        self, actor: Actor, database: Database, wanted: LineFilter, locale: str, side: Which = "both"
    ) -> Stream:
        """The lines in sight as CSV, oldest first, both sides unless one is chosen."""
        name = "-".join(("settlement", *(wanted.query.get(part, "") for part in ("period",)))).rstrip("-")
        return Stream(
            export_lines(database, actor.workspace_id, wanted, side, locale),
            media_type="text/csv; charset=utf-8",
            headers={
                "content-disposition": f'attachment; filename="{name}.csv"',
                "cache-control": "no-store",
            },
        )

    @get("/export.xlsx", dependencies={"wanted": Provide(read_filter)}, media_type=XLSX)
    async def export_xlsx(
        self,
        actor: Actor,
        reading: AsyncSession,
        wanted: LineFilter,
        locale: str,
        side: Which = "both",
    ) -> Response[bytes]:
        """The same lines as a spreadsheet."""
        content = await export_workbook(reading, actor.workspace_id, wanted, side, locale)
        name = "-".join(("settlement", wanted.query.get("period", ""))).rstrip("-")
        headers = {
            "content-disposition": f'attachment; filename="{name}.xlsx"',
            "cache-control": "no-store",
        }
        return Response(content, media_type=XLSX, headers=headers)


@get("/me/earnings", guards=[signed_in], tags=["settlement"])
async def read_earnings(
    actor: Actor,
    reading: AsyncSession,
    clock: Clock,
    locale: str,
    period: Annotated[str | None, Parameter(max_length=20, description="Such as `2026-11`")] = None,
) -> wire.Earnings:
    """What one earned in a month, day by day, and what is missing to the next tier."""
    return await show_earnings(reading, actor, period, clock(), locale)


ROUTER = Router(
    path="/",
    route_handlers=[
        TariffController,
        DraftController,
        ChangeController,
        TariffBacktestController,
        BacktestController,
        TariffSettingsController,
        VocabularyController,
        LedgerController,
        read_earnings,
    ],
)
