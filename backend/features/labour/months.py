"""Routes of a month: what projects cost, the export, and gathering hours from tickets."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from functools import partial
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import labour as wire
from backend.contracts.common import MoneyValue, Reference
from backend.db.models import LabourEntry, LabourRun
from backend.db.session import Database
from backend.features.labour import queries, service
from backend.features.labour.present import name_project, present_run
from backend.features.platform.actor import Actor, requires
from backend.features.platform.cells import BOM, defuse
from backend.features.platform.clock import Clock
from backend.features.platform.errors import BadRequest
from backend.features.settlement.exporting import write_amount
from backend.features.settlement.naming import map_members
from backend.messages import render
from backend.runtime.books.gathering import add_gathering_job
from backend.runtime.runtime import Runtime

MonthName = Annotated[str, Parameter(max_length=7, description="Such as `2026-11`")]
COLUMNS = ("day", "project", "member", "kind", "source", "ticket", "hours", "amount", "currency", "note")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def check_month(month: str) -> str:
    """Raises BadRequest (`period_unfit`)."""
    if not _MONTH.fullmatch(month):
        raise BadRequest("period_unfit")
    return month


class CostController(Controller):
    """What projects bear."""

    path = "/labour-cost"
    tags = ("labour",)

    @get("", guards=[requires("settle", "view")])
    async def show(
        self, actor: Actor, reading: AsyncSession, locale: str, month: MonthName
    ) -> wire.LabourCost:
        """By project and currency, the dearest first."""
        rows = await queries.sum_months_projects(reading, actor, check_month(month))
        items = [
            wire.ProjectCost(
                project=Reference(id=row[0], name=name_project(row[1], row[2], locale)),
                currency=row[3],
                amount=int(row[4]),
                seconds=int(row[5]),
                part_time=int(row[6]),
                people=row[7],
            )
            for row in rows
        ]
        totals: dict[str, int] = {}
        for item in items:
            totals[item.currency] = totals.get(item.currency, 0) + item.amount
        latest = queries.select_runs(actor).where(LabourRun.month == month).limit(1)
        run: LabourRun | None = (await reading.execute(latest)).scalar_one_or_none()
        return wire.LabourCost(
            month=month,
            items=items,
            total=[
                MoneyValue(amount=amount, currency=currency) for currency, amount in sorted(totals.items())
            ],
            waiting=await queries.count_waiting(reading, actor, month),
            run=await _present(reading, actor, run) if run else None,
        )

    @get("/export.csv", guards=[requires("settle", "view")], media_type="text/csv; charset=utf-8")
    async def export(
        self, actor: Actor, reading: AsyncSession, locale: str, month: MonthName
    ) -> Response[bytes]:
        """Every booked entry of the month; its amounts sum to the cost shown."""
        statement = queries.select_entries(actor).where(
            LabourEntry.day.startswith(check_month(month)), LabourEntry.state == "booked"
        )
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([render(f"labour_column_{name}", {}, locale) for name in COLUMNS])
        for entry, key, name, member, number, _ in await queries.list_rows(reading, statement):
            texts = [
                entry.day,
                name_project(key, name, locale),
                member,
                render(f"labour_{entry.kind}", {}, locale),
                render(f"labour_source_{entry.source}", {}, locale),
                number or "",
            ]
            figures = [f"{Decimal(entry.seconds) / 3600:.4f}", write_amount(entry.amount, entry.currency)]
            writer.writerow([*map(defuse, texts), *figures, entry.currency, defuse(entry.note)])
        headers = {
            "content-disposition": f'attachment; filename="labour-{month}.csv"',
            "cache-control": "no-store",
        }
        content = (BOM + out.getvalue()).encode()
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


class RunController(Controller):
    """Gathering the hours that tickets took."""

    path = "/labour-runs"
    tags = ("labour",)

    @post("", guards=[requires("settle")], status_code=201)
    async def gather(
        self, *, data: wire.GatherHours, actor: Actor, database: Database, runtime: Runtime, clock: Clock
    ) -> wire.LabourRun:
        """In the background; what was gathered before is not gathered twice."""
        async with database.unit_of_work() as session:
            run = await service.open_run(session, actor, data.month, clock())
        await runtime.keep_books(partial(add_gathering_job, actor.workspace_id, run.id, clock()))
        return present_run(run, {})

    @post("/{gathering_id:str}/stop", guards=[requires("settle")], status_code=200)
    async def stop(self, gathering_id: str, actor: Actor, session: AsyncSession) -> wire.LabourRun:
        """What is booked stays."""
        return await _present(session, actor, await service.turn_run(session, actor, gathering_id, on=False))

    @post("/{gathering_id:str}/resume", guards=[requires("settle")], status_code=200)
    async def resume(
        self, *, gathering_id: str, actor: Actor, database: Database, runtime: Runtime, clock: Clock
    ) -> wire.LabourRun:
        """Go on where it stopped."""
        async with database.unit_of_work() as session:
            run = await service.turn_run(session, actor, gathering_id, on=True)
            shown = await _present(session, actor, run)
        await runtime.keep_books(partial(add_gathering_job, actor.workspace_id, gathering_id, clock()))
        return shown


async def _present(session: AsyncSession, actor: Actor, run: LabourRun) -> wire.LabourRun:
    return present_run(run, await map_members(session, actor.workspace_id, set(run.unpriced)))
