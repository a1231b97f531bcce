"""Orders, quarantine and labour, as pages call them. Every method raises ApiError when the API refuses."""

from __future__ import annotations

from typing import Any

from backend.contracts import labour, orders, quarantine
from backend.contracts.common import Page
from frontend.api.transport import Transport, quoted


class BooksApi:
    """The part of the client that deals with orders, quarantine and labour."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    # orders

    async def check_orders(self, wanted: orders.ImportRequest) -> orders.OrderImport:
        """The dry run: every fault at its cell, nothing booked."""
        return await self.transport.write(orders.OrderImport, "POST", "/orders/imports", wanted)

    async def find_order_import(self, import_id: str) -> orders.OrderImport:
        """How far it has come."""
        return await self.transport.read(orders.OrderImport, f"/orders/imports/{quoted(import_id)}")

    async def list_order_imports(self) -> Page[orders.OrderImport]:
        """The last ones."""
        return await self.transport.read(Page[orders.OrderImport], "/orders/imports", limit=10)

    async def turn_order_import(self, import_id: str, action: str) -> orders.OrderImport:
        """`apply` or `stop`."""
        path = f"/orders/imports/{quoted(import_id)}/{action}"
        return await self.transport.write(orders.OrderImport, "POST", path, {})

    async def list_orders(self, cursor: str | None = None, **filters: Any) -> Page[orders.Order]:
        """Newest first; filters are state, channel and q."""
        return await self.transport.read(Page[orders.Order], "/orders", cursor=cursor, **filters)

    async def show_pools(self) -> orders.Pools:
        """Who holds how much of the orders."""
        return await self.transport.read(orders.Pools, "/orders/pools")

    async def list_attribution_rules(self) -> Page[orders.AttributionRule]:
        """Whom orders belong to."""
        return await self.transport.read(Page[orders.AttributionRule], "/attribution-rules")

    async def add_attribution_rule(self, wanted: dict[str, Any]) -> orders.AttributionRule:
        """A rule from a day on; see `orders.CreateRule`."""
        return await self.transport.write(orders.AttributionRule, "POST", "/attribution-rules", wanted)

    async def end_attribution_rule(self, rule_id: str) -> None:
        """Imports from now on do not look at it."""
        await self.transport.send("DELETE", f"/attribution-rules/{quoted(rule_id)}")

    # quarantine

    async def list_quarantine(
        self, cursor: str | None = None, **filters: Any
    ) -> Page[quarantine.QuarantineItem]:
        """What waits; filters are state, region_id, reason and ticket_id."""
        return await self.transport.read(
            Page[quarantine.QuarantineItem], "/quarantine", cursor=cursor, **filters
        )

    async def summarize_quarantine(self, region_id: str | None = None) -> quarantine.QuarantineSummary:
        """How much waits, and why."""
        return await self.transport.read(
            quarantine.QuarantineSummary, "/quarantine/summary", region_id=region_id
        )

    async def resolve_quarantine(self, item_id: str, wanted: quarantine.Resolve) -> None:
        """Whose it is."""
        path = f"/quarantine/{quoted(item_id)}/resolution"
        await self.transport.write(quarantine.QuarantineItem, "POST", path, wanted)

    async def resolve_many(self, wanted: quarantine.ResolveMany) -> quarantine.Resolutions:
        """Several at once."""
        return await self.transport.write(quarantine.Resolutions, "POST", "/quarantine/resolutions", wanted)

    # labour

    async def find_labour_cost(self, month: str) -> labour.LabourCost:
        """What projects bear in a month."""
        return await self.transport.read(labour.LabourCost, "/labour-cost", month=month)

    async def gather_hours(self, month: str) -> labour.LabourRun:
        """Hours of the month's finished tickets, in the background."""
        body = labour.GatherHours(month=month)
        return await self.transport.write(labour.LabourRun, "POST", "/labour-runs", body)

    async def turn_gathering(self, run_id: str, action: str) -> labour.LabourRun:
        """`stop` or `resume`."""
        return await self.transport.write(
            labour.LabourRun, "POST", f"/labour-runs/{quoted(run_id)}/{action}", {}
        )

    async def list_projects(self) -> Page[labour.Project]:
        """All of the workspace."""
        return await self.transport.read(Page[labour.Project], "/projects")

    async def change_project(self, project_id: str, wanted: labour.UpdateProject) -> labour.Project:
        """Its name, its workflows, or whether it takes hours."""
        path = f"/projects/{quoted(project_id)}"
        return await self.transport.write(labour.Project, "PATCH", path, wanted)

    async def add_labour_rate(self, wanted: dict[str, Any]) -> labour.LabourRate:
        """From a day on; see `labour.CreateRate`."""
        return await self.transport.write(labour.LabourRate, "POST", "/labour-rates", wanted)

    async def list_labour_rates(self) -> Page[labour.LabourRate]:
        """What hours cost."""
        return await self.transport.read(Page[labour.LabourRate], "/labour-rates")

    async def list_labour_entries(
        self, cursor: str | None = None, **filters: Any
    ) -> Page[labour.LabourEntry]:
        """Hours; filters are month, project_id, member_id (`me`) and state."""
        return await self.transport.read(
            Page[labour.LabourEntry], "/labour-entries", cursor=cursor, **filters
        )

    async def decide_hours(self, entry_id: str, action: str, reason: str = "") -> None:
        """`confirmation`, or with a reason `rejection` and `reversal`."""
        body = labour.LabourReason(reason=reason) if reason else None
        path = f"/labour-entries/{quoted(entry_id)}/{action}"
        await self.transport.write(labour.LabourEntry, "POST", path, body)

    async def withdraw_hours(self, entry_id: str) -> None:
        """One's own, while they wait."""
        await self.transport.send("DELETE", f"/labour-entries/{quoted(entry_id)}")
