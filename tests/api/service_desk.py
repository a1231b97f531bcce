"""A small service desk to test with: a repair workflow with its forms, and the tariff that pays for it.

Customers or staff report, an agent of the region visits, the visit is settled, the customer rates. An agent
may hand the visit to the regional manager instead of finishing it.
"""

from __future__ import annotations

import io
from copy import deepcopy
from typing import Any

import httpx
from PIL import Image

from tests.api.conftest import Tenant

API = "/api/v1"


def text(zh: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "maxLength": 200, "title": zh, **more}


PHOTOS = {
    "type": "array",
    "maxItems": 3,
    "x-type": "photos",
    "items": {"type": "string", "x-type": "file"},
}
FORMS: dict[str, Any] = {
    "request": {
        "title": {"zh": "报修", "en": "Report"},
        "schema": {
            "type": "object",
            "required": ["contact_name", "problem"],
            "properties": {
                "contact_name": text("姓名"),
                "contact_phone": {**text("电话"), "x-type": "phone", "pattern": "^\\+?[0-9 -]{5,20}$"},
                "problem": text("问题", maxLength=40),
                "photos": PHOTOS,
            },
        },
        "ui": {"ui:order": ["contact_name", "contact_phone", "problem", "photos"]},
    },
    "visit": {
        "title": {"zh": "上门", "en": "Visit"},
        "schema": {
            "type": "object",
            "required": ["hours", "recovered"],
            "properties": {
                "contact_name": text("姓名"),
                "hours": {"type": "number", "minimum": 0, "title": "工时"},
                "recovered": {"type": "integer", "x-type": "money", "x-currency": "CNY", "minimum": 0},
                "remark": text("备注"),
                "margin": {"type": "integer", "title": "毛利"},
            },
        },
        "ui": {},
    },
}
DEFINITION: dict[str, Any] = {
    "format": "tierflow.workflow/1",
    "name": {"zh": "维修", "en": "Repair"},
    "graph": {
        "format": "tierflow.graph/1",
        "nodes": {
            "n_start": {"type": "start", "config": {"form": "request", "sources": ["customer", "staff"]}},
            "n_visit": {
                "type": "form_task",
                "label": {"zh": "上门维修", "en": "Site visit"},
                "config": {
                    "form": "visit",
                    "offer": {"to": "role", "role": "agent", "scope": "region"},
                    "access": {"margin": "hidden", "contact_name": "readonly"},
                    "show": ["data.problem"],
                    "buttons": [
                        {
                            "name": "hand_up",
                            "label": {"zh": "请经理处理", "en": "Hand up"},
                            "needs_comment": True,
                            "validates": False,
                        }
                    ],
                },
            },
            "n_manager": {
                "type": "form_task",
                "label": {"zh": "经理处理", "en": "Manager"},
                "config": {
                    "form": "visit",
                    "offer": {"to": "role", "role": "regional_manager", "scope": "region"},
                },
            },
            "n_settle": {
                "type": "settle",
                "label": {"zh": "结算", "en": "Settle"},
                "config": {
                    "tariff": "visits",
                    "quantities": [
                        {"measure": "hours", "value": "data.hours"},
                        {"measure": "recovered", "value": "data.recovered"},
                    ],
                },
            },
            "n_rate": {"type": "rating", "label": {"zh": "评价", "en": "Rating"}, "config": {}},
            "n_end": {"type": "end"},
        },
        "edges": {
            "e1": {"source": "n_start", "port": "next", "target": "n_visit"},
            "e2": {"source": "n_visit", "port": "done", "target": "n_settle"},
            "e3": {"source": "n_visit", "port": "hand_up", "target": "n_manager"},
            "e4": {"source": "n_manager", "port": "done", "target": "n_settle"},
            "e5": {"source": "n_settle", "port": "next", "target": "n_rate"},
            "e6": {"source": "n_rate", "port": "rated", "target": "n_end"},
        },
    },
    "forms": FORMS,
    "settings": {"title": "data.problem", "tariff_policy": "at_completion"},
}
STORED: dict[str, Any] = {
    **DEFINITION,
    "graph": {
        **DEFINITION["graph"],
        "nodes": {
            key: {"v": 1, "label": {"zh": "", "en": ""}, **node}
            for key, node in DEFINITION["graph"]["nodes"].items()
        },
    },
    "settings": DEFINITION.get("settings", {}),
}
"""DEFINITION as its draft keeps it: with the members that the format may leave out."""
TARIFF: dict[str, Any] = {
    "format": "tierflow.tariff/1",
    "key": "visits",
    "name": {"zh": "上门结算", "en": "Site visits"},
    "currency": "CNY",
    "measures": {
        "hours": {"label": {"zh": "工时", "en": "labour"}, "unit": {"zh": "小时", "en": "hours"}},
        "recovered": {"label": {"zh": "回收金额", "en": "recovered"}, "kind": "money"},
    },
    "rows": [
        {
            "id": "east",
            "match": {"region": "east"},
            "charge": {
                "model": "composite",
                "parts": [
                    {"id": "labour", "charge": {"model": "per_unit", "measure": "hours", "rate": "6000"}},
                    {
                        "id": "share",
                        "charge": {"model": "percentage", "measure": "recovered", "rate": "0.05"},
                    },
                ],
            },
        },
        {"id": "anywhere", "charge": {"model": "flat", "amount": 8000}},
    ],
}
REQUEST = {"contact_name": "赵先生", "contact_phone": "13800000000", "problem": "空调不制冷"}
VISIT = {"hours": 3, "recovered": 100_000}
"""East: 3 x 60.00 + 5 % of 1,000.00 = 230.00. Elsewhere: 80.00."""


def monthly(**changed: Any) -> dict[str, Any]:
    """As TARIFF, but a share of the month's total: 8 % of all of it from 2,000.00 on, below that 5 %."""
    document = deepcopy(TARIFF)
    tiers = [
        {"from": "0", "to": "200000", "rate": "0.05"},
        {"from": "200000", "to": None, "rate": "0.08"},
    ]
    charge = {"model": "volume_percentage", "measure": "recovered", "inclusive": "lower", "tiers": tiers}
    rows = [{"id": "all", "charge": charge}]
    return {**document, "accumulation": "period", "period": "month", "rows": rows, **changed}


class Desk:
    """The workflow, published, with its tariff."""

    def __init__(self, tenant: Tenant, admin: httpx.AsyncClient, workflow_id: str, tariff_id: str) -> None:
        self.tenant = tenant
        self.admin = admin
        self.workflow_id = workflow_id
        self.tariff_id = tariff_id

    async def report(
        self, client: httpx.AsyncClient, region: str = "shanghai", **headers: str
    ) -> dict[str, Any]:
        """Staff open a ticket."""
        body = {
            "workflow_id": self.workflow_id,
            "region_id": self.tenant.regions[region].id,
            "data": REQUEST,
        }
        started: dict[str, Any] = expect(await client.post(f"{API}/tickets", json=body, headers=headers), 201)
        return started

    async def open_task(self, client: httpx.AsyncClient, ticket_id: str) -> dict[str, Any]:
        """The ticket's only open task as the client sees it."""
        tasks = expect(await client.get(f"{API}/tickets/{ticket_id}"))["tasks"]
        assert len(tasks) == 1, tasks
        found: dict[str, Any] = tasks[0]
        return found

    async def visit(self, client: httpx.AsyncClient, region: str = "shanghai", **data: Any) -> dict[str, Any]:
        """A ticket opened and visited by one member; answers the ticket."""
        started = await self.report(client, region)
        task = await self.open_task(client, started["id"])
        body = {"outcome": "done", "data": {**VISIT, **data}}
        expect(await client.post(f"{API}/tasks/{task['id']}/complete", json=body))
        ticket: dict[str, Any] = expect(await client.get(f"{API}/tickets/{started['id']}"))
        return ticket

    async def add_link(self, region: str = "shanghai") -> str:
        """Token of a public form."""
        body = {"region_id": self.tenant.regions[region].id, "channel": "store", "name": "门口"}
        link = expect(
            await self.admin.post(f"{API}/workflows/{self.workflow_id}/entry-links", json=body), 201
        )
        token: str = link["token"]
        return token


def expect(answer: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer of this status."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None


async def open_desk(tenant: Tenant, admin: httpx.AsyncClient, tariff: dict[str, Any] = TARIFF) -> Desk:
    """Publish the workflow and its tariff by the API."""
    created = expect(
        await admin.post(
            f"{API}/workflows",
            json={"name": {"zh": "维修", "en": "Repair"}, "key": "repair", "definition": DEFINITION},
        ),
        201,
    )
    stored = expect(await admin.post(f"{API}/tariffs", json={"document": tariff}), 201)
    path = f"{API}/workflows/{created['id']}/releases"
    expect(await admin.post(path, json={"revision": 1, "note": ""}), 201)
    return Desk(tenant, admin, created["id"], stored["id"])


def make_photo() -> bytes:
    """A real JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (20, 120, 200)).save(out, "JPEG")
    return out.getvalue()
