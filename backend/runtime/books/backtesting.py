"""The job that tries a document over what a tariff has booked, batch by batch; nothing in the books changes.

Sums, report and the place where it stands are stored with every batch: a job that was interrupted or stopped
takes up where it was. The work is processor time of this very process, so it rests every few milliseconds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import TariffBacktest, TariffBacktestTicket
from backend.db.session import Database, announce
from backend.engine.state import State
from backend.runtime.books.backtest_reading import (
    Batch,
    Posted,
    count_postings,
    find_span,
    needs_state,
    read_batch,
    read_roles,
    read_states,
)
from backend.runtime.books.backtest_report import Report, find_size, keep
from backend.runtime.books.replay import Entry, Replay
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.scripts import Driver
from backend.runtime.versions.rehearsing import enqueue
from backend.settlement.document import decode
from backend.settlement.tariff import SettlementError

log = logging.getLogger(__name__)

KIND = "tariff_backtest"
BATCH = 250
SLICE_S = 40
"""Of one job: a lease lasts longer."""
WORK_S = 0.004  # not money
REST_S = 0.0001  # not money

_decode_state = msgspec.json.Decoder(State).decode


class Stage:
    """Everything that a backtest holds while it runs; used by one thread at a time."""

    def __init__(self, backtest: TariffBacktest, roles: dict[str, frozenset[str]]) -> None:
        self.replay = Replay(decode(backtest.document), roles, backtest.sums)
        self.report = Report(backtest.report)
        self._region = backtest.region_path

    def play_batch(
        self, batch: Sequence[Posted], states: dict[str, str], since: datetime, begins: datetime
    ) -> list[dict[str, Any]]:
        """The rows of postings that differ. Those before `since` only fill the sums of their period."""
        rows, rested = [], time.perf_counter()
        for posted in batch:
            row = self._play(posted, states, begins, reports=posted.booked_at >= since)
            rows += [row] if row is not None else []
            if time.perf_counter() - rested > WORK_S:
                time.sleep(REST_S)
                rested = time.perf_counter()
        return rows

    def _play(
        self, posted: Posted, states: dict[str, str], begins: datetime, *, reports: bool
    ) -> dict[str, Any] | None:
        before = posted.lines
        code, params = "", {}
        if posted.undoes_at is not None and posted.undoes_at < begins:
            after = list(before)  # the sums that it changes are not looked at
        else:
            try:
                after = self.replay.play(posted.entry, _lend(posted.entry, states))
            except SettlementError as error:
                code, params, after = error.code, dict(error.params), []
        if not reports or not posted.region_path.startswith(self._region):
            return None
        row = {
            "posting_id": posted.entry.id,
            "ticket_id": posted.entry.ticket_id,
            "region_path": posted.region_path,
            "currency": posted.entry.basis.currency,
            "before": sum(line.amount for line in before),
            "after": sum(line.amount for line in after),
        }
        if code:
            self.report.leave_out(before)
            size = sum(abs(line.amount) for line in before)
            return {**row, "verdict": "unmatched", "size": size, "detail": {"code": code, "params": params}}
        if not self.report.add(posted.entry, posted.region_path, before, after):
            return None
        return {
            **row,
            "verdict": "moved",
            "size": find_size(before, after),
            "detail": {"after": keep(after)},
        }


def _lend(entry: Entry, states: dict[str, str]) -> Callable[[], State | None]:
    def lend() -> State | None:
        text = states.get(entry.ticket_id or "")
        return _decode_state(text) if text else None

    return lend


class BacktestHandler:
    """Payload {"backtest": id}."""

    def __init__(self, database: Database, driver: Driver) -> None:
        self._database = database
        self._driver = driver

    async def __call__(self, job: ClaimedJob) -> None:
        try:
            await self._run(job)
        except Exception:
            log.exception("backtest %s failed", job.payload["backtest"])
            await self._fail(job.workspace_id, job.payload["backtest"])

    async def _run(self, job: ClaimedJob) -> None:
        until, workspace_id = time.monotonic() + SLICE_S, job.workspace_id
        async with self._database.unit_of_work() as session:
            backtest = await lock_backtest(session, workspace_id, job.payload["backtest"])
            if backtest is None or backtest.status not in {"pending", "running"}:
                return
            roles = await read_roles(session, workspace_id)
            stage = Stage(backtest, roles)
            span = await find_span(session, backtest, stage.replay.tariff)
            backtest.status = "running"
            backtest.total = await count_postings(session, backtest, span)
            done, cursor = backtest.done, backtest.cursor
            announce(session, workspace_id, f"backtest:{backtest.id}")
        while True:
            async with self._database.reading() as session:
                batch = await read_batch(session, backtest, span, cursor, BATCH)
                tariff = stage.replay.tariff
                wanting = [each for each in batch.posted if needs_state(tariff, each.entry)]
                states = await read_states(session, workspace_id, wanting)
            rows = await asyncio.to_thread(stage.play_batch, batch.posted, states, span.since, span.begins)
            if not await self._store(backtest.id, workspace_id, stage, rows, done, batch):
                return
            done, cursor = done + batch.size, batch.cursor
            if batch.size < BATCH:
                return
            if time.monotonic() > until:
                payload = dict(job.payload)
                await self._driver.run(enqueue(workspace_id, KIND, payload, self._database.clock()))
                return

    async def _store(  # noqa: PLR0917 - what a batch leaves behind
        self,
        backtest_id: str,
        workspace_id: str,
        stage: Stage,
        rows: list[dict[str, Any]],
        before: int,
        batch: Batch,
    ) -> bool:
        """Whether it goes on: somebody may have stopped it, or another job have taken it up."""
        is_last = batch.size < BATCH
        async with self._database.unit_of_work() as session:
            backtest = await lock_backtest(session, workspace_id, backtest_id)
            if backtest is None or backtest.status != "running" or backtest.done != before:
                return False
            if rows:
                values = [{**row, "backtest_id": backtest_id} for row in rows]
                await session.execute(insert(TariffBacktestTicket), values)
            backtest.done, backtest.cursor = before + batch.size, batch.cursor
            backtest.report = {**stage.report.as_json()}
            backtest.sums = {} if is_last else stage.replay.store()
            if is_last:
                backtest.status, backtest.finished_at = "done", self._database.clock()
                backtest.total = backtest.done
            announce(session, workspace_id, f"backtest:{backtest_id}")
        return True

    async def _fail(self, workspace_id: str, backtest_id: str) -> None:
        async with self._database.unit_of_work() as session:
            await session.execute(
                update(TariffBacktest)
                .where(TariffBacktest.id == backtest_id, TariffBacktest.workspace_id == workspace_id)
                .values(status="failed", error="backtest_failed", finished_at=self._database.clock())
            )
            announce(session, workspace_id, f"backtest:{backtest_id}")


async def lock_backtest(session: AsyncSession, workspace_id: str, backtest_id: str) -> TariffBacktest | None:
    """None where there is none in this workspace."""
    statement = (
        select(TariffBacktest)
        .where(TariffBacktest.id == backtest_id, TariffBacktest.workspace_id == workspace_id)
        .with_for_update()
    )
    found: TariffBacktest | None = (await session.execute(statement)).scalar_one_or_none()
    return found
