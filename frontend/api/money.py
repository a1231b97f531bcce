"""Tariffs and booked money, as pages call them. Every method raises ApiError when the API refuses."""

from __future__ import annotations

from typing import Any

from backend.contracts import settlement
from backend.contracts.common import Page
from frontend.api.transport import Transport, quoted


class MoneyApi:
    """The part of the client that deals with settlement."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    async def preview_settlement(self, ticket_id: str) -> settlement.SettlementPreview:
        """What the ticket would book if it ended now."""
        path = f"/tickets/{quoted(ticket_id)}/settlement-preview"
        return await self.transport.read(settlement.SettlementPreview, path)

    async def summarize_settlement(self, by: str, **filters: Any) -> settlement.Summary:
        """Sums by region, person, period or service."""
        return await self.transport.read(settlement.Summary, "/settlement/summary", by=by, **filters)

    async def list_lines(self, cursor: str | None = None, **filters: Any) -> Page[settlement.SettlementLine]:
        """Booked lines."""
        return await self.transport.read(
            Page[settlement.SettlementLine], "/settlement/lines", cursor=cursor, **filters
        )

    async def find_line(self, line_id: str) -> settlement.SettlementLine:
        """One booked line."""
        return await self.transport.read(settlement.SettlementLine, f"/settlement/lines/{quoted(line_id)}")

    async def find_earnings(self, period: str | None = None) -> settlement.Earnings:
        """What the signed-in member earned in a period."""
        return await self.transport.read(settlement.Earnings, "/me/earnings", period=period)

    async def list_tariffs(self) -> Page[settlement.TariffItem]:
        """Tariffs of the workspace."""
        return await self.transport.read(Page[settlement.TariffItem], "/tariffs")

    async def find_tariff(self, tariff_id: str, revision: int | None = None) -> settlement.TariffDetail:
        """One tariff with the document of a revision, the newest without one."""
        path = f"/tariffs/{quoted(tariff_id)}"
        return await self.transport.read(settlement.TariffDetail, path, revision=revision)

    async def create_tariff(self, wanted: settlement.CreateTariff, key: str) -> settlement.TariffDetail:
        """A new tariff with its first revision."""
        return await self.transport.write(settlement.TariffDetail, "POST", "/tariffs", wanted, key=key)

    async def revise_tariff(
        self, tariff_id: str, wanted: settlement.CreateTariffRevision, key: str
    ) -> settlement.TariffDetail:
        """The next revision; a stale base is refused."""
        path = f"/tariffs/{quoted(tariff_id)}/revisions"
        return await self.transport.write(settlement.TariffDetail, "POST", path, wanted, key=key)

    async def check_tariff(self, document: dict[str, Any]) -> settlement.TariffCheck:
        """What the linter says of a document, and its rules in words; nothing is stored."""
        body = settlement.TariffDocument(document=document)
        return await self.transport.write(settlement.TariffCheck, "POST", "/tariffs/check", body)

    async def try_sheet(self, tariff_id: str, wanted: settlement.SheetText) -> settlement.SheetOutcome:
        """What pasted cells would make of a tariff."""
        path = f"/tariffs/{quoted(tariff_id)}/sheet"
        return await self.transport.write(settlement.SheetOutcome, "POST", path, wanted)

    async def try_tariff(self, tariff_id: str, wanted: settlement.TariffTry) -> settlement.TariffTried:
        """What an imagined ticket would book; nothing is stored."""
        path = f"/tariffs/{quoted(tariff_id)}/try"
        return await self.transport.write(settlement.TariffTried, "POST", path, wanted)
