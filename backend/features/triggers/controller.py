"""Routes of triggers, variants, records, and the door for signed deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, Router, delete, get, patch, post, put
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import triggers as wire
from backend.contracts.common import Page
from backend.db.models import CollectionRecord, TriggerFiring
from backend.db.session import Database
from backend.features.platform.actor import Actor, public, requires
from backend.features.platform.clock import Clock
from backend.features.platform.errors import NotFound, SignInRequired
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.triggers import hooks, queries, service, variants
from backend.features.triggers.present import list_kinds, present_fired, present_firing, present_trigger
from backend.runtime.runtime import Runtime

Token = Annotated[str, Parameter(max_length=64)]
Collection = Annotated[str, Parameter(max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
RecordKey = Annotated[str, Parameter(max_length=100)]
FORGED_AT_MOST = 60


@get("/trigger-kinds", guards=[requires("view", "edit", "publish")], tags=["triggers"])
async def show_kinds(actor: Actor) -> Page[wire.TriggerKind]:
    """The kinds of triggers with the schemas of their configs."""
    return Page(items=list_kinds())


class WorkflowTriggerController(Controller):
    """Triggers and variants of one workflow."""

    path = "/workflows/{workflow_id:str}"
    tags = ("triggers",)

    @get("/triggers", guards=[requires("view", "edit", "publish")])
    async def list_triggers(
        self, workflow_id: str, actor: Actor, reading: AsyncSession, base_url: str, locale: str
    ) -> Page[wire.Trigger]:
        """All of them, each with its last firing."""
        await queries.find_workflow(reading, actor, workflow_id)
        found = await queries.list_triggers(reading, actor, workflow_id)
        last = await queries.map_last(reading, found)
        firings = {key: present_firing(*value, locale) for key, value in last.items()}
        return Page(items=[present_trigger(each, base_url, firings.get(each.id)) for each in found])

    @post("/triggers", guards=[requires("publish")], opt={"replays": False}, status_code=201)
    async def create(
        self,
        *,
        workflow_id: str,
        data: wire.CreateTrigger,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        base_url: str,
    ) -> wire.Trigger:
        """A new trigger. A webhook's secret is answered this once."""
        async with database.unit_of_work() as session:
            made, secret = await service.create_trigger(session, actor, workflow_id, data, clock())
        return await _plan(database, runtime, actor, trigger_id=made.id, base_url=base_url, secret=secret)

    @get("/variants", guards=[requires("view", "edit", "publish")])
    async def show_variants(
        self, workflow_id: str, actor: Actor, reading: AsyncSession, runtime: Runtime, locale: str
    ) -> wire.Variants:
        """The rules by which starts of this workflow go elsewhere, in order."""
        return await variants.show_variants(reading, runtime, actor, workflow_id, locale)

    @put("/variants", guards=[requires("publish")])
    async def save_variants(
        self,
        *,
        workflow_id: str,
        data: wire.SaveVariants,
        actor: Actor,
        session: AsyncSession,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.Variants:
        """Replace them all. They are looked at once, so no circle can arise."""
        await variants.save_variants(session, actor, workflow_id, data, clock())
        return wire.Variants(rules=data.rules)

    @post("/variants/try", guards=[requires("view", "edit", "publish")], status_code=200)
    async def try_variants(
        self,
        *,
        workflow_id: str,
        data: wire.TryVariants,
        actor: Actor,
        reading: AsyncSession,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.TriedVariants:
        """Which workflow a start would begin; nothing is written."""
        return await variants.try_variants(
            reading, runtime, actor, workflow_id, data, now=clock(), locale=locale
        )


class TriggerController(Controller):
    """One trigger."""

    path = "/triggers/{trigger_id:str}"
    tags = ("triggers",)

    @get("", guards=[requires("view", "edit", "publish")])
    async def show(self, trigger_id: str, actor: Actor, reading: AsyncSession, base_url: str) -> wire.Trigger:
        """Its settings; secrets are not shown."""
        return present_trigger(await queries.find_trigger(reading, actor, trigger_id), base_url)

    @patch("", guards=[requires("publish")])
    async def change(
        self,
        *,
        trigger_id: str,
        data: wire.UpdateTrigger,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        base_url: str,
    ) -> wire.Trigger:
        """Change it, switch it on or off; timed ones are planned anew."""
        async with database.unit_of_work() as session:
            await service.change_trigger(session, actor, trigger_id, data, clock())
        return await _plan(database, runtime, actor, trigger_id=trigger_id, base_url=base_url)

    @delete("", guards=[requires("publish")], status_code=204)
    async def remove(self, trigger_id: str, actor: Actor, database: Database, runtime: Runtime) -> None:
        """Remove it with its log; the tickets stay."""
        async with database.unit_of_work() as session:
            await service.delete_trigger(session, actor, trigger_id)
        await runtime.triggers.plan(actor.workspace_id, trigger_id)

    @post("/rotate", guards=[requires("publish")], opt={"replays": False}, status_code=200)
    async def rotate(
        self, trigger_id: str, actor: Actor, session: AsyncSession, clock: Clock, base_url: str
    ) -> wire.Trigger:
        """A new secret for a webhook, answered this once; the old one is void."""
        trigger, secret = await service.rotate_secret(session, actor, trigger_id, clock())
        return present_trigger(trigger, base_url, secret=secret)

    @post("/fire", guards=[requires("run")], status_code=200)
    async def fire(
        self,
        *,
        trigger_id: str,
        data: wire.FireTrigger,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        locale: str,
    ) -> wire.Fired:
        """Start a ticket once per `cause`; the same cause again gets the first answer."""
        return present_fired(await service.fire(database, runtime, actor, trigger_id, data), locale)

    @post("/try", guards=[requires("edit", "publish")], status_code=200)
    async def try_out(
        self,
        *,
        trigger_id: str,
        data: wire.TryTrigger,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.Tried:
        """What this input would start, or why nothing; nothing is written."""
        async with database.reading() as session:
            await queries.find_trigger(session, actor, trigger_id)
        return await service.try_trigger(runtime, actor, trigger_id, data, now=clock(), locale=locale)

    @get("/firings", guards=[requires("view", "edit", "publish")])
    async def list_firings(
        self,
        *,
        trigger_id: str,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.Firing]:
        """The log, newest first: what came, what started, and why not."""
        await queries.find_trigger(reading, actor, trigger_id)
        statement = queries.select_firings(actor, trigger_id).limit(limit + 1)
        if cursor:
            last = decode_cursor(cursor, datetime, str)
            statement = statement.where(after((TriggerFiring.at, TriggerFiring.id), last, descending=True))
        rows = (await reading.execute(statement)).all()
        return make_page(
            rows,
            limit,
            lambda row: present_firing(row[0], row[1], locale),
            lambda row: (row[0].at, row[0].id),
        )


@post(
    "/triggers/{trigger_id:str}/firings/{firing_id:str}/retry",
    guards=[requires("publish")],
    status_code=200,
    tags=["triggers"],
)
async def fire_again(
    *, trigger_id: str, firing_id: str, actor: Actor, database: Database, runtime: Runtime, locale: str
) -> wire.Fired:
    """Try a failed firing again with what is known of its cause: the same cause starts at most one ticket."""
    fired = await service.fire_again(database, runtime, actor, trigger_id, firing_id)
    return present_fired(fired, locale)


async def _plan(
    database: Database,
    runtime: Runtime,
    actor: Actor,
    *,
    trigger_id: str,
    base_url: str,
    secret: str | None = None,
) -> wire.Trigger:
    """After the commit: a timed trigger gets its next moment; should that be lost, the next start makes it
    up."""
    await runtime.triggers.plan(actor.workspace_id, trigger_id)
    async with database.reading() as session:
        trigger = await queries.find_trigger(session, actor, trigger_id)
        return present_trigger(trigger, base_url, secret=secret)


_forged = hooks.Forgeries(FORGED_AT_MOST)


@post("/hooks/{token:str}", guards=[public], opt={"replays": False}, status_code=200, tags=["triggers"])
async def take_delivery(
    *,
    token: Token,
    request: Request[Any, Any, Any],
    database: Database,
    runtime: Runtime,
    clock: Clock,
    address: str,
    locale: str,
) -> wire.Fired:
    """A signed delivery (Standard Webhooks). The same `webhook-id` again gets the first answer."""
    async with database.reading() as session:
        hook = await queries.find_hook(session, token)
    _forged.check(f"{token}:{address}", clock())
    trigger = await service.load_active(runtime, hook.workspace_id, hook.id)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        given = hooks.read_delivery(trigger.secret or "", headers, await request.body(), clock())
    except SignInRequired:
        _forged.count(f"{token}:{address}", clock())
        raise
    return present_fired(await service.fire_or_refuse(runtime, trigger, given), locale)


class RecordController(Controller):
    """Records that other systems keep here, for triggers that watch their dates."""

    path = "/records/{collection:str}"
    tags = ("triggers",)

    @get("", guards=[requires("view", "edit", "publish")])
    async def list_records(
        self,
        collection: Collection,
        actor: Actor,
        reading: AsyncSession,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.CollectionRecord]:
        """By key."""
        statement = queries.select_records(actor, collection).limit(limit + 1)
        if cursor:
            (last,) = decode_cursor(cursor, str)
            statement = statement.where(CollectionRecord.key > last)
        rows = list((await reading.execute(statement)).scalars())
        return make_page(rows, limit, _present_record, lambda row: (row.key,))

    @get("/{key:str}", guards=[requires("view", "edit", "publish")])
    async def show(
        self, collection: Collection, key: RecordKey, actor: Actor, reading: AsyncSession
    ) -> wire.CollectionRecord:
        """One record."""
        found = await reading.get(CollectionRecord, (actor.workspace_id, collection, key))
        if found is None:
            raise NotFound()
        return _present_record(found)

    @put("/{key:str}", guards=[requires("edit", "publish")])
    async def save(
        self,
        *,
        collection: Collection,
        key: RecordKey,
        data: wire.PutRecord,
        actor: Actor,
        runtime: Runtime,
        database: Database,
    ) -> wire.CollectionRecord:
        """Write it as a whole. Moving a watched date moves the firing."""
        await runtime.triggers.put_record(actor.workspace_id, collection, key, data.data)
        async with database.reading() as session:
            found = await session.get_one(CollectionRecord, (actor.workspace_id, collection, key))
            return _present_record(found)

    @delete("/{key:str}", guards=[requires("edit", "publish")], status_code=204)
    async def remove(self, collection: Collection, key: RecordKey, actor: Actor, runtime: Runtime) -> None:
        """Remove it; its watched dates go with it."""
        if not await runtime.triggers.delete_record(actor.workspace_id, collection, key):
            raise NotFound()


def _present_record(record: CollectionRecord) -> wire.CollectionRecord:
    return wire.CollectionRecord(
        collection=record.collection, key=record.key, data=record.data, updated_at=record.updated_at
    )


ROUTER = Router(
    path="/",
    route_handlers=[
        show_kinds,
        WorkflowTriggerController,
        TriggerController,
        fire_again,
        take_delivery,
        RecordController,
    ],
)
