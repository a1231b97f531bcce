"""Checking a file of orders, and having it booked; rules of attribution."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import orders as wire
from backend.db.models import AttributionRule, Job, Member, OrderImport, OrderImportRow, Region, Tariff
from backend.db.session import Database, announce
from backend.db.types import new_id
from backend.features.orders import queries
from backend.features.orders.comparing import Compared, compare
from backend.features.orders.reading import Fault, Place, Reader, ReadOrder
from backend.features.platform.actor import Actor
from backend.features.platform.cells import Cells
from backend.features.platform.errors import Conflict, NotFound, invalid_field
from backend.features.settlement.naming import list_regions
from backend.runtime.audit import append
from backend.runtime.books.imports import KIND

MOST_FAULTS = 200
STORED_AT_ONCE = 5_000
MakeCells = Callable[[], Cells]


async def check_import(
    database: Database, actor: Actor, make_cells: MakeCells, *, name: str, new_stores: bool
) -> str:
    """The dry run: reads and compares everything, books nothing. Id of the import. `make_cells` is called
    in a thread, for a large file takes seconds. Raises Invalid, TooLarge."""
    cells = await asyncio.to_thread(make_cells)
    async with database.reading() as session:
        places = await _list_places(session, actor)
        stores = frozenset() if new_stores else await queries.list_stores(session, actor.workspace_id)
    reader = Reader(places, stores or None)
    orders = await asyncio.to_thread(reader.read, cells)
    async with database.reading() as session:
        keys = list(dict.fromkeys((order.channel, order.number) for order in orders))
        books = await queries.load_orders(session, actor.workspace_id, keys)
        returns = await queries.load_returns(session, [order.id for order in books.values()])
    compared = await asyncio.to_thread(compare, orders, books, returns, reader)
    return await _store(database, actor, name, cells=cells, faults=reader.faults, compared=compared)


async def _list_places(session: AsyncSession, actor: Actor) -> list[Place]:
    """Regions where one may settle, by every name they have."""
    reach = actor.reach("settle") or "nowhere"
    regions = await list_regions(session, actor.workspace_id)
    by_path = {region.path: region for region in regions}
    return [
        Place(
            id=region.id,
            key=region.key,
            path=region.path,
            names=tuple(_list_names(region, by_path)),
            zone=region.zone,
            currency=region.currency,
        )
        for region in regions
        if region.path.startswith(reach)
    ]


def _list_names(region: Region, by_path: dict[str, Region]) -> list[str]:
    """Its name, and with one, two ... of those above it before it: `上海`, `华东/上海`."""
    names: list[str] = []
    parts = [part for part in region.path.split("/") if part]
    for locale in ("zh", "en"):
        path = [by_path["/" + "/".join(parts[: at + 1]) + "/"] for at in range(len(parts))]
        spelled = [each.name.get(locale) or each.key for each in path]
        names += ["/".join(spelled[at:]) for at in range(len(spelled))]
    return names


async def _store(
    database: Database, actor: Actor, name: str, *, cells: Cells, faults: list[Fault], compared: Compared
) -> str:
    faults.sort(key=lambda fault: (fault.row, fault.cell))
    rows: list[ReadOrder] = [] if faults else compared.rows
    digest = hashlib.sha256(msgspec.json.encode(cells)).hexdigest()
    async with database.unit_of_work() as session:
        record = OrderImport(
            id=new_id(),
            workspace_id=actor.workspace_id,
            name=name,
            sha256=digest,
            state="refused" if faults else "reading",
            region_path=actor.reach("settle") or "/",
            total=len(rows) if not faults else max(0, len(cells) - 1),
            known=compared.known,
            done=0,
            booked=0,
            quarantined=0,
            returned=0,
            sums={} if faults else compared.sums,
            faults=msgspec.to_builtins(faults[:MOST_FAULTS]),
            fault_count=len(faults),
            created_at=database.clock(),
            created_by=actor.member_id,
        )
        session.add(record)
    for at in range(0, len(rows), STORED_AT_ONCE):
        async with database.unit_of_work() as session:
            stored = [
                {
                    "import_id": record.id,
                    "seq": seq,
                    "workspace_id": actor.workspace_id,
                    "content": msgspec.to_builtins(row),
                }
                for seq, row in enumerate(rows[at : at + STORED_AT_ONCE], at + 1)
            ]
            await session.execute(insert(OrderImportRow), stored)
    if not faults:
        async with database.unit_of_work() as session:
            found, _ = await queries.find_import(session, actor, record.id, lock=True)
            found.state = "checked"
    return record.id


async def begin(session: AsyncSession, actor: Actor, import_id: str, now: datetime) -> str:
    """A checked or stopped import runs from now on; the id of its job, which is of the same transaction: a
    process that dies right after it loses nothing. Raises NotFound, Conflict (`order_import_state`)."""
    record, _ = await queries.find_import(session, actor, import_id, lock=True)
    if record.state not in {"checked", "stopped"}:
        raise Conflict("order_import_state")
    detail = {"rows": record.total, "sums": record.sums, "name": record.name}
    await append(
        session, actor.workspace_id, actor.member_id, "orders.imported", f"order_import:{import_id}", detail
    )
    record.state = "running"
    job = Job(
        id=new_id(),
        workspace_id=actor.workspace_id,
        key=import_id,
        kind=KIND,
        payload={"import": import_id},
        status="pending",
        due_at=now,
        created_at=now,
    )
    session.add(job)
    await session.flush()
    announce(session, actor.workspace_id, f"order-import:{import_id}")
    return job.id


async def stop(session: AsyncSession, actor: Actor, import_id: str) -> None:
    """It goes on where it stopped, when somebody applies it again. Raises NotFound, Conflict."""
    record, _ = await queries.find_import(session, actor, import_id, lock=True)
    if record.state != "running":
        raise Conflict("order_import_state")
    record.state = "stopped"
    announce(session, actor.workspace_id, f"order-import:{import_id}")


async def add_rule(
    session: AsyncSession, actor: Actor, request: wire.CreateRule, now: datetime
) -> AttributionRule:
    """Raises Invalid, NotFound for a region out of reach, NotAllowed for a rule wider than the right."""
    region = await _find_region(session, actor, request.region_id)
    actor.require("settle", region.path if region else "/")
    await _check_owner(session, actor, request)
    zone = region.zone if region else "Asia/Shanghai"
    rule = AttributionRule(
        id=new_id(),
        workspace_id=actor.workspace_id,
        region_id=region.id if region else None,
        store=request.store.strip(),
        channel=request.channel.strip(),
        owner_kind=request.owner_kind,
        owner_id=request.owner_id.strip(),
        tariff_key=request.tariff.strip(),
        valid_from=(request.valid_from or now.astimezone(ZoneInfo(zone)).date()).isoformat(),
        created_at=now,
        created_by=actor.member_id,
    )
    session.add(rule)
    await session.flush()
    await _note(session, actor, "attribution_rule.added", rule)
    return rule


async def end_rule(session: AsyncSession, actor: Actor, rule_id: str, now: datetime) -> None:
    """No import after this one looks at it. Raises NotFound, NotAllowed."""
    statement = queries.select_rules(actor).where(AttributionRule.id == rule_id)
    rule: AttributionRule | None = (await session.execute(statement)).scalar_one_or_none()
    if rule is None:
        raise NotFound()
    region = await session.get(Region, rule.region_id) if rule.region_id else None
    if not actor.may("settle", region.path if region else "/"):
        raise NotFound()
    rule.ended_at = now
    await _note(session, actor, "attribution_rule.ended", rule)


async def _note(session: AsyncSession, actor: Actor, action: str, rule: AttributionRule) -> None:
    detail = {
        "region": rule.region_id,
        "store": rule.store,
        "channel": rule.channel,
        "owner": f"{rule.owner_kind}:{rule.owner_id}",
        "tariff": rule.tariff_key,
        "valid_from": rule.valid_from,
    }
    await append(session, actor.workspace_id, actor.member_id, action, f"attribution_rule:{rule.id}", detail)
    announce(session, actor.workspace_id, "orders")


async def _find_region(session: AsyncSession, actor: Actor, region_id: str | None) -> Region | None:
    if region_id is None:
        return None
    statement = select(Region).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    region: Region | None = (await session.execute(statement)).scalar_one_or_none()
    if region is None or not actor.may("settle", region.path):
        raise invalid_field("/region_id", "unknown_region")
    return region


async def _check_owner(session: AsyncSession, actor: Actor, request: wire.CreateRule) -> None:
    owner = request.owner_id.strip()
    if request.owner_kind == "region":
        known = select(Region.id).where(Region.workspace_id == actor.workspace_id, Region.key == owner)
        if owner and (await session.execute(known)).first() is None:
            raise invalid_field("/owner_id", "unknown_region")
    elif not owner:
        raise invalid_field("/owner_id", "owner_missing")
    elif request.owner_kind == "member":
        people = select(Member.id).where(Member.workspace_id == actor.workspace_id, Member.id == owner)
        if (await session.execute(people)).first() is None:
            raise invalid_field("/owner_id", "unknown_member")
    if request.tariff.strip():
        tariffs = select(Tariff.id).where(
            Tariff.workspace_id == actor.workspace_id, Tariff.key == request.tariff.strip()
        )
        if (await session.execute(tariffs)).first() is None:
            raise invalid_field("/tariff", "settlement.no_tariff", tariff=request.tariff.strip())
