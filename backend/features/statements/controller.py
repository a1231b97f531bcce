"""Routes of statements: lists, pages, files."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from urllib.parse import quote

from litestar import Controller, Response, Router, get
from litestar.di import Provide
from litestar.params import Parameter
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import statements as wire
from backend.db.session import Database
from backend.features.platform.actor import requires, signed_in
from backend.features.platform.clock import Clock
from backend.features.platform.errors import Invalid, NotFound
from backend.features.platform.pages import Cursor, Limit, decode_cursor, encode_cursor
from backend.features.statements import queries
from backend.features.statements.bundle import (
    MOST_IN_WORKBOOK,
    MOST_ON_PAPER,
    MOST_PARTIES,
    pack,
)
from backend.features.statements.composing import compose, find_zone
from backend.features.statements.dispute_controller import DisputeController
from backend.features.statements.drawing import draw_pdf, write_workbook
from backend.features.statements.queries import Key, Kind, Scope, read_party, read_scope
from backend.features.statements.spans import describe_period, read_key
from backend.messages import render

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF, ZIP = "application/pdf", "application/zip"
READERS = requires("settle", "view")

PartyName = Annotated[str, Parameter(max_length=120, description="Such as `member:<id>`")]
Language = Annotated[
    Literal["zh", "en"] | None, Parameter(description="Of the file; absent: the reader's language")
]


class StatementController(Controller):
    """What a party received and bore in a period. Everybody has their own; managers and finance those of
    their regions, with the lines of their regions."""

    path = "/statements"
    tags = ("settlement",)
    guards = (signed_in,)
    dependencies = {"within": Provide(read_scope)}  # noqa: RUF012 - as the framework declares it

    @get("", guards=[READERS])
    async def list_statements(
        self,
        *,
        within: Scope,
        reading: AsyncSession,
        clock: Clock,
        locale: str,
        period: Key = None,
        kind: Kind | None = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> wire.StatementList:
        """The parties of a period, the newest one with lines when none is named."""
        chosen, periods = await queries.choose_period(reading, within, period, None)
        chosen = chosen or clock().astimezone(find_zone(within)).strftime("%Y-%m")
        place = decode_cursor(cursor, str, str, str) if cursor else None
        items = await queries.list_parties(
            reading, within, chosen, kind=kind, cursor=place, limit=limit + 1, locale=locale
        )
        page, more = items[:limit], len(items) > limit
        last = page[-1] if page else None
        return wire.StatementList(
            period=await describe_period(reading, within.actor.workspace_id, chosen),
            periods=periods,
            items=page,
            next=encode_cursor(last.party.kind, last.party.id, last.currency) if more and last else None,
        )

    @get("/statement")
    async def show_statement(
        self,
        *,
        within: Scope,
        reading: AsyncSession,
        clock: Clock,
        locale: str,
        party: PartyName,
        period: Key = None,
    ) -> wire.Statement:
        """One party's period: balances, components, every line with its reason."""
        chosen = read_party(party)
        key, periods = await queries.choose_period(reading, within, period, chosen)
        key = key or clock().astimezone(find_zone(within)).strftime("%Y-%m")
        return await compose(reading, within, chosen, key, periods=periods, locale=locale)

    @get("/statement.pdf", media_type=PDF)
    async def print_statement(
        self,
        *,
        within: Scope,
        reading: AsyncSession,
        locale: str,
        party: PartyName,
        period: Annotated[str, Parameter(max_length=10)],
        language: Language = None,
    ) -> Response[bytes]:
        """The same on A4, in either language."""
        spoken = language or locale
        chosen = read_party(party)
        found = await compose(
            reading, within, chosen, read_key(period).key, most=MOST_ON_PAPER, locale=spoken
        )
        content = await asyncio.to_thread(draw_pdf, found, spoken)
        return attach(content, name_file(found, spoken, "pdf"), PDF)

    @get("/statement.xlsx", media_type=XLSX)
    async def export_statement(
        self,
        *,
        within: Scope,
        reading: AsyncSession,
        locale: str,
        party: PartyName,
        period: Annotated[str, Parameter(max_length=10)],
        language: Language = None,
    ) -> Response[bytes]:
        """The same as a spreadsheet, with every line."""
        spoken = language or locale
        chosen, key = read_party(party), read_key(period).key
        found = await compose(reading, within, chosen, key, most=MOST_IN_WORKBOOK, locale=spoken)
        content = await asyncio.to_thread(write_workbook, found, spoken)
        return attach(content, name_file(found, spoken, "xlsx"), XLSX)

    @get("/statements.zip", guards=[READERS], media_type=ZIP)
    async def pack_statements(
        self,
        *,
        within: Scope,
        reading: AsyncSession,
        database: Database,
        locale: str,
        period: Annotated[str, Parameter(max_length=10)],
        kind: Kind | None = None,
        language: Language = None,
    ) -> Stream:
        """PDF and spreadsheet of every party of a period, as one archive."""
        spoken = language or locale
        key = read_key(period).key
        items = await queries.list_parties(reading, within, key, kind=kind, locale=spoken)
        if not items:
            raise NotFound()
        if len(items) > MOST_PARTIES:
            raise Invalid("bundle_too_large", params={"count": len(items), "most": MOST_PARTIES})
        name = render("statement_bundle", {"period": key}, spoken)
        return Stream(
            pack(database, within, items, key, spoken), media_type=ZIP, headers=name_headers(f"{name}.zip")
        )


def name_file(statement: wire.Statement, locale: str, ending: str) -> str:
    """Such as `statement-Wang-2026-11.pdf`."""
    params = {"party": statement.party.name, "period": statement.period.key}
    return f"{render('statement_file', params, locale)}.{ending}"


def attach(content: bytes, name: str, media_type: str) -> Response[bytes]:
    """A file to keep."""
    return Response(content, media_type=media_type, headers=name_headers(name))


def name_headers(name: str) -> dict[str, str]:
    """The name in any script (RFC 6266), with a plain one for those who cannot read it."""
    ending = name.rpartition(".")[2]
    return {
        "content-disposition": f"attachment; filename=\"statement.{ending}\"; filename*=UTF-8''{quote(name)}",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }


ROUTER = Router(path="/", route_handlers=[StatementController, DisputeController])
