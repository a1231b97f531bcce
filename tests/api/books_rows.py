"""Rows of orders, quarantine and labour in somebody else's workspace, and the bodies of their routes."""

from __future__ import annotations

from typing import Any

from backend.db.models import (
    AttributionRule,
    LabourEntry,
    LabourRun,
    Order,
    OrderImport,
    Project,
    QuarantineItem,
)
from backend.db.types import new_id
from tests.api.conftest import Tenant

BODIES: dict[str, Any] = {
    "POST /api/v1/quarantine/{item_id}/resolution": {"party": {"kind": "region", "id": "cn"}},
    "PATCH /api/v1/projects/{project_id}": {"active": False},
    "POST /api/v1/labour-entries/{entry_id}/rejection": {"reason": "x"},
    "POST /api/v1/labour-entries/{entry_id}/reversal": {"reason": "x"},
}
UPLOADS = {"POST /api/v1/orders/imports/file"}


async def seed_books(tenant: Tenant, posting_id: str, member_id: str) -> dict[str, str]:
    """One row of every kind; parameter name -> id."""
    names = ("order_id", "import_id", "rule_id", "item_id", "project_id", "entry_id", "gathering_id")
    ids = {name: new_id() for name in names}
    now, own = tenant.site.clock(), {"workspace_id": tenant.id}
    place = {"region_id": tenant.regions["cn"].id, "region_path": "/cn/"}
    counts = dict.fromkeys(("total", "known", "done", "booked", "quarantined", "returned", "fault_count"), 0)
    async with tenant.site.database.unit_of_work() as session:
        session.add_all(
            [
                OrderImport(
                    id=ids["import_id"],
                    name="f",
                    sha256="0" * 64,
                    state="checked",
                    region_path="/",
                    sums={},
                    faults=[],
                    created_at=now,
                    **counts,
                    **own,
                ),
                AttributionRule(
                    id=ids["rule_id"], owner_kind="region", valid_from="2026-01-01", created_at=now, **own
                ),
                Project(id=ids["project_id"], key="p", name={}, workflows=[], created_at=now, **own),
                LabourRun(
                    id=ids["gathering_id"],
                    month="2026-01",
                    region_path="/",
                    state="running",
                    done=0,
                    booked=0,
                    unmatched=0,
                    unpriced=[],
                    created_at=now,
                    **own,
                ),
            ]
        )
        await session.flush()
        order = Order(
            id=ids["order_id"], import_id=ids["import_id"], channel="c", number="n", store="", **own
        )
        order.region_id, order.region_path = place["region_id"], place["region_path"]
        order.amount, order.currency, order.state = 1, "CNY", "quarantined"
        order.ordered_at, order.created_at, order.attributes, order.why = now, now, {}, {}
        entry = LabourEntry(id=ids["entry_id"], project_id=ids["project_id"], member_id=member_id, **own)
        entry.day, entry.seconds, entry.source, entry.state = "2026-01-05", 60, "timesheet", "entered"
        entry.kind, entry.hourly, entry.amount, entry.currency = "", 0, 0, ""
        entry.region_path, entry.entered_at = "/cn/", now
        session.add_all([order, entry])
        await session.flush()
        item = QuarantineItem(id=ids["item_id"], posting_id=posting_id, order_id=order.id, **own, **place)
        item.ref, item.reason, item.params, item.candidates = {}, "attribution.none", {}, []
        item.amount, item.currency, item.state, item.created_at = 1, "CNY", "open", now
        session.add(item)
    return ids
