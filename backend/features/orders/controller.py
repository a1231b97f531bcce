"""Routes of orders: imports with a dry run, the orders themselves, their pools, and attribution rules."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from litestar import Controller, Router, delete, get, post
from litestar.params import Parameter, QueryParameter
from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import orders as wire
from backend.contracts.common import Page
from backend.db.models import Order, OrderImport
from backend.db.session import Database
from backend.features.files.sending import UploadBody
from backend.features.orders import files, queries, service
from backend.features.orders.naming import load_party_names
from backend.features.orders.present import present_import, present_order, present_pools, present_rule
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.errors import invalid_field
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.runtime.runtime import Runtime

READERS = requires("settle", "view")
WRITERS = requires("settle")
Name = Annotated[str | None, Parameter(max_length=80)]
State = Annotated[
    Literal["booked", "quarantined", "returned"] | None,
    QueryParameter(name="state", description="Only these"),
]
NewStores = Annotated[bool, Parameter(description="Take stores that no rule and no earlier order names")]


class OrderController(Controller):
    """Orders as they stand in the books."""

    path = "/orders"
    tags = ("orders",)

    @get("", guards=[READERS])
    async def list_orders(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        standing: State = None,
        channel: Name = None,
        import_id: Name = None,
        q: Name = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.Order]:
        """Newest first; `q` looks at the number and the store."""
        statement = queries.select_orders(actor).limit(limit + 1)
        for column, value in (
            (Order.state, standing),
            (Order.channel, channel),
            (Order.import_id, import_id),
        ):
            if value is not None:
                statement = statement.where(column == value)
        if q:
            statement = statement.where(
                or_(Order.number.contains(q, autoescape=True), Order.store.contains(q, autoescape=True))
            )
        if cursor:
            statement = statement.where(after((Order.id,), decode_cursor(cursor, str), descending=True))
        rows = list((await reading.execute(statement)).scalars())
        people = [row.owner_id for row in rows if row.owner_kind == "member"]
        names = await load_party_names(reading, actor.workspace_id, people)
        return make_page(rows, limit, lambda row: present_order(row, names, locale), lambda row: (row.id,))

    @get("/pools", guards=[READERS])
    async def show_pools(self, actor: Actor, reading: AsyncSession, locale: str) -> wire.Pools:
        """What each owner holds; with quarantine they sum to the total of all orders."""
        rows = await queries.sum_pools(reading, actor)
        people = [row[1] for row in rows if row[0] == "member"]
        names = await load_party_names(reading, actor.workspace_id, people)
        return present_pools(rows, names, locale)

    @get("/{order_id:str}", guards=[READERS])
    async def show_order(self, order_id: str, actor: Actor, reading: AsyncSession, locale: str) -> wire.Order:
        """One order."""
        order = await queries.find_order(reading, actor, order_id)
        people = [order.owner_id] if order.owner_kind == "member" else []
        names = await load_party_names(reading, actor.workspace_id, people)
        return present_order(order, names, locale)


class ImportController(Controller):
    """Files of orders. The dry run books nothing; applying books all, in the background."""

    path = "/orders/imports"
    tags = ("orders",)

    @post("", guards=[WRITERS], status_code=201)
    async def check_text(
        self, data: wire.ImportRequest, actor: Actor, database: Database, locale: str
    ) -> wire.OrderImport:
        """Check pasted cells or rows of a program."""
        if bool(data.text.strip()) == bool(data.rows):
            raise invalid_field("/text", "orders_one_of")
        spell = partial(files.spell_rows, data.rows)
        make = spell if data.rows else partial(files.read_text, data.text)
        return await _check(database, actor, make, name=data.name, new_stores=data.new_stores, locale=locale)

    @post(
        "/file",
        guards=[WRITERS],
        status_code=201,
        request_max_body_size=files.MAX_BYTES + 65_536,
        opt={"uploads": True},
    )
    async def check_file(
        self, data: UploadBody, actor: Actor, database: Database, locale: str, new_stores: NewStores = False
    ) -> wire.OrderImport:
        """Check a CSV or XLSX file."""
        content = await data.file.read()
        name = (data.file.filename or "")[:200]
        make = partial(files.read_content, content)
        return await _check(database, actor, make, name=name, new_stores=new_stores, locale=locale)

    @get("", guards=[WRITERS])
    async def list_imports(
        self, actor: Actor, reading: AsyncSession, locale: str, cursor: Cursor = None, limit: Limit = 20
    ) -> Page[wire.OrderImport]:
        """Newest first."""
        statement = queries.select_imports(actor).limit(limit + 1)
        if cursor:
            statement = statement.where(after((OrderImport.id,), decode_cursor(cursor, str), descending=True))
        rows = (await reading.execute(statement)).all()
        return make_page(
            rows, limit, lambda row: present_import(row[0], row[1] or "", locale), lambda row: (row[0].id,)
        )

    @get("/{import_id:str}", guards=[WRITERS])
    async def show_import(
        self, import_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.OrderImport:
        """How far it has come."""
        record, by = await queries.find_import(reading, actor, import_id)
        return present_import(record, by, locale)

    @post("/{import_id:str}/apply", guards=[WRITERS], status_code=201)
    async def apply(
        self,
        *,
        import_id: str,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.OrderImport:
        """Book a checked file, or go on with a stopped one."""
        async with database.unit_of_work() as session:
            job = await service.begin(session, actor, import_id, clock())
        await runtime.wake(job)
        return await _show(database, actor, import_id, locale)

    @post("/{import_id:str}/stop", guards=[WRITERS], status_code=200)
    async def stop(
        self, import_id: str, actor: Actor, session: AsyncSession, locale: str
    ) -> wire.OrderImport:
        """What is booked stays; the rest waits."""
        await service.stop(session, actor, import_id)
        record, by = await queries.find_import(session, actor, import_id)
        return present_import(record, by, locale)


async def _check(
    database: Database, actor: Actor, make: service.MakeCells, *, name: str, new_stores: bool, locale: str
) -> wire.OrderImport:
    import_id = await service.check_import(database, actor, make, name=name, new_stores=new_stores)
    return await _show(database, actor, import_id, locale)


async def _show(database: Database, actor: Actor, import_id: str, locale: str) -> wire.OrderImport:
    async with database.reading() as session:
        record, by = await queries.find_import(session, actor, import_id)
        return present_import(record, by, locale)


class RuleController(Controller):
    """Whom orders belong to."""

    path = "/attribution-rules"
    tags = ("orders",)

    @get("", guards=[READERS])
    async def list_rules(
        self, actor: Actor, reading: AsyncSession, locale: str
    ) -> Page[wire.AttributionRule]:
        """All that hold or will hold."""
        rows = list((await reading.execute(queries.select_rules(actor))).scalars())
        people = [row.owner_id for row in rows if row.owner_kind == "member"]
        names = await load_party_names(reading, actor.workspace_id, people)
        return Page(items=[present_rule(row, names, locale) for row in rows])

    @post("", guards=[WRITERS], status_code=201)
    async def add_rule(
        self, *, data: wire.CreateRule, actor: Actor, session: AsyncSession, clock: Clock, locale: str
    ) -> wire.AttributionRule:
        """A rule from a day on."""
        rule = await service.add_rule(session, actor, data, clock())
        people = [rule.owner_id] if rule.owner_kind == "member" else []
        names = await load_party_names(session, actor.workspace_id, people)
        return present_rule(rule, names, locale)

    @delete("/{rule_id:str}", guards=[WRITERS])
    async def end_rule(self, rule_id: str, actor: Actor, session: AsyncSession, clock: Clock) -> None:
        """Imports from now on do not look at it; what is booked stays."""
        await service.end_rule(session, actor, rule_id, clock())


ROUTER = Router(path="/", route_handlers=[ImportController, OrderController, RuleController])
