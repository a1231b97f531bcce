"""Routes of quarantine: what waits, and the decisions about it."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from litestar import Controller, Router, get, post
from litestar.params import Parameter, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import quarantine as wire
from backend.contracts.common import MoneyValue, Page
from backend.db.models import QuarantineItem
from backend.db.session import Database
from backend.engine.run import Refused
from backend.features.orders.naming import load_party_names
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.errors import NotAllowed, NotFound, Rejection
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.quarantine import queries
from backend.features.quarantine.present import list_members, present_item
from backend.messages import render
from backend.runtime.audit import append
from backend.runtime.books.resolving import Decision, resolve_item
from backend.runtime.runtime import Runtime
from backend.settlement.posting import Party

READERS = requires("settle", "view")
WRITERS = requires("settle")
Name = Annotated[str | None, Parameter(max_length=80)]
State = Annotated[wire.ItemState, QueryParameter(name="state", description="`open` by default")]


class QuarantineController(Controller):
    """What nobody could be named for."""

    path = "/quarantine"
    tags = ("quarantine",)

    @get("", guards=[READERS])
    async def list_items(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        standing: State = "open",
        region_id: Name = None,
        reason: Name = None,
        ticket_id: Name = None,
        cursor: Cursor = None,
        limit: Limit = 30,
    ) -> Page[wire.QuarantineItem]:
        """Newest first; a region with all below it."""
        statement = queries.select_items(actor).where(QuarantineItem.state == standing).limit(limit + 1)
        if region_id:
            path = await queries.find_region_path(reading, actor, region_id)
            statement = statement.where(QuarantineItem.region_path.startswith(path, autoescape=True))
        if reason:
            statement = statement.where(QuarantineItem.reason == reason)
        if ticket_id:
            statement = statement.where(QuarantineItem.ticket_id == ticket_id)
        if cursor:
            statement = statement.where(
                after((QuarantineItem.id,), decode_cursor(cursor, str), descending=True)
            )
        rows: list[queries.Found] = [
            (row[0], row[1], row[2], row[3]) for row in (await reading.execute(statement)).all()
        ]
        names = await load_party_names(reading, actor.workspace_id, list_members(rows))
        shared = await queries.find_shared(reading, actor.workspace_id, rows)
        return make_page(
            rows, limit, lambda row: present_item(row, names, locale, shared), lambda row: (row[0].id,)
        )

    @get("/summary", guards=[READERS])
    async def summarize(
        self, actor: Actor, reading: AsyncSession, locale: str, region_id: Name = None
    ) -> wire.QuarantineSummary:
        """How much waits, and why; of a region with all below it."""
        path = await queries.find_region_path(reading, actor, region_id) if region_id else "/"
        reasons = await queries.count_reasons(reading, actor, path)
        sums = await queries.sum_open(reading, actor, path)
        return wire.QuarantineSummary(
            open=sum(count for _, count in reasons),
            total=[MoneyValue(amount=amount, currency=currency) for currency, amount in sorted(sums.items())],
            reasons=[
                wire.QuarantineReason(code=code, label=render(f"{code}.short", {}, locale), items=count)
                for code, count in reasons
            ],
        )

    @get("/{item_id:str}", guards=[READERS])
    async def show_item(
        self, item_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.QuarantineItem:
        """One, also when it is resolved: by whom, when, and why."""
        return await _show(reading, actor, item_id, locale)

    @post("/{item_id:str}/resolution", guards=[WRITERS], status_code=201)
    async def resolve(
        self,
        *,
        item_id: str,
        data: wire.Resolve,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.QuarantineItem:
        """Say whose it is; it is booked anew at once."""
        await _resolve(database, runtime, actor, item_id, data.party, note=data.note, clock=clock)
        async with database.reading() as session:
            return await _show(session, actor, item_id, locale)

    @post("/resolutions", guards=[WRITERS], status_code=200)
    async def resolve_many(
        self,
        *,
        data: wire.ResolveMany,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.Resolutions:
        """Each by itself: one that cannot be resolved keeps none of the others."""
        done = []
        for item_id in dict.fromkeys(data.ids):
            try:
                await _resolve(database, runtime, actor, item_id, data.party, note=data.note, clock=clock)
            except (Rejection, Refused) as error:
                words = render(error.code, error.params, locale)
                done.append(wire.Resolution(id=item_id, resolved=False, message=words))
            else:
                done.append(wire.Resolution(id=item_id, resolved=True))
        return wire.Resolutions(items=done)


async def _show(session: AsyncSession, actor: Actor, item_id: str, locale: str) -> wire.QuarantineItem:
    found = await queries.find_item(session, actor, item_id)
    names = await load_party_names(session, actor.workspace_id, list_members([found]))
    shared = await queries.find_shared(session, actor.workspace_id, [found])
    return present_item(found, names, locale, shared)


async def _resolve(
    database: Database,
    runtime: Runtime,
    actor: Actor,
    item_id: str,
    choice: wire.PartyChoice | None,
    *,
    note: str,
    clock: Clock,
) -> None:
    """Raises NotFound, NotAllowed, Invalid, Refused."""
    async with database.reading() as session:
        item = (await queries.find_item(session, actor, item_id))[0]
        if not actor.may("settle", item.region_path):
            raise NotAllowed()
        if choice is None:
            first = next(iter(item.candidates), None)
            if first is None:
                raise NotFound("quarantine_no_candidate")
            kind, key, tariff = first["kind"], first["id"], first.get("tariff", "")
        else:
            kind, key, tariff = choice.kind, choice.id, choice.tariff
        name = await queries.check_party(session, actor, kind, key)
    party = Party(kind=kind, id=key, name=name)  # type: ignore[arg-type]  # checked by the contract
    decision = Decision(party=party, by=actor.member_id, by_name=actor.name, note=note.strip(), tariff=tariff)
    await runtime.keep_books(partial(resolve_item, actor.workspace_id, item_id, decision, clock()))
    async with database.unit_of_work() as session:
        detail = {"party": f"{kind}:{key}", "amount": item.amount, "currency": item.currency, "note": note}
        await append(
            session,
            actor.workspace_id,
            actor.member_id,
            "quarantine.resolved",
            f"quarantine_item:{item_id}",
            detail,
        )


ROUTER = Router(path="/", route_handlers=[QuarantineController])
