"""Settlement periods, as pages call them."""

from __future__ import annotations

from backend.contracts import periods
from backend.contracts.common import Page
from frontend.api.transport import Transport, quoted


class PeriodApi:
    """The part of the client that deals with periods. Every method raises ApiError when the API refuses."""

    transport: Transport

    async def list_units(self) -> Page[periods.SettlementUnit]:
        """Whose books are kept in periods of their own."""
        return await self.transport.read(Page[periods.SettlementUnit], "/settlement/units")

    async def list_periods(self, unit_id: str, cursor: str | None = None) -> Page[periods.Period]:
        """Periods of a unit, the newest first."""
        return await self.transport.read(
            Page[periods.Period], "/settlement/periods", unit_id=unit_id, cursor=cursor, limit=12
        )

    async def list_recent_periods(self) -> Page[periods.Period]:
        """Of all units within reach."""
        return await self.transport.read(Page[periods.Period], "/settlement/periods", limit=50)

    async def find_period(self, period_id: str) -> periods.PeriodDetail:
        """One period with what is missing before its close."""
        return await self.transport.read(periods.PeriodDetail, _path(period_id))

    async def list_kinds(self, period_id: str) -> Page[periods.KindTotal]:
        """What it comes to by kind of account."""
        return await self.transport.read(Page[periods.KindTotal], f"{_path(period_id)}/kinds")

    async def list_totals(
        self, period_id: str, kind: str | None = None, cursor: str | None = None
    ) -> Page[periods.PartyTotal]:
        """Account by account."""
        return await self.transport.read(
            Page[periods.PartyTotal], f"{_path(period_id)}/totals", kind=kind, cursor=cursor
        )

    async def close_period(self, period_id: str, wanted: periods.ClosePeriod) -> periods.PeriodDetail:
        """Begins the close."""
        path = f"{_path(period_id)}/closing"
        return await self.transport.write(periods.PeriodDetail, "POST", path, wanted)

    async def reopen_period(self, period_id: str, wanted: periods.ReopenPeriod) -> periods.PeriodDetail:
        """Back to review or open."""
        path = f"{_path(period_id)}/reopening"
        return await self.transport.write(periods.PeriodDetail, "POST", path, wanted)

    async def move_period(self, period_id: str, step: str) -> periods.PeriodDetail:
        """`step`: review, freezing, closing/stop or closing/resume."""
        return await self.transport.write(periods.PeriodDetail, "POST", f"{_path(period_id)}/{step}", {})


def _path(period_id: str) -> str:
    return f"/settlement/periods/{quoted(period_id)}"
