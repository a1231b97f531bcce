"""Routes of backtests: a draft tariff over what was booked, before it is published."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Controller, get, post
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tariff_drafts as wire
from backend.contracts.common import Page
from backend.db.models import TariffBacktest, TariffBacktestTicket
from backend.db.session import Database
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.settlement import backtests
from backend.features.settlement.approvers import require_writer
from backend.features.settlement.revisions import find_tariff
from backend.runtime.books.backtesting import KIND
from backend.runtime.runtime import Runtime

WRITERS = requires("settle", "publish")
Verdict = Annotated[
    Literal["moved", "unmatched"], QueryParameter(name="verdict", description="Which postings")
]


class TariffBacktestController(Controller):
    """Backtests of one tariff. They cover the whole workspace, so the right must too."""

    path = "/tariffs/{tariff_id:str}/backtests"
    tags = ("settlement",)

    @post("", guards=[WRITERS], status_code=201)
    async def start(
        self,
        *,
        tariff_id: str,
        data: wire.StartBacktest,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.Backtest:
        """Work out what was booked in these days once more by the draft, or another document. Nothing in
        the books changes."""
        async with database.unit_of_work() as session:
            record = await find_tariff(session, actor, tariff_id, lock=True)
            backtest = await backtests.start_backtest(session, actor, record, data, clock())
            shown = await backtests.describe_backtest(session, actor, backtest, locale)
        await runtime.add_job(actor.workspace_id, KIND, {"backtest": shown.id})
        return shown

    @get("", guards=[WRITERS])
    async def list_backtests(  # noqa: PLR0917 - what a list needs
        self,
        tariff_id: str,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        cursor: Cursor = None,
        limit: Limit = 10,
    ) -> Page[wire.Backtest]:
        """Newest first."""
        require_writer(actor)
        record = await find_tariff(reading, actor, tariff_id)
        statement = backtests.select_backtests(actor).where(TariffBacktest.tariff_id == record.id)
        if cursor:
            statement = statement.where(
                after((TariffBacktest.id,), decode_cursor(cursor, str), descending=True)
            )
        rows = list((await reading.execute(statement.limit(limit + 1))).scalars())
        shown = {
            row.id: await backtests.describe_backtest(reading, actor, row, locale) for row in rows[:limit]
        }
        return make_page(rows, limit, lambda row: shown[row.id], lambda row: (row.id,))


class BacktestController(Controller):
    """One backtest."""

    path = "/backtests/{backtest_id:str}"
    tags = ("settlement",)

    @get("", guards=[WRITERS])
    async def show(self, backtest_id: str, actor: Actor, reading: AsyncSession, locale: str) -> wire.Backtest:
        """Progress, and the differences as far as it goes."""
        backtest = await backtests.find_backtest(reading, actor, backtest_id)
        return await backtests.describe_backtest(reading, actor, backtest, locale)

    @post("/stop", guards=[WRITERS], status_code=200)
    async def stop(self, backtest_id: str, actor: Actor, session: AsyncSession, locale: str) -> wire.Backtest:
        """Stop it; what was found so far stays, and it can be resumed."""
        backtest = await backtests.stop_backtest(session, actor, backtest_id)
        return await backtests.describe_backtest(session, actor, backtest, locale)

    @post("/resume", guards=[WRITERS], status_code=200)
    async def resume(
        self, backtest_id: str, actor: Actor, database: Database, runtime: Runtime, locale: str
    ) -> wire.Backtest:
        """Go on where it stopped."""
        async with database.unit_of_work() as session:
            backtest = await backtests.resume_backtest(session, actor, backtest_id)
            shown = await backtests.describe_backtest(session, actor, backtest, locale)
        await runtime.add_job(actor.workspace_id, KIND, {"backtest": backtest_id})
        return shown

    @get("/tickets", guards=[WRITERS])
    async def list_movers(  # noqa: PLR0917 - what a list needs
        self,
        backtest_id: str,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        verdict: Verdict = "moved",
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.Mover]:
        """Tickets that would be paid otherwise, or could not be worked out, those that differ most first."""
        backtest = await backtests.find_backtest(reading, actor, backtest_id)
        statement = backtests.select_moved(backtest.id, verdict)
        if cursor:
            columns = (TariffBacktestTicket.size, TariffBacktestTicket.posting_id)
            statement = statement.where(after(columns, decode_cursor(cursor, int, str), descending=True))
        rows = list((await reading.execute(statement.limit(limit + 1))).scalars())
        tickets = [row.ticket_id for row in rows if row.ticket_id]
        book = await backtests.open_book(reading, actor, locale, tickets=tickets)
        return make_page(
            rows,
            limit,
            lambda row: backtests.present_mover(book, row),
            lambda row: (row.size, row.posting_id),
        )

    @get("/tickets/{posting_id:str}", guards=[WRITERS])
    async def explain(
        self, backtest_id: str, posting_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.WhyBoth:
        """Why the booked amounts, and why the others."""
        backtest = await backtests.find_backtest(reading, actor, backtest_id)
        return await backtests.explain_mover(reading, actor, backtest, posting_id, locale)
