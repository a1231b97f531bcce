"""A small workspace: a region tree, three people, one tariff, and workflows written out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from backend.db.models import (
    Connection,
    Member,
    Region,
    Release,
    Tariff,
    TariffRevision,
    User,
    Workflow,
    Workspace,
)
from backend.db.session import Database
from backend.graph.canonical import canonical_json, content_hash
from backend.graph.model import Definition
from backend.graph.registry import Registry
from backend.runtime.runtime import Runtime, StartTicket, TransitionResult
from designer_nodes import NODE_TYPES

EPOCH = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
REGISTRY = Registry(NODE_TYPES)


class TestClock:
    """A clock that moves when told."""

    __test__ = False

    def __init__(self) -> None:
        self.now = EPOCH

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


def definition(nodes: dict[str, Any], edges: list[str], **settings: Any) -> dict[str, Any]:
    """Nodes are (type, config); an edge is `source.port>target` with an optional ` if CEL`."""
    drawn = {}
    for at, edge in enumerate(edges):
        way, _, condition = edge.partition(" if ")
        source, target = way.split(">")
        node, _, port = source.partition(".")
        drawn[f"e{at}"] = {
            "source": node,
            "port": port or "next",
            "target": target,
            "when": condition or None,
            "order": at,
        }
    return {
        "format": "tierflow.workflow/1",
        "name": {"zh": "报修", "en": "Repair"},
        "graph": {
            "format": "tierflow.graph/1",
            "nodes": {
                key: {"type": kind, "v": 1, "label": {"zh": key, "en": key}, "config": config}
                for key, (kind, config) in nodes.items()
            },
            "edges": drawn,
        },
        "forms": {"f": {"title": {"zh": "表", "en": "Form"}, "schema": {"type": "object"}, "ui": {}}},
        "settings": settings,
    }


BY_SALE = {"tariff": "visits", "quantities": [{"measure": "sale", "value": "data.sale"}]}
AGENT = {"form": "f", "offer": {"to": "role", "role": "agent"}}

VISIT_AND_SETTLE = definition(
    {
        "start": ("start", {"form": "f"}),
        "send": ("dispatch", {"role": "agent"}),
        "visit": ("form_task", {"form": "f", "offer": {"to": "owner"}}),
        "pay": ("settle", BY_SALE),
        "end": ("end", {}),
    },
    ["start>send", "send.assigned>visit", "visit.done>pay", "pay>end"],
)
WAITING = definition(
    {
        "start": ("start", {}),
        "wait": ("wait", {"duration": "PT1H"}),
        "work": ("form_task", AGENT),
        "end": ("end", {}),
    },
    ["start>wait", "wait.next>work", "work.done>end"],
)
CALLING = definition(
    {
        "start": ("start", {}),
        "call": ("webhook", {"method": "POST", "url": "https://api.example.com/x", "result_field": "answer"}),
        "end": ("end", {}),
    },
    ["start>call", "call.ok>end"],
)

PAID = {"mode": "message", "message": "paid", "correlation": "data.order"}
AWAITING = definition(
    {"start": ("start", {}), "wait": ("wait", PAID), "end": ("end", {})},
    ["start>wait", "wait.next>end"],
)
SENDING = definition(
    {
        "start": ("start", {}),
        "send": (
            "send_message",
            {
                "name": "paid",
                "correlation": "data.order",
                "values": [{"name": "amount", "value": "data.amount"}],
                "keep": "PT1H",
            },
        ),
        "end": ("end", {}),
    },
    ["start>send", "send.next>end"],
)
"""Beside AWAITING: each ticket of the one wakes the ticket of the other that has the same order."""
CHILD = definition(
    {"start": ("start", {"form": "f"}), "work": ("form_task", AGENT), "end": ("end", {})},
    ["start>work", "work.done>end"],
)
PARENT = definition(
    {
        "start": ("start", {}),
        "sub": (
            "subflow",
            {
                "workflow": "child",
                "inputs": [{"field": "problem", "value": "data.what"}],
                "outputs": [
                    {"field": "data.child", "path": "number"},
                    {"field": "data.cost", "path": "data.cost"},
                ],
            },
        ),
        "end": ("end", {}),
    },
    ["start>sub", "sub.next>end"],
)
"""Starts a ticket of CHILD, published under the key `child`, and waits for it."""

TARIFF = {
    "format": "tierflow.tariff/1",
    "key": "visits",
    "name": {"zh": "上门费", "en": "Visits"},
    "currency": "CNY",
    "accumulation": "period",
    "measures": {"sale": {"label": {"zh": "销售额", "en": "Sales"}, "kind": "money"}},
    "rows": [
        {
            "id": "east",
            "match": {"region": "east"},
            "charge": {
                "model": "volume_percentage",
                "measure": "sale",
                "inclusive": "lower",
                "tiers": [
                    {"from": "0", "to": "5000000", "rate": "0.08"},
                    {"from": "5000000", "to": None, "rate": "0.12"},
                ],
            },
        }
    ],
}


class World:
    """Ids of what was made, and the runtime over it."""

    def __init__(self, database: Database, clock: TestClock, **options: Any) -> None:
        self.database = database
        self.clock = clock
        self.options = options
        self.runtime = Runtime(database, REGISTRY, clock, **options)
        self.workspace = "w" * 36
        self.members: dict[str, str] = {}
        self.regions: dict[str, str] = {}

    async def build(self, tariff: dict[str, Any] | None = None) -> None:
        async with self.database.unit_of_work() as session:
            session.add(Workspace(id=self.workspace, name="w", settings={}, created_at=EPOCH))
            await session.flush()
            parent: str | None = None
            for key, path in (("cn", "/cn/"), ("east", "/cn/east/"), ("sh", "/cn/east/sh/")):
                self.regions[key] = await self._region(session, key, path, parent)
                parent = self.regions[key]
            self.regions["north"] = await self._region(session, "north", "/cn/north/", self.regions["cn"])
            for name, region in (("ann", "sh"), ("bob", "sh"), ("cat", "north")):
                await self._member(session, name, region)
            await self._tariff(session, tariff or TARIFF)

    async def find(self) -> None:
        """The ids of a world that an earlier process has built."""
        async with self.database.reading() as session:
            self.regions = dict((await session.execute(select(Region.key, Region.id))).tuples().all())
            self.members = dict((await session.execute(select(Member.name, Member.id))).tuples().all())

    async def _region(self, session: Any, key: str, path: str, parent: str | None) -> str:
        region = Region(
            workspace_id=self.workspace, key=key, path=path, parent_id=parent, name={"zh": key, "en": key}
        )
        session.add(region)
        await session.flush()
        return region.id

    async def _member(self, session: Any, name: str, region: str) -> None:
        user = User(email=f"{name}@example.com", password_hash="-", name=name, created_at=EPOCH)
        session.add(user)
        await session.flush()
        member = Member(
            workspace_id=self.workspace,
            user_id=user.id,
            name=name,
            roles=["agent"],
            region_id=self.regions[region],
            created_at=EPOCH,
        )
        session.add(member)
        await session.flush()
        self.members[name] = member.id

    async def _tariff(self, session: Any, document: dict[str, Any]) -> None:
        tariff = Tariff(
            workspace_id=self.workspace, key=document["key"], name=document["name"], created_at=EPOCH
        )
        session.add(tariff)
        await session.flush()
        self.tariff_id = tariff.id
        session.add(
            TariffRevision(
                workspace_id=self.workspace,
                tariff_id=tariff.id,
                revision=1,
                document=document,
                effective_from=EPOCH - timedelta(days=1),
                created_at=EPOCH,
            )
        )

    async def connect(self, kind: str, config: dict[str, Any]) -> None:
        async with self.database.unit_of_work() as session:
            session.add(Connection(workspace_id=self.workspace, kind=kind, config=config, updated_at=EPOCH))

    async def publish(self, raw: dict[str, Any], key: str = "repair") -> str:
        """A workflow with this one release; its id."""
        value = msgspec.convert(raw, Definition)
        async with self.database.unit_of_work() as session:
            workflow = Workflow(
                workspace_id=self.workspace, key=key, name=raw["name"], created_at=EPOCH, updated_at=EPOCH
            )
            session.add(workflow)
            await session.flush()
            session.add(
                Release(
                    workspace_id=self.workspace,
                    workflow_id=workflow.id,
                    number=1,
                    hash=content_hash(value),
                    definition=canonical_json(value).decode(),
                    created_at=EPOCH,
                )
            )
        return workflow.id

    async def start(self, workflow: str, region: str = "sh", **facts: Any) -> TransitionResult:
        wanted = StartTicket(
            workspace_id=self.workspace, workflow_id=workflow, region_id=self.regions[region], **facts
        )
        return await self.runtime.start_ticket(wanted)
